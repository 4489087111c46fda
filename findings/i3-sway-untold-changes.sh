#!/usr/bin/env bash
# i3 4.22 and sway 1.7 (Debian 12: i3-wm 4.22-2, sway 1.7-6), IPC events.
#
# Guess: a client that is subscribed to `window` and `workspace` hears of every command that changes what
# get_tree answers, so that its copy of the tree is never old. (i3's IPC page: window events are sent
# "whenever the window is changed".)
# Seen: `swap container`, `layout tabbed`, `split v`, `sticky toggle`, `focus parent` and `move position`
# change the tree and send nothing, in both. `swap` can move a window to another workspace, and after
# `layout tabbed` a window that was in view is hidden.
# `title_format` tells the two apart: sway sends window::title, i3 sends nothing.
#
# Why it matters here: "which workspace is the session on" and "is it in front of the user" cannot be
# kept up to date by events alone; the tree has to be read again from time to time.
set -euo pipefail

work=$(mktemp -d)
children=()
trap 'for child in "${children[@]}"; do kill "$child" 2> /dev/null || true; done; wait; rm -rf "$work"' EXIT
export HOME=$work/home XDG_RUNTIME_DIR=$work/run
unset DISPLAY WAYLAND_DISPLAY I3SOCK SWAYSOCK
mkdir -p "$HOME"
mkdir -m 700 "$XDG_RUNTIME_DIR"

debian() { # PACKAGE VERSION PROGRAM: unpacks exactly this version below $work/root
    (cd "$work" && apt-get download -qq -o APT::Sandbox::User=root "$1=$2" > /dev/null)
    dpkg-deb -x "$work/$1"_*.deb "$work/root"
    if ldd "$work/root/usr/bin/$3" | grep 'not found'; then
        echo "$1 lacks these libraries: apt-get install $1" >&2
        exit 1
    fi
}
debian i3-wm 4.22-2 i3
debian sway 1.7-6 sway
debian foot 1.13.1-2+deb12u1 foot
command -v Xvfb xterm > /dev/null || { echo 'needs xvfb and xterm: apt-get install xvfb xterm' >&2; exit 1; }

cat > "$work/changes.py" <<'PY'
import json, os, socket, struct, subprocess, sys, time

RUN, WORKSPACES, SUBSCRIBE, TREE, TICK = 0, 1, 2, 4, 10

class Link:
    def __init__(self, path):
        self.stream = socket.socket(socket.AF_UNIX)
        self.stream.settimeout(30)
        self.stream.connect(path)
    def read(self):
        head = self.stream.recv(14, socket.MSG_WAITALL)
        size, kind = struct.unpack("=II", head[6:])
        return kind, json.loads(self.stream.recv(size, socket.MSG_WAITALL))
    def ask(self, kind, text=""):
        self.stream.sendall(b"i3-ipc" + struct.pack("=II", len(text.encode()), kind) + text.encode())
        return self.read()[1]

path, terminal = sys.argv[1], sys.argv[2:]
link, events = Link(path), Link(path)
assert events.ask(SUBSCRIBE, '["window","workspace","tick"]')["success"]

def told():
    """What was told until now: a tick that we send ourselves ends it."""
    link.ask(TICK, "end")
    words = []
    while True:
        kind, event = events.read()
        if event.get("payload") == "end":
            return words
        if "change" in event:
            words.append(["workspace", "", "", "window"][kind & 3] + "::" + event["change"])

def windows(node):
    if node["type"] == "dockarea":  # i3bar
        return []
    below = [window for child in node["nodes"] + node["floating_nodes"] for window in windows(child)]
    return below or ([node] if node.get("pid") or node.get("window") else [])

started = [subprocess.Popen(terminal, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(3)]
while len(windows(link.ask(TREE))) < 3:
    events.read()
# A window may tell its title after it was shown.
while told():
    time.sleep(0.3)
found = windows(link.ask(TREE))
assert len(found) == 3, [(window.get("name"), window["type"]) for window in found]
first, _, last = [window["id"] for window in found]
untold = []
for command in [f"[con_id={first}] focus", f"swap container with con_id {last}", "layout tabbed", "layout splith",
                "split v", "focus parent", "focus child", "sticky toggle", "sticky toggle", "mark m", "floating enable",
                "move position 20 20", "floating disable", "title_format <i>%title</i>"]:
    before = link.ask(TREE)
    answer = link.ask(RUN, command)[0]
    changed = before != link.ask(TREE)
    words = told()
    shown = " ".join(str(word) for word in command.replace(str(first), "A").replace(str(last), "C").split())
    print(f"{shown}: {'tree changed' if changed else 'same tree'}, {' '.join(words) or 'nothing told'}"
          + ("" if answer["success"] else f" (refused: {answer})"))
for program in started:
    program.terminate()
    program.wait()
PY

mkfifo "$work/display"
Xvfb -displayfd 3 -screen 0 800x600x24 -nolisten tcp 3> "$work/display" 2> /dev/null & children+=($!)
read -r -t 30 number < "$work/display"
printf 'font fixed\nipc-socket %s\n' "$work/i3.sock" > "$work/i3.conf"
DISPLAY=:$number "$work/root/usr/bin/i3" -c "$work/i3.conf" > "$work/i3.log" 2>&1 & children+=($!)
for _ in $(seq 300); do [ -S "$work/i3.sock" ] && break; sleep 0.1; done
i3=$(DISPLAY=:$number python3 "$work/changes.py" "$work/i3.sock" xterm -e cat)

# sway refuses to run as root.
user=()
if [ "$(id -u)" = 0 ]; then
    user=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    chmod 755 "$work"
    chown -R 65534:65534 "$HOME" "$XDG_RUNTIME_DIR"
fi
printf 'xwayland disable\nfocus_follows_mouse no\n' > "$work/sway.conf"
WLR_BACKENDS=headless WLR_LIBINPUT_NO_DEVICES=1 WLR_RENDERER=pixman \
    "${user[@]}" "$work/root/usr/bin/sway" -c "$work/sway.conf" > "$work/sway.log" 2>&1 & children+=($!)
for _ in $(seq 300); do
    socket=$(find "$XDG_RUNTIME_DIR" -name 'sway-ipc.*.sock'); display=$(find "$XDG_RUNTIME_DIR" -name 'wayland-?')
    [ -n "$socket" ] && [ -n "$display" ] && break
    sleep 0.1
done
sway=$(WAYLAND_DISPLAY=$display python3 "$work/changes.py" "$socket" "$work/root/usr/bin/foot" cat)

echo "--- i3 4.22"; echo "$i3"
echo "--- sway 1.7"; echo "$sway"
wrong=0
for change in 'swap container with con_id C' 'layout tabbed' 'split v' 'focus parent' 'sticky toggle' 'move position 20 20'; do
    for said in "$i3" "$sway"; do
        grep -qx "$change: tree changed, nothing told" <<< "$said" || { echo "CHANGED: $change" >&2; wrong=1; }
    done
done
# The events do arrive for others.
for said in "$i3" "$sway"; do
    grep -q '^floating enable: tree changed, .*window::floating' <<< "$said" || { echo 'CHANGED: floating enable' >&2; wrong=1; }
done
grep -q '^title_format .*: .*, nothing told' <<< "$i3" || { echo 'CHANGED: title_format on i3' >&2; wrong=1; }
grep -q '^title_format .*: .*window::title' <<< "$sway" || { echo 'CHANGED: title_format on sway' >&2; wrong=1; }
exit "$wrong"
