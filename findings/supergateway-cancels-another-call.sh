#!/usr/bin/env bash
# supergateway 4.0.0 (npm), as the stdio end of a server behind HTTP (--streamableHttp URL); mcp-remote 0.15.1 does
# the same job.
#
# Guess: a bridge passes on what is said at its two ends, so notifications/cancelled ends the call whose id it names
# (specification, "Cancellation": "MUST only reference requests that were previously issued in the same direction"),
# and a call with a progressToken is told its progress. A client is free to count its ids from where it likes.
# Seen: supergateway gives each request a number of its own, counted from 0, and passes the requestId of a
# cancellation on as it was. With a client that counts from 1, the cancellation of one call ends the call that was
# made after it, which gets no answer at all, and the cancelled one runs on and is answered. Only with a client that
# counts from 0 too, and whose requests all went through, do the numbers agree. Progress is dropped always.
# mcp-remote 0.15.1 does what was guessed, with the same server behind it.
#
# Why it matters here: Esc in one session, or the end of a question that is no longer asked, ends a call that somebody
# else waits for, and that one waits until its own time is over.
set -euo pipefail

work=$(mktemp -d)
export HOME=$work
children=()
trap 'for child in "${children[@]}"; do kill "$child" 2> /dev/null || true; done; wait; rm -rf "$work"' EXIT
npm install --silent --no-audit --no-fund --prefix "$work" \
    supergateway@4.0.0 mcp-remote@0.15.1 @modelcontextprotocol/sdk@1.32.2 zod@4.1.12 > /dev/null 2>&1

# Its one tool waits until it is cancelled or the folder "free" is there, and says which in the file $WAITS.
cat > "$work/server.mjs" <<'JS'
import { appendFileSync, existsSync } from "node:fs";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";

const say = (words) => appendFileSync(process.env.WAITS, words + "\n");
const server = new McpServer({ name: "waits", version: "1" });
server.registerTool("wait", { inputSchema: { name: z.string() } }, async ({ name }, { signal, _meta, sendNotification }) => {
  const progressToken = _meta?.progressToken;
  if (progressToken !== undefined)
    await sendNotification({ method: "notifications/progress", params: { progressToken, progress: 1 } });
  say(`started ${name}`);
  while (!signal.aborted && !existsSync(process.env.WAITS + ".free")) await new Promise((go) => setTimeout(go, 50));
  say(`${signal.aborted ? "cancelled" : "finished"} ${name}`);
  return { content: [{ type: "text", text: name }] };
});
await server.connect(new StdioServerTransport());
JS

cat > "$work/client.py" <<'PY'
import json, os, subprocess, sys, threading, time

first, waits, bridge = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
process = subprocess.Popen(bridge, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
heard = []

def hear():
    for line in process.stdout:
        heard.append(json.loads(line))

threading.Thread(target=hear, daemon=True).start()

def say(**message):
    process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
    process.stdin.flush()

def until(what, true):
    deadline = time.monotonic() + 60
    while not true():
        if time.monotonic() > deadline:
            sys.exit(f"not in a minute: {what}; heard {heard}")
        time.sleep(0.05)

answered = lambda number: any(m.get("id") == number and "method" not in m for m in heard)
log = lambda: open(waits).read().split("\n") if os.path.exists(waits) else []

say(id=first, method="initialize", params={
    "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "finding", "version": "1"}})
until("initialize", lambda: answered(first))
say(method="notifications/initialized")
one, other, last = first + 1, first + 2, first + 3
for number, name in (one, "one"), (other, "other"):
    say(id=number, method="tools/call", params={
        "name": "wait", "arguments": {"name": name}, "_meta": {"progressToken": number}})
    until("the start", lambda: f"started {name}" in log())
say(method="notifications/cancelled", params={"requestId": one})
until("a cancellation", lambda: any(line.startswith("cancelled") for line in log()))
os.mkdir(waits + ".free")
until("the end of both", lambda: len(log()) == 5)
until("an answer", lambda: answered(one) or answered(other))
# What is answered after this one would have come before it.
say(id=last, method="tools/list", params={})
until("the last answer", lambda: answered(last))
progress = sum(m.get("method") == "notifications/progress" for m in heard)
print(f"ids from {first}: cancelled \"one\"; the server: {', '.join(log()[2:4])}; answered:",
      ", ".join(name for number, name in ((one, "one"), (other, "other")) if answered(number))
      + f"; progress of {progress} calls")
process.stdin.close()
process.kill()
PY

run() { # NAME FIRST-ID BRIDGE...: what became of two calls; a server of its own for each
    local port tries
    export WAITS=$work/$1-$2.waits
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    node "$work/node_modules/.bin/supergateway" --stdio "node $work/server.mjs" --outputTransport streamableHttp \
        --stateful --port "$port" > "$WAITS.server" 2>&1 &
    children+=($!)
    for tries in $(seq 600); do (: < "/dev/tcp/127.0.0.1/$port") 2> /dev/null && break; sleep 0.1; done
    echo "$1, $(python3 "$work/client.py" "$2" "$WAITS" node "$work/node_modules/.bin/${@:3}" "http://127.0.0.1:$port/mcp")"
}
# Not in a pipe: what they start must be known to finish.
run supergateway 0 supergateway --streamableHttp > "$work/seen"
run supergateway 1 supergateway --streamableHttp >> "$work/seen"
run mcp-remote 1 mcp-remote >> "$work/seen"
cat "$work/seen"

expected='supergateway, ids from 0: cancelled "one"; the server: cancelled one, finished other; answered: other; progress of 0 calls
supergateway, ids from 1: cancelled "one"; the server: cancelled other, finished one; answered: one; progress of 0 calls
mcp-remote, ids from 1: cancelled "one"; the server: cancelled one, finished other; answered: other; progress of 2 calls'
[ "$(cat "$work/seen")" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
