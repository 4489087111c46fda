#!/usr/bin/env bash
# Claude Code 2.1.332 (npm), hooks of a permission prompt, against a model of our own on loopback.
#
# Guess: a PermissionRequest hook that exits with 2 and writes a reason on stderr denies the call, as exit code
# 2 of a PreToolUse hook blocks it; and the Notification hook of type permission_prompt runs when the
# prompt comes up.
# Seen: exit code 2 of PermissionRequest changes nothing, the dialog comes up and waits. (A denial has to be
# written on stdout, as decision.behavior "deny".) The Notification hook runs about 6 seconds later, and not
# at all if the prompt was answered by then.
#
# Why it matters here: a guard that is written for PreToolUse and hung on PermissionRequest guards
# nothing; a notifier that listens to Notification is 6 seconds late, and PermissionRequest is the event to use.
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
# The newest version's `engines` may exclude this Node; the program is native and runs all the same.
npm install --silent --no-audit --no-fund --prefix "$work/npm" @anthropic-ai/claude-code@2.1.332 > /dev/null 2>&1
claude=$(echo "$work"/npm/node_modules/@anthropic-ai/claude-code-linux-*/claude)
[ "$(HOME=$work/home "$claude" --version)" = '2.1.332 (Claude Code)' ]

cat > "$work/model.py" <<'PY'
"""A model that asks for one Bash call, and says "done" when it has the result."""
import json, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMAND = sys.argv[1]

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
        results = any(block.get("type") == "tool_result" for message in request["messages"]
                      if isinstance(message["content"], list) for block in message["content"])
        asks = bool(request.get("tools")) and not results
        if asks:
            block = {"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {}}
            delta = {"type": "input_json_delta", "partial_json": json.dumps({"command": COMMAND, "description": "a command"})}
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
python3 "$work/model.py" 'touch made' > "$work/port" & model=$!
for _ in $(seq 300); do [ -s "$work/port" ] && break; sleep 0.1; done

hook() { printf '[{"hooks":[{"type":"command","command":"%s"}]}]' "$1"; }
variables=("PATH=$PATH" "HOME=$work/home" "ANTHROPIC_BASE_URL=http://127.0.0.1:$(cat "$work/port")" ANTHROPIC_API_KEY=sk-synthetic
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_AUTOUPDATER=1 TERM=screen-256color)
printf '{"hasCompletedOnboarding":true,"customApiKeyResponses":{"approved":["sk-synthetic"]},"projects":{"%s":{"hasTrustDialogAccepted":true}}}' \
    "$work/project" > "$work/home/.claude.json"
ask() { # SETTINGS, then a prompt in a terminal of its own
    echo "$1" > "$work/home/.claude/settings.json"
    tmux -f /dev/null -S "$work/tmux" new-session -d -x 100 -y 40 -c "$work/project" \
        "exec env -i ${variables[*]@Q} '$claude' --permission-mode default"
    await '❯'
    tmux -S "$work/tmux" send-keys -l 'go on'
    await 'go on'
    tmux -S "$work/tmux" send-keys Enter
}
await() {
    for _ in $(seq 600); do tmux -S "$work/tmux" capture-pane -p | grep -qF "$1" && return; sleep 0.1; done
    echo "never seen on the screen: $1" >&2; tmux -S "$work/tmux" capture-pane -p >&2; exit 1
}

refuse='echo not this one >&2; exit 2'
ask "{\"hooks\":{\"PreToolUse\":$(hook "$refuse")}}"
await 'done'
before=blocked; tmux -S "$work/tmux" capture-pane -p | grep -q 'Do you want to proceed' && before=asked
tmux -S "$work/tmux" kill-server

ask "{\"hooks\":{\"PermissionRequest\":$(hook "date +%s%3N > $work/requested; $refuse"),\"Notification\":$(hook "date +%s%3N > $work/notified")}}"
await 'Do you want to proceed'
for _ in $(seq 600); do [ -s "$work/notified" ] && break; sleep 0.1; done
request=blocked; tmux -S "$work/tmux" capture-pane -p | grep -q 'Do you want to proceed' && request=asked
[ -s "$work/requested" ] && [ -s "$work/notified" ]
late=$(($(cat "$work/notified") - $(cat "$work/requested")))
made=no; [ ! -e "$work/project/made" ] || made=yes

echo "Claude Code 2.1.332 seen: exit code 2 of PreToolUse: $before; of PermissionRequest: $request"
echo "from PermissionRequest to Notification: $late ms"
[ "$before" = blocked ] && [ "$request" = asked ] && [ "$made" = no ] && [ "$late" -gt 4000 ] ||
    { echo 'CHANGED: blocked, asked, and about 6000 ms' >&2; exit 1; }
