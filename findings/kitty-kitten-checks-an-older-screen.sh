#!/usr/bin/env bash
# kitty 0.26.5 (Debian 12: kitty 0.26.5-5+deb12u1), beside tmux 3.3a (tmux 3.3a-3).
#
# Guess: a kitten without an interface that looks at the screen and types in one call is as good as
# tmux's `if-shell -F`: both run within the terminal, nothing can come between, so that a key answers
# another dialog than the one that was checked only in the moment that the key is on its way.
# Seen: kitty's Python sees an older screen. What the program has written is parsed some milliseconds
# later (`input_delay`, 3 ms by default, and more), while a remote command is run as soon as it comes. Of
# a program whose dialog changes ten times a second, the wrong dialog got 6 to 12 % of the keys, and at
# most 0.3 % under tmux. With `input_delay 50` it was 32 %, with 0 still 6 %.
#
# Why it matters here: a key that answers a question must not answer the next one. A check within the
# terminal is only as good as the terminal's picture of the program.
set -euo pipefail

work=$(mktemp -d)
pids=()
export HOME=$work XDG_RUNTIME_DIR=$work LANG=C.UTF-8 LIBGL_ALWAYS_SOFTWARE=1
unset WAYLAND_DISPLAY TMUX KITTY_LISTEN_ON
finish() {
    "$work/root/usr/bin/tmux" -S "$work/tmux" kill-server 2> /dev/null || true
    kill "${pids[@]}" 2> /dev/null || true
    wait 2> /dev/null || true
    rm -rf "$work"
}
trap finish EXIT
command -v Xvfb > /dev/null || { echo 'it needs Xvfb: apt-get install xvfb' >&2; exit 1; }
(cd "$work" && apt-get download -qq -o APT::Sandbox::User=root \
    kitty=0.26.5-5+deb12u1 tmux=3.3a-3 > /dev/null)
for package in "$work"/*.deb; do dpkg-deb -x "$package" "$work/root"; done
if ldd "$work/root/usr/bin/tmux" "$work/root/usr/bin/kitty" | grep 'not found'; then
    echo 'they lack these libraries: apt-get install kitty tmux' >&2
    exit 1
fi

# Shows "left" or "right", changes it at random (10 times a second on average), and writes down for each
# key what it was meant for, l or r, and what was shown when it came.
cat > "$work/program.py" <<'PY'
import os, random, select, sys, time, tty
tty.setraw(0)
shown, change = "right", 0.0
with open(sys.argv[1], "a", buffering=1) as keys:
    while True:
        if time.monotonic() >= change:
            shown = "left" if shown == "right" else "right"
            change = time.monotonic() + random.expovariate(10)
            os.write(1, b"\x1b[H\x1b[2J" + shown.encode())
        if select.select([0], [], [], 0.002)[0]:
            key = os.read(0, 1)
            if not key:
                break
            keys.write(key.decode() + shown[0] + "\n")
PY
cat > "$work/kitten.py" <<'PY'
from kittens.tui.handler import result_handler
def main(args):
    pass
@result_handler(no_ui=True)
def handle_result(args, answer, target, boss):
    window = boss.window_id_map[target]
    if window.as_text().split("\n")[0].strip() != args[1]:
        return "other"
    window.write_to_child(args[1][0])
    return "sent"
PY
cat > "$work/press.py" <<'PY'
import json, os, socket, subprocess, sys, time
way, work, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
def kitty(word):
    stream = socket.socket(socket.AF_UNIX)
    stream.connect(work + "/kitty")
    payload = {"kitten": work + "/kitten.py", "args": [word], "match": "id:1"}
    call = {"cmd": "kitten", "version": [0, 26, 5], "payload": payload}
    stream.sendall(b"\x1bP@kitty-cmd" + json.dumps(call).encode() + b"\x1b\\")
    answer = b""
    while not answer.endswith(b"\x1b\\"):
        part = stream.recv(65536)
        assert part, "kitty has closed the connection"
        answer += part
    return json.loads(answer[12:-2])["data"] == "sent"
def tmux(word):
    command = [work + "/root/usr/bin/tmux", "-S", work + "/tmux", "if-shell", "-F", "-t", "%0",
               "#{==:#{C/r:^" + word + " *$},1}",
               f"send-keys -t %0 -l {word[0]} ; display-message -p sent", "display-message -p other"]
    return subprocess.check_output(command, text=True).strip() == "sent"
file = f"{work}/{way}.keys"
def came():
    return open(file).read().split()
sent, number, end = 0, 0, time.monotonic() + 80
while sent < rounds and time.monotonic() < end:
    number += 1
    if globals()[way](["left", "right"][number % 2]):
        sent += 1
        while len(came()) < sent:
            assert time.monotonic() < end, "a key does not come"
            time.sleep(0.001)
    time.sleep(0.003)
keys = came()
wrong = sum(key[0] != key[1] for key in keys)
print(len(keys), wrong)
PY

mkfifo "$work/display"
Xvfb -displayfd 3 -screen 0 800x600x24 -nolisten tcp 3> "$work/display" > /dev/null 2>&1 & pids+=($!)
read -r number < "$work/display"
export DISPLAY=:$number
"$work/root/usr/bin/kitty" --config NONE -o allow_remote_control=socket-only -o update_check_interval=0 \
    --listen-on "unix:$work/kitty" python3 "$work/program.py" "$work/kitty.keys" > "$work/log" 2>&1 &
pids+=($!)
"$work/root/usr/bin/tmux" -f /dev/null -S "$work/tmux" new-session -d -x 80 -y 24 \
    "exec python3 '$work/program.py' '$work/tmux.keys'"
for _ in $(seq 300); do
    [ -S "$work/kitty" ] && [ -e "$work/kitty.keys" ] && [ -e "$work/tmux.keys" ] && break
    sleep 0.1
done
read -r kitty_keys kitty_wrong < <(python3 "$work/press.py" kitty "$work" 600)
read -r tmux_keys tmux_wrong < <(python3 "$work/press.py" tmux "$work" 600)

echo "kitty 0.26.5 seen: $kitty_wrong of $kitty_keys keys came when the other word was shown"
echo "tmux 3.3a seen: $tmux_wrong of $tmux_keys"
[ "$kitty_keys" -ge 200 ] && [ "$tmux_keys" -ge 200 ] || { echo 'too few keys to tell' >&2; exit 1; }
[ $((kitty_wrong * 100)) -ge $((kitty_keys * 2)) ] &&
    [ $((kitty_wrong * tmux_keys)) -ge $((tmux_wrong * kitty_keys * 3)) ] ||
    { echo 'CHANGED: kitty 2 % or more, and three times as many as tmux or more' >&2; exit 1; }
