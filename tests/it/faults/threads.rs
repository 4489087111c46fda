//! No thread to be had: a limit of processes is reached (`ulimit -u`, `TasksMax`, `pids.max`).
//!
//! The limit counts the threads of one user, and root has none: these tests run vmuxd as a user that
//! runs nothing else, and speak with it as this user.

use super::is_root;
use crate::support::world::{Daemon, World, until};
use rustix::process::Signal;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::chown;
use std::path::Path;
use std::process::{Command, Output};

/// A user without any process, and the world that belongs to it.
struct Lonely<'a> {
    world: &'a World,
    user: u32,
}

impl Lonely<'_> {
    /// Gives the world to this user. Each test has another one, for they run at the same time.
    fn new(world: &World, user: u32) -> Lonely<'_> {
        assert!(is_root(), "another user can be had by root only");
        give(&world.path(""), user);
        Lonely { world, user }
    }

    fn command(&self, program: &str) -> Command {
        let id = self.user.to_string();
        let mut command = self.world.command("setpriv");
        command.args(["--reuid", &id, "--regid", &id, "--clear-groups", program]);
        command
    }

    /// vmuxd, which may have so many threads. It is the process of the command: none of the programs
    /// before it forks.
    fn start(&self, threads: u64) -> Daemon {
        let mut command = self.command("prlimit");
        command.args([&format!("--nproc={threads}:1000"), env!("CARGO_BIN_EXE_vmuxd"), "--proc"]);
        command.arg(self.world.path("proc")).args(["--interval", "0.5"]);
        Daemon::start(self.world, command)
    }

    /// From now on it may have so many.
    fn limit(&self, daemon: &Daemon, threads: u64) {
        let mut command = self.command("prlimit");
        command.args([format!("--pid={}", daemon.pid()), format!("--nproc={threads}:1000")]);
        assert!(command.status().unwrap().success());
    }

    fn vmux(&self, args: &[&str]) -> Output {
        self.command(env!("CARGO_BIN_EXE_vmux")).args(args).output().unwrap()
    }

    /// The session 100, if it is listed.
    fn session(&self) -> Value {
        let sessions: Value =
            serde_json::from_slice(&self.vmux(&["list", "--json"]).stdout).unwrap();
        sessions.as_array().unwrap().iter().find(|it| it["pid"] == 100).cloned().unwrap_or_default()
    }
}

/// Gives a path and all below it to `user`.
fn give(path: &Path, user: u32) {
    chown(path, Some(user), Some(user)).unwrap();
    if path.is_dir() {
        fs::read_dir(path).unwrap().for_each(|entry| give(&entry.unwrap().path(), user));
    }
}

fn world_with_a_session() -> World {
    let world = World::new();
    let process = world.claude(100).live();
    world.session_file(&process, json!({"status": "idle"}));
    world
}

#[test]
fn one_that_starts_without_a_thread_says_so_and_works_once_there_is_one() {
    let world = world_with_a_session();
    let lonely = Lonely::new(&world, 61_201);
    let mut daemon = lonely.start(1);
    daemon.until_said("cannot start a thread", 1);
    let refused = lonely.vmux(&["label", "100", "x"]);
    assert!(!refused.status.success(), "there is no session yet, and no thread to save it");
    lonely.limit(&daemon, 100);
    until("the session", || lonely.session()["state"] == "idle");
    assert!(lonely.vmux(&["label", "100", "x"]).status.success());
    assert_eq!(lonely.session()["label"], "x");
    until("the pid file", || world.path("home/.vmux/vmuxd.pid").exists());
    daemon.signal(Signal::TERM);
    assert!(daemon.wait().success());
    let words = daemon.last_words();
    assert!(words.contains("ulimit -u"), "{words}");
    assert!(!words.contains("does not answer"), "nothing hangs: {words}");
}

#[test]
fn one_that_has_never_had_a_thread_ends_cleanly() {
    let world = world_with_a_session();
    let lonely = Lonely::new(&world, 61_202);
    let mut daemon = lonely.start(1);
    let stopped = lonely.vmux(&["stop"]);
    assert!(stopped.status.success(), "{}", String::from_utf8_lossy(&stopped.stderr));
    assert!(daemon.wait().success());
    assert!(!world.socket().exists());
    let words = daemon.last_words();
    assert!(!words.contains("panicked"), "{words}");
}

#[test]
fn a_moment_without_threads_loses_nothing() {
    let world = world_with_a_session();
    let lonely = Lonely::new(&world, 61_203);
    let daemon = lonely.start(1);
    for round in 0..3 {
        // What is asked for without a thread waits for one.
        let labels: Vec<String> = (0..5).map(|it| format!("{round}-{it}")).collect();
        for label in &labels {
            let text = json!({"session-of-100": label}).to_string();
            daemon.signal(Signal::HUP);
            fs::write(world.path("home/.vmux/config.toml"), format!("# {label}\n")).unwrap();
            fs::write(world.labels(), text).unwrap();
        }
        lonely.limit(&daemon, 100);
        until("the last label", || lonely.session()["label"] == labels[4].as_str());
        assert!(lonely.vmux(&["label", "100", &format!("round {round}")]).status.success());
        assert_eq!(lonely.session()["label"], format!("round {round}"));
        lonely.limit(&daemon, 1);
    }
}
