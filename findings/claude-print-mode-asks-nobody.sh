#!/usr/bin/env bash
# Claude Code 2.1.332 (npm), `claude -p`, against a model of our own on loopback.
#
# Guess: in print mode nobody can be asked, so no PermissionRequest hook runs ("when a permission dialog
# appears"), the session's file says some other kind than "interactive", and a run whose only tool call was
# refused does not end as a success.
# Seen: the PermissionRequest hook runs, for a dialog that never is; `kind` in sessions/PID.json is
# "interactive" (only `entrypoint` tells: "sdk-cli"); the exit code is 0, with subtype "success" and is_error
# false; only permission_denials names the call.
#
# Why it matters here: a monitor that takes PermissionRequest or `kind` at its word shows a batch job as one
# that waits for its user, and a script has to read permission_denials to know that nothing was done.
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
cat > "$work/home/.claude/settings.json" <<JSON
{"hooks": {"PermissionRequest": $(hook "echo ran >> $work/requested"),
           "Stop": $(hook "cat $work/home/.claude/sessions/*.json > $work/session")}}
JSON
code=0
(cd "$work/project" && env -i "PATH=$PATH" "HOME=$work/home" "ANTHROPIC_BASE_URL=http://127.0.0.1:$(cat "$work/port")" \
    ANTHROPIC_API_KEY=sk-synthetic CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_AUTOUPDATER=1 \
    "$claude" -p 'go on' --permission-mode default --output-format json < /dev/null > "$work/result") || code=$?
seen=$(python3 - "$work" <<'PY'
import json, os, sys
work = sys.argv[1]
session, result = (json.load(open(f"{work}/{name}")) for name in ("session", "result"))
print("kind", session["kind"], "entrypoint", session["entrypoint"])
print("subtype", result["subtype"], "is_error", result["is_error"], "denied", [call["tool_name"] for call in result["permission_denials"]])
print("PermissionRequest ran:", os.path.exists(f"{work}/requested"), "the command ran:", os.path.exists(f"{work}/project/made"))
PY
)
echo "Claude Code 2.1.332 seen:"; echo "$seen"; echo "exit code $code"
expected="kind interactive entrypoint sdk-cli
subtype success is_error False denied ['Bash']
PermissionRequest ran: True the command ran: False"
[ "$seen" = "$expected" ] && [ "$code" = 0 ] || { printf 'CHANGED. It was, with exit code 0:\n%s\n' "$expected" >&2; exit 1; }
