#!/usr/bin/env bash
# tmux 3.3a (Debian 12: tmux 3.3a-3), display-menu and display-popup.
#
# Guess: exit code 0 means that the menu or the popup was shown. One that does not fit, or that finds another
# one open, fails, is cut to size, or takes the other one's place.
# Seen: a menu with more entries than the terminal has lines is not shown, and a menu or popup is not shown
# while a popup is open: nothing on the screen, nothing on stderr, exit code 0, at once. The program of
# the second popup is not started.
#
# Why it matters here: a picker of 30 sessions in a display-menu does nothing on a terminal of 24 lines, and
# so does the key that opens it, while any popup is open; the caller is told that all went well.
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
o() { "$work/root/usr/bin/tmux" -f /dev/null -S "$work/o.tmux" "$@"; }

# A tmux within a tmux: the outer one is the terminal, whose screen can be read.
t new-session -d -s inner 'exec cat'
o new-session -d -s outer -x 80 -y 24 "unset TMUX; TERM=screen exec '$work/root/usr/bin/tmux' -S '$work/s.tmux' attach"
await() { # TEXT: until the terminal shows it
    for _ in $(seq 300); do o capture-pane -p -t outer: | grep -qF "$1" && return; sleep 0.1; done
    echo "the terminal never showed: $1" >&2; o capture-pane -p -t outer: >&2; exit 1
}
await '[inner]'
client=$(t list-clients -F '#{client_name}')
say() { local code=0 text; text=$("$@" 2>&1) || code=$?; echo "[$text] $code"; }
menu() { local entries=(); for i in $(seq "$1"); do entries+=("entry $i" '' ''); done; say t display-menu -c "$client" -x 0 -y 0 "${entries[@]}"; }

# One that fits holds its caller until it is closed; so this one runs beside the script.
menu 10 > "$work/fits" & fits=$!
await 'entry 10'
o send-keys -t outer: q
wait "$fits"
tall=$(menu 30)

t display-popup -c "$client" -E 'echo first popup; exec cat' & first=$!
await 'first popup'
second=$(say t display-popup -c "$client" -E "touch '$work/started'; exec cat")
third=$(menu 3)
screen=$(o capture-pane -p -t outer:)
o send-keys -t outer: C-d
wait "$first"
started=no; [ ! -e "$work/started" ] || started=yes

echo "tmux 3.3a seen:"
echo "menu of 10 in 24 lines: $(cat "$work/fits"), was shown"
echo "menu of 30 in 24 lines: $tall"
echo "second popup: $second, its program started: $started"
echo "menu over the popup: $third"
[ "$tall" = '[] 0' ] && [ "$second" = '[] 0' ] && [ "$third" = '[] 0' ] && [ "$started" = no ] &&
    grep -q 'first popup' <<< "$screen" && ! grep -q 'entry' <<< "$screen" ||
    { echo 'CHANGED: all three were not shown and exited with 0' >&2; exit 1; }
