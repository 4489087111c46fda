#!/usr/bin/env bash
# axum 0.8.9 (crate; on hyper 1), HTTP/1.1.
#
# Guess: a client that has sent its whole request and shuts down its sending side (`nc -N`, socat,
# shutdown(SHUT_WR)) gets the answer: TCP allows it, RFC 9112 does not forbid it, and Python's
# http.server and Go's net/http answer.
# Seen: if the handler is not done when the end of input is read, axum drops the handler at its next
# .await and closes the connection without a byte. A handler that is done at once answers. hyper has a
# switch for it (half_close), which axum::serve does not offer.
#
# Why it matters here: `printf 'GET /x HTTP/1.1...' | nc -N host port`, the quickest way to ask a
# local server from a script, works for pages that are ready and gets nothing, with exit code 0, from a page
# that waits for anything.
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
axum = "=0.8.9"
tokio = { version = "=1.54.1", features = ["rt", "net", "time", "macros"] }
TOML
cat > "$work/src/main.rs" <<'RUST'
use axum::{routing::get, Router};
use std::time::Duration;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let slow = || async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        "answer"
    };
    let app = Router::new().route("/ready", get(|| async { "answer" })).route("/slow", get(slow));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("{}", listener.local_addr().unwrap().port());
    axum::serve(listener, app).await.unwrap();
}
RUST
CARGO_TARGET_DIR=$work/target CARGO_BUILD_JOBS=1 cargo build --quiet --manifest-path "$work/Cargo.toml"

mkfifo "$work/port"
"$work/target/debug/finding" > "$work/port" & server=$!
read -r -t 30 port < "$work/port"

cat > "$work/client.py" <<'PY'
import http.server, socket, sys, threading, time

class Peer(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass
    def do_GET(self):
        time.sleep(0.3)
        self.send_response(200)
        self.send_header("content-length", "6")
        self.end_headers()
        self.wfile.write(b"answer")

peer = http.server.HTTPServer(("127.0.0.1", 0), Peer)
threading.Thread(target=peer.serve_forever, daemon=True).start()

def ask(port, path, half_close):
    stream = socket.create_connection(("127.0.0.1", port), timeout=30)
    stream.sendall(f"GET {path} HTTP/1.1\r\nHost: local\r\nConnection: close\r\n\r\n".encode())
    if half_close:
        stream.shutdown(socket.SHUT_WR)
    data = b""
    while chunk := stream.recv(4096):
        data += chunk
    return f"{len(data)} bytes" if not data else data.split(b"\r\n\r\n")[1].decode()

axum = int(sys.argv[1])
print("axum /slow:", ask(axum, "/slow", False))
print("axum /slow, half-closed:", ask(axum, "/slow", True))
print("axum /ready, half-closed:", ask(axum, "/ready", True))
print("python /slow, half-closed:", ask(peer.server_port, "/slow", True))
PY
seen=$(python3 "$work/client.py" "$port")
echo "axum 0.8.9 seen:"; echo "$seen"
expected='axum /slow: answer
axum /slow, half-closed: 0 bytes
axum /ready, half-closed: answer
python /slow, half-closed: answer'
[ "$seen" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
