#!/usr/bin/env bash
# libtmux 0.62.0 (PyPI) with tmux 3.3a (Debian 12: tmux 3.3a-3).
#
# Guess: Pane.send_keys("...", literal=True) types the text as it is, and a name given to new_window(), new_session() or
# rename_window() is the name: libtmux hands each argument to tmux on its own, with no shell between.
# Seen: tmux takes a semicolon at the end of any argument for the end of the command, and libtmux does not write it as
# "\;", as tmux wants it. send_keys() types the text without its last semicolon, literal or not, and says nothing.
# rename_window("build;") names it "build". new_window("build;") and new_session("build;") raise "unknown command: -d":
# their next argument is taken for a command of its own.
# A semicolon elsewhere is kept, and "\;" is what one has to write.
#
# Why it matters here: `for f in *; do mv "$f" "$f.bak"; done;` or a line of C, SQL or JavaScript is sent without its
# end, and what was to end there waits for more: psql, sqlite3 and the like never run it.
set -euo pipefail

work=$(mktemp -d)
export HOME=$work LC_ALL=C.UTF-8
unset TMUX TMUX_PANE
trap '"$work/root/usr/bin/tmux" -S "$work/tmux" kill-server 2> /dev/null || true; rm -rf "$work"' EXIT
(cd "$work" && apt-get download -qq -o APT::Sandbox::User=root tmux=3.3a-3 > /dev/null)
dpkg-deb -x "$work"/tmux_*.deb "$work/root"
if ldd "$work/root/usr/bin/tmux" | grep 'not found'; then
    echo 'tmux lacks these libraries: apt-get install tmux' >&2
    exit 1
fi
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target "$work/py" libtmux==0.62.0

cat > "$work/send.py" <<'PY'
import sys, time
from libtmux import Server

server = Server(socket_path=sys.argv[1], config_file="/dev/null")
session = server.new_session("first", window_command="cat > " + sys.argv[2])
pane = session.active_pane

def typed(text, **options):
    """What the program in the pane read, once it has read a line that says so."""
    pane.send_keys(text, suppress_history=False, **options)
    pane.send_keys("end", suppress_history=False)
    deadline = time.monotonic() + 30
    while not (lines := open(sys.argv[2]).read().split("\n"))[-2:-1] == ["end"] and time.monotonic() < deadline:
        time.sleep(0.05)
    return lines[-3]

for text, options in (("select 1;", {}), ("select 1;", {"literal": True}), ("a; b", {}), ("select 1\\;", {})):
    print(f"send_keys({text!r}{', literal=True' if options else ''}) types {typed(text, **options)!r}")
window = session.active_window
window.rename_window("build;")
print(f"rename_window('build;') names it {window.window_name!r}")
for name, make in ("new_window", session.new_window), ("new_session", server.new_session):
    try:
        made = make("build;")
        print(f"{name}('build;') names it {getattr(made, name[4:] + '_name')!r}")
    except Exception as error:
        print(f"{name}('build;') raises {type(error).__name__}: {error}")
PY
PATH=$work/root/usr/bin:$PATH PYTHONPATH=$work/py python3 "$work/send.py" "$work/tmux" "$work/read" | tee "$work/seen"
expected="send_keys('select 1;') types 'select 1'
send_keys('select 1;', literal=True) types 'select 1'
send_keys('a; b') types 'a; b'
send_keys('select 1\\\\;') types 'select 1;'
rename_window('build;') names it 'build'
new_window('build;') raises LibTmuxException: new-window: unknown command: -t\$0:
new_session('build;') raises LibTmuxException: new-session: unknown command: -d"
[ "$(cat "$work/seen")" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
