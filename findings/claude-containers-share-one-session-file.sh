#!/usr/bin/env bash
# Claude Code 2.1.332 (npm), ~/.claude/sessions/PID.json, in two PID namespaces that share one ~/.claude,
# as containers do that mount it.
#
# Guess: since the file has a field pidDomain, which names the PID namespace, sessions of two containers
# are kept apart: each has a file, and one that ends removes its own.
# Seen: the file is named by the pid inside, which is 1 in both. The session that starts later replaces
# the file of the first; when it ends it removes the file, though the first one lives.
#
# Why it matters here: whoever reads that folder sees one of several such sessions, or none. The file is
# that of a process only if procStart (field 22 of /proc/PID/stat) is too. Needs root, and tmux.
set -euo pipefail

work=$(mktemp -d)
finish() {
    [ ! -S "$work/tmux" ] || tmux -S "$work/tmux" kill-server 2> /dev/null || true
    rm -rf "$work"
}
trap finish EXIT
mkdir -p "$work/home/.claude" "$work/one" "$work/two"
npm install --silent --no-audit --no-fund --prefix "$work/npm" @anthropic-ai/claude-code@2.1.332 > /dev/null 2>&1
claude=$(echo "$work"/npm/node_modules/@anthropic-ai/claude-code-linux-*/claude)
[ "$(HOME=$work/home "$claude" --version)" = '2.1.332 (Claude Code)' ]
python3 - "$work" <<'PY'
import json, sys
work = sys.argv[1]
trusted = {"hasTrustDialogAccepted": True, "hasCompletedProjectOnboarding": True}
json.dump({"hasCompletedOnboarding": True, "theme": "dark", "customApiKeyResponses": {"approved": ["sk-synthetic"], "rejected": []},
           "projects": {f"{work}/{name}": trusted for name in ("one", "two")}}, open(f"{work}/home/.claude.json", "w"))
PY
sessions=$work/home/.claude/sessions
eventually() { # WHAT COMMAND
    for _ in $(seq 600); do "${@:2}" && return; sleep 0.1; done
    echo "$1 did not come" >&2
    exit 1
}
directory() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["cwd"])' "$sessions/1.json" 2> /dev/null || true; }
is_of() { [ "$(directory)" = "$work/$1" ]; }
is_at_prompt() { tmux -S "$work/tmux" capture-pane -p -t "$1" 2> /dev/null | grep -q '^❯'; }
shows_exit() { tmux -S "$work/tmux" capture-pane -p -t two | grep -q '/exit'; }
has_ended() { ! tmux -S "$work/tmux" has-session -t "$1" 2> /dev/null; }
start() { # NAME
    tmux -S "$work/tmux" -f /dev/null new-session -d -s "$1" -c "$work/$1" -x 100 -y 30 \
        unshare --pid --fork --mount-proc --kill-child env -i "PATH=$PATH" "HOME=$work/home" TERM=xterm-256color \
        LANG=C.UTF-8 ANTHROPIC_BASE_URL=http://127.0.0.1:9 ANTHROPIC_API_KEY=sk-synthetic \
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_AUTOUPDATER=1 "$claude"
    eventually "the prompt of $1" is_at_prompt "$1"
    eventually "the file of $1" is_of "$1"
}
start one
start two
files=$(cd "$sessions" && echo ./*.json)
tmux -S "$work/tmux" send-keys -t two -l /exit
eventually "the command" shows_exit
tmux -S "$work/tmux" send-keys -t two Enter
eventually "the end of two" has_ended two
left=$(find "$sessions" -name '*.json' | wc -l)
lives=$(is_at_prompt one && echo yes || echo no)
echo "Claude Code 2.1.332 seen: two sessions wrote $files; when the second had ended, $left files were left, and the first one lived: $lives"
[ "$files" = ./1.json ] && [ "$left" = 0 ] && [ "$lives" = yes ] ||
    { echo "CHANGED: both wrote 1.json, and it was gone when one had ended while the other lived" >&2; exit 1; }
