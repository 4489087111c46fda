#!/usr/bin/env bash
# rustix 1.1.6 (crate), tokio 1.54.1, Linux SO_PEERCRED.
#
# Guess: asking who is at the other end of a Unix socket answers with the peer's pid, or, where the
# peer's pid means nothing in this PID namespace, with something like "no pid"; uid and gid are known.
# Seen: the kernel then says pid 0. rustix takes that for a failed call: it returns an error, whose
# code is 0 and whose text is "Success", and uid and gid are lost with it. tokio's peer_cred() passes
# pid 0 on, as Some(0), which is no process (and which kill() takes for the caller's own group).
#
# Why it matters here: a daemon that admits only its own user by socket_peercred() turns away that user's
# client from a container or `unshare --pid`, and logs "Success" as the reason.
# Needs root, or user namespaces, for unshare.
set -euo pipefail

work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2> /dev/null || true; rm -rf "$work"' EXIT
mkdir -p "$work/src"

cat > "$work/Cargo.toml" <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"
[dependencies]
rustix = { version = "=1.1.6", features = ["net"] }
tokio = { version = "=1.54.1", features = ["rt", "net"] }
TOML
cat > "$work/src/main.rs" <<'RUST'
use std::io::Read;
use std::os::unix::net::{UnixListener, UnixStream};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (role, path) = (arguments.next().unwrap(), arguments.next().unwrap());
    if role == "client" {
        // Stays until the server hangs up.
        let _ = UnixStream::connect(path).unwrap().read(&mut [0]);
        return;
    }
    let listener = UnixListener::bind(&path).unwrap();
    // One client inside the server's namespace; the script starts the other one outside.
    let mut inside = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["client", &path])
        .spawn()
        .unwrap();
    for place in ["same namespace", "outside this namespace"] {
        let (stream, _) = listener.accept().unwrap();
        let rustix = match rustix::net::sockopt::socket_peercred(&stream) {
            Ok(peer) => format!("Ok, uid {}", peer.uid.as_raw()),
            Err(error) => format!("Err({error})"),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let _guard = runtime.enter();
        stream.set_nonblocking(true).unwrap();
        let peer = tokio::net::UnixStream::from_std(stream).unwrap().peer_cred().unwrap();
        let pid = match peer.pid() { Some(0) => "Some(0)", Some(_) => "Some(its pid)", None => "None" };
        println!("{place}: rustix {rustix}; tokio pid {pid}, uid {}", peer.uid());
    }
    inside.wait().unwrap();
}
RUST
CARGO_TARGET_DIR=$work/target CARGO_BUILD_JOBS=1 cargo build --quiet --manifest-path "$work/Cargo.toml"
program=$work/target/debug/finding

namespace=(unshare --pid --fork --kill-child)
[ "$(id -u)" = 0 ] || namespace=(unshare --user --map-root-user --pid --fork --kill-child)
mkfifo "$work/out"
"${namespace[@]}" "$program" server "$work/socket" > "$work/out" &
server=$!
exec 3< "$work/out"
read -r -t 30 inside <&3
"$program" client "$work/socket"
read -r -t 30 outside <&3
wait "$server"; server=

uid=$(echo "$inside" | sed -n 's/.*Ok, uid \([0-9]*\);.*/\1/p')
echo "$inside"; echo "$outside"
[ "$inside" = "same namespace: rustix Ok, uid $uid; tokio pid Some(its pid), uid $uid" ] &&
    [ "$outside" = "outside this namespace: rustix Err(Success (os error 0)); tokio pid Some(0), uid $uid" ] ||
    { echo 'CHANGED: the second line said rustix Err(Success (os error 0)); tokio pid Some(0)' >&2; exit 1; }
