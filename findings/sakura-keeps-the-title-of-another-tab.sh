#!/usr/bin/env bash
# sakura 3.8.6 (Debian 12: sakura 3.8.6-1), the title of its window.
#
# Guess: the title of a terminal's window is that of the tab in front, as in gnome-terminal,
# xfce4-terminal, lxterminal, mate-terminal, tilix, kitty and konsole; a tab that has set none shows a default.
# Seen: when a tab comes to the front whose program has set no title, the window keeps the title of the
# tab before. The tab bar says "Terminal 1" meanwhile.
#
# Why it matters here: a title is the only thing that a terminal with tabs tells a window manager. Who
# believes this one takes the user to a shell, and says that it is the program in the other tab.
set -euo pipefail

work=$(mktemp -d)
export HOME=$work XDG_RUNTIME_DIR=$work NO_AT_BRIDGE=1 LANG=C.UTF-8 SHELL=/bin/sh
unset WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS
pids=()
trap 'kill "${pids[@]}" 2> /dev/null || true; wait 2> /dev/null || true; rm -rf "$work"' EXIT
for tool in Xvfb xdotool; do
    command -v "$tool" > /dev/null || { echo "it needs $tool: apt-get install xvfb xdotool" >&2; exit 1; }
done
(cd "$work" && apt-get download -qq -o APT::Sandbox::User=root sakura=3.8.6-1 > /dev/null)
dpkg-deb -x "$work"/sakura_*.deb "$work/root"
if ldd "$work/root/usr/bin/sakura" | grep 'not found'; then
    echo 'sakura lacks these libraries: apt-get install sakura' >&2
    exit 1
fi
await() { for _ in $(seq 200); do "$@" > /dev/null 2>&1 && return; sleep 0.1; done; echo "in vain: $*" >&2; exit 1; }

mkfifo "$work/display"
Xvfb -displayfd 3 -screen 0 800x600x24 -nolisten tcp 3> "$work/display" > /dev/null 2>&1 & pids+=($!)
read -r number < "$work/display"
export DISPLAY=:$number
printf '#!/bin/sh\ntty > "%s/first"\nprintf "\\033]2;the first tab\\007"\nexec sleep 600\n' "$work" > "$work/run"
chmod +x "$work/run"
"$work/root/usr/bin/sakura" -e "$work/run" > /dev/null 2>&1 & pids+=($!)
await xdotool search --name '^the first tab$'
window=$(xdotool search --name '^the first tab$' | head -1)
xdotool windowfocus --sync "$window"
xdotool key ctrl+shift+t
sleep 1
# What is typed goes to the tab in front.
typed() { xdotool type "tty > $work/second"; xdotool key Return; sleep 1; [ -s "$work/second" ]; }
await typed
title=$(xdotool getwindowname "$window")

echo "sakura 3.8.6 seen: the first tab is on $(cat "$work/first"), keys go to $(cat "$work/second")"
echo "title of the window: $title"
[ "$title" = 'the first tab' ] && [ "$(cat "$work/first")" != "$(cat "$work/second")" ] ||
    { echo 'CHANGED: the window kept the title of the first tab' >&2; exit 1; }
