//! What vmuxd types into a terminal: a real tmux, and a program in it that draws what Claude Code draws.

use crate::support::desk::{need, need_own_processes};
use crate::support::program;
use crate::support::world::{Daemon, World, until};
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// A session in a pane of tmux.
struct Terminal {
    world: World,
    daemon: Daemon,
    pid: u32,
}

impl Terminal {
    /// With this configuration, and a screen of so many columns and rows.
    fn new(config: &str, size: (u32, u32)) -> Terminal {
        need_own_processes();
        need("tmux");
        let world = World::new();
        let claude = world.path("claude");
        program::copy("/usr/bin/python3", &claude);
        fs::write(world.path("tui.py"), include_str!("../support/tui.py")).unwrap();
        fs::create_dir_all(world.home().join(".vmux")).unwrap();
        fs::write(world.home().join(".vmux/config.toml"), config).unwrap();
        let terminal = |world: World, daemon, pid| Terminal { world, daemon, pid };
        let (x, y) = (size.0.to_string(), size.1.to_string());
        let run = format!(
            "exec {} {} {}",
            claude.display(),
            world.path("tui.py").display(),
            world.path("").display()
        );
        let start = ["new-session", "-d", "-s", "s", "-x", &x, "-y", &y, &run];
        tmux(&world, &start);
        until("the program", || {
            fs::read_to_string(world.path("pid")).is_ok_and(|it| !it.is_empty())
        });
        let pid = fs::read_to_string(world.path("pid")).unwrap().parse().unwrap();
        let mut command = world.command(env!("CARGO_BIN_EXE_vmuxd"));
        command.args(["--interval", "3600"]);
        let daemon = Daemon::start(&world, command);
        terminal(world, daemon, pid)
    }

    /// Draws a scene, and has the session file say what the session does.
    fn draw(&self, scene: Value, status: &str) {
        let path = self.world.path("scene");
        fs::write(path.with_extension("new"), scene.to_string()).unwrap();
        fs::rename(path.with_extension("new"), path).unwrap();
        let drawn = || fs::read_to_string(self.world.path("drawn")).unwrap_or_default();
        until("the scene", || serde_json::from_str::<Value>(&drawn()).is_ok_and(|it| it == scene));
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid)).unwrap();
        let start = stat.rsplit(") ").next().unwrap().split(' ').nth(19).unwrap().to_owned();
        let started = vmux::daemon::clock::boot()
            + chrono::TimeDelta::milliseconds(start.parse::<i64>().unwrap() * 10);
        let now = chrono::Utc::now().timestamp_millis();
        let file = json!({
            "pid": self.pid, "sessionId": "5e551017", "cwd": self.world.path("w"),
            "startedAt": started.timestamp_millis(), "procStart": start, "version": "2.1.332",
            "kind": "interactive", "entrypoint": "cli", "status": status, "updatedAt": now,
            "statusUpdatedAt": now, "waitingFor": "permission prompt",
        });
        let dir = self.world.home().join(".claude/sessions");
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join(format!("{}.json", self.pid)), file.to_string()).unwrap();
        let state = match status {
            "idle" => "idle",
            "busy" => "working",
            _ => "needs_input",
        };
        let query = self.pid.to_string();
        until("the state", || {
            self.daemon.ask("scan", json!({}));
            let why = self.daemon.ask("why", json!({"query": query}));
            why["session"]["state"] == state
        });
    }

    fn tmux(&self, words: &[&str]) -> String {
        tmux(&self.world, words)
    }

    fn send(&self, text: &str, more: &Value) -> Value {
        let mut args = json!({"query": self.pid.to_string(), "text": text});
        for (name, value) in more.as_object().into_iter().flatten() {
            args[name] = value.clone();
        }
        self.daemon.ask("send", args)
    }

    /// What the program was given: what was shown, and the keys.
    fn keys(&self) -> Vec<(String, String)> {
        lines(self.world.path("keys"))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.tmux(&["kill-server"]);
    }
}

