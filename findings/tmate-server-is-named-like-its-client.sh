#!/usr/bin/env bash
# tmate 2.4.0 (Debian 12: tmate 2.4.0-2), a fork of tmux, and what its server is called in /proc.
#
# Guess: as that of tmux its server can be told from its clients by the name of the process, "tmate:
# server", or at least by its arguments.
# Seen: both are called "tmate", and the server keeps the arguments of the client that has started it.
# Only that it has no terminal (tty_nr in /proc/PID/stat is 0) tells it. TMUX of a program in a pane has
# the form of tmux's, and names the server's pid.
#
# Why it matters here: what finds tmux servers by the name "tmux: server" finds none, and a program that
# runs in a pane seems to be shown nowhere, although the socket takes tmux's commands.
set -euo pipefail

work=$(mktemp -d)
export HOME=$work
unset TMUX TMUX_PANE
tmate() { "$work/root/usr/bin/tmate" -S "$work/s" -f "$work/conf" "$@"; }
trap 'tmate kill-server 2> /dev/null || true; wait; rm -rf "$work"' EXIT
(cd "$work" && apt-get download -qq -o APT::Sandbox::User=root tmate=2.4.0-2 > /dev/null)
dpkg-deb -x "$work"/tmate_*.deb "$work/root"
if ldd "$work/root/usr/bin/tmate" | grep 'not found'; then
    echo 'tmate lacks these libraries: apt-get install tmate' >&2
    exit 1
fi
# It shares nothing: nobody listens at this port of this machine.
printf 'set -g tmate-server-host 127.0.0.1\nset -g tmate-server-port 1\n' > "$work/conf"

# script(1) is the terminal of the client; its input stays open, and empty.
mkfifo "$work/input"
exec 3<> "$work/input"
script -qfc "'$work/root/usr/bin/tmate' -S '$work/s' -f '$work/conf' new-session 'printenv TMUX > $work/tmux; exec sleep 100'" \
    /dev/null < "$work/input" > /dev/null &
for _ in $(seq 300); do [ -s "$work/tmux" ] && break; sleep 0.1; done
client=$(tmate list-clients -F '#{client_pid}')
server=$(cut -d, -f2 "$work/tmux")

of() { printf '%s, %s arguments, tty_nr %s' "$(cat "/proc/$1/comm")" "$(tr '\0' '\n' < "/proc/$1/cmdline" | sha256sum | cut -c1-8)" "$(sed 's/.*) //' "/proc/$1/stat" | cut -d' ' -f5)"; }
echo "tmate 2.4.0 seen: client $(of "$client"); server $(of "$server"); TMUX=$(sed "s,$work,...," "$work/tmux")"
same() { cmp -s "/proc/$client/$1" "/proc/$server/$1"; }
terminal() { sed 's/.*) //' "/proc/$1/stat" | cut -d' ' -f5; }
[ "$client" != "$server" ] && same comm && same cmdline && [ "$(cat "/proc/$server/comm")" = tmate ] &&
    [ "$(terminal "$server")" = 0 ] && [ "$(terminal "$client")" != 0 ] ||
    { echo 'CHANGED: the server had the name and the arguments of its client, and no terminal' >&2; exit 1; }
