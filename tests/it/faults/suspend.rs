//! A vmuxd that slept (SIGSTOP, or a laptop's lid) wakes up to a world that moved on.

use crate::support::world::World;
use rustix::process::Signal;
use serde_json::json;
use std::fs;
use vmux::session::state::StateName;

#[test]
fn what_happened_meanwhile_is_noticed_at_once() {
    let world = World::new();
    let works = world.claude(100).live();
    let ends = world.claude(101).live();
    for process in [&works, &ends] {
        world.session_file(process, json!({"status": "busy"}));
    }
    let daemon = world.open();
    let mut listener = daemon.listen();
    assert_eq!(daemon.sessions().len(), 2);
    daemon.signal(Signal::STOP);
    world.session_file(&works, json!({"status": "waiting", "waitingFor": "permission prompt"}));
    ends.end();
    let begins = world.claude(102).live();
    world.session_file(&begins, json!({"status": "idle"}));
    fs::write(world.labels(), r#"{"session-of-102": "new"}"#).unwrap();
    // A client that asks meanwhile gets its answer afterwards.
    let client = std::thread::scope(|scope| {
        let asked = scope.spawn(|| daemon.ask("list", json!({})));
        daemon.signal(Signal::CONT);
        asked.join().unwrap()
    });
    assert_eq!(client["ok"], true);
    listener.until(|sessions| {
        let label = |index: usize| sessions[index].label.as_deref();
        sessions.len() == 2
            && sessions[0].state == StateName::NeedsInput
            && (sessions[1].pid, label(1)) == (102, Some("new"))
    });
}

/// Ctrl-Z in the session, not in vmuxd.
#[test]
fn a_session_that_was_stopped_says_what_it_was_doing() {
    let world = World::new();
    let process = world.claude(100).state('T').live();
    world.session_file(&process, json!({"status": "busy"}));
    let session = world.open().session(100);
    assert_eq!((session.state, session.suspended), (StateName::Working, true));
}

/// `fg` after Ctrl-Z writes nothing that vmuxd watches.
#[test]
fn a_session_that_goes_on_is_not_suspended_in_the_next_answer() {
    let world = World::new();
    let process = world.claude(100).state('T').live();
    world.session_file(&process, json!({"status": "idle"}));
    let daemon = world.open();
    assert!(daemon.session(100).suspended);
    process.set_state('S');
    assert!(!daemon.session(100).suspended);
}
