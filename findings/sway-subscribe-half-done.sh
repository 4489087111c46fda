#!/usr/bin/env bash
# sway 1.7 (Debian 12: sway 1.7-6), IPC message SUBSCRIBE.
#
# Guess: a subscription is all or nothing. If one event name is not known the answer is "success": false
# and nothing is subscribed; or unknown names are skipped and the rest works. The order of names is of no
# importance.
# Seen: with "success": false, the names before the unknown one are subscribed and those after it are not.
# "output", which i3 has and sway 1.7 does not, is enough. And after a failed subscription to "tick" the
# first tick event, {"first": true}, which tells a client that it is listening, does not come.
#
# Why it matters here: a client written for i3 that subscribes to window, workspace and output in one
# message is deaf on sway to what it happens to name last, or takes the failure for "no events at all"
# and gets them unasked. Names that only one of the two knows need a message of their own.
set -euo pipefail

work=$(mktemp -d)
sway=
trap '[ -z "$sway" ] || kill "$sway" 2> /dev/null || true; wait; rm -rf "$work"' EXIT
export HOME=$work/home XDG_RUNTIME_DIR=$work/run
unset DISPLAY WAYLAND_DISPLAY I3SOCK SWAYSOCK
mkdir -p "$HOME"
mkdir -m 700 "$XDG_RUNTIME_DIR"

(cd "$work" && apt-get download -qq -o APT::Sandbox::User=root sway=1.7-6 > /dev/null)
dpkg-deb -x "$work"/sway_*.deb "$work/root"
if ldd "$work/root/usr/bin/sway" | grep 'not found'; then
    echo 'sway lacks these libraries: apt-get install sway' >&2
    exit 1
fi

# sway refuses to run as root.
user=()
if [ "$(id -u)" = 0 ]; then
    user=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    chmod 755 "$work"
    chown -R 65534:65534 "$HOME" "$XDG_RUNTIME_DIR"
fi
echo 'xwayland disable' > "$work/sway.conf"
WLR_BACKENDS=headless WLR_LIBINPUT_NO_DEVICES=1 WLR_RENDERER=pixman \
    "${user[@]}" "$work/root/usr/bin/sway" -c "$work/sway.conf" > "$work/sway.log" 2>&1 & sway=$!
for _ in $(seq 300); do
    socket=$(find "$XDG_RUNTIME_DIR" -name 'sway-ipc.*.sock')
    [ -z "$socket" ] || break
    sleep 0.1
done

cat > "$work/subscribe.py" <<'PY'
import json, socket, struct, sys

RUN, SUBSCRIBE, TICK = 0, 2, 10

class Link:
    def __init__(self):
        self.stream = socket.socket(socket.AF_UNIX)
        self.stream.settimeout(30)
        self.stream.connect(sys.argv[1])
    def read(self):
        head = self.stream.recv(14, socket.MSG_WAITALL)
        size, _ = struct.unpack("=II", head[6:])
        return json.loads(self.stream.recv(size, socket.MSG_WAITALL))
    def write(self, kind, text):
        self.stream.sendall(b"i3-ipc" + struct.pack("=II", len(text), kind) + text.encode())
    def ask(self, kind, text):
        self.write(kind, text)
        return self.read()

for names in (["tick"], ["tick", "output"], ["output", "tick"]):
    listener, other = Link(), Link()
    success = listener.ask(SUBSCRIBE, json.dumps(names))["success"]
    other.ask(TICK, "hello")
    # The answer to a command ends what was told before it.
    listener.write(RUN, "nop")
    told = []
    while not isinstance(message := listener.read(), list):
        told.append("first" if message["first"] else message["payload"])
    print(f"{names}: success {success}, told: {' '.join(told) or 'nothing'}")
PY
seen=$(python3 "$work/subscribe.py" "$socket")
echo "sway 1.7 seen:"; echo "$seen"
expected="['tick']: success True, told: first hello
['tick', 'output']: success False, told: hello
['output', 'tick']: success False, told: nothing"
[ "$seen" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
