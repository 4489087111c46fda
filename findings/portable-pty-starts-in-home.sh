#!/usr/bin/env bash
# portable-pty 0.9.0 (crate, used by wezterm and by tools that run a program in a terminal).
#
# Guess: CommandBuilder works like std::process::Command. A child without cwd() starts in the
# parent's directory, a cwd() that does not exist makes spawn_command() fail, and a child killed by
# a signal cannot be taken for one that ended with exit code 1.
# Seen: without cwd() the child starts in $HOME. With a cwd() that does not exist it also starts in
# $HOME, and spawn_command() returns Ok. ExitStatus::exit_code() of a killed child is 1.
#
# Why it matters here: a tool that starts a session "in the current directory" through this crate
# starts it in the home directory, and a project folder that was deleted gives no error.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/src" "$work/home" "$work/project"

cat > "$work/Cargo.toml" <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"
[dependencies]
portable-pty = "=0.9.0"
TOML
cat > "$work/src/main.rs" <<'RUST'
use portable_pty::{native_pty_system, CommandBuilder, PtySize};
use std::io::Read;

fn run(command: CommandBuilder) -> (String, portable_pty::ExitStatus) {
    let pair = native_pty_system().openpty(PtySize::default()).unwrap();
    let mut child = pair.slave.spawn_command(command).expect("spawn_command failed");
    drop(pair.slave);
    let mut text = String::new();
    // The kernel answers EIO when the last holder of the terminal is gone.
    let _ = pair.master.try_clone_reader().unwrap().read_to_string(&mut text);
    (text.trim().to_string(), child.wait().unwrap())
}

fn main() {
    println!("std: {}", String::from_utf8(std::process::Command::new("pwd").output().unwrap().stdout).unwrap().trim());
    println!("no cwd: {}", run(CommandBuilder::new("pwd")).0);
    let mut missing = CommandBuilder::new("pwd");
    missing.cwd("/does/not/exist");
    println!("missing cwd: {}", run(missing).0);
    let mut killed = CommandBuilder::new("sh");
    killed.args(["-c", "kill -KILL $$"]);
    let status = run(killed).1;
    println!("killed: exit_code {} signal {:?}", status.exit_code(), status.signal());
}
RUST
CARGO_TARGET_DIR=$work/target CARGO_BUILD_JOBS=1 cargo build --quiet --manifest-path "$work/Cargo.toml"

seen=$(cd "$work/project" && HOME=$work/home "$work/target/debug/finding")
echo "portable-pty 0.9.0 seen:"; echo "$seen"
expected="std: $work/project
no cwd: $work/home
missing cwd: $work/home
killed: exit_code 1 signal Some(\"Killed\")"
[ "$seen" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
