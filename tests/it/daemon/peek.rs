//! `vmux peek` on real terminals: a pane of tmux, attached or not, with i3 and without; else what was said
//! last.

use super::notify::real_turn;
use crate::support::desk::{Screen, eventually, need_own_processes};
use crate::support::world::{Daemon, World};
use serde_json::{Value, json};
use std::fs;

/// The transcript of the marker `pid`, which says `said`.
fn says(screen: &Screen, pid: u32, said: &str) {
    let dir = screen.dir().join("home/.claude/projects");
    let name = screen.dir().display().to_string().replace(|c: char| !c.is_alphanumeric(), "-");
    fs::create_dir_all(dir.join(&name)).unwrap();
    let record = json!({
        "type": "assistant", "sessionId": format!("session-of-{pid}"),
        "timestamp": chrono::Utc::now().to_rfc3339(),
        "message": { "role": "assistant", "stop_reason": "end_turn",
                     "content": [{ "type": "text", "text": said }] },
    });
    let file = dir.join(name).join(format!("session-of-{pid}.jsonl"));
    fs::write(file, format!("{record}\n")).unwrap();
}

fn peek(daemon: &Daemon, args: Value) -> Value {
    daemon.ask("peek", args)
}

#[tokio::test]
async fn the_pane_that_shows_it_else_what_was_said() {
    need_own_processes();
    let mut screen = Screen::new().await;
    let script = screen.markers.script("one");
    screen.tmux("s", &["new-session", "-d", "-s", "work", "-x", "60", "-y", "10", &script]);
    screen.xterm("1", "two").await;
    let (one, two) = (screen.pid("one").await, screen.pid("two").await);
    for pid in [one, two] {
        real_turn(&screen, pid, "idle");
        says(&screen, pid, "All\u{1b}[1m done.\nThe tests pass.");
    }
    let world = World::new();
    let mut command = world.command(env!("CARGO_BIN_EXE_vmuxd"));
    command.args(["--interval", "3600"]);
    command.env("DISPLAY", &screen.display).env("I3SOCK", screen.socket());
    let daemon = Daemon::start(&world, command);
    // A program in the same terminal draws what the session shows.
    let draws = r"printf 'Do you want\n\033[1m\033(0lqqk\033(B\033[m lqqk\n1. Yes\n'";
    screen.tmux("s", &["run-shell", &format!("{draws} >#{{pane_tty}}")]);
    let query = one.to_string();
    let shown = eventually("the text of the pane", async || {
        let reply = peek(&daemon, json!({ "query": query }));
        let lines = reply["peek"]["lines"].clone();
        let is_there = lines.as_array()?.iter().any(|it| it == "1. Yes");
        is_there.then_some(reply)
    })
    .await;
    assert_eq!(
        (shown["peek"]["from"].as_str(), &shown["note"]),
        (Some("tmux pane %0"), &Value::Null)
    );
    let lines = shown["peek"]["lines"].as_array().unwrap();
    assert!(lines.contains(&json!("┌──┐ lqqk")), "{lines:?}");
    let last = peek(&daemon, json!({ "query": query, "lines": 1 }));
    assert_eq!(last["peek"]["lines"].as_array().unwrap().len(), 1);
    let said = json!(["All\u{fffd}[1m done.", "The tests pass."]);
    let transcript = peek(&daemon, json!({ "query": query, "from": "transcript" }));
    assert_eq!(transcript["peek"], json!({ "from": "transcript", "lines": said }));
    // xterm cannot be asked.
    let fallback = peek(&daemon, json!({ "query": two.to_string() }));
    assert_eq!(fallback["peek"]["lines"], said, "{fallback}");
    assert!(fallback["note"].as_str().unwrap().contains("cannot be asked"), "{fallback}");
    let refused = peek(&daemon, json!({ "query": two.to_string(), "from": "screen" }));
    assert_eq!(refused["code"], "not_readable", "{refused}");
}
