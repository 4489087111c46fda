#!/usr/bin/env bash
# i3 4.22 (Debian 12: i3-wm 4.22-2) on Xvfb, with kitty 0.26.5 (Debian 12: 0.26.5-5+deb12u1) as the windows.
#
# Guess: the con_id and the X11 window id of a window that is gone name no other window, at least not soon. i3's
# documentation says of the con_id "you can use it to (re-)identify and address containers"; it has 14 digits. A
# command for one that is gone matches nothing.
# Seen: both come again at once, and together. The con_id is the address of memory that is free again, the window id
# begins with the lowest number of a client that is free. Of 16 windows that are opened and closed one after the other
# all but one or two have the window id of an earlier one, and about half its con_id, too. `[con_id=N]` and `[id=N]`
# with numbers of a closed window act on the new one, with success. WINDOWID of a program that outlives its terminal
# names the terminal that was opened next.
#
# Why it matters here: "notify, and a click goes to the window" ends in another window, `kill` closes it, and a table
# that is keyed by window takes what it knew of the old one for the new one when it missed the close event. The pair is
# of no more use than one of them. A mark (`[con_mark=...]`) goes with its window; the pid (_NET_WM_PID) tells
# terminals apart.
set -euo pipefail

work=$(mktemp -d)
pids=()
finish() {
    [ ! -s "$work/outlives" ] || kill "$(cat "$work/outlives")" 2> /dev/null || true
    kill "${pids[@]}" 2> /dev/null || true
    wait 2> /dev/null || true
    rm -rf "$work"
}
trap finish EXIT
export HOME=$work/home XDG_RUNTIME_DIR=$work/run LANG=C.UTF-8 LIBGL_ALWAYS_SOFTWARE=1
unset DISPLAY WAYLAND_DISPLAY I3SOCK SWAYSOCK TMUX KITTY_LISTEN_ON
mkdir "$HOME"
mkdir -m 700 "$XDG_RUNTIME_DIR"
command -v Xvfb > /dev/null || { echo 'it needs Xvfb: apt-get install xvfb' >&2; exit 1; }
(cd "$work" && apt-get download -qq -o APT::Sandbox::User=root i3-wm=4.22-2 kitty=0.26.5-5+deb12u1 > /dev/null)
for package in "$work"/*.deb; do dpkg-deb -x "$package" "$work/root"; done
bin=$work/root/usr/bin
if ldd "$bin/kitty" "$bin/i3" | grep 'not found'; then
    echo 'they lack these libraries: apt-get install i3-wm kitty' >&2
    exit 1
fi

mkfifo "$work/display"
Xvfb -displayfd 3 -screen 0 800x600x24 -nolisten tcp 3> "$work/display" > /dev/null 2>&1 & pids+=($!)
read -r number < "$work/display"
export DISPLAY=:$number I3SOCK=$work/i3.sock
printf '# i3 config file (v4)\nipc-socket %s\nfont pango:monospace 8\n' "$I3SOCK" > "$work/i3.conf"
"$bin/i3" -c "$work/i3.conf" > "$work/i3.log" 2>&1 & pids+=($!)
for _ in $(seq 300); do [ -S "$I3SOCK" ] && break; sleep 0.1; done

# Prints con_id, window id, marks and name of each window.
windows() {
    "$bin/i3-msg" -t get_tree | python3 -c '
import json, sys
def walk(node):
    if node["window"]:
        print(node["id"], node["window"], ",".join(node["marks"]) or "-", node["name"])
    for child in node["nodes"] + node["floating_nodes"]:
        walk(child)
walk(json.load(sys.stdin))'
}
open() { # NAME COMMAND: a window, until i3 has it
    "$bin/kitty" --config NONE -o update_check_interval=0 --title "$1" bash -c "$2" > /dev/null 2>&1 & terminal=$!
    for _ in $(seq 300); do windows | grep -q " $1\$" && break; sleep 0.1; done
    windows | grep " $1\$" > "$work/window"
}
close() {
    kill "$terminal"
    wait "$terminal" 2> /dev/null || true
    for _ in $(seq 300); do [ -n "$(windows)" ] || break; sleep 0.1; done
}
{
    for number in $(seq 16); do
        open "window$number" 'sleep 1000'
        cat "$work/window" >> "$work/all"
        close
    done
    read -r by_con by_window by_both <<< "$(python3 - "$work/all" <<'PY'
import sys
rows = [line.split()[:2] for line in open(sys.argv[1])]
for what in (lambda row: row[0], lambda row: row[1], lambda row: row):
    had = [what(row) for row in rows]
    print(len(had) - len(set(map(str, had))), end=" ")
PY
)"
    echo "of 16 windows, $by_con have the con_id of an earlier one, $by_window its window id, $by_both both" >&2
    [ "$by_con" -ge 4 ] && [ "$by_window" -ge 8 ] && [ "$by_both" -ge 4 ] && echo 'both ids come again, together'

    # A program that outlives its terminal, and what was noted of that.
    for try in $(seq 20); do
        [ "$try" = 1 ] || { close; kill "$(cat "$work/outlives")"; }
        open build "setsid sleep 1000 & echo \$! > $work/outlives; sleep 1000"
        read -r con window _ < "$work/window"
        "$bin/i3-msg" "[con_id=$con] mark it" > /dev/null
        close
        open mail 'sleep 1000'
        [ "$con" != "$(cut -d ' ' -f 1 "$work/window")" ] || break
    done
    "$bin/i3-msg" "[con_id=$con] mark --add by_con_id" > /dev/null
    "$bin/i3-msg" "[id=$window] mark --add by_id" > /dev/null
    echo "the ids of build, which is closed, mark: $(windows | cut -d ' ' -f 3-)"
    named=$(tr '\0' '\n' < "/proc/$(cat "$work/outlives")/environ" | sed -n 's/^WINDOWID=//p')
    echo "WINDOWID of what build left behind names: $(windows | awk -v id="$named" '$2 == id { print $4 }')"
    close
} | tee "$work/seen"
expected='both ids come again, together
the ids of build, which is closed, mark: by_con_id,by_id mail
WINDOWID of what build left behind names: mail'
[ "$(cat "$work/seen")" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
