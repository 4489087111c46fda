#!/usr/bin/env bash
# Clients of MCP's streamable HTTP when their server is started again: @modelcontextprotocol/sdk 1.32.2 and
# @modelcontextprotocol/client 2.4.0 (npm), mcp 1.30.0 and 2.3.0 and fastmcp 4.2.3 (PyPI); rmcp 3.11.0 (crate) beside
# them. The server is our own, on loopback, and answers as the specification says.
#
# Guess: a server that is started again costs one call. "When a client receives HTTP 404 in response to a request
# containing an Mcp-Session-Id, it MUST start a new session by sending a new InitializeRequest without a session ID
# attached" (specification, transports), and most of these are the official libraries. While the server is away, a call
# fails.
# Seen: rmcp starts a new session and makes the call there. The others fail with "Session not found" or "Session
# terminated" for each call from then on: they go on sending the dead id, and nothing ends: no onclose, no end of the
# `async with`; what waits for that to connect again waits for good. A call while the server is away, one refused
# connection, does end the session of the Python libraries: mcp throws CancelledError at the caller, which `except
# Exception` does not catch, and the rest of the `async with` is cancelled with it; fastmcp says "Connection closed" and
# from then on "All connection attempts failed", also when the server is there again.
#
# Why it matters here: each deployment, and each restart of a server on loopback, leaves clients that look connected
# and are not. One has to look for a 404 (or these words) after every call and make a new client oneself, and in Python
# keep each server in a task of its own, lest one that restarts ends the work with all the others.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --prefix "$work" \
    @modelcontextprotocol/sdk@1.32.2 @modelcontextprotocol/client@2.4.0 > /dev/null 2>&1
for package in mcp==1.30.0 mcp==2.3.0 fastmcp==4.2.3; do
    python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
        --target "$work/py/$package" "$package" 2> /dev/null
done
mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"
[dependencies]
rmcp = { version = "=3.11.0", features = ["client", "transport-streamable-http-client-reqwest"] }
tokio = { version = "=1.54.1", features = ["macros", "rt-multi-thread"] }
TOML
cat > src/main.rs <<'RUST'
use rmcp::{model::CallToolRequestParams, transport::StreamableHttpClientTransport, ServiceExt};

#[tokio::main]
async fn main() {
    let url = std::env::args().nth(1).unwrap();
    let client = ().serve(StreamableHttpClientTransport::from_uri(url)).await.unwrap();
    println!("ready");
    for _ in std::io::stdin().lines() {
        match client.call_tool(CallToolRequestParams::new("tool")).await {
            Ok(_) => println!("fine"),
            Err(error) => println!("{error:?}"),
        }
    }
}
RUST
CARGO_TARGET_DIR=$work/target CARGO_BUILD_JOBS=1 cargo build --quiet

# A server that keeps its sessions in memory, and answers 404 for others.
cat > server.py <<'PY'
import json, sys, uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sessions = set()

class Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *_):
        pass
    def answer(self, status, value=None, **headers):
        body = json.dumps({"jsonrpc": "2.0", **value}).encode() if value else b""
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        for name, text in headers.items():
            self.send_header(name.replace("_", "-"), text)
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        self.answer(405)
    def do_DELETE(self):
        self.answer(200)
    def do_POST(self):
        message = json.loads(self.rfile.read(int(self.headers["content-length"])))
        method, number, session = message.get("method"), message.get("id"), self.headers.get("mcp-session-id")
        print(method, file=sys.stderr, flush=True)
        if method == "initialize":
            session = uuid.uuid4().hex
            sessions.add(session)
            self.answer(200, {"id": number, "result": {
                "protocolVersion": "2025-06-18", "serverInfo": {"name": "finding", "version": "1"},
                "capabilities": {"tools": {}}}}, mcp_session_id=session)
        elif session not in sessions:
            self.answer(404 if session else 400,
                        {"id": number, "error": {"code": -32001, "message": "Session not found"}})
        elif number is None:
            self.answer(202)
        elif method == "tools/list":
            self.answer(200, {"id": number, "result": {"tools": [{"name": "tool", "inputSchema": {"type": "object"}}]}})
        else:
            self.answer(200, {"id": number, "result": {"content": [{"type": "text", "text": "fine"}]}})

server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Server)
print(server.server_port, flush=True)
server.serve_forever()
PY

# Each client calls the tool for each line of its input, and says what became of it, in a line.
cat > client.mjs <<'JS'
import { createInterface } from "node:readline";

const [url, library] = process.argv.slice(2);
const { Client } = await import(library === "sdk" ? "@modelcontextprotocol/sdk/client/index.js" : "@modelcontextprotocol/client");
const { StreamableHTTPClientTransport } = await import(
  library === "sdk" ? "@modelcontextprotocol/sdk/client/streamableHttp.js" : "@modelcontextprotocol/client");
