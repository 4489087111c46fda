//! Whatever a transcript, a session file or a directory's name says: nothing of it steers a
//! terminal, a bar or a menu.

use super::transcript;
use crate::support::world::World;
use serde_json::json;
use std::fs;

/// Escape sequences, a bell, another direction of writing, markup of bars, line breaks.
const EVIL: &str = "a\u{1b}]0;title\u{7}\u{1b}[2J\u{9b}31m\r\n\u{202e}gpj.\u{2066}x\u{200b}\u{e000}\
    %{A1:rm:}#[fg=red]#(rm)<b>&\"'`$(rm) \\u001b[31m";

#[test]
fn no_word_of_a_session_steers_anything() {
    let world = World::new();
    let cwd = world.path("w").join("evil\u{1b}[31m\nx\u{202e}");
    fs::create_dir_all(cwd.join(".git")).unwrap();
    fs::write(cwd.join(".git/HEAD"), format!("ref: refs/heads/{EVIL}")).unwrap();
    for pid in 100..104 {
        let process = world.claude(pid).cwd(cwd.clone()).argv(&["claude", "--name", EVIL]).live();
        let status = ["waiting", "idle", "busy", EVIL][pid as usize - 100];
        world.session_file(
            &process,
            json!({
                "status": status, "waitingFor": EVIL, "name": EVIL, "nameSource": "user",
                "version": EVIL, "kind": EVIL, "entrypoint": EVIL, "cwd": cwd,
            }),
        );
        let folder = transcript(&world, pid);
        let call = json!({"type": "tool_use", "id": "t", "name": EVIL, "input": {"command": EVIL}});
        let bash =
            json!({"type": "tool_use", "id": "u", "name": "Bash", "input": {"command": EVIL}});
        let text = json!({"type": "text", "text": EVIL});
        let now = chrono::Utc::now().to_rfc3339();
        let lines = [
            json!({"type": "user", "timestamp": now, "message": {"content": EVIL}, "gitBranch": EVIL}),
            json!({"type": "custom-title", "customTitle": EVIL}),
            json!({"type": "assistant", "timestamp": now, "permissionMode": EVIL, "message": {
                "model": EVIL, "stop_reason": "tool_use", "content": [text, call, bash],
            }}),
        ];
        let lines: Vec<String> = lines.iter().map(|line| format!("{line}\n")).collect();
        fs::write(folder, lines.concat()).unwrap();
    }
    fs::create_dir_all(world.path("home/.vmux")).unwrap();
    fs::write(world.labels(), json!({"session-of-101": EVIL}).to_string()).unwrap();
    let daemon = world.open();
    assert_eq!(daemon.sessions().len(), 4);
    let commands: &[&[&str]] = &[
        &["list"],
        &["list", "--json"],
        &["show", "100"],
        &["show", "101"],
        &["why", "100"],
        &["why", "103"],
        &["status"],
        &["status", "--format", "i3bar"],
        &["status", "--format", "i3blocks"],
        &["status", "--format", "polybar"],
        &["status", "--format", "waybar"],
        &["status", "--format", "i3status-rs"],
        &["status", "--format", "tmux"],
        &["status", "--format", "json"],
        &["rofi"],
        &["switch", "evil"],
        &["ack", "nobody\u{1b}[31m"],
    ];
    for command in commands {
        let output = world.vmux().args(*command).env("VMUX_NO_START", "1").output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8(text).unwrap_or_else(|error| panic!("{command:?}: {error}"));
        assert!(!text.trim().is_empty(), "{command:?} says nothing");
        for line in text.lines() {
            check(command, line);
        }
    }
    // The stream and every reply, as they are on the wire.
    for reply in [daemon.ask("list", json!({})), daemon.ask("why", json!({"query": "100"}))] {
        each_text(&reply, &mut |text| check(&["the wire"], text));
    }
}

fn check(command: &[&str], text: &str) {
    // rofi's script mode parts a row from its options with these.
    let is_rofi = command == ["rofi"];
    let bad = text.chars().find(|&c| {
        let separator = is_rofi && matches!(c, '\0' | '\u{1f}');
        let steers = c.is_control()
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}' | '\u{e000}');
        steers && !separator
    });
    assert_eq!(bad, None, "{command:?}: {text:?}");
}

/// Every text in it but paths that are to be opened.
fn each_text(value: &serde_json::Value, check: &mut impl FnMut(&str)) {
    match value {
        serde_json::Value::String(text) => check(text),
        serde_json::Value::Array(items) => items.iter().for_each(|it| each_text(it, check)),
        serde_json::Value::Object(fields) => {
            for (name, value) in fields {
                if name != "transcript" && name != "config_dir" {
                    each_text(value, check);
                }
            }
        }
        _ => {}
    }
}
