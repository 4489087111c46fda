//! A PID namespace of our own, with its own `/proc`.

use std::os::unix::process::CommandExt;
use std::process::Command;

const INSIDE: &str = "VMUX_BENCH_INSIDE";

/// Start anew inside, unless we are there already.
pub fn enter() {
    if std::env::var_os(INSIDE).is_some() {
        return;
    }
    let mut unshare = Command::new("unshare");
    unshare.args(["--map-root-user", "--pid", "--fork", "--mount-proc", "--kill-child"]);
    unshare.arg(std::env::current_exe().unwrap()).args(std::env::args_os().skip(1));
    let error = unshare.env(INSIDE, "1").exec();
    panic!("cannot run unshare (package util-linux): {error}");
}
