#!/usr/bin/env bash
# tmux 3.3a (Debian 12: tmux 3.3a-3), -t with a target that does not exist.
#
# Guess: `-t %99` where there is no pane %99 is an error ("can't find pane: %99", exit code 1), as it is for
# select-pane, send-keys and capture-pane. So the exit code of `display-message -p -t %99` tells whether the
# pane is still there, and `if-shell -F -t %99 CONDITION COMMAND` runs nothing.
# Seen: both succeed. display-message prints its format with empty values and exits with 0. if-shell
# expands the condition without a pane, so a condition that is "not set" or "differs" is true, and
# the command runs on whatever target it names.
#
# Why it matters here: "is this pane alive, and not in a mode" is best asked in one if-shell, so that
# nothing changes in between; the condition must also compare #{pane_id} with the id that was meant.
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
say() { # prints what a command says and its exit code
    local code=0 text
    text=$("$@" 2>&1) || code=$?
    echo "[$text] $code"
}
select=$(say t select-pane -t %99)
shown=$(say t display-message -p -t %99 'pane #{pane_id}, mode #{pane_in_mode}')
mode=$(say t if-shell -F -t %99 '#{==:#{pane_in_mode},}' 'display-message -p ran' 'display-message -p skipped')
named=$(say t if-shell -F -t %99 '#{==:#{pane_id},%99}' 'display-message -p ran' 'display-message -p skipped')
echo "tmux 3.3a seen:"
echo "select-pane -t %99: $select"
echo "display-message -p -t %99: $shown"
echo "if-shell -F -t %99, pane_in_mode is empty: $mode"
echo "if-shell -F -t %99, pane_id is %99: $named"
[ "$select" = "[can't find pane: %99] 1" ] && [ "$shown" = '[pane , mode ] 0' ] && [ "$mode" = '[ran] 0' ] &&
    [ "$named" = '[skipped] 0' ] || { echo 'CHANGED: only select-pane failed; display-message and if-shell went on' >&2; exit 1; }
