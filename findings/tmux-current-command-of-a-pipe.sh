#!/usr/bin/env bash
# tmux 3.3a (Debian 12: tmux 3.3a-3), pane_current_command and pane_current_path.
#
# Guess: they are of the program in front, the one that has the keyboard and draws (tmux's manual: "Current command if
# available", "Current path if available"): `journalctl | less` is less, `cat prompt | claude` is claude.
# Seen: they are of the first program of the pipe, whichever reads the keyboard. When that one has ended, which
# `echo`, `cat` and `git log` do at once, nothing is "not available": tmux says the shell, as at its prompt, and the
# directory of the shell.
#
# Why it matters here: "is the shell at its prompt" is asked so everywhere: before a text is typed into a pane, before
# one is closed, for names of windows. It is true for every pager and picker behind a pipe, so what was meant for the
# shell is typed into a program. Who needs to know has to read the process group of the terminal in /proc.
set -euo pipefail

work=$(mktemp -d)
finish() {
    [ ! -S "$work/socket" ] || tmux -S "$work/socket" kill-server 2> /dev/null || true
    rm -rf "$work"
}
trap finish EXIT
(cd "$work" && apt-get download -qq -o APT::Sandbox::User=root tmux=3.3a-3 > /dev/null)
dpkg-deb -x "$work"/tmux_*.deb "$work/root"
if ldd "$work/root/usr/bin/tmux" | grep 'not found'; then
    echo 'tmux lacks these libraries: apt-get install tmux' >&2
    exit 1
fi
tmux() { "$work/root/usr/bin/tmux" -S "$work/socket" -f /dev/null "$@"; }
mkdir "$work/home" "$work/elsewhere"

# What a picker does: asks on the terminal, not on its input. As its own first program, or when that has ended.
cat > "$work/pick.py" <<'PY'
import os, sys, time
os.chdir(sys.argv[2])
if "ended" in sys.argv:
    while os.path.exists(f"/proc/{os.getpgrp()}"):
        time.sleep(0.05)
with open("/dev/tty", "r") as keys, open("/dev/tty", "w") as screen:
    print("pick one:", file=screen, flush=True)
    chosen = keys.readline().rstrip()
with open(sys.argv[1], "w") as answer:
    print(chosen, file=answer)
PY
unset TMUX TMUX_PANE
HOME=$work/home SHELL=/bin/bash PS1='$ ' tmux new-session -d -x 120 -y 30 -c "$work/home"
until_file() { for _ in $(seq 300); do [ -s "$1" ] && return; sleep 0.1; done; tmux capture-pane -p >&2; return 1; }
until_asks() { for _ in $(seq 300); do tmux capture-pane -p | grep -q '^pick one:' && return; sleep 0.1; done; tmux capture-pane -p >&2; return 1; }
said() { tmux display-message -p '#{pane_current_command} in #{b:pane_current_path}'; }
try() { # NAME WHAT_THE_SHELL_RUNS [KEY that ends the first program]
    tmux send-keys -l "clear; $2"
    tmux send-keys Enter
    until_asks
    echo "$1: $(said)"
    # Typed only if the shell is at its prompt, as tmux says.
    tmux if-shell -F '#{==:#{pane_current_command},bash}' 'send-keys make Enter' 'send-keys nothing Enter'
    until_file "$work/answer"
    [ "$(cat "$work/answer")" != make ] || echo "$1: what was meant for the shell, the picker has"
    rm "$work/answer"
    [ -z "${3-}" ] || tmux send-keys "$3"
    tmux send-keys -l "echo over > $work/over"
    tmux send-keys Enter
    until_file "$work/over"
    rm "$work/over"
}
pick="python3 $work/pick.py $work/answer $work/elsewhere"
{
    try alone "$pick"
    try 'behind one that runs' "sleep 1000 | $pick" C-c
    try 'behind one that has ended' "echo words | $pick ended"
} | tee "$work/seen"
expected='alone: python3 in elsewhere
behind one that runs: sleep in home
behind one that has ended: bash in home
behind one that has ended: what was meant for the shell, the picker has'
[ "$(cat "$work/seen")" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
