//! inotify at its limits: the scan heals what no event tells.

use super::{open_after, rounds};
use crate::support::world::{Daemon, World};
use rustix::process::Signal;
use serde_json::json;
use std::fs;
use vmux::session::state::StateName;

/// The limits are those of the user namespace.
fn limited(world: &World, limit: &str, most: u32) -> Daemon {
    let script = format!("echo {most} >/proc/sys/user/{limit}");
    open_after(world, &["-U", "-r"], &script)
}

fn is_followed(world: &World, daemon: &Daemon) {
    let process = world.claude(100).live();
    world.session_file(&process, json!({"status": "idle"}));
    assert_eq!(daemon.session(100).state, StateName::Idle);
    // No event tells of this one.
    let mut listener = daemon.listen();
    world.session_file(&process, json!({"status": "busy"}));
    listener.until(|sessions| sessions.iter().any(|it| it.state == StateName::Working));
}

#[test]
fn without_inotify_there_are_scans() {
    let world = World::new();
    let daemon = limited(&world, "max_inotify_instances", 0);
    is_followed(&world, &daemon);
    assert!(daemon.problems().contains("max_user_instances"), "{}", daemon.problems());
}

#[test]
fn without_watches_there_are_scans() {
    let world = World::new();
    let daemon = limited(&world, "max_inotify_watches", 1);
    is_followed(&world, &daemon);
    assert!(daemon.problems().contains("max_user_watches"), "{}", daemon.problems());
}

#[test]
fn a_queue_that_overflowed_is_healed_by_a_scan() {
    let world = World::new();
    let process = world.claude(100).live();
    world.session_file(&process, json!({"status": "busy"}));
    let daemon = world.open();
    let mut listener = daemon.listen();
    let sessions = world.home().join(".claude/sessions");
    let queue: usize = read("/proc/sys/fs/inotify/max_queued_events").trim().parse().unwrap();
    daemon.signal(Signal::STOP);
    for _ in 0..rounds(1, 3) {
        // Two names in turn, for equal events in a row count as one.
        for number in 0..queue + 100 {
            fs::write(sessions.join(["a", "b"][number % 2]), "x").unwrap();
        }
    }
    world.session_file(&process, json!({"status": "waiting", "waitingFor": "permission prompt"}));
    let other = world.claude(101).live();
    world.session_file(&other, json!({"status": "idle"}));
    daemon.signal(Signal::CONT);
    listener.until(|sessions| sessions.len() == 2 && sessions[0].state == StateName::NeedsInput);
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap()
}
