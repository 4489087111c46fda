#!/usr/bin/env bash
# Claude Code 2.1.332 (npm) at a usage limit, against a model of our own on loopback.
#
# Guess: ~/.claude/history.jsonl holds what the user submitted, and nothing else: it is what the up
# arrow goes through.
# Seen: when the limit is reached and autoContinueAtUsageLimit is off, Claude Code submits the command
# /rate-limit-options itself, to ask what to do. It writes that into history.jsonl like any prompt,
# with the session's id, a moment before the status becomes "waiting". No key was pressed.
#
# Why it matters here: whoever reads the history to tell a menu that the user opened from a question
# of Claude Code takes this question for a menu of the user.
set -euo pipefail

work=$(mktemp -d)
model=
finish() {
    [ ! -S "$work/tmux" ] || tmux -S "$work/tmux" kill-server 2> /dev/null || true
    [ -z "$model" ] || kill "$model" 2> /dev/null || true
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
"""A model whose limit is used up: every message is refused with 429, as a subscription's is."""
import json, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

RESET = str(int(time.time()) + 3600)
LIMIT = {"status": "rejected", "reset": RESET, "representative-claim": "five_hour", "fallback": "available",
         "5h-utilization": "1.0", "5h-reset": RESET, "5h-status": "rejected", "5h-surpassed-threshold": "0.9",
         "overage-status": "rejected", "overage-disabled-reason": "out_of_credits"}

class Model(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *_):
        pass
    def answer(self, status, body, headers):
        text = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"content-type": "application/json", "content-length": str(len(text)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text if self.command != "HEAD" else b"")
    def do_GET(self):
        self.answer(200, {}, {})
    do_HEAD = do_GET
    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length") or 0))
        if not self.path.startswith("/v1/messages"):
            return self.answer(200, {}, {})
        headers = {"anthropic-ratelimit-unified-" + name: value for name, value in LIMIT.items()}
        error = {"type": "error", "error": {"type": "rate_limit_error", "message": "limit reached"}}
        self.answer(429, error, {**headers, "retry-after": "3600", "x-should-retry": "false"})

server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
print(server.server_port, flush=True)
server.serve_forever()
PY
python3 "$work/model.py" > "$work/port" & model=$!
for _ in $(seq 300); do [ -s "$work/port" ] && break; sleep 0.1; done

cat > "$work/home/.claude.json" <<JSON
{"hasCompletedOnboarding":true,"theme":"dark","projects":{"$work/project":{"hasTrustDialogAccepted":true}},
 "oauthAccount":{"accountUuid":"11111111-1111-4111-8111-111111111111","emailAddress":"dev@localhost",
 "organizationUuid":"22222222-2222-4222-8222-222222222222","organizationName":"Dev","organizationRole":"admin",
 "billingType":"stripe_subscription","hasExtraUsageEnabled":false}}
JSON
cat > "$work/home/.claude/.credentials.json" <<'JSON'
{"claudeAiOauth":{"accessToken":"sk-ant-oat01-synthetic","refreshToken":"sk-ant-ort01-synthetic","expiresAt":4102444800000,
 "scopes":["user:inference","user:profile","user:sessions:claude_code"],"subscriptionType":"max","rateLimitTier":"default_claude_max_20x"}}
JSON
chmod 600 "$work/home/.claude/.credentials.json"
echo '{"autoContinueAtUsageLimit":false,"permissions":{"defaultMode":"default","disableAutoMode":"disable"}}' > "$work/home/.claude/settings.json"

await() {
    for _ in $(seq 600); do tmux -S "$work/tmux" capture-pane -p | grep -qF "$1" && return; sleep 0.1; done
    echo "never seen on the screen: $1" >&2; tmux -S "$work/tmux" capture-pane -p >&2; exit 1
}
variables=("PATH=$PATH" "HOME=$work/home" "ANTHROPIC_BASE_URL=http://127.0.0.1:$(cat "$work/port")"
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_AUTOUPDATER=1 TERM=screen-256color)
tmux -f /dev/null -S "$work/tmux" new-session -d -x 100 -y 40 -c "$work/project" "exec env -i ${variables[*]@Q} '$claude'"
await '❯'
tmux -S "$work/tmux" send-keys -l 'go on'
await 'go on'
tmux -S "$work/tmux" send-keys Enter
await 'What do you want to do'

python3 - "$work/home/.claude/history.jsonl" <<'PY'
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
shown = [line["display"] for line in lines]
print("Claude Code 2.1.332 seen: typed: 'go on'; history.jsonl:", shown)
same = len({line["sessionId"] for line in lines}) == 1
if shown != ["go on", "/rate-limit-options"] or not same:
    sys.exit("CHANGED: 'go on' and '/rate-limit-options', of one session")
PY
