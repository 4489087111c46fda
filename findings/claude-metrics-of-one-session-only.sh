#!/usr/bin/env bash
# Claude Code 2.1.332 (npm), OTEL_METRICS_EXPORTER=prometheus, with two sessions, against a model of our own on loopback.
#
# Guess: the metrics of each session can be read. The documentation offers prometheus beside otlp ("Options: otlp,
# prometheus, console, none"), and each metric has a session_id, so that sessions can be told apart. A session that
# cannot serve its metrics says so, or serves them when the port is free.
# Seen: the first session takes the port (9464, or OTEL_EXPORTER_PROMETHEUS_PORT). Each further one fails to, tells
# nobody ("Failed to start server. Is port 9464 in use?" is in the log of --debug only), and counts for nobody until
# its end: also when the first one has ended and the port is free.
#
# Why it matters here: with some sessions side by side the dashboard shows the cost of one of them, which one is a
# matter of which began first. A session that is left open for days hides all the others, and when it ends there are
# no metrics at all, although sessions run. otlp to a collector has them all, or a port for each.
set -euo pipefail

work=$(mktemp -d)
model=
finish() {
    [ ! -S "$work/tmux" ] || tmux -S "$work/tmux" kill-server 2> /dev/null || true
    [ -z "$model" ] || kill "$model" 2> /dev/null || true
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
"""A model that answers "heard" and the last prompt; each request with tools is a line of the prompts that it was told."""
import json, sys, uuid
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
        blocks = [{"type": "text", "text": block} if isinstance(block, str) else block
                  for message in request["messages"] if message["role"] == "user"
                  for block in ([message["content"]] if isinstance(message["content"], str) else message["content"])]
        prompts = [block["text"] for block in blocks if block.get("text", "").startswith("say ")]
        if request.get("tools"):
            with open(sys.argv[1], "a") as told:
                print(", ".join(prompt.removeprefix("say ") for prompt in prompts), file=told)
        words = "heard " + (prompts or ["nothing"])[-1].removeprefix("say ")
        usage = {"input_tokens": 1, "output_tokens": 1}
        message = {"id": f"msg_{uuid.uuid4().hex}", "type": "message", "role": "assistant", "model": request.get("model", "m"),
                   "stop_sequence": None, "usage": usage}
        if not request.get("stream"):
            return self.answer("application/json", json.dumps({**message, "content": [{"type": "text", "text": words}],
                                                               "stop_reason": "end_turn"}).encode())
        events = [("message_start", {"message": {**message, "content": [], "stop_reason": None}}),
                  ("content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}}),
                  ("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": words}}),
                  ("content_block_stop", {"index": 0}),
                  ("message_delta", {"delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": usage}),
                  ("message_stop", {})]
        self.answer("text/event-stream", "".join(f"event: {name}\ndata: {json.dumps({'type': name, **data})}\n\n"
                                                 for name, data in events).encode())

server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
print(server.server_port, flush=True)
server.serve_forever()
PY
python3 "$work/model.py" "$work/told" > "$work/port" & model=$!
for _ in $(seq 300); do [ -s "$work/port" ] && break; sleep 0.1; done

# One for all, as 9464 is; the latter may be taken here.
metrics=$(python3 -c 'import socket; one = socket.socket(); one.bind(("127.0.0.1", 0)); print(one.getsockname()[1])')
project=$(cd "$work/project" && pwd -P)
cat > "$work/home/.claude.json" <<JSON
{"hasCompletedOnboarding": true, "lastOnboardingVersion": "2.1.332", "theme": "dark", "numStartups": 5,
 "customApiKeyResponses": {"approved": ["-key-of-this-finding"], "rejected": []},
 "projects": {"$project": {"hasTrustDialogAccepted": true, "hasCompletedProjectOnboarding": true}}}
JSON
echo '{"permissions": {"defaultMode": "default", "disableAutoMode": "disable"}}' > "$work/home/.claude/settings.json"
variables=("PATH=$PATH" "HOME=$work/home" TERM=xterm-256color LANG=C.UTF-8 "ANTHROPIC_BASE_URL=http://127.0.0.1:$(cat "$work/port")"
    ANTHROPIC_API_KEY=sk-ant-synthetic-key-of-this-finding CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_AUTOUPDATER=1
    CLAUDE_CODE_ENABLE_TELEMETRY=1 OTEL_METRICS_EXPORTER=prometheus "OTEL_EXPORTER_PROMETHEUS_PORT=$metrics")
t() { tmux -S "$work/tmux" -f /dev/null "$@"; }
screen() { t capture-pane -p -t "=$1:"; }
sees() { # TERMINAL WORDS
    for _ in $(seq 600); do screen "$1" | grep -qF -- "$2" && return; sleep 0.1; done
    echo "never seen in $1: $2" >&2; screen "$1" >&2; exit 1
}
open() { # TERMINAL ARGUMENTS...
    t new-session -d -s "$1" -x 120 -y 60 -c "$project" env -i "${variables[@]}" "$claude" "${@:2}"
    sees "$1" 'manual mode'
    sleep 2
}
say() { # TERMINAL WORD
    t send-keys -t "=$1:" -l "say $2"
    sees "$1" "say $2"
    sleep 0.5
    t send-keys -t "=$1:" Enter
    sees "$1" "heard $2"
    sleep 1
}
close() {
    t send-keys -t "=$1:" C-c; sleep 0.3; t send-keys -t "=$1:" C-c
    for _ in $(seq 300); do t has-session -t "=$1" 2> /dev/null || return 0; sleep 0.1; done
}
# Prints of which sessions there are metrics, and what they cost in tokens; within 5 s of the last prompt, if of any.
scrape() {
    python3 - "$metrics" "$work/sessions" <<'PY'
import collections, re, sys, time, urllib.request

names = dict(line.split()[::-1] for line in open(sys.argv[2]))
time.sleep(5)
try:
    text = urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/metrics", timeout=10).read().decode()
except OSError as error:
    print("no metrics at all:", getattr(error, "reason", error))
    raise SystemExit
tokens = collections.Counter()
for session, number in re.findall(r'^claude_code_token_usage_total\{.*?session_id="([^"]*)".*\} ([0-9.]+)', text, re.M):
    tokens[names[session]] += float(number)
for name, number in sorted(tokens.items()):
    print(f"terminal {name}: {number:g} tokens")
PY
}
# Notes which session is whose.
note() {
    cat "$work"/home/.claude/sessions/*.json | grep -o '"sessionId":"[^"]*"' | cut -d '"' -f 4 | sort -u |
        grep -vxF "$(cut -d ' ' -f 2 "$work/sessions")" | sed "s/^/$1 /" >> "$work/sessions"
}
: > "$work/sessions"
t new-session -d -s keeper 'sleep 3600'
{
    open one
    note one
    say one apples
    open two
    note two
    say two bananas
    say two cherries
    echo 'two sessions:'
    scrape
    screen two | grep -iE 'port|metric|telemetry|failed' || echo 'terminal two says nothing of it'
    close one
    say two dates
    echo 'when the first one has ended:'
    scrape
    open three
    note three
    say three elderberries
    say two figs
    echo 'and with a third one:'
    scrape
} | tee "$work/seen"
expected='two sessions:
terminal one: 2 tokens
terminal two says nothing of it
when the first one has ended:
no metrics at all: [Errno 111] Connection refused
and with a third one:
terminal three: 2 tokens'
[ "$(cat "$work/seen")" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