const client = new Client({ name: "finding", version: "1" });
client.onclose = () => console.error("closed");
await client.connect(new StreamableHTTPClientTransport(new URL(url)));
console.log("ready");
for await (const _ of createInterface({ input: process.stdin })) {
  try {
    await client.callTool({ name: "tool" });
    console.log("fine");
  } catch (error) {
    console.log(`${error.constructor.name} ${error.message}`);
  }
}
process.exit(0);
JS
cat > client.py <<'PY'
import asyncio, sys

url, library = sys.argv[1:]

async def serve(client):
    print("ready", flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        try:
            await client.call_tool("tool", {})
            print("fine", flush=True)
        except BaseException as error:
            print(type(error).__name__, error, flush=True)

async def main():
    if library == "mcp1":
        from mcp import ClientSession
        from mcp.client.streamable_http import streamablehttp_client
        async with streamablehttp_client(url) as (reader, writer, _), ClientSession(reader, writer) as session:
            await session.initialize()
            await serve(session)
    else:
        if library == "mcp2":
            from mcp.client import Client
        else:
            from fastmcp import Client
        async with Client(url) as client:
            await serve(client)

asyncio.run(main())
PY

# Starts the server and a client, and prints what becomes of its calls.
cat > play.py <<'PY'
import os, subprocess, sys, threading

name, path, *command = sys.argv[1:]

def start(port=0):
    server = subprocess.Popen([sys.executable, "server.py", str(port)], stdout=subprocess.PIPE,
                              stderr=open("methods", "a"), text=True)
    return server, int(server.stdout.readline())

def end(server):
    server.kill()
    server.wait()

def call():
    """What became of a call, in a word: within a minute, for which a clock ends the client."""
    clock = threading.Timer(60, client.kill)
    clock.start()
    try:
        client.stdin.write("call\n")
        client.stdin.flush()
    except BrokenPipeError:
        return "the client has ended"
    answer = client.stdout.readline().strip()
    clock.cancel()
    for word in ("not found", "terminated", "attempts failed", "Connection closed", "fetch failed", "CancelledError",
                 "tcp connect error", "fine"):
        if word in answer:
            return word
    return answer or "the client has ended"

server, port = start()
def connect():
    url = f"http://127.0.0.1:{port}/mcp"
    client = subprocess.Popen([url if word == "URL" else word for word in command], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=open("stderr", "w"), text=True,
                              env={**os.environ, "PYTHONPATH": path})
    assert client.stdout.readline() == "ready\n", open("stderr").read()
    return client

client = connect()
first = call()
end(server)
server, _ = start(port)
restarted = [call(), call()]
sessions = open("methods").read().split().count("initialize")
ended = ", onclose" if "closed\n" in open("stderr").readlines() else ""
if "fine" not in restarted:
    # A new one, for a server that goes away for a call.
    client.kill()
    client.wait()
    client = connect()
    assert call() == "fine"
end(server)
away = call()
server, _ = start(port)
back = [call(), call()]
print(f"{name}: {first}; started again: {', '.join(restarted)} ({sessions} x initialize{ended})")
if away != "fine":
    print(f"  away: {away}; there again: {', '.join(back)}")
client.kill()
client.wait()
end(server)
os.remove("methods")
PY
play() { python3 play.py "$@" < /dev/null; }
{
    play 'sdk 1.32.2' '' node client.mjs URL sdk
    play 'client 2.4.0' '' node client.mjs URL client
    play 'mcp 1.30.0' "$work/py/mcp==1.30.0" python3 client.py URL mcp1
    play 'mcp 2.3.0' "$work/py/mcp==2.3.0" python3 client.py URL mcp2
    play 'fastmcp 4.2.3' "$work/py/fastmcp==4.2.3" python3 client.py URL fastmcp
    play 'rmcp 3.11.0' '' "$work/target/debug/finding" URL
} | tee seen
expected='sdk 1.32.2: fine; started again: not found, not found (1 x initialize)
  away: fetch failed; there again: not found, not found
client 2.4.0: fine; started again: not found, not found (1 x initialize)
  away: fetch failed; there again: not found, not found
mcp 1.30.0: fine; started again: terminated, terminated (1 x initialize)
  away: CancelledError; there again: the client has ended, the client has ended
mcp 2.3.0: fine; started again: not found, not found (1 x initialize)
  away: CancelledError; there again: the client has ended, the client has ended
fastmcp 4.2.3: fine; started again: not found, not found (1 x initialize)
  away: Connection closed; there again: attempts failed, attempts failed
rmcp 3.11.0: fine; started again: fine, fine (2 x initialize)
  away: tcp connect error; there again: fine, fine'
[ "$(cat seen)" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
