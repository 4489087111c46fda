#!/usr/bin/env bash
# Claude Code 2.1.332 (npm) in tmux, with an MCP server whose tool asks the user for a value
# (`elicitation/create`) and an Elicitation hook that takes its time; the model is our own, on loopback.
#
# Guess (a permission's hook is so: Esc in its dialog ends the hook with SIGTERM): who presses Esc while the
# Elicitation hook runs interrupts the turn, and the hook is ended with it; the form is never shown.
# Seen: the turn is interrupted ("Interrupted"), the hook runs on, and when it ends without an answer the form of
# the call that is over opens over the free prompt and takes the keys. What is filled in reaches the server,
# which takes it for an answer to a call that nobody waits for any more.
#
# Why it matters here: a hook that waits for a far answer to a form cannot be left to the user's Esc, as that of
# a permission can.
set -euo pipefail

work=$(mktemp -d)
model=
finish() {
    [ -z "$model" ] || kill "$model" 2> /dev/null || true
    [ ! -S "$work/tmux" ] || tmux -S "$work/tmux" kill-server 2> /dev/null || true
    wait
    # Claude Code writes on for a moment.
    until rm -rf "$work" 2> /dev/null; do sleep 0.1; done
}
trap finish EXIT
mkdir -p "$work/home/.claude" "$work/project"
# The newest version's `engines` may exclude this Node; the program is native and runs all the same.
npm install --silent --no-audit --no-fund --prefix "$work/npm" @anthropic-ai/claude-code@2.1.332 > /dev/null 2>&1
claude=$(echo "$work"/npm/node_modules/@anthropic-ai/claude-code-linux-*/claude)
[ "$(HOME=$work/home "$claude" --version)" = '2.1.332 (Claude Code)' ]

cat > "$work/model.py" <<'PY'
"""A model that calls the tool once, where tools are offered, and says "done" then."""
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Model(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *_):
        pass
    def answer(self, kind, body):
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        self.answer("application/json", b"{}")
    def do_HEAD(self):
        self.answer("application/json", b"")
    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["content-length"])) or b"{}")
        if not self.path.startswith("/v1/messages") or "messages" not in request:
            return self.answer("application/json", b"{}")
        calls = "please ask" in json.dumps(request["messages"]) and "tool_result" not in json.dumps(request["messages"])
        calls = calls and bool(request.get("tools"))
        usage = {"input_tokens": 1, "output_tokens": 1}
        block = {"type": "text", "text": ""}
        delta = {"type": "text_delta", "text": "All done."}
        if calls:
            block = {"type": "tool_use", "id": "toolu_1", "name": "mcp__desk__ask", "input": {}}
            delta = {"type": "input_json_delta", "partial_json": "{}"}
        reason = "tool_use" if calls else "end_turn"
        message = {"id": "msg_1", "type": "message", "role": "assistant", "model": request.get("model", "m"),
                   "stop_sequence": None, "usage": usage}
        if not request.get("stream"):
            return self.answer("application/json", json.dumps({**message, "content": [{"type": "text", "text": "done"}],
                                                               "stop_reason": "end_turn"}).encode())
        events = [("message_start", {"message": {**message, "content": [], "stop_reason": None}}),
                  ("content_block_start", {"index": 0, "content_block": block}),
                  ("content_block_delta", {"index": 0, "delta": delta}),
                  ("content_block_stop", {"index": 0}),
                  ("message_delta", {"delta": {"stop_reason": reason, "stop_sequence": None}, "usage": usage}),
                  ("message_stop", {})]
        self.answer("text/event-stream", "".join(f"event: {name}\ndata: {json.dumps({'type': name, **data})}\n\n"
                                                 for name, data in events).encode())

server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
print(server.server_port, flush=True)
server.serve_forever()
PY
cat > "$work/server.py" <<'PY'
"""One tool, which asks the user for a branch; writes down what it is told."""
import json, sys

FORM = {"type": "object", "properties": {"branch": {"type": "string", "title": "Branch"}}, "required": ["branch"]}

def send(**message):
    print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)

