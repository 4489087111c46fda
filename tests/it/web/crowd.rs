//! Connections that ask too much, and the page of the user that goes on meanwhile.

use super::server::{Events, Server};
use crate::support::world::{World, ago, until};
use serde_json::json;
use std::io::{Read, Write};

fn resident(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
fn a_thousand_connections_cost_the_page_of_the_user_nothing() {
    let world = World::new();
    let process = world.claude(100).live();
    world.session_file(&process, json!({"status": "busy"}));
    let daemon = world.open();
    daemon.session(100);
    let server = Server::start(&world, 0);
    let mut events = server.events(&[]);
    events.until("state");
    let mut crowd: Vec<_> = (0..1000)
        .map(|number| {
            let mut stream = server.connect();
            // Some say nothing, some begin and do not end.
            if number % 2 == 0 {
                let _ = stream.write_all(b"GET /api/sessions HTTP/1.1\r\nHost: localhost\r\nX: ");
            }
            stream
        })
        .collect();
    // The oldest had to make room.
    let mut buffer = [0; 16];
    assert!(matches!(crowd[0].read(&mut buffer), Ok(0) | Err(_)));
    let since = ago(0).timestamp_millis();
    world.session_file(
        &process,
        json!({"status": "waiting", "waitingFor": "permission prompt",
        "statusUpdatedAt": since}),
    );
    while events.until("session").1["session"]["state"] != "needs_input" {}
    // And another page finds its place.
    assert_eq!(server.get("/api/sessions").json()["sessions"][0]["state"], "needs_input");
    let descriptors = std::fs::read_dir(format!("/proc/{}/fd", server.pid())).unwrap().count();
    assert!(descriptors < 150, "{descriptors} descriptors");
    // Endless headers, on the last of them.
    let last = crowd.last_mut().unwrap();
    let _ = last.write_all(b"GET / HTTP/1.1\r\n");
    let line = format!("X: {}\r\n", "y".repeat(1000));
    until("the end of endless headers", || last.write_all(line.as_bytes()).is_err());
    drop(crowd);
    assert_eq!(server.get("/health").status, server.get("/health").status);
}

#[test]
fn a_page_that_does_not_read_costs_a_bounded_buffer() {
    let world = World::new();
    let process = world.claude(100).live();
    world.session_file(&process, json!({"status": "idle"}));
    let daemon = world.open();
    daemon.session(100);
    let server = Server::start(&world, 0);
    let slow: Vec<_> = (0..20).map(|_| server.events(&[])).collect();
    let mut quick = server.events(&[]);
    quick.until("state");
    let before = resident(server.pid());
    // More than the buffers of the kernel hold.
    for round in 0..3000 {
        let label = format!("{round} {}", "x".repeat(60));
        let answer = daemon.ask("label", json!({"session_id": "session-of-100", "label": label}));
        assert_eq!(answer["ok"], true, "{answer}");
    }
    while !is_last(&mut quick) {}
    let grown = resident(server.pid()).saturating_sub(before);
    assert!(grown < 40_000, "it has grown by {grown} kB");
    // One of the slow reads at last, and learns how things are now.
    let mut late = slow.into_iter().next().unwrap();
    while !is_last(&mut late) {}
}

/// Whether the next event has the last label: the state has it too.
fn is_last(events: &mut Events) -> bool {
    let (_, event) = events.next();
    let is_state = event["event"] == "state";
    let session = if is_state { &event["sessions"][0] } else { &event["session"] };
    session["label"].as_str().is_some_and(|it| it.starts_with("2999 "))
}
