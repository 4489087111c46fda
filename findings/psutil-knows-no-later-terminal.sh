#!/usr/bin/env bash
# psutil 7.2.2 (PyPI) on Linux, Process.terminal() in a program that looks again and again.
#
# Guess: "The terminal associated with this process, if any, else None" (documentation), as `ps` shows it, whenever it
# is asked for. What is kept from a first call is said of each: of exe() and create_time(), not of this one.
# Seen: the names of all terminals are read once, at the first call of any terminal() of any process, and kept as long
# as the program runs. A process whose terminal was opened later has None, like a process that has none, and nothing
# public reads them again: not a new Process object, not process_iter.cache_clear().
#
# Why it matters here: a program that stays, and finds sessions by their terminals, finds those that were open when it
# first looked. Every tab, pane and ssh login after that is "without a terminal".
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target "$work/py" psutil==7.2.2

cat > "$work/look.py" <<'PY'
import os, pty, subprocess, psutil

def begin():
    """A shell on a terminal of its own, which waits for a line."""
    pid, end = pty.fork()
    if pid == 0:
        os.execvp("bash", ["bash", "-c", "echo ready; read -r"])
    heard = b""
    while b"ready" not in heard:
        heard += os.read(end, 1000)
    return pid, end

def told(name, pid):
    ps = subprocess.run(["ps", "-o", "tty=", "-p", str(pid)], capture_output=True, text=True, check=True)
    has = "/dev/" + ps.stdout.strip()
    is_it = lambda terminal: "the same" if terminal == has else terminal
    loop = [p.info["terminal"] for p in psutil.process_iter(["terminal"]) if p.pid == pid]
    print(f"{name}: ps has a terminal, Process(): {is_it(psutil.Process(pid).terminal())}, process_iter(): {is_it(loop[0])}")

first, end_of_first = begin()
told("opened before the first call", first)
later, end_of_later = begin()
told("opened after it", later)
psutil.process_iter.cache_clear()
told("opened after it, after cache_clear()", later)
for pid in first, later:
    os.kill(pid, 9)
    os.waitpid(pid, 0)
PY
PYTHONPATH=$work/py python3 "$work/look.py" | tee "$work/seen"
expected='opened before the first call: ps has a terminal, Process(): the same, process_iter(): the same
opened after it: ps has a terminal, Process(): None, process_iter(): None
opened after it, after cache_clear(): ps has a terminal, Process(): None, process_iter(): None'
[ "$(cat "$work/seen")" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
