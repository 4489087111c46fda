#!/usr/bin/env bash
# Claude Code 2.1.332 (npm) in tmux, with its sandbox on (bubblewrap 0.8.0 and socat 1.7.4 of Debian 12), against a
# model of our own on loopback.
#
# Guess: the dialog in which a command in the sandbox asks for a host is a permission as any other: a
# PermissionRequest hook runs with it, and the session's file says "permission prompt".
# Seen: no PermissionRequest hook runs, although the same hook runs for the permission of a command that leaves
# the sandbox; the file says "waiting" for "sandbox request". Only a Notification hook runs, 6 s later.
#
# Why it matters here: who answers permissions by the hook, or shows them by it, never hears of these dialogs.
set -euo pipefail

work=$(mktemp -d)
model=
finish() {
    [ -z "$model" ] || kill "$model" 2> /dev/null || true
    [ ! -S "$work/tmux" ] || tmux -S "$work/tmux" kill-server 2> /dev/null || true
    wait
    rm -rf "$work"
}
trap finish EXIT
mkdir -p "$work/home/.claude" "$work/project"
touch "$work/requested" "$work/notified"
chmod 755 "$work"
(cd "$work" && apt-get -o APT::Sandbox::User=root download -q bubblewrap=0.8.0-2+deb12u1 socat=1.7.4.4-2 > /dev/null && for it in *.deb; do dpkg -x "$it" deb; done)
PATH=$work/deb/usr/bin:$PATH
# The newest version's `engines` may exclude this Node; the program is native and runs all the same.
npm install --silent --no-audit --no-fund --prefix "$work/npm" @anthropic-ai/claude-code@2.1.332 > /dev/null 2>&1
claude=$(echo "$work"/npm/node_modules/@anthropic-ai/claude-code-linux-*/claude)
[ "$(HOME=$work/home "$claude" --version)" = '2.1.332 (Claude Code)' ]

cat > "$work/model.py" <<'PY'
"""A model that asks for the Bash call that the last prompt names, and says "done" when it has the result."""
import json, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CALLS = {"reach": {"command": "curl -s -m 30 http://pages.example/"},
         "leave": {"command": "touch made", "dangerouslyDisableSandbox": True}}

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
        said = json.dumps(request["messages"])
        name = "leave" if "please leave" in said else "reach"
        results = sum(block.get("type") == "tool_result" for message in request["messages"]
                      if isinstance(message["content"], list) for block in message["content"])
        asks = bool(request.get("tools")) and results < list(CALLS).index(name) + 1
        if asks:
            block = {"type": "tool_use", "id": f"toolu_{len(request['messages'])}", "name": "Bash", "input": {}}
            delta = {"type": "input_json_delta", "partial_json": json.dumps({**CALLS[name], "description": "a command"})}
        else:
            block = {"type": "text", "text": ""}
            delta = {"type": "text_delta", "text": "done"}
        stop = "tool_use" if asks else "end_turn"
        usage = {"input_tokens": 1, "output_tokens": 1}
        message = {"id": "msg_1", "type": "message", "role": "assistant", "model": request.get("model", "m"),
                   "stop_sequence": None, "usage": usage}
        if not request.get("stream"):
            return self.answer("application/json", json.dumps({**message, "content": [{"type": "text", "text": "done"}],
                                                               "stop_reason": "end_turn"}).encode())
        events = [("message_start", {"message": {**message, "content": [], "stop_reason": None}}),
                  ("content_block_start", {"index": 0, "content_block": block}),
                  ("content_block_delta", {"index": 0, "delta": delta}),
                  ("content_block_stop", {"index": 0}),
                  ("message_delta", {"delta": {"stop_reason": stop, "stop_sequence": None}, "usage": usage}),
                  ("message_stop", {})]
        self.answer("text/event-stream", "".join(f"event: {name}\ndata: {json.dumps({'type': name, **data})}\n\n"
                                                 for name, data in events).encode())

server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
print(server.server_port, flush=True)
server.serve_forever()
PY
python3 "$work/model.py" > "$work/port" & model=$!
for _ in $(seq 300); do [ -s "$work/port" ] && break; sleep 0.1; done

hook() { printf '[{"hooks":[{"type":"command","command":"%s"}]}]' "$1"; }
variables=("PATH=$PATH" "HOME=$work/home" "ANTHROPIC_BASE_URL=http://127.0.0.1:$(cat "$work/port")" ANTHROPIC_API_KEY=sk-synthetic
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_AUTOUPDATER=1 TERM=screen-256color)
printf '{"hasCompletedOnboarding":true,"customApiKeyResponses":{"approved":["sk-synthetic"]},"projects":{"%s":{"hasTrustDialogAccepted":true}}}' \
    "$work/project" > "$work/home/.claude.json"
await() {
    for _ in $(seq 600); do tmux -S "$work/tmux" capture-pane -p | grep -qF "$1" && return; sleep 0.1; done
    echo "never seen on the screen: $1" >&2; tmux -S "$work/tmux" capture-pane -p >&2; exit 1
}
type() {
    tmux -S "$work/tmux" send-keys -l "$1"
    await "$1"
    sleep 0.5
    tmux -S "$work/tmux" send-keys Enter
}
cat > "$work/home/.claude/settings.json" <<JSON
{"sandbox": {"enabled": true, "autoAllowBashIfSandboxed": true},
 "hooks": {"PermissionRequest": $(hook "cat > /dev/null; echo ran >> $work/requested"),
           "Notification": $(hook "cat >> $work/notified; echo >> $work/notified")}}
JSON
tmux -f /dev/null -S "$work/tmux" new-session -d -x 100 -y 40 -c "$work/project" \
    "exec env -i ${variables[*]@Q} '$claude' --permission-mode default"
await '❯'
sleep 2
type 'please reach'
await 'Network request outside of sandbox'
for _ in $(seq 600); do [ -s "$work/notified" ] && break; sleep 0.1; done
file=$(cat "$work"/home/.claude/sessions/*.json)
reach=$(wc -l < "$work/requested")
tmux -S "$work/tmux" send-keys Escape
sleep 3
type 'please leave'
await 'Do you want to proceed'
for _ in $(seq 100); do [ -s "$work/requested" ] && break; sleep 0.1; done
leave=$(wc -l < "$work/requested")

seen="hooks for the network: $reach; the file waits for: $(grep -o '"waitingFor":"[^"]*"' <<< "$file" | cut -d'"' -f4); Notification: $(grep -o '"message":"[^"]*"' "$work/notified" | head -1 | cut -d'"' -f4)
hooks for leaving the sandbox: $leave"
echo "Claude Code 2.1.332 seen:"; echo "$seen"
expected="hooks for the network: 0; the file waits for: sandbox request; Notification: A sandboxed command needs network access
hooks for leaving the sandbox: 1"
[ "$seen" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
