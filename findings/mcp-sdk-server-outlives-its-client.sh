#!/usr/bin/env bash
# @modelcontextprotocol/sdk 1.32.2 (npm), StdioServerTransport, when the client is gone.
#
# Guess: a client ends a stdio server by closing its stdin (specification, "Shutdown"), so at the end of its
# stdin the SDK closes the connection: onclose runs, isConnected() says false, and a server whose onclose
# ends the process ends. The client transport of the same SDK relies on it: it closes stdin first.
# Seen: nothing happens. onclose never runs, isConnected() stays true, and the process lives on if anything else
# keeps it: a file watcher, a socket, a timer. One whose client was killed stays as an orphan for good.
# @modelcontextprotocol/server 2.4.0, its successor under another name, does what was guessed; so does 1.32.2
# with process.stdin.on("end", () => server.close()).
#
# Why it matters here: every server that watches something (sessions, windows, files) is left behind once for
# each session that was killed or lost its terminal, and goes on watching.
set -euo pipefail

work=$(mktemp -d)
children=()
trap 'for child in "${children[@]}"; do kill "$child" 2> /dev/null || true; done; wait; rm -rf "$work"' EXIT
npm install --silent --no-audit --no-fund --prefix "$work" \
    @modelcontextprotocol/sdk@1.32.2 @modelcontextprotocol/server@2.4.0 > /dev/null 2>&1

write() { # NAME MODULE-OF-MCPSERVER MODULE-OF-TRANSPORT LINE
    cat > "$work/$1.mjs" <<JS
import { watch } from "node:fs";
import { McpServer } from "$2";
import { StdioServerTransport } from "$3";

const server = new McpServer({ name: "watcher", version: "1" });
let closed = "did not run";
server.server.onclose = () => { closed = "ran"; watcher.close(); };
const watcher = watch("."); // what keeps the process
process.stdin.on("end", () => setTimeout(() => {
  console.error(\`onclose \${closed}, isConnected() \${server.isConnected()}\`);
}, 1000));
$4
await server.connect(new StdioServerTransport());
JS
}
sdk=@modelcontextprotocol/sdk/server
write 1.32.2 $sdk/mcp.js $sdk/stdio.js ''
write 1.32.2-own-end $sdk/mcp.js $sdk/stdio.js 'process.stdin.on("end", () => server.close());'
write 2.4.0 @modelcontextprotocol/server @modelcontextprotocol/server/stdio ''

cd "$work"
hello='{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"finding","version":"1"}}}'
seen=
for name in 1.32.2 1.32.2-own-end 2.4.0; do
    mkfifo "$name.in"
    node "$name.mjs" < "$name.in" > "$name.out" 2> "$name.err" & server=$!
    children+=($server)
    exec 3> "$name.in"
    echo "$hello" >&3
    for _ in $(seq 600); do [ -s "$name.out" ] && break; sleep 0.1; done
    grep -q '"result"' "$name.out"
    exec 3>&-
    for _ in $(seq 600); do [ -s "$name.err" ] && break; sleep 0.1; done
    for _ in $(seq 50); do kill -0 $server 2> /dev/null || break; sleep 0.1; done # 5 s more to end by itself
    lives=ended; kill -0 $server 2> /dev/null && lives='lives on'
    seen+="$name: $(cat "$name.err"), the process $lives"$'\n'
done
echo 'after the end of stdin:'; echo "$seen"
expected='1.32.2: onclose did not run, isConnected() true, the process lives on
1.32.2-own-end: onclose ran, isConnected() false, the process ended
2.4.0: onclose ran, isConnected() false, the process ended
'
[ "$seen" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
