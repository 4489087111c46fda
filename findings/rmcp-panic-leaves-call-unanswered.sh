#!/usr/bin/env bash
# rmcp 3.11.0 (crate, the official Rust SDK of the Model Context Protocol), stdio server.
#
# Guess: a tool handler that panics is answered with a JSON-RPC error (-32603, internal error), or
# the server ends, so that the client sees that the call failed.
# Seen: neither. The panic ends the task of that call and nothing else: the request gets no answer,
# the server answers the next requests as if nothing had been, and ends in good order at the end of its
# input. The client waits for that one call for as long as it is willing to.
#
# Why it matters here: one `unwrap` in a tool makes Claude Code's turn hang instead of fail. A server has
# to catch panics in its tools itself, or abort.
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
tokio = { version = "=1.54.1", features = ["rt", "macros"] }
TOML
cat > "$work/src/main.rs" <<'RUST'
use rmcp::{tool, tool_router, transport::stdio, ServiceExt};

#[derive(Clone)]
struct Server;

#[tool_router(server_handler)]
impl Server {
    #[tool(description = "panics")]
    async fn broken(&self) -> String {
        panic!("a fault of the tool")
    }
    #[tool(description = "works")]
    async fn fine(&self) -> String {
        "fine".into()
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let end = Server.serve(stdio()).await.unwrap().waiting().await;
    eprintln!("end of the server: {end:?}");
}
RUST
CARGO_TARGET_DIR=$work/target CARGO_BUILD_JOBS=1 cargo build --quiet --manifest-path "$work/Cargo.toml"

cat > "$work/requests" <<'JSON'
{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"finding","version":"1"}}}
{"jsonrpc":"2.0","method":"notifications/initialized"}
{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"broken","arguments":{}}}
{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"fine","arguments":{}}}
JSON
RUST_BACKTRACE=0 "$work/target/debug/finding" < "$work/requests" > "$work/out" 2> "$work/err"
# At the end of its input the server answers what is still open, and then ends: nothing comes later.
answered=$(python3 -c 'import json, sys; print(*sorted(json.loads(line)["id"] for line in sys.stdin))' < "$work/out")
echo "rmcp 3.11.0 seen: answered are the requests $answered of 0 1 2"
grep -E 'a fault of the tool|end of the server' "$work/err"
[ "$answered" = "0 2" ] && grep -q 'end of the server: Ok(Closed)' "$work/err" ||
    { echo 'CHANGED: request 1, whose tool panicked, was not answered, and the server ended with Ok(Closed)' >&2; exit 1; }