fn tmux(world: &World, words: &[&str]) -> String {
    let mut command: Command = world.command("tmux");
    command.env("PYTHONHOME", "/usr").env("TERM", "xterm").env("LANG", "C.UTF-8");
    command.arg("-S").arg(world.path("tmux")).args(["-f", "/dev/null"]).args(words);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{words:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn lines<T: serde::de::DeserializeOwned>(path: PathBuf) -> Vec<T> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines().map(|it| serde_json::from_str(it).unwrap()).collect()
}

const FREE: &str = "[send]\nallow = [\"user\"]\n";

#[test]
fn a_text_is_pasted_and_submitted() {
    let terminal = Terminal::new(FREE, (80, 24));
    terminal.draw(json!({"prompt": ""}), "idle");
    for text in ["go on; it's $HOME \\;", "one\n\n\ttwo }#{x},", "1. Yes, ä—é ❯ 1. Yes"] {
        let reply = terminal.send(text, &json!({}));
        assert_eq!(reply["ok"], true, "{text}: {reply}");
    }
    let long = "word ".repeat(6000) + ";";
    assert_eq!(terminal.send(&long, &json!({}))["code"], "not_submitted");
    let submitted: Vec<String> = lines(terminal.world.path("submitted"));
    assert_eq!(submitted, ["go on; it's $HOME \\;", "one\n\n\ttwo }#{x},", "1. Yes, ä—é ❯ 1. Yes"]);
    let log: Vec<Value> = lines(terminal.world.home().join(".vmux/answers.log"));
    assert_eq!(
        (&log[0]["sent"], &log[0]["way"]),
        (&json!("go on; it's $HOME \\;"), &json!("tmux pane %0"))
    );
}

#[test]
fn nothing_is_typed_where_it_may_not_be() {
    let terminal = Terminal::new(FREE, (80, 24));
    let refused = |code: &str, says: &str, args: Value| {
        let reply = terminal.send("secret", &args);
        assert_eq!(reply["code"], code, "{reply}");
        assert!(reply["error"].as_str().unwrap().contains(says), "{says}: {reply}");
    };
    terminal.draw(json!({"prompt": "half typed"}), "idle");
    refused("not_sent", "holds words", json!({}));
    terminal.draw(json!({"prompt": ""}), "busy");
    refused("not_sent", "it works", json!({}));
    terminal.draw(json!({"dialog": "ls"}), "waiting");
    refused("not_sent", "waits for an answer", json!({"queue": true}));
    // Its files are late.
    terminal.draw(json!({"dialog": "ls"}), "idle");
    refused("not_sent", "no free prompt", json!({}));
    terminal.draw(json!({"prompt": ""}), "idle");
    for door in ["mcp", "web", "hosts"] {
        refused("not_allowed", door, json!({"door": door}));
    }
    for text in ["", "1. Yes", "a\u{1b}[201~\r1", "a\rb"] {
        assert_eq!(terminal.send(text, &json!({}))["code"], "bad_request", "{text:?}");
    }
    terminal.tmux(&["copy-mode", "-t", "%0"]);
    refused("not_sent", "copy mode", json!({}));
    terminal.tmux(&["send-keys", "-t", "%0", "-X", "cancel"]);
    terminal.tmux(&["split-window", "-d", "-t", "%0", "sleep 1000"]);
    terminal.tmux(&["set-option", "-w", "-t", "%0", "synchronize-panes", "on"]);
    refused("not_sent", "synchronized", json!({}));
    terminal.tmux(&["set-option", "-w", "-t", "%0", "synchronize-panes", "off"]);
    terminal.tmux(&["select-pane", "-d", "-t", "%0"]);
    refused("not_sent", "input of its pane is off", json!({}));
    terminal.tmux(&["select-pane", "-e", "-t", "%0"]);
    assert_eq!(terminal.keys(), []);
    assert_eq!(terminal.tmux(&["list-buffers"]), "");
    assert_eq!(terminal.send("secret", &json!({}))["ok"], true);
}

#[test]
fn without_a_configuration_nothing_is_typed() {
    let terminal = Terminal::new("", (80, 24));
    terminal.draw(json!({"prompt": ""}), "idle");
    let reply = terminal.send("secret", &json!({}));
    assert_eq!(reply["code"], "not_allowed", "{reply}");
    let output =
        terminal.world.vmux().args(["send", &terminal.pid.to_string(), "x"]).output().unwrap();
    assert_eq!(output.status.code(), Some(10), "{output:?}");
    assert_eq!(terminal.keys(), []);
}