for line in sys.stdin:
    message = json.loads(line)
    method, number = message.get("method"), message.get("id")
    if method == "initialize":
        send(id=number, result={"protocolVersion": message["params"]["protocolVersion"], "capabilities": {"tools": {}},
                                "serverInfo": {"name": "desk", "version": "1"}})
    elif method == "tools/list":
        send(id=number, result={"tools": [{"name": "ask", "description": "Asks", "inputSchema": {"type": "object"}}]})
    elif method == "tools/call":
        send(id="form", method="elicitation/create", params={"message": "Which branch?", "requestedSchema": FORM})
    elif method is None and number == "form":
        with open(sys.argv[1], "w") as told:
            told.write(f"{message['result']['action']} {message['result'].get('content')}")
    elif method and number is not None:
        send(id=number, result={})
PY
cat > "$work/hook.py" <<'PY'
"""Runs until it is let go; says nothing. Writes down how it ended."""
import os, signal, sys, time
work = sys.argv[1]
def end(how):
    with open(work + "/hook.part", "w") as out:
        out.write(how)
    os.rename(work + "/hook.part", work + "/hook.ended")
    os._exit(0)
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, lambda number, _: end(f"by signal {number}"))
open(work + "/hook.began", "w").close()
while not os.path.exists(work + "/go"):
    time.sleep(0.05)
end("by itself")
PY
python3 "$work/model.py" > "$work/port" & model=$!
for _ in $(seq 300); do [ -s "$work/port" ] && break; sleep 0.1; done

project=$(cd "$work/project" && pwd -P)
cat > "$work/home/.claude.json" <<JSON
{"hasCompletedOnboarding": true, "lastOnboardingVersion": "2.1.332", "theme": "dark", "numStartups": 5,
 "customApiKeyResponses": {"approved": ["-key-of-this-finding"], "rejected": []},
 "projects": {"$project": {"hasTrustDialogAccepted": true, "hasCompletedProjectOnboarding": true}}}
JSON
cat > "$work/home/.claude/settings.json" <<JSON
{"permissions": {"defaultMode": "default", "disableAutoMode": "disable", "allow": ["mcp__desk__ask"]},
 "hooks": {"Elicitation": [{"hooks": [{"type": "command", "command": "python3 $work/hook.py $work"}]}]}}
JSON
cat > "$work/mcp.json" <<JSON
{"mcpServers": {"desk": {"command": "python3", "args": ["$work/server.py", "$work/told"]}}}
JSON
t() { tmux -S "$work/tmux" -f /dev/null "$@"; }
sees() { for _ in $(seq 300); do t capture-pane -p | grep -qE "$1" && return; sleep 0.1; done; t capture-pane -p >&2; return 1; }
there() { for _ in $(seq 300); do [ -e "$work/$1" ] && return; sleep 0.1; done; t capture-pane -p >&2; return 1; }
t new-session -d -x 150 -y 40 -c "$project" env -i "PATH=$PATH" "HOME=$work/home" TERM=xterm-256color LANG=C.UTF-8 \
    "ANTHROPIC_BASE_URL=http://127.0.0.1:$(cat "$work/port")" ANTHROPIC_API_KEY=sk-ant-synthetic-key-of-this-finding \
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_AUTOUPDATER=1 "$claude" --mcp-config "$work/mcp.json"
sees '❯'
sleep 2
t send-keys -l 'please ask'
sees 'please ask'
sleep 0.5
t send-keys Enter
there hook.began
sleep 1
form=$(t capture-pane -p | grep -c 'requests your input' || true)
t send-keys Escape
sees 'Interrupted'
sleep 2
hook=runs
[ ! -e "$work/hook.ended" ] || hook="has ended $(cat "$work/hook.ended")"
touch "$work/go"
there hook.ended
sees 'requests your input'
t send-keys -l main
sees 'main'
t send-keys Enter
sleep 0.5
t send-keys Enter
there told
seen="forms while the hook runs: $form
after Esc, the hook: $hook
it ended: $(cat "$work/hook.ended"), and the form is on the screen
the server is told: $(cat "$work/told")"
echo "Claude Code 2.1.332 seen:"; echo "$seen"
expected="forms while the hook runs: 0
after Esc, the hook: runs
it ended: by itself, and the form is on the screen
the server is told: accept {'branch': 'main'}"
[ "$seen" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
