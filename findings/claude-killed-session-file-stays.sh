#!/usr/bin/env bash
# Claude Code 2.1.332 (npm), ~/.claude/sessions/PID.json, against a model of our own on loopback.
#
# Guess: what a killed session leaves there is removed by the next one that starts, which lists that
# folder anyway; or the file is locked or refreshed, so that an old one can be told.
# Seen: after kill -9 the file stays, with status "busy", through later starts and ends of other sessions.
# They remove their own file only. Nothing in the file ages: statusUpdatedAt is that of the last change.
#
# Why it matters here: a monitor or a status line that counts files counts dead sessions for ever, as
# working ones. pid and procStart (field 22 of /proc/PID/stat) have to be compared for each.
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
python3 "$work/model.py" "touch $work/started; exec sleep 600" > "$work/port" & model=$!
for _ in $(seq 300); do [ -s "$work/port" ] && break; sleep 0.1; done
echo '{}' > "$work/home/.claude/settings.json"
sessions=$work/home/.claude/sessions
start() { # ARGUMENTS
    cd "$work/project"
    exec env -i "PATH=$PATH" "HOME=$work/home" "ANTHROPIC_BASE_URL=http://127.0.0.1:$(cat "$work/port")" \
        ANTHROPIC_API_KEY=sk-synthetic CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_AUTOUPDATER=1 \
        "$claude" -p 'go on' "$@" < /dev/null > /dev/null 2>&1
}
(start --allowedTools Bash) & victim=$!
for _ in $(seq 600); do [ -e "$work/started" ] && break; sleep 0.1; done
[ -e "$sessions/$victim.json" ] && [ -e "$work/started" ]
# The command that it runs is a session leader of its own; it is ended by its pid as well.
tool=$(pgrep -P "$victim" -f 'sleep 600' || true)
kill -KILL "$victim"
wait "$victim" || true
[ -z "$tool" ] || kill $tool

for _ in 1 2; do (start --permission-mode default); done
left=$(cd "$sessions" && ls ./*.json)
status=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["status"])' "$sessions/$victim.json" || true)
echo "Claude Code 2.1.332 seen: $(wc -w <<< "$left") file left after two more sessions, that of the killed one, status $status"
[ "$left" = "./$victim.json" ] && [ "$status" = busy ] && [ ! -e "/proc/$victim" ] ||
    { echo "CHANGED: only the killed session's file was left, as busy; now: $left" >&2; exit 1; }
