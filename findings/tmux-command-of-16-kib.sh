#!/usr/bin/env bash
# tmux 3.3a (Debian 12: tmux 3.3a-3), arguments of a command.
#
# Guess: what fits into an argument of execve(2), 128 KiB, fits into `tmux set-buffer TEXT` or
# `tmux send-keys -l TEXT`.
# Seen: a command is sent to the server in one message of at most 16 KiB, all its arguments together. Longer
# ones fail with "command too long". A pipe has no such limit: `load-buffer -`, and `source-file -` too.
# It is not the length of one argument: 170 short commands in one line fail as well.
#
# Why it matters here: a prompt, or a chain of `select-window \; select-pane \; ...` over many panes, has to
# go through load-buffer or source-file when it may grow.
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
text() { head -c "$1" /dev/zero | tr '\0' x; }
say() { local code=0 text; text=$("$@" 2>&1) || code=$?; echo "[$text] $code"; }
many=(); for _ in $(seq 170); do many+=(display-message "$(text 80)" ';'); done

short=$(say t set-buffer -b a "$(text 16000)")
long=$(say t set-buffer -b b "$(text 20000)")
keys=$(say t send-keys -l "$(text 20000)")
chain=$(say t "${many[@]}")
execve=$(say /bin/echo -n "$(text 20000)")
text 20000 | t load-buffer -b c -
{ printf 'set-buffer -b d '; text 20000; echo; } | t source-file -
sizes=$(t list-buffers -F '#{buffer_name} #{buffer_size}' | sort | paste -sd ' ')

echo "tmux 3.3a seen:"
echo "set-buffer, 16000 bytes: $short"
echo "set-buffer, 20000 bytes: $long"
echo "send-keys -l, 20000 bytes: $keys"
echo "170 short commands in one line: $chain"
echo "buffers: $sizes (c by load-buffer -, d by source-file -)"
[ "$short" = '[] 0' ] && [ "$long" = '[command too long] 1' ] && [ "$keys" = '[command too long] 1' ] &&
    [ "$chain" = '[command too long] 1' ] && [ "$execve" = "[$(text 20000)] 0" ] && [ "$sizes" = 'a 16000 c 20000 d 20000' ] ||
    { echo 'CHANGED: 20000 bytes went through a pipe only' >&2; exit 1; }
