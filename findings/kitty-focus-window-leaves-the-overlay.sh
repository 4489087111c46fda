#!/usr/bin/env bash
# kitty 0.26.5 (Debian 12: kitty 0.26.5-5+deb12u1).
#
# Guess: `kitten @ focus-window --match id:N` brings the window N into view, or fails. kitty's
# documentation says that it focuses the window.
# Seen: where an overlay lies over the window (the scrollback pager, a hint, `launch --type=overlay`),
# the command ends with 0 and prints nothing, and the overlay stays in front: it has the keyboard, and
# what it shows is all that the user sees. `ls` tells it, for the overlay is the last one of its group
# and not the window that was asked for.
#
# Why it matters here: whoever is taken to a window that waits would type into the overlay, and would be
# told that they have arrived.
set -euo pipefail

work=$(mktemp -d)
pids=()
export HOME=$work XDG_RUNTIME_DIR=$work LANG=C.UTF-8 LIBGL_ALWAYS_SOFTWARE=1
unset WAYLAND_DISPLAY TMUX KITTY_LISTEN_ON
finish() {
    kill "${pids[@]}" 2> /dev/null || true
    wait 2> /dev/null || true
    rm -rf "$work"
}
trap finish EXIT
command -v Xvfb > /dev/null || { echo 'it needs Xvfb: apt-get install xvfb' >&2; exit 1; }
(cd "$work" && apt-get download -qq -o APT::Sandbox::User=root kitty=0.26.5-5+deb12u1 > /dev/null)
dpkg-deb -x "$work"/*.deb "$work/root"
kitty=$work/root/usr/bin/kitty
if ldd "$kitty" | grep 'not found'; then
    echo 'it lacks these libraries: apt-get install kitty' >&2
    exit 1
fi

mkfifo "$work/display"
Xvfb -displayfd 3 -screen 0 800x600x24 -nolisten tcp 3> "$work/display" > /dev/null 2>&1 & pids+=($!)
read -r number < "$work/display"
export DISPLAY=:$number
"$kitty" --config NONE -o allow_remote_control=socket-only -o update_check_interval=0 \
    --listen-on "unix:$work/socket" cat > "$work/log" 2>&1 &
pids+=($!)
remote() { "$kitty" @ --to "unix:$work/socket" "$@"; }
for _ in $(seq 300); do
    [ -S "$work/socket" ] && remote ls > /dev/null 2>&1 && break
    sleep 0.1
done

# Which window of the tab has the keyboard.
front() {
    remote ls | python3 -c '
import json, sys
[tab] = json.load(sys.stdin)[0]["tabs"]
print(*[window["id"] for window in tab["windows"] if window["is_focused"]] or
      [group["windows"][-1] for group in tab["groups"]])'
}
under=$(front)
over=$(remote launch --type=overlay cat)
for _ in $(seq 100); do
    [ "$(front)" = "$over" ] && break
    sleep 0.1
done
code=0
said=$(remote focus-window --match "id:$under" 2>&1) || code=$?
sleep 1
after=$(front)
# What is typed goes to the window with the keyboard.
remote send-text --match state:focused typed
sleep 1
of_under=$(remote get-text --match "id:$under" | tr -d '\n')
of_over=$(remote get-text --match "id:$over" | tr -d '\n')

echo "seen: focus-window of $under ended with $code and said \"$said\"; in front is $after (overlay: $over)"
echo "seen: the window shows \"$of_under\", its overlay \"$of_over\""
[ "$code" = 0 ] && [ -z "$said" ] && [ "$after" = "$over" ] && [ -z "$of_under" ] && [ -n "$of_over" ] ||
    { echo 'CHANGED: the window was brought into view, or the command failed' >&2; exit 1; }
