#!/usr/bin/env bash
# tmux 3.3a (Debian 12: tmux 3.3a-3), new-session -A -d.
#
# Guess: `tmux new-session -A -d -s NAME` is the way to say "make sure that this session runs, in the
# background": -A (use it if it exists) and -d (do not attach).
# Seen: it is so only while the session does not exist. When it does, -A turns the command into
# attach-session and -d is dropped: in a script it fails with "open terminal failed: not a terminal", and
# from a terminal it attaches, which is what -d forbids.
#
# Why it matters here: a unit file or a script that starts sessions this way works once and fails when it
# is run again. `has-session -t =NAME || new-session -d -s NAME` does what was meant.
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

say() { local code=0 text; text=$("$@" 2>&1 < /dev/null) || code=$?; echo "[$text] $code"; }
first=$(say t new-session -A -d -s main 'exec cat')
again=$(say t new-session -A -d -s main 'exec cat')
echo "tmux 3.3a seen: the first time $first, the second time $again"
[ "$first" = '[] 0' ] && [ "$again" = '[open terminal failed: not a terminal] 1' ] ||
    { echo 'CHANGED: the second time it failed' >&2; exit 1; }
