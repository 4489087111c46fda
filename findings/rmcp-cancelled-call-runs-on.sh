#!/usr/bin/env bash
# rmcp 3.11.0 (crate, the official Rust SDK of the Model Context Protocol), stdio server.
#
# Guess: notifications/cancelled drops the future of the tool handler, as tokio's select! or a closed
# connection does in axum: what comes after the next .await does not happen.
# Seen: the handler runs to its end, side effects included; only its answer is thrown away. A handler
# must watch the `ct` of its request context itself.
#
# Why it matters here: when the user presses Esc in Claude Code, a tool that is about to act (switch a
# window, answer a session) still acts, and nobody is told.
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
rmcp = { version = "=3.11.0", features = ["server", "macros", "transport-io"] }
tokio = { version = "=1.54.1", features = ["rt", "macros", "sync"] }
TOML
cat > "$work/src/main.rs" <<'RUST'
use rmcp::{tool, tool_router, transport::stdio, ServiceExt};
use std::sync::Arc;
use tokio::sync::Notify;

/// Says whether the future it lives in was dropped before its end.
struct Guard(bool);
impl Drop for Guard {
    fn drop(&mut self) {
        eprintln!("the handler {}", if self.0 { "ran to its end" } else { "was dropped on its way" });
    }
}

#[derive(Clone)]
struct Server(Arc<Notify>);

#[tool_router(server_handler)]
impl Server {
    #[tool(description = "waits until `go` is called")]
    async fn wait(&self) -> String {
        let mut guard = Guard(false);
        self.0.notified().await;
        guard.0 = true;
        "done".into()
    }
    #[tool(description = "lets `wait` go on")]
    async fn go(&self) -> String {
        self.0.notify_one();
        "gone".into()
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let service = Server(Arc::new(Notify::new())).serve(stdio()).await.unwrap();
    service.waiting().await.unwrap();
}
RUST
CARGO_TARGET_DIR=$work/target CARGO_BUILD_JOBS=1 cargo build --quiet --manifest-path "$work/Cargo.toml"

cat > "$work/requests" <<'JSON'
{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"finding","version":"1"}}}
{"jsonrpc":"2.0","method":"notifications/initialized"}
{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"wait","arguments":{}}}
{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1,"reason":"the user pressed Esc"}}
{"jsonrpc":"2.0","id":2,"method":"ping"}
{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"go","arguments":{}}}
JSON
"$work/target/debug/finding" < "$work/requests" > "$work/out" 2> "$work/err"
answered=$(python3 -c 'import json, sys; print(*sorted(json.loads(line)["id"] for line in sys.stdin))' < "$work/out")
echo "rmcp 3.11.0 seen: answered are the requests $answered of 0 1 2 3; $(cat "$work/err")"
[ "$answered" = "0 2 3" ] && [ "$(cat "$work/err")" = "the handler ran to its end" ] ||
    { echo 'CHANGED: the cancelled request 1 had no answer and its handler ran to its end' >&2; exit 1; }
