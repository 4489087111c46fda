#!/usr/bin/env bash
# rmcp 3.11.0 (crate, the official Rust SDK of the Model Context Protocol), as a client on stdio.
#
# Guess: what a server sends one after the other over one pipe is handled one after the other. A progress handler sees
# numbers that grow, as the specification demands of the server, and what was sent before the result of a call has been
# handled when the call returns.
# Seen: each notification becomes a task of its own (tokio::spawn). On tokio's usual runtime some of them overtake each
# other, although the handler does nothing but note a number. A handler that waits for anything (a lock, a socket) is
# overtaken on a single thread as well. The result of a call is not held back for them: it is there while they wait.
# The stream of ProgressDispatcher, the library's own, is behind these tasks and in the same disorder.
#
# Why it matters here: text that a server sends in pieces comes in pieces that are mixed up; a bar goes back; "99 %" is
# written over "done"; and a program that ends after call_tool() loses the last lines. It is some of a thousand, so no
# test of one's own shows it. On a current_thread runtime a handler that puts them into a queue, without an .await, has
# their order; nothing tells when the last one of a call is there.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/src"

# A tool that reports as much progress as its name says, and answers.
cat > "$work/server.py" <<'PY'
import json, sys

def say(**message):
    print(json.dumps({"jsonrpc": "2.0", **message}))

for line in sys.stdin:
    message = json.loads(line)
    method, number, params = message.get("method"), message.get("id"), message.get("params") or {}
    if method is None or number is None:
        continue
    if method == "initialize":
        say(id=number, result={"protocolVersion": "2025-06-18", "serverInfo": {"name": "finding", "version": "1"},
                               "capabilities": {"tools": {}}})
    elif method == "tools/call":
        for step in range(1, int(params["name"]) + 1):
            say(method="notifications/progress", params={"progressToken": params["_meta"]["progressToken"], "progress": step})
        say(id=number, result={"content": [{"type": "text", "text": "done"}]})
    else:
        say(id=number, error={"code": -32601, "message": "Method not found"})
    sys.stdout.flush()
PY
cat > "$work/Cargo.toml" <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"
[dependencies]
rmcp = { version = "=3.11.0", features = ["client", "transport-child-process"] }
tokio = { version = "=1.54.1", features = ["macros", "process", "rt-multi-thread", "sync", "time"] }
futures = "=0.3.34"
TOML
cat > "$work/src/main.rs" <<'RUST'
use futures::StreamExt;
use rmcp::handler::client::progress::ProgressDispatcher;
use rmcp::model::{CallToolRequestParams, ProgressNotificationParam, ProgressToken};
use rmcp::service::{NotificationContext, RoleClient, RunningService};
use rmcp::{transport::TokioChildProcess, ClientHandler, ServiceExt};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::process::Command;
use tokio::time::sleep;

/// Notes progress. Before each note it waits for so many milliseconds, by the number.
#[derive(Clone)]
struct Notes {
    progress: Arc<Mutex<Vec<i64>>>,
    dispatcher: ProgressDispatcher,
    wait: fn(i64) -> u64,
}

impl ClientHandler for Notes {
    async fn on_progress(&self, it: ProgressNotificationParam, _: NotificationContext<RoleClient>) {
        let number = it.progress as i64;
        if (self.wait)(number) > 0 {
            sleep(Duration::from_millis((self.wait)(number))).await;
        }
        self.progress.lock().unwrap().push(number);
        self.dispatcher.handle_notification(it).await;
    }
}

async fn client(wait: fn(i64) -> u64) -> (Notes, RunningService<RoleClient, Notes>) {
    let notes = Notes { progress: Arc::default(), dispatcher: ProgressDispatcher::new(), wait };
    let mut server = Command::new("python3");
    server.arg(std::env::args().nth(1).unwrap());
    let service = notes.clone().serve(TokioChildProcess::new(server).unwrap()).await.unwrap();
    (notes, service)
}

/// Calls the tool; gives how many are handled when it returns, and then all, when they are there.
async fn call(wait: fn(i64) -> u64, many: usize) -> (usize, Vec<i64>) {
    let (notes, service) = client(wait).await;
    service.call_tool(CallToolRequestParams::new(many.to_string())).await.unwrap();
    let handled = notes.progress.lock().unwrap().len();
    while notes.progress.lock().unwrap().len() < many {
        sleep(Duration::from_millis(10)).await;
    }
    let all = notes.progress.lock().unwrap().clone();
    (handled, all)
}

/// What the stream of the library gives of a call.
async fn streamed(many: usize) -> Vec<i64> {
    let (notes, service) = client(|_| 0).await;
    // The first request with a token after `initialize`; subscribed to before it is sent, so that none is missed.
    let tokens = (0..10).map(|it| ProgressToken(rmcp::model::NumberOrString::Number(it)));
    let streams: Vec<_> = futures::future::join_all(tokens.map(|it| notes.dispatcher.subscribe(it))).await;
    let mut all = futures::stream::select_all(streams);
    let (_, seen) = tokio::join!(
        service.call_tool(CallToolRequestParams::new(many.to_string())),
        async {
            let mut seen = Vec::new();
            while seen.len() < many {
                seen.push(all.next().await.unwrap().progress as i64);
            }
            seen
        }
    );
    seen
}

fn in_order(them: &[i64]) -> bool {
    them.windows(2).all(|two| two[0] < two[1])
}

fn main() {
    let one = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let many = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    let (_, progress) = one.block_on(call(|_| 0, 5));
    println!("one thread, noted at once: {progress:?}");
    let (_, progress) = one.block_on(call(|number| if number == 1 { 500 } else { 0 }, 5));
    println!("one thread, the first one waits: {progress:?}");
    let (handled, _) = one.block_on(call(|_| 500, 5));
    println!("one thread, each of them waits: {handled} of 5 are handled when the call returns");
    // A thousand at a time; one of these calls suffices.
    let order = |found: bool| if found { "out of order" } else { "in order" };
    println!("threads, noted at once: {}", order((0..10).any(|_| !in_order(&many.block_on(call(|_| 0, 1000)).1))));
    println!("threads, ProgressDispatcher: {}", order((0..10).any(|_| !in_order(&many.block_on(streamed(1000))))));
    // Their servers end with their input.
    std::process::exit(0);
}
RUST
CARGO_TARGET_DIR=$work/target CARGO_BUILD_JOBS=1 cargo build --quiet --manifest-path "$work/Cargo.toml"
timeout 300 "$work/target/debug/finding" "$work/server.py" | tee "$work/seen"
expected='one thread, noted at once: [1, 2, 3, 4, 5]
one thread, the first one waits: [2, 3, 4, 5, 1]
one thread, each of them waits: 0 of 5 are handled when the call returns
threads, noted at once: out of order
threads, ProgressDispatcher: out of order'
[ "$(cat "$work/seen")" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
