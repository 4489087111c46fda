#!/usr/bin/env bash
# Claude Code 2.1.332 (npm) with --worktree, and git 2.39.5 (Debian 12), against a model of our own on loopback.
#
# Guess: "claude -w NAME" keeps what is only in its worktree, or asks, when it ends: the documentation says that a
# worktree without changes is removed, and that it asks if there is work that removal would delete.
# Seen: it asks for commits and for untracked files. Files that .gitignore names do not count, nor does a change of a
# file marked skip-worktree (as for a configuration of one's own), nor a server that was started there and still runs:
# "Worktree removed (no changes)", without a question, exit code 0, and all of it is gone.
#
# Why it matters here: what is ignored is what took long: results of a night's run, a database of tests, a build of an
# hour, a .env that was filled in. /exit, or ctrl-c twice, deletes it; the server runs on in a folder that is gone. One
# commit, or one untracked file, keeps all the rest.
set -euo pipefail

work=$(mktemp -d)
model=
finish() {
    [ ! -s "$work/server" ] || kill "$(cat "$work/server")" 2> /dev/null || true
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
"""A model that runs the command of the prompt "run COMMAND", and says "all done"."""
import json, uuid
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
        def blocks(message):
            return [{"type": "text", "text": it} if isinstance(it, str) else it
                    for it in ([message["content"]] if isinstance(message["content"], str) else message["content"])]
        prompts = [block["text"] for message in request["messages"] if message["role"] == "user"
                   for block in blocks(message) if block.get("text", "").startswith("run ")]
        results = any(block.get("type") == "tool_result" for message in request["messages"] for block in blocks(message))
        calls = bool(request.get("tools")) and bool(prompts) and not results
        words, usage = "all done", {"input_tokens": 1, "output_tokens": 1}
        block, delta = {"type": "text", "text": ""}, {"type": "text_delta", "text": words}
        if calls:
            block = {"type": "tool_use", "id": f"toolu_{uuid.uuid4().hex}", "name": "Bash", "input": {}}
            command = {"command": prompts[-1].removeprefix("run "), "description": "a command"}
            delta = {"type": "input_json_delta", "partial_json": json.dumps(command)}
        reason = "tool_use" if calls else "end_turn"
        message = {"id": f"msg_{uuid.uuid4().hex}", "type": "message", "role": "assistant", "model": request.get("model", "m"),
                   "stop_sequence": None, "usage": usage}
        if not request.get("stream"):
            return self.answer("application/json", json.dumps({**message, "content": [{"type": "text", "text": words}],
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
python3 "$work/model.py" > "$work/port" & model=$!
for _ in $(seq 300); do [ -s "$work/port" ] && break; sleep 0.1; done

project=$(cd "$work/project" && pwd -P)
cat > "$work/home/.claude.json" <<JSON
{"hasCompletedOnboarding": true, "lastOnboardingVersion": "2.1.332", "theme": "dark", "numStartups": 5,
 "customApiKeyResponses": {"approved": ["-key-of-this-finding"], "rejected": []},
 "projects": {"$project": {"hasTrustDialogAccepted": true, "hasCompletedProjectOnboarding": true}}}
JSON
echo '{"permissions": {"defaultMode": "default", "disableAutoMode": "disable", "allow": ["Bash"]}}' > "$work/home/.claude/settings.json"
variables=("PATH=$PATH" "HOME=$work/home" TERM=xterm-256color LANG=C.UTF-8 "ANTHROPIC_BASE_URL=http://127.0.0.1:$(cat "$work/port")"
    ANTHROPIC_API_KEY=sk-ant-synthetic-key-of-this-finding CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_AUTOUPDATER=1)
t() { tmux -S "$work/tmux" -f /dev/null "$@"; }
screen() { t capture-pane -p -t "=$1:"; }
sees() { # TERMINAL WORDS
    for _ in $(seq 600); do screen "$1" | grep -qF -- "$2" && return; sleep 0.1; done
    echo "never seen in $1: $2" >&2; screen "$1" >&2; exit 1
}
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
cd "$project"
git init --quiet .
git config user.name a
git config user.email a@example.org
printf '%s\n' .claude/ results/ > .gitignore
echo 'level = 1' > settings.toml
git add .
git commit --quiet --message first

# Lets a session in a worktree of its own run a command, ends it, and prints what it says and what is left.
try() { # NAME COMMAND [by ctrl-c]
    local tree=$project/.claude/worktrees/$1
    t new-session -d -s "$1" -x 150 -y 40 -c "$project" \
        "env -i ${variables[*]@Q} '$claude' -w $1; echo ended with \$?; sleep 1000"
    sees "$1" 'manual mode'
    sleep 2
    t send-keys -t "=$1:" -l "run $2"
    sees "$1" "run $2"
    sleep 0.5
    t send-keys -t "=$1:" Enter
    sees "$1" 'all done'
    sleep 1
    [ -e "$tree/.git" ]
    if [ -n "${3-}" ]; then
        t send-keys -t "=$1:" C-c; sleep 0.3; t send-keys -t "=$1:" C-c
    else
        t send-keys -t "=$1:" -l /exit
        sees "$1" '/exit'
        sleep 1
        t send-keys -t "=$1:" Enter
    fi
    for _ in $(seq 300); do screen "$1" | grep -qE 'Enter to confirm|ended with' && break; sleep 0.1; done
    echo "$1: $(screen "$1" | grep -oE 'You have .*worktree\.|Worktree removed.*|ended with.*' | paste -s -d ';'), $(
        [ -e "$tree" ] && echo 'it is there' || echo 'it is gone')"
}
# One that keeps the server of tmux.
t new-session -d -s keeper 'sleep 3600'
{
    try untracked 'echo all > report'
    try committed 'git commit --quiet --allow-empty --message second'
    try ignored 'mkdir results; echo all > results/report'
    try interrupted 'mkdir results; echo all > results/report' 'by ctrl-c'
    try marked 'git update-index --skip-worktree settings.toml; echo level = 2 > settings.toml'
    try served "setsid sleep 600 > /dev/null 2>&1 & echo \$! > $work/server"
    if kill -0 "$(cat "$work/server")"; then
        echo "the server runs in $(readlink "/proc/$(cat "$work/server")/cwd" | grep -o 'served.*')"
    fi
} | tee "$work/seen"
expected='untracked: You have 1 uncommitted file. These will be lost if you remove the worktree., it is there
committed: You have 1 commit on worktree-committed. The branch will be deleted if you remove the worktree., it is there
ignored: Worktree removed (no changes);ended with 0, it is gone
interrupted: Worktree removed (no changes);ended with 0, it is gone
marked: Worktree removed (no changes);ended with 0, it is gone
served: Worktree removed (no changes);ended with 0, it is gone
the server runs in served (deleted)'
[ "$(cat "$work/seen")" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
