#!/usr/bin/env bash
# sysinfo 0.40.4 (crates.io) on Linux, Process::name() and processes_by_name() in a program that refreshes.
#
# Guess: refresh_processes() brings what changed. For the program, arguments and folder of a process one says so with an
# UpdateKind (by itself each is read once, as documented); the name has no such kind, so it is always of now.
# Seen: the name is read when the process is first met, and never again, whatever is asked for: after an exec, which a
# shell does with `exec` and with its last command, name() stays that of the shell for as long as the process lives.
# UpdateKind::Always brings the new exe() and cmd(), beside the old name. processes_by_name() finds the process by the
# name that it no longer has, and not by the one that it has. A new System sees it as it is.
#
# Why it matters here: a watcher that runs before the session does, and meets the process while it is still the shell
# that starts it (a terminal's -e, a tmux pane, a wrapper script), looks for "claude" and never finds it. What it meets
# later it finds: so it works in a test, and for most.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/src"
cat > "$work/Cargo.toml" <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"
[dependencies]
sysinfo = { version = "=0.40.4", default-features = false, features = ["system"] }
TOML
cat > "$work/src/main.rs" <<'RUST'
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};

fn show(system: &System, pid: Pid, after: &str) {
    let process = system.process(pid).unwrap();
    let exe = process.exe().and_then(|it| it.file_name()).unwrap_or_default();
    let by_name = |name: &str| system.processes_by_exact_name(name.as_ref()).any(|it| it.pid() == pid);
    println!(
        "{after}: name {:?}, exe {exe:?}, cmd {:?}; by name: bash {}, sleep {}",
        process.name(), process.cmd().first().map_or("none".into(), |it| it.to_string_lossy()), by_name("bash"), by_name("sleep"),
    );
}

fn main() {
    let mut child = Command::new("bash").args(["-c", "read -r; exec sleep 600"]).stdin(Stdio::piped()).spawn().unwrap();
    let pid = Pid::from_u32(child.id());
    let comm = || std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap();
    let until = |name: &str| {
        while comm().trim() != name {
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    until("bash");
    let everything = ProcessRefreshKind::everything();
    let always = everything.with_exe(UpdateKind::Always).with_cmd(UpdateKind::Always);
    let mut system = System::new().unwrap();
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, everything);
    show(&system, pid, "a shell");

    child.stdin.take().unwrap().write_all(b"\n").unwrap();
    until("sleep");
    println!("/proc has the name {:?}", comm().trim());
    system.refresh_processes(ProcessesToUpdate::All, true);
    show(&system, pid, "refresh_processes()");
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, everything);
    show(&system, pid, "everything()");
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, always);
    show(&system, pid, "UpdateKind::Always");
    let mut other = System::new().unwrap();
    other.refresh_processes_specifics(ProcessesToUpdate::All, true, everything);
    show(&other, pid, "a new System");
    child.kill().unwrap();
    child.wait().unwrap();
}
RUST
CARGO_TARGET_DIR=$work/target CARGO_BUILD_JOBS=1 cargo build --quiet --manifest-path "$work/Cargo.toml"
"$work/target/debug/finding" | tee "$work/seen"
expected='a shell: name "bash", exe "bash", cmd "bash"; by name: bash true, sleep false
/proc has the name "sleep"
refresh_processes(): name "bash", exe "bash", cmd "bash"; by name: bash true, sleep false
everything(): name "bash", exe "bash", cmd "bash"; by name: bash true, sleep false
UpdateKind::Always: name "bash", exe "sleep", cmd "sleep"; by name: bash true, sleep false
a new System: name "sleep", exe "sleep", cmd "sleep"; by name: bash false, sleep true'
[ "$(cat "$work/seen")" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
