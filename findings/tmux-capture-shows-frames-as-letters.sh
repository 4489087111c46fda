#!/usr/bin/env bash
# tmux 3.3a (Debian 12: tmux 3.3a-3), capture-pane; the program is Python's curses.
#
# Guess: capture-pane -p prints "the visible contents of the pane" (manual): the characters that are on the screen. What
# has lines around it on the screen has them in the capture as well, in a tmux that runs with UTF-8.
# Seen: lines that a program drew with the line drawing set (smacs/acsc of terminfo: ESC ( 0 or Shift Out) come as the
# letters that stand for them there: l q k x m j t u. With -e they come so too, between Shift Out and Shift In; neither
# -J, -C nor -N changes it. A client's screen has the lines.
# ncurses draws so in a locale without UTF-8, as it is after ssh to a host without LANG, and, with any locale, when TERM
# is xterm-256color instead of tmux-256color.
#
# Why it matters here: who reads a pane to find a box, a rule or a dialog by its frame finds none, or finds the letters
# in the text: "x Allow? x". Those who show what they captured show "lqqqk".
set -euo pipefail

work=$(mktemp -d)
export HOME=$work LC_ALL=C.UTF-8
unset TMUX TMUX_PANE
trap 'for server in "$work"/*.tmux; do "$work/root/usr/bin/tmux" -S "$server" kill-server 2> /dev/null || true; done; rm -rf "$work"' EXIT
(cd "$work" && apt-get download -qq -o APT::Sandbox::User=root tmux=3.3a-3 > /dev/null)
dpkg-deb -x "$work"/tmux_*.deb "$work/root"
tmux=$work/root/usr/bin/tmux
if ldd "$tmux" | grep 'not found'; then
    echo 'tmux lacks these libraries: apt-get install tmux' >&2
    exit 1
fi

cat > "$work/ask.py" <<'PY'
import curses, locale

def ask(screen):
    screen.box()
    screen.addstr(1, 2, "Allow?")
    screen.refresh()
    screen.getch()

locale.setlocale(locale.LC_ALL, "")
curses.wrapper(ask)
PY

inner() { "$tmux" -f /dev/null -S "$work/inner.tmux" "$@"; }
outer() { "$tmux" -f /dev/null -S "$work/outer.tmux" "$@"; }
inner new-session -d -s keep 'exec cat'
inner set-option -g status off
outer new-session -d -s keep 'exec cat'
outer set-option -g status off

number=0
ask() { # SETTINGS OPTIONS: starts the program, and prints what a capture of its pane has
    number=$((number + 1))
    inner new-session -d -s "ask$number" -x 12 -y 3 "exec env $1 python3 '$work/ask.py'"
    for _ in $(seq 300); do inner capture-pane -p -t "ask$number:" | grep -q '^[mx└].*[jx┘]' && break; sleep 0.1; done
    # shellcheck disable=SC2086
    inner capture-pane -p $2 -t "ask$number:" | sed 's/\x0e/<SO>/g; s/\x0f/<SI>/g; s/\x1b\[[0-9;]*m//g; s/^/  /'
}
{
    echo 'TERM=tmux-256color, UTF-8:'
    ask 'TERM=tmux-256color' ''
    echo 'TERM=tmux-256color, LC_ALL=C:'
    ask 'TERM=tmux-256color LC_ALL=C' ''
    echo 'TERM=xterm-256color, UTF-8:'
    ask 'TERM=xterm-256color' ''
    echo 'the same, capture-pane -e:'
    ask 'TERM=xterm-256color' -e
    echo 'what a client of it shows:'
    outer new-session -d -s client -x 12 -y 3 "exec env TERM=tmux-256color '$tmux' -S '$work/inner.tmux' attach -t ask$number:"
    for _ in $(seq 300); do outer capture-pane -p -t client: | grep -q Allow && break; sleep 0.1; done
    outer capture-pane -p -t client: | sed 's/^/  /'
} | tee "$work/seen"

expected='TERM=tmux-256color, UTF-8:
  ┌──────────┐
  │ Allow?   │
  └──────────┘
TERM=tmux-256color, LC_ALL=C:
  lqqqqqqqqqqk
  x Allow?   x
  mqqqqqqqqqqj
TERM=xterm-256color, UTF-8:
  lqqqqqqqqqqk
  x Allow?   x
  mqqqqqqqqqqj
the same, capture-pane -e:
  <SO>lqqqqqqqqqqk
  x<SI> Allow?   <SO>x
  mqqqqqqqqqqj
what a client of it shows:
  ┌──────────┐
  │ Allow?   │
  └──────────┘'
[ "$(cat "$work/seen")" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
