//! Processes whose memory the kernel holds: their arguments and environment cannot be read, and the
//! read does not come back. Here a FIFO stands for them.

use super::Hurry;
use crate::support::world::process::hang;
use crate::support::world::{Daemon, FakeProcess, World, until};
use serde_json::json;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;
use vmux::session::state::StateName;

fn file(world: &World, pid: u32, name: &str) -> PathBuf {
    world.path(&format!("proc/{pid}/{name}"))
}

/// It comes back. Whoever waits is answered, and whoever reads later too.
fn release(world: &World, pid: u32, name: &str, content: &str) {
    let path = file(world, pid, name);
    let (new, aside) = (path.with_extension("new"), path.with_extension("aside"));
    fs::hard_link(&path, &aside).unwrap();
    fs::write(&new, content).unwrap();
    fs::rename(&new, &path).unwrap();
    // Waits for the reader.
    fs::write(&aside, content).unwrap();
}

fn idle(world: &World, pid: u32) -> FakeProcess {
    begun_idle(world, world.claude(pid))
}

fn begun_idle(world: &World, process: FakeProcess) -> FakeProcess {
    let process = process.live();
    world.session_file(&process, json!({"status": "idle"}));
    process
}

fn pids(daemon: &Daemon) -> Vec<u64> {
    let list = daemon.ask("list", json!({}));
    list["sessions"].as_array().unwrap().iter().map(|it| it["pid"].as_u64().unwrap()).collect()
}

#[test]
fn one_that_hung_from_the_beginning_does_not_keep_vmuxd_from_getting_ready() {
    let world = World::new();
    idle(&world, 100);
    begun_idle(&world, world.claude(101).hanging("cmdline"));
    let hurry = Hurry::like(|| drop(World::new().open()));
    let mut daemon = world.open();
    hurry.assert_within(Duration::from_secs(5));
    let mut listener = daemon.listen();
    listener.until(|all| all.iter().any(|it| it.pid == 100 && it.state == StateName::Idle));
    assert_eq!(pids(&daemon), [100]);
    assert_eq!(daemon.ask("scan", json!({}))["ok"], true);
    let told = daemon.problems();
    assert!(told.contains("process 101 does not answer"), "{told}");
    release(&world, 101, "cmdline", "claude");
    // The scan that comes back last is the one that hung: it may take one more.
    until("both sessions", || daemon.sessions().len() == 2);
    daemon.until_problems(|told| !told.contains("process 101"));
    assert_eq!(daemon.ask("stop", json!({})), json!({"ok": true}));
    assert!(daemon.wait().success());
}

#[test]
fn one_that_comes_and_hangs_holds_up_no_answer() {
    let world = World::new();
    let known = idle(&world, 100);
    let daemon = world.open();
    assert_eq!(pids(&daemon), [100]);
    // Known already: nothing of it needs to be read again, not even when a scan is lost.
    hang(&file(&world, 100, "cmdline"));
    hang(&file(&world, 100, "environ"));
    let hurry = Hurry::like(|| assert_eq!(pids(&daemon), [100]));
    begun_idle(&world, world.claude(101).hanging("environ"));
    assert_eq!(pids(&daemon), [100]);
    hurry.assert_within(Duration::from_secs(3));
    // Others are found as ever, and what is known is followed.
    idle(&world, 102);
    assert_eq!(daemon.sessions().len(), 2);
    let mut listener = daemon.listen();
    world.session_file(&known, json!({"status": "busy"}));
    listener.until(|all| all.iter().any(|it| it.pid == 100 && it.state == StateName::Working));
    let third = idle(&world, 103);
    until("a new one", || pids(&daemon) == [100, 102, 103]);
    third.end();
    assert_eq!(daemon.sessions().len(), 2);
    // It ends without having answered.
    let aside = file(&world, 101, "environ");
    release(&world, 101, "environ", &format!("HOME={}", world.home().display()));
    assert!(aside.is_file());
    until("the one that hung", || daemon.sessions().len() == 3);
    assert!(!daemon.problems().contains("does not answer"));
}

#[test]
fn one_that_hung_is_found_as_soon_as_it_answers() {
    let world = World::new();
    idle(&world, 100);
    let daemon = world.open();
    let mut listener = daemon.listen();
    begun_idle(&world, world.claude(101).hanging("environ"));
    assert_eq!(pids(&daemon), [100]);
    daemon.until_problems(|told| told.contains("process 101 does not answer"));
    release(&world, 101, "environ", &format!("HOME={}", world.home().display()));
    // No scan is due for an hour, and nobody asks.
    listener.until(|all| all.iter().any(|it| it.pid == 101));
}
