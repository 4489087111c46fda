//! `vmux relay` itself: the sessions of the vmuxd here, requests and replies, heartbeats, its end.

use crate::support::world::{World, daemon::wait};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Stdio};

/// A relay that runs.
struct Relay {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Relay {
    fn start(world: &World) -> Relay {
        let mut command = world.vmux();
        command.arg("relay").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Relay { child, lines }
    }

    fn send(&mut self, line: &str) {
        self.child.stdin.as_mut().unwrap().write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    /// The next line with this member; those before it are passed over.
    fn line(&mut self, member: &str) -> Value {
        loop {
            let mut text = String::new();
            assert!(self.lines.read_line(&mut text).unwrap() > 0, "it ended before {member}");
            let line: Value = serde_json::from_str(&text).unwrap();
            if !line[member].is_null() {
                return line;
            }
        }
    }
}

#[test]
fn it_tells_the_sessions_answers_requests_and_ends_with_its_input() {
    let world = World::new();
    let process = world.claude(100).live();
    world.session_file(&process, json!({ "status": "idle" }));
    let daemon = world.open();
    let mut relay = Relay::start(&world);
    let greeting = relay.line("relay");
    assert_eq!(greeting["version"], env!("CARGO_PKG_VERSION"), "{greeting}");
    assert_eq!(relay.line("sync")["sync"], "begin");
    assert_eq!(relay.line("session")["session"]["pid"], 100);
    assert_eq!(relay.line("sync")["sync"], "end");
    // A request in pieces, a heartbeat, and what is no line of a vmuxd.
    relay.send("garbage");
    relay.send(r#"{"later":1}"#);
    relay.send(r#"{"beat":5}"#);
    assert_eq!(relay.line("beat")["beat"], 5);
    let label = json!({ "session_id": "session-of-100", "label": "api" });
    let request = json!({ "id": 7, "request": { "action": "label", "args": label } });
    relay.send(&request.to_string());
    // The change and the reply come in either order.
    let mut told = (false, false);
    while told != (true, true) {
        let mut text = String::new();
        relay.lines.read_line(&mut text).unwrap();
        let line: Value = serde_json::from_str(&text).unwrap();
        told.0 |= line["id"] == 7 && line["reply"]["ok"] == true;
        told.1 |= line["session"]["label"] == "api";
    }
    for (id, refused) in [(8, json!({ "action": "stop" })), (9, json!({ "action": "dance" }))] {
        relay.send(&json!({ "id": id, "request": refused }).to_string());
        let reply = relay.line("reply");
        assert_eq!((&reply["id"], &reply["reply"]["code"]), (&json!(id), &json!("bad_request")));
    }
    drop(relay.child.stdin.take());
    assert!(wait(&mut relay.child).success());
    drop(daemon);
}

#[test]
fn what_comes_too_late_is_not_done() {
    let world = World::new();
    let process = world.claude(100).live();
    world.session_file(&process, json!({ "status": "idle" }));
    let daemon = world.open();
    let mut relay = Relay::start(&world);
    let clock = |line: &Value| line["clock"].as_u64().unwrap();
    let begun = clock(&relay.line("relay"));
    relay.send(r#"{"beat":1}"#);
    let now = clock(&relay.line("beat"));
    assert!(now >= begun);
    let label = |label: &str| json!({ "action": "label", "args": { "session_id": "session-of-100", "label": label } });
    let send = json!({ "action": "send", "args": { "query": "100", "text": "x" } });
    let list = json!({ "action": "list" });
    let (past, future) = (begun - 1, now + 3_600_000);
    for (until, request, code) in [
        (json!(past), label("late"), json!("too_late")),
        (json!(past), send, json!("not_sent")),
        (json!(past), list, json!("too_late")),
        (json!(future), label("in time"), Value::Null),
        (Value::Null, label("at any time"), Value::Null),
    ] {
        relay.send(&json!({ "id": 7, "until": until, "request": request }).to_string());
        let reply = relay.line("reply");
        assert_eq!(reply["reply"]["code"], code, "{request}: {reply}");
        if request["action"] == "label" {
            let expected = request["args"]["label"].as_str().filter(|_| code.is_null());
            assert_eq!(daemon.session(100).label.as_deref(), expected);
        }
    }
}

#[test]
fn a_vmuxd_that_takes_its_time_does_not_do_it_either() {
    let world = World::new();
    let process = world.claude(100).live();
    world.session_file(&process, json!({ "status": "idle" }));
    let daemon = world.open();
    let label = json!({ "session_id": "session-of-100", "label": "late" });
    let ask = |until: Value| {
        let line = json!({ "action": "label", "args": label, "until": until });
        daemon.raw(format!("{line}\n").as_bytes())
    };
    assert_eq!(ask(json!(1))["code"], "too_late");
    assert_eq!(ask(json!("x"))["code"], "bad_request");
    assert_eq!(daemon.session(100).label, None);
    assert_eq!(ask(json!(u64::MAX))["ok"], true);
}

#[test]
fn it_starts_vmuxd_and_goes_on_when_that_is_another_one() {
    let world = World::new();
    let mut relay = Relay::start(&world);
    relay.line("relay");
    assert_eq!(relay.line("sync")["sync"], "begin");
    assert_eq!(relay.line("sync")["sync"], "end");
    let stopped = world.vmux().arg("stop").status().unwrap();
    assert!(stopped.success());
    assert!(relay.line("away")["away"].as_str().unwrap().contains("ends"));
    // It has started the next one.
    assert_eq!(relay.line("sync")["sync"], "begin");
    drop(relay.child.stdin.take());
    assert!(wait(&mut relay.child).success());
    assert!(world.vmux().arg("stop").status().unwrap().success());
}

#[test]
fn it_ends_when_the_near_side_is_silent_and_when_a_line_has_no_end() {
    let world = World::new();
    let _daemon = world.open();
    let mut silent = Relay::start(&world);
    let mut endless = Relay::start(&world);
    silent.line("relay");
    endless.line("relay");
    // It may end before it has read all.
    let stdin = endless.child.stdin.as_mut().unwrap();
    while stdin.write_all(&[b'x'; 4096]).is_ok() {}
    assert_eq!(wait(&mut endless.child).code(), Some(4));
    // Its input stays open until it has ended.
    assert!(wait(&mut silent.child).success());
}
