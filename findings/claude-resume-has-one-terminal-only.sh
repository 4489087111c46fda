#!/usr/bin/env bash
# Claude Code 2.1.332 (npm), one session in two terminals, against a model of our own on loopback.
#
# Guess: what the documentation says: "both terminals write to the same session file. Messages from both get
# interleaved [...] Nothing corrupts, but the conversation becomes jumbled. [...] if you resume that session later,
# you'll see everything interleaved."
# Seen: they branch, and a later --resume has one branch: that of the terminal that was closed last, although the other
# one has later prompts, and more of them. Those are neither on the screen nor told to the model, and nothing says so,
# neither when the second terminal opens the session nor later. `claude -p --resume` is such a terminal, too: what a
# script asked in an open session is gone when the terminal is closed. All is in the file still; --fork-session when
# the second one opens keeps them apart.
#
# Why it matters here: a session that is looked for, not found among many windows, and resumed in another one, loses
# the work of one of the two: a window that was left open and is closed at the end of the day takes the place of the
# hours in the other. A tool that reads the file line by line shows what Claude has no longer heard of.
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

project=$(cd "$work/project" && pwd -P)
cat > "$work/home/.claude.json" <<JSON
{"hasCompletedOnboarding": true, "lastOnboardingVersion": "2.1.332", "theme": "dark", "numStartups": 5,
 "customApiKeyResponses": {"approved": ["-key-of-this-finding"], "rejected": []},
 "projects": {"$project": {"hasTrustDialogAccepted": true, "hasCompletedProjectOnboarding": true}}}
JSON
echo '{"permissions": {"defaultMode": "default", "disableAutoMode": "disable"}}' > "$work/home/.claude/settings.json"
variables=("PATH=$PATH" "HOME=$work/home" TERM=xterm-256color LANG=C.UTF-8 "ANTHROPIC_BASE_URL=http://127.0.0.1:$(cat "$work/port")"
    ANTHROPIC_API_KEY=sk-ant-synthetic-key-of-this-finding CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_AUTOUPDATER=1)
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
session() { basename "$(ls -t "$work"/home/.claude/projects/*/*.jsonl | head -n 1)" .jsonl; }
# Resumes it once more, and prints what Claude is told then. Of what is lost nothing must be on the screen.
later() { # LOST...
    local lost
    open later --resume "$session"
    for lost in "$@"; do ! screen later | grep -F "$lost"; done
    screen later | grep -iE 'another|branch|already|elsewhere|lost' || true
    say later now
    tail -n 1 "$work/told"
    close later
}
both() { # CLOSED_FIRST CLOSED_LAST LOST...
    open one
    say one apples
    session=$(session)
    open two --resume "$session"
    screen two | grep -iE 'another|already|elsewhere' || true
    say two bananas
    say one cherries
    say one dates
    close "$1"
    close "$2"
    echo "terminal $2 closed last: $(later "${@:3}")"
    echo "  in the file: $(grep '"type":"user"' "$work"/home/.claude/projects/*/"$session.jsonl" | grep -o 'say [a-z]*' | cut -c 5- | paste -s -d ,)"
}
# One that keeps the server of tmux, so that closing a terminal is not the end of it.
t new-session -d -s keeper 'sleep 3600'
{
    both one two cherries dates
    both two one bananas
    open one
    say one apples
    session=$(session)
    (cd "$project" && env -i "${variables[@]}" "$claude" -p --resume "$session" 'say bananas' < /dev/null)
    say one cherries
    close one
    echo "after claude -p in an open session: $(later bananas)"
} | tee "$work/seen"
expected='terminal two closed last: apples, bananas, now
  in the file: apples,bananas,cherries,dates,now
terminal one closed last: apples, cherries, dates, now
  in the file: apples,bananas,cherries,dates,now
heard bananas
after claude -p in an open session: apples, cherries, now'
[ "$(cat "$work/seen")" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
