#!/usr/bin/env bash
# tmux 3.3a (Debian 12: tmux 3.3a-3), #{session_activity}.
#
# Guess: it is the time of the last thing that happened in the session (the manual: "Time of session last
# activity"), so that sessions sorted by it have on top those in which programs print something.
# Seen: output does not count. A session whose program prints keeps the time at which it was made or last
# typed into; only #{window_activity} moves. Keys from `send-keys` do not count either.
#
# Why it matters here: "the session that did something last" cannot be read from the sessions; a session
# that nobody is attached to looks idle since its start while it works.
set -euo pipefail

work=$(mktemp -d)
export HOME=$work
unset TMUX TMUX_PANE
trap 'for server in "$work"/*.tmux; do "$work/root/usr/bin/tmux" -S "$server" kill-server 2> /dev/null || true; done; rm -rf "$work"' EXIT
(cd "$work" && apt-get download -qq -o APT::Sandbox::User=root tmux=3.3a-3 > /dev/null)
dpkg-deb -x "$work"/tmux_*.deb "$work/root"
if ldd "$work/root/usr/bin/tmux" | grep 'not found'; then
    echo 'tmux lacks these libraries: apt-get install tmux' >&2
    exit 1
fi
t() { "$work/root/usr/bin/tmux" -f /dev/null -S "$work/s.tmux" "$@"; }

t new-session -d -s main 'exec cat'
times() { t display-message -p -t main: '#{session_activity} #{window_activity}'; }
read -r session window <<< "$(times)"
# Both are whole seconds, so print until the window's has moved.
for _ in $(seq 300); do
    echo 'some output' > "$(t display-message -p -t main: '#{pane_tty}')"
    t send-keys -t main: a
    read -r session_after window_after <<< "$(times)"
    [ "$window_after" = "$window" ] || break
    sleep 0.1
done
echo "tmux 3.3a seen, seconds later: session_activity + $((session_after - session)), window_activity + $((window_after - window))"
[ "$window_after" -gt "$window" ] && [ "$session_after" = "$session" ] ||
    { echo 'CHANGED: only window_activity moved' >&2; exit 1; }
