#!/usr/bin/env bash
# i3 4.22 (Debian 12: i3-wm 4.22-2), titles; the clients are python-xlib 0.33.
#
# Guess: whenever a window sets its title, i3's get_tree has that title a moment later, as it is in the
# window's _NET_WM_NAME: i3 reads the property when it manages the window, and selects PropertyChange
# from then on (EWMH: the window manager displays _NET_WM_NAME).
# Seen: a title that is set in the moment in which i3 takes a new window into its frame is lost for good:
# the property has it, get_tree and the title bar keep the one before, and no window::title event comes.
# It ends with the next title. The script opens windows that set a second title so many microseconds
# after they were mapped, and counts those whose titles differ a second later.
#
# Why it matters here: a terminal whose first program sets a title at once (as Claude Code does) may be
# known to i3 under the name of its shell for as long as the program sets no other.
set -euo pipefail

work=$(mktemp -d)
children=()
trap 'for child in "${children[@]}"; do kill "$child" 2> /dev/null || true; done; wait; rm -rf "$work"' EXIT
export HOME=$work/home XDG_RUNTIME_DIR=$work/run
unset DISPLAY WAYLAND_DISPLAY I3SOCK SWAYSOCK
mkdir -p "$HOME"
mkdir -m 700 "$XDG_RUNTIME_DIR"

(cd "$work" && apt-get download -qq -o APT::Sandbox::User=root i3-wm=4.22-2 > /dev/null)
dpkg-deb -x "$work"/i3-wm_*.deb "$work/root"
command -v Xvfb > /dev/null || { echo 'needs xvfb: apt-get install xvfb' >&2; exit 1; }
python3 -m pip install --quiet --disable-pip-version-check --target "$work/python" \
    python-xlib==0.33 six==1.17.0 2> /dev/null
export PYTHONPATH=$work/python

exec 3> "$work/display"
Xvfb -displayfd 3 -screen 0 1280x800x24 > "$work/xvfb.log" 2>&1 &
children+=($!)
until [[ -s $work/display ]]; do sleep 0.1; done
DISPLAY=:$(cat "$work/display")
export DISPLAY
printf '# i3 config file (v4)\nipc-socket %s\nfont pango:monospace 8\n' "$work/i3.sock" > "$work/i3.conf"
"$work/root/usr/bin/i3" -c "$work/i3.conf" > "$work/i3.log" 2>&1 &
children+=($!)
for _ in $(seq 100); do [[ -S $work/i3.sock ]] && break; sleep 0.1; done
[[ -S $work/i3.sock ]] || { cat "$work/i3.log" >&2; exit 1; }

cat > "$work/titles.py" <<'PY'
import json, socket, struct, sys, time
from Xlib import X, Xatom, display

def tree(path):
    stream = socket.socket(socket.AF_UNIX)
    stream.connect(path)
    stream.sendall(b"i3-ipc" + struct.pack("=II", 0, 4))
    size, _ = struct.unpack("=II", stream.recv(14, socket.MSG_WAITALL)[6:])
    return json.loads(stream.recv(size, socket.MSG_WAITALL))

def names(node):
    found = {node["window"]: node["name"]} if node.get("window") else {}
    for child in node["nodes"] + node["floating_nodes"]:
        found.update(names(child))
    return found

screen = display.Display()
root = screen.screen().root
name, utf8 = screen.intern_atom("_NET_WM_NAME"), screen.intern_atom("UTF8_STRING")
lost = 0
for number in range(int(sys.argv[2])):
    window = root.create_window(0, 0, 200, 100, 0, X.CopyFromParent)
    window.change_property(name, utf8, 8, b"first")
    window.map()
    screen.sync()
    # Spread over the time that i3 takes for a new window.
    until = time.perf_counter() + (number % 40) * 0.0001
    while time.perf_counter() < until:
        pass
    window.change_property(name, utf8, 8, b"second")
    screen.sync()
    deadline = time.monotonic() + 10
    while window.id not in names(tree(sys.argv[1])) and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.1)
    if names(tree(sys.argv[1])).get(window.id) == "first":
        time.sleep(1)
        kept = names(tree(sys.argv[1])).get(window.id) == "first"
        has = window.get_property(name, utf8, 0, 100).value == b"second"
        lost += kept and has
        window.change_property(name, utf8, 8, b"third")
        screen.sync()
        time.sleep(0.2)
        assert names(tree(sys.argv[1])).get(window.id) == "third", "the next title is not told either"
    window.destroy()
    screen.sync()
print(f"{lost} of {sys.argv[2]} windows: X has the second title, i3 the first")
sys.exit(0 if lost else 1)
PY
"$work/root/usr/bin/i3" --version | head -1
python3 "$work/titles.py" "$work/i3.sock" 600
