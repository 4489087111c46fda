//! No file descriptor left: sessions stay, those who are connected are served, and it passes.

use super::open_after;
use crate::world::World;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
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
    let mut ask = |action: &str| -> Value {
        let request = json!({"action": action, "args": {}});
        early.get_mut().write_all(format!("{request}\n").as_bytes()).unwrap();
        let mut line = String::new();
        early.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    };
    assert_eq!(ask("list")["sessions"].as_array().unwrap().len(), SESSIONS);
    let crowd: Vec<UnixStream> =
        (0..200).map_while(|_| UnixStream::connect(&daemon.socket).ok()).collect();
    assert!(crowd.len() > 100);
    for _ in 0..3 {
        assert_eq!(ask("scan")["ok"], true);
        let sessions = ask("list");
        let sessions = sessions["sessions"].as_array().unwrap();
        assert_eq!(sessions.len(), SESSIONS);
        assert!(sessions.iter().all(|it| it["state"] == "idle"), "{sessions:#?}");
    }
    world.session_file(&processes[3], json!({"status": "busy"}));
    listener.until(|sessions| sessions[3].state == StateName::Working);
    let label = json!({"session_id": "session-of-103", "label": "x"});
    early
        .get_mut()
        .write_all(format!("{}\n", json!({"action": "label", "args": label})).as_bytes())
        .unwrap();
    let mut line = String::new();
    early.read_line(&mut line).unwrap();
    assert_eq!(line, "{\"ok\":true}\n");
    drop(crowd);
    assert_eq!(daemon.sessions().len(), SESSIONS);
}
