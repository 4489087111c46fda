#!/usr/bin/env bash
# i3ipc 2.2.1 (PyPI), i3ipc.aio, with i3 4.22 (Debian 12: i3-wm 4.22-2).
#
# Guess: the asyncio half of the library does what the other half does: a message is read until it has the length that
# its header says, however large it is and in however many pieces it comes.
# Seen: i3ipc.aio reads a message with one recv(). From some 219 kB on, which is what a unix socket takes at a time, it
# gets a part of it: get_tree() fails with a JSONDecodeError. The rest stays in the socket, so every later request of
# that connection fails as well. A layout reaches that at about 250 empty containers, or 190 real windows.
# Events are read in the same way, and workspace::focus holds both workspaces with all that is on them: half as many
# windows suffice. Then main() ends with a JSONDecodeError. i3ipc.Connection, beside it, reads all of it.
#
# Why it matters here: the program that names windows or shows them in a bar ends for those who have many windows, by
# a click on another workspace, and for nobody else.
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
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target "$work/py" i3ipc==2.2.1 python-xlib==0.33 six==1.17.0

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

cat > "$work/many.py" <<'PY'
import asyncio, json, sys
import i3ipc, i3ipc.aio

async def main(path):
    other = i3ipc.Connection(socket_path=path)
    # After its main() ended, the connection goes on reading, and complaining.
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    for many in 100, 300:
        have = len(other.get_tree().leaves())
        other.command("; ".join(["open"] * (many - have)))
        size = len(json.dumps(other.get_tree().ipc_data, separators=(",", ":"))) // 1000
        print(f"{many} containers: the tree is of {'more' if size > 219 else 'less'} than 219 kB")
        print(f"  i3ipc.Connection: get_tree() has {len(other.get_tree().leaves())}")
        connection = await i3ipc.aio.Connection(socket_path=path).connect()
        for what, ask in ("get_tree()", connection.get_tree), ("then get_version()", connection.get_version):
            try:
                answer = await asyncio.wait_for(ask(), 20)
                words = f"has {len(answer.leaves())}" if what == "get_tree()" else "answers"
            except Exception as error:
                words = f"raises {type(error).__name__}"
            print(f"  i3ipc.aio: {what} {words}")

        connection = await i3ipc.aio.Connection(socket_path=path).connect()
        told, ready = asyncio.Queue(), asyncio.Event()
        connection.on("workspace::focus", lambda _, event: told.put_nowait(event.current.name))
        connection.on("tick", lambda *_: ready.set()) # i3 sends one to who subscribes to it
        running = asyncio.ensure_future(connection.main())
        await asyncio.wait_for(ready.wait(), 20)
        other.command("workspace 2")
        next_one = asyncio.ensure_future(told.get())
        await asyncio.wait([running, next_one], timeout=20, return_when=asyncio.FIRST_COMPLETED)
        end = f"ends with {type(running.exception()).__name__}" if running.done() else "runs on"
        print(f"  i3ipc.aio: main() {end}, at a workspace::focus", "that was told" if next_one.done() else "that was not told")
        other.command("workspace 1")
        running.cancel(), next_one.cancel()

asyncio.run(main(sys.argv[1]))
PY
PYTHONPATH=$work/py python3 "$work/many.py" "$work/i3.sock" | tee "$work/seen"
expected='100 containers: the tree is of less than 219 kB
  i3ipc.Connection: get_tree() has 100
  i3ipc.aio: get_tree() has 100
  i3ipc.aio: then get_version() answers
  i3ipc.aio: main() runs on, at a workspace::focus that was told
300 containers: the tree is of more than 219 kB
  i3ipc.Connection: get_tree() has 300
  i3ipc.aio: get_tree() raises JSONDecodeError
  i3ipc.aio: then get_version() raises AssertionError
  i3ipc.aio: main() ends with JSONDecodeError, at a workspace::focus that was not told'
[ "$(cat "$work/seen")" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
