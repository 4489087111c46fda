#!/usr/bin/env bash
# tmux 3.3a (Debian 12: tmux 3.3a-3), remain-on-exit and capture-pane.
#
# Guess: with `remain-on-exit on` a pane whose program has ended keeps what the program printed, and
# `capture-pane -p` gives it: that is what the option is for.
# Seen: as the program ends, tmux scrolls the pane by a line to write "Pane is dead" into the last row. What
# stood in the first row is in the history then. An error of one line, all that most programs print that
# end at once, is exactly the line that is missing; `capture-pane -p -S -` has it.
#
# Why it matters here: what starts a program in tmux and wants to say why it ended has to read the history
# too, or it finds nothing but an empty pane.
set -euo pipefail

work=$(mktemp -d)
export HOME=$work
unset TMUX TMUX_PANE
trap '"$work/root/usr/bin/tmux" -S "$work/s.tmux" kill-server 2> /dev/null || true; rm -rf "$work"' EXIT
(cd "$work" && apt-get download -qq -o APT::Sandbox::User=root tmux=3.3a-3 > /dev/null)
dpkg-deb -x "$work"/tmux_*.deb "$work/root"
if ldd "$work/root/usr/bin/tmux" | grep 'not found'; then
    echo 'tmux lacks these libraries: apt-get install tmux' >&2
    exit 1
fi
t() { "$work/root/usr/bin/tmux" -f /dev/null -S "$work/s.tmux" "$@"; }

t new-session -d -s main cat
t set-option -g remain-on-exit on
t new-window -d -n wrong 'echo "error: no such option" >&2; exit 1'
until [ "$(t display-message -p -t main:wrong '#{pane_dead}')" = 1 ]; do sleep 0.05; done
# The message is written a moment after the end is known.
until t capture-pane -p -t main:wrong | grep -q '^Pane is dead'; do sleep 0.05; done
shown=$(t capture-pane -p -t main:wrong | grep -c 'no such option' || true)
with_history=$(t capture-pane -p -S - -t main:wrong | grep -c 'no such option' || true)
echo "tmux 3.3a seen: the error is on the screen $shown times, with the history $with_history"
[ "$shown" = 0 ] && [ "$with_history" = 1 ] ||
    { echo 'CHANGED: the error was on the screen once' >&2; exit 1; }
