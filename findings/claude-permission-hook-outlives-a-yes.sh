#!/usr/bin/env bash
# Claude Code 2.1.332 (npm), a PermissionRequest hook that waits, against a model of our own on loopback.
#
# Guess: the hook and the dialog are two ways to one answer. When the user answers in the terminal, the hook is over,
# and Claude Code ends it or lets it be, whatever the answer was.
# Seen: "No" and Esc end it, by SIGTERM. "Yes" does not, and it is told nothing: the hook waits on while the call
# runs, through the end of the turn and the next turn, until its own timeout (10 minutes by default) or the end of
# Claude Code.
#
# Why it matters here: a hook that asks on a phone or in another window, and trusts that it is ended, takes its
# question back after "No" only. After "Yes", which is the usual answer, it goes on asking about a call that has been
# made long ago, and one such hook waits for each call of the last ten minutes.
set -euo pipefail

work=$(mktemp -d)
model=
finish() {
    for pid in "$work"/*.pid; do [ ! -e "$pid" ] || kill "$(cat "$pid")" 2> /dev/null || true; done
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

# Waits for an answer from elsewhere, and writes down which signal ends it.
cat > "$work/hook.sh" <<'HOOK'
#!/bin/bash
echo $$ > "$1.pid"
for signal in HUP INT TERM; do trap "echo SIG$signal > $1.ended; exit" "$signal"; done
while :; do sleep 0.1; done
HOOK
chmod +x "$work/hook.sh"
variables=("PATH=$PATH" "HOME=$work/home" "ANTHROPIC_BASE_URL=http://127.0.0.1:$(cat "$work/port")" ANTHROPIC_API_KEY=sk-synthetic
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_AUTOUPDATER=1 TERM=screen-256color)
printf '{"hasCompletedOnboarding":true,"customApiKeyResponses":{"approved":["sk-synthetic"]},"projects":{"%s":{"hasTrustDialogAccepted":true}}}' \
    "$work/project" > "$work/home/.claude.json"
keys() { tmux -S "$work/tmux" send-keys "$@"; }
await() {
    for _ in $(seq 600); do tmux -S "$work/tmux" capture-pane -p 2> /dev/null | grep -qF "$1" && return; sleep 0.1; done
    echo "never seen on the screen: $1" >&2; tmux -S "$work/tmux" capture-pane -p >&2; exit 1
}
# Prints what has become of the hook: of one that is not ended, after 5 s.
fate() {
    for _ in $(seq 50); do [ -s "$work/$1.ended" ] && break; sleep 0.1; done
    if [ -s "$work/$1.ended" ]; then cat "$work/$1.ended"
    elif kill -0 "$(cat "$work/$1.pid")" 2> /dev/null; then echo 'waits on'
    else echo 'gone'; fi
}
answer() { # NAME KEY WHAT_THE_SCREEN_SAYS_THEN
    echo "{\"hooks\":{\"PermissionRequest\":[{\"hooks\":[{\"type\":\"command\",\"command\":\"$work/hook.sh $work/$1\"}]}]}}" \
        > "$work/home/.claude/settings.json"
    tmux -f /dev/null -S "$work/tmux" new-session -d -x 100 -y 40 -c "$work/project" \
        "exec env -i ${variables[*]@Q} '$claude' --permission-mode default"
    await '❯'
    keys -l 'go on'
    await 'go on'
    keys Enter
    await 'Do you want to proceed'
    for _ in $(seq 600); do [ -s "$work/$1.pid" ] && break; sleep 0.1; done
    sleep 1 # a key that comes with the dialog may be lost
    keys "$2"
    await "$3"
    echo "$1: $(fate "$1")"
}
{
    answer no 4 'Interrupted'
    tmux -S "$work/tmux" kill-server
    answer escape Escape 'Interrupted'
    tmux -S "$work/tmux" kill-server
    answer yes 1 'done'
    keys -l 'and more'
    await 'and more'
    keys Enter
    await '● done'
    echo "after the next turn: $(fate yes)"
    keys C-c; sleep 0.3; keys C-c
    for _ in $(seq 300); do tmux -S "$work/tmux" has-session 2> /dev/null || break; sleep 0.1; done
    echo "after the end of Claude Code: $(fate yes)"
} | tee "$work/seen"
expected='no: SIGTERM
escape: SIGTERM
yes: waits on
after the next turn: waits on
after the end of Claude Code: SIGTERM'
[ "$(cat "$work/seen")" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
