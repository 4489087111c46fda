#!/usr/bin/env bash
# tokio 1.54.1 (crate), UnixStream::connect, on Linux.
#
# Guess: connect().await waits until the server has room for the connection; a time limit around it
# decides how long. That is what it does for TCP, and what std's UnixStream::connect does.
# Seen: when the queue of connections that the server has not accepted is full, tokio's connect
# returns WouldBlock ("Resource temporarily unavailable") at once. std's connect waits, and goes
# through when the server accepts one. (unix(7) makes the non-blocking connect fail with EAGAIN and has
# no way to wait for room; tokio hands that on.)
#
# Why it matters here: a server that is busy or stopped for a moment answers a burst of clients with an
# error that reads like a fault of the client. It has to be tried again, by the clock. (A blocking client
# waits without a limit, unless SO_SNDTIMEO is set before it connects: Linux heeds it there, too.)
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
rustix = { version = "=1.1.6", features = ["net"] }
tokio = { version = "=1.54.1", features = ["rt", "net", "time"] }
TOML
cat > "$work/src/main.rs" <<'RUST'
use rustix::net::{accept, bind, listen, socket, AddressFamily, SocketAddrUnix, SocketType};
use std::time::Duration;

fn main() {
    let path = std::env::args().nth(1).unwrap();
    let server = socket(AddressFamily::UNIX, SocketType::STREAM, None).unwrap();
    bind(&server, &SocketAddrUnix::new(path.as_str()).unwrap()).unwrap();
    // Room for two: Linux lets one more in than it was told.
    listen(&server, 1).unwrap();

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut kept = Vec::new();
    runtime.block_on(async {
        for number in 1..=3 {
            let connect = tokio::net::UnixStream::connect(&path);
            match tokio::time::timeout(Duration::from_secs(30), connect).await {
                Err(_) => println!("tokio, client {number}: still waiting"),
                Ok(Ok(stream)) => {
                    println!("tokio, client {number}: connected");
                    kept.push(stream);
                }
                Ok(Err(error)) => println!("tokio, client {number}: {:?}", error.kind()),
            }
        }
    });

    let blocking = std::thread::spawn(move || std::os::unix::net::UnixStream::connect(path).map(drop));
    accept(&server).unwrap();
    println!("std, client 4, after one was accepted: {:?}", blocking.join().unwrap().map_err(|e| e.kind()));
}
RUST
CARGO_TARGET_DIR=$work/target CARGO_BUILD_JOBS=1 cargo build --quiet --manifest-path "$work/Cargo.toml"
seen=$("$work/target/debug/finding" "$work/socket")
echo "tokio 1.54.1 seen:"; echo "$seen"
expected='tokio, client 1: connected
tokio, client 2: connected
tokio, client 3: WouldBlock
std, client 4, after one was accepted: Ok(())'
[ "$seen" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
