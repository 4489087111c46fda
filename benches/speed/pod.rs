//! A PID namespace of our own, with its own `/proc`.

use std::os::unix::process::CommandExt;
use std::process::Command;

const INSIDE: &str = "VMUX_BENCH_INSIDE";

/// Whether this is root, and not only in a user namespace, which has no other users.
pub fn is_root() -> bool {
    let map = std::fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    let has_others = map.split_whitespace().nth(2).is_some_and(|count| count.len() > 3);
    has_others && rustix::process::geteuid().is_root()
}

/// Start anew inside, unless we are there already.
pub fn enter() {
    if std::env::var_os(INSIDE).is_some() {
        return;
    }
    let mut unshare = Command::new("unshare");
    if !is_root() {
        unshare.arg("--map-root-user");
    }
    unshare.args(["--pid", "--fork", "--mount-proc", "--kill-child"]);
    // The first process is a shell, which takes in orphans: a namespace ends when all are taken in.
    unshare.args(["sh", "-c", "\"$@\"; exit $?", "speed"]);
    unshare.arg(std::env::current_exe().unwrap()).args(std::env::args_os().skip(1));
    let error = unshare.env(INSIDE, "1").exec();
    panic!("cannot run unshare (package util-linux): {error}");
}
