#!/usr/bin/env bash
# Claude Code 2.1.332 (npm), `claude --bg --session-id UUID`. As root, for a PID namespace of its own.
#
# Guess: `--session-id`, "use a specific session ID for the conversation", gives the session this id, in the
# background too; an option that cannot be honoured is an error, as a malformed id is.
# Seen: `--bg` says on stderr that it ignores the id, starts a session with another one, and exits with 0.
#
# Why it matters here: a program that chooses the id in advance, to find the session's transcript or to resume
# it, holds an id that belongs to no session. The id has to be read from what --bg prints.
set -euo pipefail

if [ "${1:-}" != inside ]; then
    exec unshare --pid --fork --mount-proc --kill-child "$0" inside
fi
work=$(mktemp -d)
trap 'rm -rf "$work" 2> /dev/null || true' EXIT
mkdir -p "$work/home/.claude" "$work/project" "$work/tmp"
# The newest version's `engines` may exclude this Node; the program is native and runs all the same.
npm install --silent --no-audit --no-fund --prefix "$work/npm" @anthropic-ai/claude-code@2.1.332 > /dev/null 2>&1
claude=$(echo "$work"/npm/node_modules/@anthropic-ai/claude-code-linux-*/claude)
export HOME=$work/home TMPDIR=$work/tmp ANTHROPIC_API_KEY=sk-ant-api03-of-nobody-0000
export CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_AUTOUPDATER=1
[ "$("$claude" --version)" = '2.1.332 (Claude Code)' ]
cat > "$HOME/.claude.json" <<J
{"hasCompletedOnboarding": true, "lastOnboardingVersion": "2.1.332", "theme": "dark",
 "customApiKeyResponses": {"approved": ["${ANTHROPIC_API_KEY: -20}"], "rejected": []},
 "projects": {"$work/project": {"hasTrustDialogAccepted": true, "hasCompletedProjectOnboarding": true}}}
J
cd "$work/project"
wanted=11111111-2222-4333-8444-555555555555
code=0
"$claude" --bg --session-id $wanted --name background > "$work/out" 2> "$work/err" < /dev/null || code=$?
id=$(sed -n 's/^backgrounded · \([0-9a-f]*\).*/\1/p' "$work/out")
warned=$(grep -c 'ignoring --session-id' "$work/err" || true)
for _ in $(seq 200); do
    held=$(cat "$HOME"/.claude/sessions/*.json 2> /dev/null | grep -o '"sessionId":"[^"]*"' | cut -d'"' -f4 || true)
    [ -z "$held" ] || break
    sleep 0.1
done
"$claude" stop "$id" > /dev/null 2>&1 || true
echo "Claude Code 2.1.332 seen: exit code $code, warnings $warned, asked for $wanted, the session has ${held:0:8}…"
[ "$code" = 0 ] && [ "$warned" = 1 ] && [ -n "$held" ] && [ "$held" != $wanted ] && [ "${held:0:8}" = "${id:0:8}" ] ||
    { echo 'CHANGED: it ignored the id, with a warning and exit code 0' >&2; exit 1; }
