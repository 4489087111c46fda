#!/usr/bin/env bash
# Claude Code 2.1.332 (npm) in tmux, with an MCP server that has one resource and one resource template, and
# completes the variable of the template (`completion/complete`); the model is our own, on loopback.
#
# Guess: what one chooses behind `@` is attached. The menu offers the template, asks the server to complete its
# variable, and puts the whole URI into the prompt, so that URI is read (`resources/read`), as that of a listed
# resource is.
# Seen: the listed one is read and attached; the one that was made from the template never is. The prompt goes
# to the model without it, and nothing says so. Typed by hand, the same.
#
# Why it matters here: a template, and completions for it, do not make what is not listed attachable. A server
# whose resources come and go has to list them, and tell of changes (`resources/list_changed`), or offer a tool.
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
"""A model that says "done", and writes down which resources it was shown."""
import json, re, sys
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
        with open(sys.argv[1], "a") as shown:
            for uri in sorted(set(re.findall(r"content of (\w+://[\w/]+)", json.dumps(request["messages"])))):
                shown.write(uri + "\n")
        usage = {"input_tokens": 1, "output_tokens": 1}
        message = {"id": "msg_1", "type": "message", "role": "assistant", "model": request.get("model", "m"),
                   "stop_sequence": None, "usage": usage}
        if not request.get("stream"):
            return self.answer("application/json", json.dumps({**message, "content": [{"type": "text", "text": "done"}],
                                                               "stop_reason": "end_turn"}).encode())
        events = [("message_start", {"message": {**message, "content": [], "stop_reason": None}}),
                  ("content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}}),
                  ("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": "All done."}}),
                  ("content_block_stop", {"index": 0}),
                  ("message_delta", {"delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": usage}),
                  ("message_stop", {})]
        self.answer("text/event-stream", "".join(f"event: {name}\ndata: {json.dumps({'type': name, **data})}\n\n"
                                                 for name, data in events).encode())

server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
print(server.server_port, flush=True)
server.serve_forever()
PY
cat > "$work/server.py" <<'PY'
"""One resource, one template, completions; writes down what it is asked."""
import json, sys

ANSWERS = {
    "initialize": lambda it: {"protocolVersion": "2025-11-25", "serverInfo": {"name": "shelf", "version": "1"},
                              "capabilities": {"resources": {}, "completions": {}}},
    "resources/list": lambda it: {"resources": [{"uri": "shelf://list/first", "name": "first"}]},
    "resources/templates/list": lambda it: {"resourceTemplates": [
        {"uriTemplate": "shelf://book/{name}", "name": "book", "description": "A book by its name"}]},
    "completion/complete": lambda it: {"completion": {"values": ["novel"], "total": 1, "hasMore": False}},
    "resources/read": lambda it: {"contents": [{"uri": it["uri"], "text": "the content of " + it["uri"]}]},
    "ping": lambda it: {},
}
for line in sys.stdin:
    message = json.loads(line)
    if "id" not in message or "method" not in message:
        continue
    method, params = message["method"], message.get("params", {})
    with open(sys.argv[1], "a") as asked:
        asked.write(f"{method} {params.get('uri', '')}".strip() + "\n")
    answer = {"jsonrpc": "2.0", "id": message["id"]}
    if method in ANSWERS:
        answer["result"] = ANSWERS[method](params)
    else:
        answer["error"] = {"code": -32601, "message": "no such method"}
    print(json.dumps(answer), flush=True)
PY
python3 "$work/model.py" "$work/shown" > "$work/port" & model=$!
for _ in $(seq 300); do [ -s "$work/port" ] && break; sleep 0.1; done

project=$(cd "$work/project" && pwd -P)
cat > "$work/home/.claude.json" <<JSON
{"hasCompletedOnboarding": true, "lastOnboardingVersion": "2.1.332", "theme": "dark", "numStartups": 5,
 "customApiKeyResponses": {"approved": ["-key-of-this-finding"], "rejected": []},
 "projects": {"$project": {"hasTrustDialogAccepted": true, "hasCompletedProjectOnboarding": true}}}
JSON
cat > "$work/mcp.json" <<JSON
{"mcpServers": {"shelf": {"command": "python3", "args": ["$work/server.py", "$work/asked"]}}}
JSON
t() { tmux -S "$work/tmux" -f /dev/null "$@"; }
sees() { for _ in $(seq 300); do t capture-pane -p | grep -qE "$1" && return; sleep 0.1; done; t capture-pane -p >&2; return 1; }
asked() { for _ in $(seq 300); do grep -qx "$1" "$work/asked" 2> /dev/null && return; sleep 0.1; done; t capture-pane -p >&2; return 1; }
t new-session -d -x 150 -y 40 -c "$project" env -i "PATH=$PATH" "HOME=$work/home" TERM=xterm-256color LANG=C.UTF-8 \
    "ANTHROPIC_BASE_URL=http://127.0.0.1:$(cat "$work/port")" ANTHROPIC_API_KEY=sk-ant-synthetic-key-of-this-finding \
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_AUTOUPDATER=1 "$claude" --mcp-config "$work/mcp.json"
sees '❯'
asked resources/list
t send-keys -l 'see @shelf:shelf://bo'
sees 'A book by its name'
t send-keys Tab
asked completion/complete
sees 'novel'
t send-keys Tab
sees '@shelf:shelf://book/novel'
t send-keys -l ' and @shelf:shelf://list/first please'
sees 'first please'
sleep 1
t send-keys Enter
sees 'All done'
seen="asked for: $(grep -E '^(completion|resources/read)' "$work/asked" | sort -u | paste -sd, | sed 's/,/, /g')
shown to the model: $(sort -u "$work/shown" | paste -sd' ')"
echo "Claude Code 2.1.332 seen:"; echo "$seen"
expected='asked for: completion/complete, resources/read shelf://list/first
shown to the model: shelf://list/first'
[ "$seen" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
