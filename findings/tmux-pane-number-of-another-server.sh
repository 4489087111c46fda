#!/usr/bin/env bash
# tmux 3.3a (Debian 12: tmux 3.3a-3), commands without a target for another server (-S, -L).
#
# Guess: a pane of one server is no "current pane" for another: "if no current session is available, the most
# recently used is chosen" (manual). And after `unset TMUX`, which is how tmux is started within tmux, nothing
# is current.
# Seen: TMUX_PANE alone decides. tmux takes its number for that of a pane of whichever server it talks to,
# without a look at TMUX: from pane %0 of one server, a command without -t for another one goes to the session
# of that one's own %0, as long as there is a pane with this number. A target without a session (":0") is
# completed so as well, and `unset TMUX` changes nothing.
#
# Why it matters here: a program that asks several tmux servers, or was started within tmux, opens windows in,
# and attaches to, a session that only shares a number with its own pane. Unset TMUX_PANE, and name the session.
set -euo pipefail

work=$(mktemp -d)
export HOME=$work
unset TMUX TMUX_PANE
trap 'for server in "$work"/*.tmux; do "$work/root/usr/bin/tmux" -S "$server" kill-server 2> /dev/null || true; done; rm -rf "$work"' EXIT
(cd "$work" && apt-get download -qq -o APT::Sandbox::User=root tmux=3.3a-3 > /dev/null)
dpkg-deb -x "$work"/tmux_*.deb "$work/root"
tmux=$work/root/usr/bin/tmux
if ldd "$tmux" | grep 'not found'; then
    echo 'tmux lacks these libraries: apt-get install tmux' >&2
    exit 1
fi
mine() { "$tmux" -f /dev/null -S "$work/mine.tmux" "$@"; }
other() { "$tmux" -f /dev/null -S "$work/other.tmux" "$@"; }

# The other server: "old" has the pane %0, "recent" the pane %1 and is used last, by a client.
other new-session -d -s old 'exec cat'
other new-session -d -s recent 'exec cat'
mine new-session -d -s caller -x 80 -y 24 "unset TMUX TMUX_PANE; TERM=screen exec '$tmux' -S '$work/other.tmux' attach -t recent"
for _ in $(seq 300); do [ -n "$(other list-clients)" ] && break; sleep 0.1; done
mine kill-server
for _ in $(seq 300); do [ -z "$(other list-clients)" ] && break; sleep 0.1; done
[ "$(other list-panes -a -F '#{session_name} #{pane_id}')" = $'old %0\nrecent %1' ]

# Two callers are panes of the server "mine": %0, and %9, a number that the other server does not have.
cat > "$work/call" <<CALL
tmux() { '$tmux' -S '$work/other.tmux' "\$@"; }
name='#{session_name}'
{
    echo "from pane \$TMUX_PANE:"
    echo "  display-message -p: \$(tmux display-message -p "\$name")"
    echo "  display-message -p -t :0: \$(tmux display-message -p -t :0 "\$name")"
    echo "  new-window, without TMUX: \$(unset TMUX; tmux new-window -d -P -F "\$name" 'exec cat')"
    echo "  new-window, without TMUX_PANE: \$(unset TMUX_PANE; tmux new-window -d -P -F "\$name" 'exec cat')"
} > '$work/'said.\$TMUX_PANE 2>&1
'$tmux' wait-for -S said
exec cat
CALL
mine new-session -d -s a "sh '$work/call'"
mine wait-for said
for _ in $(seq 8); do mine new-session -d 'exec cat'; done
mine new-session -d -s b "sh '$work/call'"
mine wait-for said

seen="from outside: $(other display-message -p '#{session_name}')
$(cat "$work/said.%0" "$work/said.%9")"
echo 'tmux 3.3a seen: another server has "old" with %0 and "recent" with %1; its commands without a session go to'
echo "$seen"
expected='from outside: recent
from pane %0:
  display-message -p: old
  display-message -p -t :0: old
  new-window, without TMUX: old
  new-window, without TMUX_PANE: recent
from pane %9:
  display-message -p: recent
  display-message -p -t :0: recent
  new-window, without TMUX: recent
  new-window, without TMUX_PANE: recent'
[ "$seen" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
