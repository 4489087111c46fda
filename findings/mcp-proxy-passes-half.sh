#!/usr/bin/env bash
# mcp-proxy 0.13.0 (PyPI), between a client on stdio and a server on stdio: one that offers the server over HTTP, one that
# is told its address.
#
# Guess: a bridge passes on what is said at its two ends, or does not offer it. What the server declares ("logging") is
# declared to the client; "notifications/cancelled" ends the call at the server; a call with a progressToken hears of its
# progress.
# Seen: the client is told that its call was cancelled, and the server is told nothing: the tool runs to its end,
# whatever the user thinks. logging is declared and the level is taken, to the server and back, and no message of the
# log comes ever. Progress does not come either, although the token is passed on. Of the lists that change nothing is
# told, which is at least declared. The same server without a bridge does all of it.
#
# Why it matters here: Esc stops nothing. A question that a tool asks on the other side stays open, and is answered for a
# call that nobody waits for; a command that was stopped runs.
set -euo pipefail

work=$(mktemp -d)
export HOME=$work
children=()
# SIGTERM did not end it with a call open.
trap 'for child in "${children[@]}"; do kill -KILL "$child" 2> /dev/null || true; done; wait 2> /dev/null; rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check mcp-proxy==0.13.0 mcp==1.30.0
proxy=$work/env/bin/mcp-proxy

# Writes down what it hears; its tool "stay" never answers, "go" does.
cat > "$work/server.py" <<'PY'
import json, sys

def say(**message):
    print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)

for line in sys.stdin:
    message = json.loads(line)
    method, number, params = message.get("method"), message.get("id"), message.get("params") or {}
    with open(sys.argv[1], "a") as heard:
        heard.write(f"{method} {params.get('name', '')}".strip() + "\n")
    if method == "initialize":
        say(id=number, result={"protocolVersion": "2025-06-18", "serverInfo": {"name": "finding", "version": "1"},
                               "capabilities": {"tools": {}, "logging": {}}})
    elif method == "tools/list":
        say(id=number, result={"tools": [{"name": it, "inputSchema": {"type": "object"}} for it in ("stay", "go")]})
    elif method == "tools/call":
        say(method="notifications/message", params={"level": "error", "data": "a line of the log"})
        token = params.get("_meta", {}).get("progressToken")
        if token is not None:
            say(method="notifications/progress", params={"progressToken": token, "progress": 1})
        if params["name"] == "go":
            say(id=number, result={"content": [{"type": "text", "text": "gone"}]})
    elif number is not None:
        say(id=number, result={})
PY
cat > "$work/client.py" <<'PY'
import json, subprocess, sys, threading, time

log, program = sys.argv[1], sys.argv[2:]
process = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
heard = []

def hear():
    for line in process.stdout:
        heard.append(json.loads(line))

threading.Thread(target=hear, daemon=True).start()

def until(what, true):
    deadline = time.monotonic() + 60
    while not true():
        if time.monotonic() > deadline:
            sys.exit(f"not in a minute: {what}; heard {heard}")
        time.sleep(0.05)

def say(**message):
    process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
    process.stdin.flush()
    if "id" in message and message.get("params", {}).get("name") != "stay":
        until(message["method"], lambda: any(it.get("id") == message["id"] for it in heard))

asked = lambda: open(log).read().split("\n")
say(id=1, method="initialize", params={
    "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "finding", "version": "1"}})
say(method="notifications/initialized")
say(id=2, method="logging/setLevel", params={"level": "debug"})
say(id=3, method="tools/call", params={"name": "stay", "arguments": {}, "_meta": {"progressToken": "one"}})
until("the call", lambda: "tools/call stay" in asked())
say(method="notifications/cancelled", params={"requestId": 3})
say(id=4, method="tools/call", params={"name": "go", "arguments": {}, "_meta": {"progressToken": "other"}})
# What was said before this one has come.
say(id=5, method="tools/list", params={})
time.sleep(2)
count = lambda method: sum(it.get("method") == method for it in heard)
print(f"declared: {', '.join(sorted(set(heard[0]['result']['capabilities']) & {'tools', 'logging'}))};",
      f"the server: cancelled {asked().count('notifications/cancelled')}, level {asked().count('logging/setLevel')};",
      f"the client: log {count('notifications/message')}, progress {count('notifications/progress')},",
      "the cancelled call:", next((it["error"]["message"] for it in heard if it.get("id") == 3), "no answer"))
process.stdin.close()
process.kill()
PY
run() { python3 "$work/client.py" "$@"; }
echo "without a bridge: $(run "$work/direct.log" python3 "$work/server.py" "$work/direct.log")" > "$work/seen"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$proxy" --port "$port" -- python3 "$work/server.py" "$work/bridge.log" > "$work/proxy.log" 2>&1 & children+=($!)
for _ in $(seq 600); do (: < "/dev/tcp/127.0.0.1/$port") 2> /dev/null && break; sleep 0.1; done
echo "mcp-proxy: $(run "$work/bridge.log" "$proxy" --transport streamablehttp "http://127.0.0.1:$port/mcp")" >> "$work/seen"
cat "$work/seen"

expected='without a bridge: declared: logging, tools; the server: cancelled 1, level 1; the client: log 2, progress 2, the cancelled call: no answer
mcp-proxy: declared: logging, tools; the server: cancelled 0, level 1; the client: log 0, progress 0, the cancelled call: Request cancelled'
[ "$(cat "$work/seen")" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
