#!/usr/bin/env bash
# tmux 3.3a (Debian 12: tmux 3.3a-3), display-popup, and what TMUX says inside it.
#
# Guess: TMUX in a popup ends in the number of the session that the client of the popup shows ("-c"
# names the client), as TMUX in a pane ends in that of the pane's session.
# Seen: for a popup that a command from outside opens, it is that of the session which was created or
# used last, even if no client shows it. The same popup from a key of the client names the client's.
#
# Why it matters here: nothing else of a popup is told; neither list-panes nor list-clients nor a
# format mention it. Whoever looks for the client that shows a program in a popup by this number
# finds none, or another terminal.
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

# A tmux within a tmux: the outer one is the terminal of the only client, which shows the session "shown".
t new-session -d -s shown 'exec cat'
o new-session -d -s outer -x 80 -y 24 "unset TMUX; TERM=screen exec '$work/root/usr/bin/tmux' -S '$work/s.tmux' attach -t shown"
for _ in $(seq 300); do [ -n "$(t list-clients)" ] && break; sleep 0.1; done
client=$(t list-clients -F '#{client_name}')
t new-session -d -s other 'exec cat'
shown=$(t display-message -p -t shown: '#{session_id}')
other=$(t display-message -p -t other: '#{session_id}')

# The popup ends with its program, and the command with the popup.
t display-popup -c "$client" -E "printenv TMUX > '$work/outside'"
t bind-key -n F5 display-popup -E "printenv TMUX > '$work/key'"
o send-keys -t outer: F5
for _ in $(seq 300); do [ -s "$work/key" ] && break; sleep 0.1; done

outside=\$$(sed 's/.*,//' "$work/outside") key=\$$(sed 's/.*,//' "$work/key")
echo "tmux 3.3a seen: the only client shows $(t list-clients -F '#{session_name} #{session_id}'); no client shows \"other\" $other"
echo "TMUX of a popup that was opened from outside: $outside; by a key of the client: $key"
[ "$outside" = "$other" ] && [ "$key" = "$shown" ] && [ "$shown" != "$other" ] ||
    { echo 'CHANGED: from outside it was the session that no client shows' >&2; exit 1; }
