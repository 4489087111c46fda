#!/usr/bin/env bash
# claude-agent-sdk 0.2.189 (PyPI), get_session_messages(), and @anthropic-ai/claude-agent-sdk 0.3.332 (npm),
# getSessionMessages(), on what Claude Code 2.1.332 (npm) wrote; the model is our own, on loopback.
#
# Guess: "user/assistant messages in chronological order" (documentation of both) have all that the user typed and Claude
# read, and the two SDKs say the same: they are one library in two languages.
# Seen: a prompt that is typed while Claude works, and reaches it within the turn, is no entry of type "user" in the
# transcript: it is one of type "attachment", of kind "queued_command". The SDK for JavaScript makes a message of it.
# The one for Python leaves it out, so that Claude answers to nothing.
#
# Why it matters here: "stop, do it another way" is typed meanwhile. A program that reads transcripts by type, or by the
# Python SDK, shows and counts a conversation without it.
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
npm install --silent --no-audit --no-fund --prefix "$work/npm" \
    @anthropic-ai/claude-code@2.1.332 @anthropic-ai/claude-agent-sdk@0.3.332 > /dev/null 2>&1
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target "$work/py" claude-agent-sdk==0.2.189 2> /dev/null
claude=$(echo "$work"/npm/node_modules/@anthropic-ai/claude-code-linux-*/claude)
[ "$(HOME=$work/home "$claude" --version)" = '2.1.332 (Claude Code)' ]

cat > "$work/model.py" <<'PY'
"""A model that calls Bash once for "begin", and then says which words it was told."""
import json, sys
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
        told = json.dumps(request["messages"])
        calls = "please begin" in told and "tool_result" not in told and bool(request.get("tools"))
        usage = {"input_tokens": 1, "output_tokens": 1}
        words = "I heard of the tests." if "mind the tests" in told else "All done."
        block, delta = {"type": "text", "text": ""}, {"type": "text_delta", "text": words}
        if calls:
            block = {"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {}}
            command = {"command": sys.argv[1], "description": "Waits"}
            delta = {"type": "input_json_delta", "partial_json": json.dumps(command)}
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
waits="touch $work/began; until [ -e $work/go ]; do sleep 0.1; done"
python3 "$work/model.py" "$waits" > "$work/port" & model=$!
for _ in $(seq 300); do [ -s "$work/port" ] && break; sleep 0.1; done

project=$(cd "$work/project" && pwd -P)
cat > "$work/home/.claude.json" <<JSON
{"hasCompletedOnboarding": true, "lastOnboardingVersion": "2.1.332", "theme": "dark", "numStartups": 5,
 "customApiKeyResponses": {"approved": ["-key-of-this-finding"], "rejected": []},
 "projects": {"$project": {"hasTrustDialogAccepted": true, "hasCompletedProjectOnboarding": true}}}
JSON
echo '{"permissions": {"defaultMode": "default", "disableAutoMode": "disable", "allow": ["Bash"]}}' \
    > "$work/home/.claude/settings.json"
t() { tmux -S "$work/tmux" -f /dev/null "$@"; }
sees() { for _ in $(seq 300); do t capture-pane -p | grep -qE "$1" && return; sleep 0.1; done; t capture-pane -p >&2; return 1; }
type() { t send-keys -l "$1"; sees "$1"; sleep 0.5; t send-keys Enter; }
t new-session -d -x 150 -y 40 -c "$project" env -i "PATH=$PATH" "HOME=$work/home" TERM=xterm-256color LANG=C.UTF-8 \
    "ANTHROPIC_BASE_URL=http://127.0.0.1:$(cat "$work/port")" ANTHROPIC_API_KEY=sk-ant-synthetic-key-of-this-finding \
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_AUTOUPDATER=1 "$claude"
sees '❯'
sleep 2
type 'please begin'
for _ in $(seq 300); do [ -e "$work/began" ] && break; sleep 0.1; done
type 'mind the tests'
transcript() { echo "$work"/home/.claude/projects/*/*.jsonl; }
for _ in $(seq 300); do grep -q '"operation":"enqueue"' "$(transcript)" && break; sleep 0.1; done
touch "$work/go"
sees 'I heard of the tests'
for _ in $(seq 300); do grep -q '"turn_duration"' "$(transcript)" && break; sleep 0.1; done

session=$(basename "$(transcript)" .jsonl)
export CLAUDE_CONFIG_DIR=$work/home/.claude
cat > "$work/npm/read.mjs" <<'JS'
import { getSessionMessages } from "@anthropic-ai/claude-agent-sdk";

for (const { type, message } of await getSessionMessages(process.argv[2]))
  for (const { text } of [message.content].flat().map((block) => typeof block === "string" ? { text: block } : block))
    if (text) console.log(`  ${type}: ${text}`);
JS
cat > "$work/read.py" <<'PY'
import json, sys
from claude_agent_sdk import get_session_messages

def words(kind, content):
    for block in [content] if isinstance(content, str) else content:
        text = block if isinstance(block, str) else block.get("text")
        if text:
            print(f"  {kind}: {text}")

if sys.argv[1].endswith(".jsonl"):
    for entry in map(json.loads, open(sys.argv[1])):
        if "mind the tests" in json.dumps(entry) and entry["type"] not in ("user", "assistant", "last-prompt", "api-request-blob"):
            print(f"  {entry['type']}", entry.get("operation") or entry.get("attachment", {}).get("type"))
else:
    for message in get_session_messages(sys.argv[1]):
        words(message.type, message.message["content"])
PY
{
    echo 'the entries of the transcript that have the second prompt:'
    PYTHONPATH=$work/py python3 "$work/read.py" "$(transcript)"
    echo 'claude-agent-sdk for Python:'
    PYTHONPATH=$work/py python3 "$work/read.py" "$session"
    echo 'claude-agent-sdk for JavaScript:'
    node "$work/npm/read.mjs" "$session"
} | tee "$work/seen"
expected='the entries of the transcript that have the second prompt:
  queue-operation enqueue
  queue-operation remove
  attachment queued_command
claude-agent-sdk for Python:
  user: please begin
  assistant: I heard of the tests.
claude-agent-sdk for JavaScript:
  user: please begin
  user: mind the tests
  assistant: I heard of the tests.'
[ "$(cat "$work/seen")" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
