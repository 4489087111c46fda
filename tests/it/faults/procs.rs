//! Processes whose memory the kernel holds: their arguments and environment cannot be read, and the
//! read does not come back. Here a FIFO stands for them.

use crate::world::{Daemon, FakeProcess, World};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use vmux::session::state::StateName;

fn file(world: &World, pid: u32, name: &str) -> PathBuf {
    world.path(&format!("proc/{pid}/{name}"))
}

/// From now on a read of this file of `pid` does not come back.
fn hang(world: &World, pid: u32, name: &str) {
    let path = file(world, pid, name);
    fs::remove_file(&path).unwrap();
    mknodat(CWD, &path, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
}

/// It comes back. Whoever waits is answered, and whoever reads later too.
fn release(world: &World, pid: u32, name: &str, content: &str) {
    let path = file(world, pid, name);
    let aside = path.with_extension("aside");
    fs::rename(&path, &aside).unwrap();
    fs::write(&path, content).unwrap();
    // Waits for the reader.
    fs::write(&aside, content).unwrap();
}

fn idle(world: &World, pid: u32) -> FakeProcess {
    let process = world.claude(pid).live();
    world.session_file(&process, json!({"status": "idle"}));
    process
}

fn pids(daemon: &Daemon) -> Vec<u64> {
    let list = daemon.ask("list", json!({}));
    list["sessions"].as_array().unwrap().iter().map(|it| it["pid"].as_u64().unwrap()).collect()
}

fn problems(daemon: &Daemon) -> Value {
    daemon.ask("version", json!({}))["daemon"]["problems"].clone()
}

#[test]
fn one_that_hung_from_the_beginning_does_not_keep_vmuxd_from_getting_ready() {
    let world = World::new();
    idle(&world, 100);
    idle(&world, 101);
    hang(&world, 101, "cmdline");
    let began = Instant::now();
    let mut daemon = world.open();
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    let mut listener = daemon.listen();
    listener.until(|all| all.iter().any(|it| it.pid == 100 && it.state == StateName::Idle));
    assert_eq!(pids(&daemon), [100]);
    assert_eq!(daemon.ask("scan", json!({}))["ok"], true);
    let told = problems(&daemon).to_string();
    assert!(told.contains("process 101 does not answer"), "{told}");
    release(&world, 101, "cmdline", "claude");
    // The scan that comes back last is the one that hung: it may take one more.
    while daemon.sessions().len() < 2 {}
    while problems(&daemon).to_string().contains("process 101") {}
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
    hang(&world, 100, "cmdline");
    hang(&world, 100, "environ");
    idle(&world, 101);
    hang(&world, 101, "environ");
    let began = Instant::now();
    assert_eq!(pids(&daemon), [100]);
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    // Others are found as ever, and what is known is followed.
    idle(&world, 102);
    assert_eq!(daemon.sessions().len(), 2);
    let mut listener = daemon.listen();
    world.session_file(&known, json!({"status": "busy"}));
    listener.until(|all| all.iter().any(|it| it.pid == 100 && it.state == StateName::Working));
    let third = idle(&world, 103);
    while pids(&daemon) != [100, 102, 103] {}
    third.end();
    assert_eq!(daemon.sessions().len(), 2);
    // It ends without having answered.
    let aside = file(&world, 101, "environ");
    release(&world, 101, "environ", &format!("HOME={}", world.home().display()));
    assert!(aside.is_file());
    while daemon.sessions().len() < 3 {}
    assert!(!problems(&daemon).to_string().contains("does not answer"));
}
