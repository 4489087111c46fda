//! No file descriptor left: sessions stay, those who are connected are served, and it passes.

use super::open_after;
use crate::support::world::{World, until};
use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};
use vmux::session::state::StateName;

const SESSIONS: usize = 12;

#[test]
fn a_crowd_that_takes_every_descriptor_takes_no_session() {
    let world = World::new();
    let processes: Vec<_> = (0..SESSIONS as u32).map(|it| world.claude(100 + it).live()).collect();
    for process in &processes {
        world.session_file(process, json!({"status": "idle"}));
    }
    let daemon = open_after(&world, &["-m"], "ulimit -n 64");
    let mut early = BufReader::new(daemon.connect());
    let mut listener = daemon.listen();
    let mut ask = |action: &str, args: Value| -> Value {
        let request = json!({"action": action, "args": args});
        early.get_mut().write_all(format!("{request}\n").as_bytes()).unwrap();
        let mut line = String::new();
        early.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    };
    assert_eq!(ask("list", json!({}))["sessions"].as_array().unwrap().len(), SESSIONS);
    let crowd: Vec<UnixStream> =
        (0..200).map_while(|_| UnixStream::connect(&daemon.socket).ok()).collect();
    assert!(crowd.len() > 100);
    for _ in 0..3 {
        assert_eq!(ask("scan", json!({}))["ok"], true);
        let sessions = ask("list", json!({}));
        let sessions = sessions["sessions"].as_array().unwrap();
        assert_eq!(sessions.len(), SESSIONS);
        assert!(sessions.iter().all(|it| it["state"] == "idle"), "{sessions:#?}");
    }
    world.session_file(&processes[3], json!({"status": "busy"}));
    listener.until(|sessions| sessions[3].state == StateName::Working);
    let label = json!({"session_id": "session-of-103", "label": "x"});
    assert_eq!(ask("label", label), json!({"ok": true}));
    drop(crowd);
    assert_eq!(daemon.sessions().len(), SESSIONS);
}

#[test]
fn clients_that_cannot_be_accepted_are_told_of_once() {
    let world = World::new();
    let mut daemon = world.open();
    let mut early = BufReader::new(daemon.connect());
    let mut problems = || {
        early.get_mut().write_all(b"{\"action\":\"version\"}\n").unwrap();
        let mut line = String::new();
        early.read_line(&mut line).unwrap();
        line
    };
    assert!(!problems().contains("accept"));
    let pid = Pid::from_raw(daemon.pid().cast_signed());
    let maximum = getrlimit(Resource::Nofile).maximum;
    let limits = prlimit(pid, Resource::Nofile, Rlimit { current: Some(3), maximum });
    let before = limits.unwrap();
    let waits = daemon.connect();
    daemon.until_said("cannot accept a client", 1);
    // It is tried ten times a second.
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(1) {
        let problems = problems();
        assert!(problems.contains("cannot accept a client: "), "{problems}");
    }
    prlimit(pid, Resource::Nofile, before).unwrap();
    until("the client that waits", || {
        (&waits).write_all(b"{\"action\":\"version\"}\n").unwrap();
        BufReader::new(&waits).read_line(&mut String::new()).is_ok_and(|read| read > 0)
    });
    let words = daemon.last_words();
    assert_eq!(words.matches("cannot accept a client").count(), 1, "{words}");
}

#[test]
fn who_finds_a_crowd_is_told_what_to_do() {
    let world = World::new();
    let daemon = open_after(&world, &["-m"], "ulimit -n 100");
    // Half of its descriptors are for clients.
    let crowd: Vec<UnixStream> = (0..50).map(|_| daemon.connect()).collect();
    let refused = format!("with `kill {}`; the next vmux starts it", daemon.pid());
    for args in [&["list"][..], &["stop"], &["doctor"], &["events"]] {
        let output = world.vmux().args(args).output().unwrap();
        let words = [output.stdout, output.stderr].concat();
        let words =
            String::from_utf8_lossy(&words).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("vmuxd has too many clients"), "{args:?}: {words}");
        let hint = if args == ["events"] { "`vmux doctor` says what to do" } else { &refused };
        assert!(words.contains(hint), "{args:?}: {words}");
    }
    drop(crowd);
    until("it answers again", || world.vmux().arg("list").output().unwrap().status.success());
}
