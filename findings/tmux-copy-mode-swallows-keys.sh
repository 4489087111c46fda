#!/usr/bin/env bash
# tmux 3.3a (Debian 12: tmux 3.3a-3), send-keys to a pane in copy mode.
#
# Guess: `send-keys -l TEXT` types the text into the program of the pane, whatever mode the user's view
# is in (`send-keys -X` is the form that is meant for copy mode); or it fails. capture-pane shows what the user sees.
# Seen: while the pane is in copy mode the text goes to copy mode's key table and is lost, with exit code 0;
# letters bound there act: a `q` leaves the mode, and the next text is typed into the program.
# Meanwhile capture-pane goes on to show the program's live screen, as if the keys could reach it.
# `paste-buffer` does reach the program.
#
# Why it matters here: a question that is read with capture-pane and answered with send-keys is not answered
# while the user scrolls, and nothing says so. #{pane_in_mode} has to be asked in the same command.
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

t new-session -d -s main -x 80 -y 24 "stty -echo -icanon; exec cat > '$work/typed'"
for _ in $(seq 300); do [ -e "$work/typed" ] && break; sleep 0.1; done
typed() { # MARK: what the program got until MARK, which a paste brings it
    t set-buffer "$1"; t paste-buffer -t main:
    for _ in $(seq 300); do grep -q "$1" "$work/typed" && break; sleep 0.1; done
    cat "$work/typed"
}
t copy-mode -t main:
code=0; t send-keys -t main: -l 1 || code=$?
echo 'live line' > "$(t display-message -p -t main: '#{pane_tty}')"
for _ in $(seq 300); do t capture-pane -p -t main: | grep -q 'live line' && break; sleep 0.1; done
captured=old; t capture-pane -p -t main: | grep -q 'live line' && captured=live
mode=$(t display-message -p -t main: '#{pane_in_mode}')
first=$(typed A)
t send-keys -t main: -l q
after=$(t display-message -p -t main: '#{pane_in_mode}')
t send-keys -t main: -l y
second=$(typed B)

echo "tmux 3.3a seen: send-keys -l 1: exit code $code, pane_in_mode $mode, capture-pane shows the $captured screen"
echo "the program got '$first' (A was pasted), then '$second' (q and y were sent one by one, B was pasted)"
[ "$code" = 0 ] && [ "$mode" = 1 ] && [ "$captured" = live ] && [ "$first" = A ] && [ "$after" = 0 ] &&
    [ "$second" = AyB ] ||
    { echo 'CHANGED: exit code 0, live screen, A, AyB' >&2; exit 1; }
