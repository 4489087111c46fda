//! Clients that ask and do not read: they cost a bounded amount of memory, and are cut off.

use super::{open_after, status};
use crate::support::world::{DEADLINE, Daemon, FakeProcess, World, readable, tells, until};
use rustix::event::PollFlags;
use serde_json::json;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use vmux::session::state::StateName;

/// Sessions whose list is larger than what the kernel takes for a client.
fn crowded() -> (World, Vec<FakeProcess>) {
    let world = World::new();
    let far = ["d".repeat(200).as_str(); 17].join("/");
    let cwd = world.path("w").join(far);
    let processes: Vec<_> =
        (0..300).map(|it| world.claude(1000 + it).cwd(cwd.clone()).live()).collect();
    for process in &processes {
        world.session_file(process, json!({"status": "busy", "cwd": cwd}));
    }
    (world, processes)
}

/// A client that asks, and knows that it is being answered, and does not read.
fn asks(daemon: &Daemon, action: &str) -> UnixStream {
    let mut stream = daemon.connect();
    stream.write_all(format!("{{\"action\":\"{action}\"}}\n").as_bytes()).unwrap();
    assert!(readable(&stream), "no answer");
    stream
}

#[test]
fn answers_that_nobody_takes_fill_no_memory() {
    let (world, processes) = crowded();
    let daemon = world.open();
    let size = daemon.ask("list", json!({})).to_string().len();
    assert!(size > 1_000_000, "{size}");
    let before = status(daemon.pid(), "VmRSS");
    // Each would hold its own list or state: together several times what is allowed.
    let clients = 200_000_000 / size;
    let mut listener = daemon.listen();
    let mut slow = Vec::new();
    for round in 0..clients {
        let (status, state) =
            [("waiting", StateName::NeedsInput), ("busy", StateName::Working)][round % 2];
        let fields = json!({"status": status, "waitingFor": "permission prompt"});
        world.session_file(&processes[0], fields);
        listener.until(|all| all[0].state == state);
        slow.push(asks(&daemon, ["list", "subscribe"][round / 2 % 2]));
    }
    let grown = status(daemon.pid(), "VmHWM").saturating_sub(before) / 1024;
    println!("{clients} clients that do not read an answer of {size} bytes: {grown} MiB more");
    assert!(grown < 80, "{grown} MiB more");
    // Whoever reads is served: at once, or as soon as the slow ones are cut off.
    until("an answer", || daemon.ask("list", json!({}))["code"] != "busy");
    assert_eq!(daemon.sessions().len(), processes.len());
    drop(slow);
}

#[test]
fn a_subscriber_that_does_not_read_is_cut_off_and_holds_up_no_other() {
    let (world, processes) = crowded();
    let daemon = world.open();
    let slow = asks(&daemon, "subscribe");
    let mut listener = daemon.listen();
    world.session_file(&processes[0], json!({"status": "idle"}));
    listener.until(|all| all[0].state == StateName::Idle);
    assert!(tells(&slow, PollFlags::RDHUP, DEADLINE), "it is not cut off");
    world.session_file(&processes[0], json!({"status": "busy"}));
    listener.until(|all| all[0].state == StateName::Working);
}

#[test]
fn a_long_query_is_refused_before_it_costs_anything() {
    let world = World::new();
    world.claude(100).live();
    let daemon = world.open();
    for action in ["switch", "why", "ack"] {
        let reply = daemon.ask(action, json!({"query": "api ".repeat(15_000)}));
        assert_eq!(reply["code"], "bad_request", "{reply}");
    }
    let mut rest = String::new();
    let mut stream = daemon.connect();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    stream.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
}

#[test]
fn a_log_that_nobody_reads_holds_up_nobody() {
    let world = World::new();
    let process = world.claude(100).live();
    world.session_file(&process, json!({"status": "idle"}));
    // A pipe that is full before vmuxd says its first word.
    let script = "mkfifo \"$W/log\"; exec 2<>\"$W/log\"; head -c 65536 /dev/zero >&2";
    let mut daemon = open_after(&world, &["-m"], script);
    assert_eq!(daemon.session(100).state, StateName::Idle);
    assert_eq!(daemon.ask("stop", json!({})), json!({"ok": true}));
    assert!(daemon.wait().success());
}
