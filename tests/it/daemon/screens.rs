//! What a session does whose files do not tell: its screen does, in a pane of a real tmux.

use super::keys::Terminal;
use crate::support::world::until;
use rustix::process::{Pid, Signal};
use serde_json::{Value, json};
use vmux::session::info::SessionInfo;
use vmux::session::state::{Confidence, ReasonKind, StateName};

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

#[test]
fn what_another_program_draws_in_the_pane_is_not_of_the_session() {
    let quote =
        format!("{}/testdata/claude/shown/2.1.75/permission-1.txt", env!("CARGO_MANIFEST_DIR"));
    let terminal = Terminal::with_shell("", (160, 50), |run| {
        format!("exec bash -c 'set -m; {run}; clear; cat {quote}; sleep 1000; :'")
    });
    terminal.show(&screen("2.1.75", "prompt-1"));
    let has_screen = |why: &Value| {
        let claims = why["why"]["claims"].as_array().unwrap();
        claims.iter().any(|it| it["source"] == "screen")
    };
    let why = || terminal.daemon.ask("why", json!({"query": terminal.pid.to_string()}));
    until("the first look", || has_screen(&why()));
    terminal.until_says("idle", None);
    // As Ctrl-Z does; the shell goes on, and shows what looks like a dialog.
    rustix::process::kill_process(pid(terminal.pid), Signal::STOP).unwrap();
    until("the quote", || {
        terminal.tmux(&["capture-pane", "-p", "-t", "s"]).contains("Do you want")
    });
    until("the next look", || {
        let why = why();
        assert_ne!(why["session"]["state"], "needs_input", "{why}");
        !has_screen(&why)
    });
}

/// Ctrl-G: the editor is a child in the same process group.
#[test]
fn what_an_editor_shows_is_not_of_the_session() {
    let terminal = Terminal::new("", (160, 50));
    terminal.show(&screen("2.1.75", "prompt-1"));
    terminal.until_says("idle", None);
    let mut edited = screen("2.1.75", "permission-1");
    edited["cursor"] = true.into();
    terminal.show(&edited);
    until("the next look", || {
        let why = terminal.daemon.ask("why", json!({"query": terminal.pid.to_string()}));
        assert_ne!(why["session"]["state"], "needs_input", "{why}");
        let claims = why["why"]["claims"].as_array().unwrap();
        claims.iter().all(|it| it["source"] != "screen")
    });
    terminal.show(&screen("2.1.75", "question"));
    terminal.until_says("needs_input", Some("question"));
}

/// No scan is due for an hour, and nobody asks: what the shell writes is all that tells of a stop.
#[test]
fn a_session_is_suspended_as_soon_as_its_shell_says_so() {
    let terminal = Terminal::with_shell("", (160, 50), |run| {
        format!("exec bash -c 'set -m; {run}; echo stopped; sleep 1000; :'")
    });
    terminal.draw(screen("2.1.332", "prompt-1"), "idle");
    let mut listener = terminal.daemon.listen();
    let is_suspended = |sessions: &[SessionInfo], wanted: bool| {
        let own = sessions.iter().find(|it| it.pid == terminal.pid);
        own.is_some_and(|it| it.suspended == wanted && it.state == StateName::Idle)
    };
    listener.until(|sessions| is_suspended(sessions, false));
    rustix::process::kill_process(pid(terminal.pid), Signal::STOP).unwrap();
    listener.until(|sessions| is_suspended(sessions, true));
    rustix::process::kill_process(pid(terminal.pid), Signal::CONT).unwrap();
    // What the session draws then tells that it goes on.
    terminal.show(&screen("2.1.332", "prompt-2"));
    listener.until(|sessions| is_suspended(sessions, false));
}

/// Also if it was read just before, and would be read again a second later.
#[test]
fn a_list_says_what_the_screen_shows_now() {
    let terminal = Terminal::new("", (160, 50));
    // Whoever listens asks for nothing.
    let mut listener = terminal.daemon.listen();
    for _ in 0..3 {
        terminal.show(&screen("2.1.75", "prompt-1"));
        listener.until(|sessions| {
            let is_read = |it: &SessionInfo| it.confidence == Confidence::Certain;
            let own = sessions.iter().find(|it| it.pid == terminal.pid);
            own.is_some_and(|it| it.state == StateName::Idle && is_read(it))
        });
        terminal.show(&screen("2.1.75", "question"));
        // What the program has written may not have come to tmux yet.
        let pane = || terminal.tmux(&["capture-pane", "-p", "-t", "s"]);
        until("the question", || pane().contains("Esc to cancel"));
        let listed = terminal.daemon.session(terminal.pid);
        assert_eq!(listed.reason, Some(ReasonKind::Question), "{listed:?}");
    }
}

fn pid(pid: u32) -> Pid {
    Pid::from_raw(pid.try_into().unwrap()).unwrap()
}
