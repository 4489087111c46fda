//! What a session does whose files do not tell: its screen does, in a pane of a real tmux.

use super::keys::Terminal;
use crate::support::world::until;
use serde_json::{Value, json};

fn screen(version: &str, name: &str) -> Value {
    let root = env!("CARGO_MANIFEST_DIR");
    let path = format!("{root}/testdata/claude/shown/{version}/{name}.txt");
    json!({ "text": std::fs::read_to_string(path).unwrap() })
}

impl Terminal {
    /// Waits until vmuxd says so, by itself, and returns what `why` says.
    fn until_says(&self, state: &str, reason: Option<&str>) -> Value {
        let query = self.pid.to_string();
        let mut why = Value::Null;
        until(state, || {
            why = self.daemon.ask("why", json!({"query": query}));
            let session = &why["session"];
            session["state"] == state && session["reason"].as_str() == reason
        });
        why
    }
}

#[test]
fn a_session_without_any_file_is_known_by_its_screen() {
    let terminal = Terminal::new("", (160, 50));
    terminal.show(&screen("2.1.75", "trust"));
    let why = terminal.until_says("needs_input", Some("trust"));
    assert_eq!(why["why"]["claims"][0]["source"], "screen", "{why}");
    assert_eq!(why["session"]["confidence"], Value::Null, "certain: {why}");
    terminal.show(&screen("2.1.75", "prompt-1"));
    terminal.until_says("idle", None);
    terminal.show(&screen("2.0.77", "work-1"));
    terminal.until_says("working", None);
    terminal.show(&screen("1.0.128", "permission-1"));
    terminal.until_says("needs_input", Some("permission"));
    terminal.show(&screen("2.1.119", "elicitation"));
    terminal.until_says("needs_input", Some("elicitation"));
    // The user has opened it: the start is over.
    terminal.show(&screen("2.1.75", "menu"));
    terminal.until_says("idle", None);
    // In copy mode the screen of the session is read, not what the user looks at.
    terminal.tmux(&["copy-mode", "-t", "s"]);
    terminal.show(&screen("2.1.75", "question"));
    terminal.until_says("needs_input", Some("question"));
}

#[test]
fn a_status_in_the_session_file_comes_before_the_screen() {
    let terminal = Terminal::new("", (160, 50));
    terminal.draw(screen("2.1.332", "permission-1"), "idle");
    let why = terminal.until_says("idle", None);
    assert_eq!(why["why"]["claims"][0]["source"], "session_file", "{why}");
}
