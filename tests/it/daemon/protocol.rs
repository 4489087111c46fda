//! What is said on the socket, and what bad manners get.

use crate::support::world::{DEADLINE, World, ago};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};

#[test]
fn a_subscriber_gets_the_full_state_first_and_then_every_change() {
    let world = World::new();
    let process = world.claude(100).live();
    world.session_file(
        &process,
        json!({"status": "busy", "statusUpdatedAt": ago(5000).timestamp_millis()}),
    );
    let daemon = world.open();
    let mut stream = BufReader::new(daemon.connect());
    stream.get_mut().write_all(b"{\"action\":\"subscribe\"}\n").unwrap();
    let mut event = || -> Value {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    };
    let first = event();
    assert_eq!(first["event"], "state");
    assert_eq!(first["sessions"][0]["state"], "working");
    let asked = ago(0).timestamp_millis();
    world.session_file(
        &process,
        json!({"status": "waiting", "waitingFor": "permission prompt", "statusUpdatedAt": asked}),
    );
    // On a busy machine its place may come in between: that is a change as well.
    let mut seq = first["seq"].as_u64().unwrap();
    let mut change_to = |wanted: &dyn Fn(&Value) -> bool| loop {
        let change = event();
        seq += 1;
        assert_eq!(change["seq"].as_u64(), Some(seq));
        if wanted(&change) {
            return;
        }
        assert_eq!((&change["event"], &change["session"]["pid"]), (&json!("session"), &json!(100)));
    };
    change_to(&|it| it["event"] == "session" && it["session"]["state"] == "needs_input");
    process.end();
    assert_eq!(daemon.ask("scan", json!({}))["ok"], true);
    change_to(&|it| it["event"] == "gone" && it["pid"] == 100);
}

#[test]
fn a_number_is_the_place_of_one_that_waits_unless_something_is_called_so() {
    let world = World::new();
    for (pid, status) in [(141, "waiting"), (142, "waiting"), (143, "busy")] {
        let process = world.claude(pid).live();
        let since = ago(10_000 - i64::from(pid)).timestamp_millis();
        let fields = match status {
            "waiting" => {
                json!({"status": status, "waitingFor": "permission prompt", "statusUpdatedAt": since})
            }
            _ => json!({"status": status, "statusUpdatedAt": since}),
        };
        world.session_file(&process, fields);
    }
    let daemon = world.open();
    // No window manager: it says to which one it would have gone.
    let goes = |number: u32| daemon.ask("switch", json!({"number": number}));
    assert_eq!(goes(1)["session"]["pid"], 141);
    assert_eq!(goes(2)["session"]["pid"], 142);
    let refused = goes(3);
    assert_eq!(refused["code"], "no_match");
    assert_eq!(refused["error"], "there is no number 3: 2 sessions wait or have finished");
    let label = json!({"session_id": "session-of-143", "label": "2"});
    assert_eq!(daemon.ask("label", label)["ok"], true);
    assert_eq!(goes(2)["session"]["pid"], 143);
}

#[test]
fn requests_on_one_connection_are_answered_in_order() {
    let world = World::new();
    let daemon = world.open();
    let mut stream = BufReader::new(daemon.connect());
    let requests =
        b"{\"action\":\"version\"}\nrubbish\n{\"action\":\"list\"}\n\n{\"action\":\"dance\"}\n";
    stream.get_mut().write_all(requests).unwrap();
    let mut replies = Vec::new();
    for _ in 0..5 {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        replies.push(serde_json::from_str::<Value>(&line).unwrap());
    }
    assert!(replies[0]["daemon"]["protocol"].is_u64());
    assert_eq!((&replies[1]["ok"], &replies[1]["code"]), (&json!(false), &json!("bad_request")));
    assert!(replies[2]["sessions"].is_array());
    assert_eq!(replies[3]["ok"], false);
    assert!(replies[4]["hint"].as_str().unwrap().contains("list, switch, label, stop"));
}

#[test]
fn a_line_without_end_is_cut_off() {
    let world = World::new();
    let daemon = world.open();
    let mut stream = daemon.connect();
    // vmuxd may close before it has taken all of it.
    let _ = stream.write_all(&vec![b'x'; 1024 * 1024]);
    let mut reply = String::new();
    let _ = BufReader::new(&stream).read_line(&mut reply);
    assert!(reply.is_empty() || reply.contains("longer than 65536 bytes"), "{reply}");
    assert_eq!(daemon.ask("list", json!({}))["ok"], true);
}

#[test]
fn silent_and_half_silent_clients_hurt_nobody() {
    let world = World::new();
    let daemon = world.open();
    let mut crowd: Vec<_> = (0..100).map(|_| daemon.connect()).collect();
    for (index, stream) in crowd.iter_mut().enumerate() {
        match index % 3 {
            0 => {}
            1 => stream.write_all(b"{\"action\":\"li").unwrap(),
            _ => stream.write_all(b"{\"action\":\"subscribe\"}\n").unwrap(),
        }
    }
    assert_eq!(daemon.ask("list", json!({}))["ok"], true);
}

#[test]
fn a_client_that_hangs_up_in_mid_answer_hurts_nobody() {
    let world = World::new();
    let daemon = world.open();
    for _ in 0..50 {
        let mut stream = daemon.connect();
        stream.write_all(b"{\"action\":\"list\"}\n{\"action\":\"subscribe\"}\n").unwrap();
    }
    assert_eq!(daemon.ask("list", json!({}))["ok"], true);
}

#[test]
fn the_stream_ends_when_the_client_says_goodbye() {
    let world = World::new();
    let daemon = world.open();
    let mut stream = daemon.connect();
    stream.write_all(b"{\"action\":\"subscribe\"}\n").unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    let mut all = String::new();
    stream.read_to_string(&mut all).unwrap();
    assert!(all.is_empty() || all.starts_with("{\"seq\":"), "{all}");
}
