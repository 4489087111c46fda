#!/usr/bin/env bash
# psutil 7.2.2 (PyPI), Process.cmdline() on Linux; node 20 with process.title.
#
# Guess: cmdline() is the argument vector that the process has, one element for each.
# Seen: it is guessed from /proc/PID/cmdline in two places.
#   A single argument with a space is split: a program started as "/opt/My Tool/run" has two arguments.
#   A title that was written over the arguments, and is padded with NULs, gives an empty string for each
#   NUL: ["claude", "", "", ...], dozens of them. node's process.title does that, and older versions of Claude
#   Code set it.
#
# Why it matters here: looking for sessions by `cmdline() == ["claude"]` misses these, len() > 1 does not
# say that there were arguments, and cmdline()[0] is not always the program.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target "$work/py" psutil==7.2.2
cat > "$work/look.py" <<'PY'
import os, psutil, subprocess, sys

def look(label, argv, program):
    # The child says that it is ready, and ends with its input.
    with subprocess.Popen(argv, executable=program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.stdin.write(b"ready\n")
        child.stdin.flush()
        assert child.stdout.readline() == b"ready\n"
        seen = psutil.Process(child.pid).cmdline()
        empty = seen.count("")
        print(f"{label}: {[word for word in seen if word]}, empty elements: {'many' if empty > 9 else empty}")
        child.stdin.close()

look("two arguments", ["/opt/My Tool/run", "-"], "/bin/cat")
look("one argument", ["/opt/My Tool/run"], "/bin/cat")
look("title", ["node", "-e", "process.title = 'claude'; process.stdin.pipe(process.stdout)"], sys.argv[1])
PY
seen=$(PYTHONPATH=$work/py python3 "$work/look.py" "$(command -v node)")
echo "psutil 7.2.2 seen:"; echo "$seen"
expected="two arguments: ['/opt/My Tool/run', '-'], empty elements: 0
one argument: ['/opt/My', 'Tool/run'], empty elements: 0
title: ['claude'], empty elements: many"
[ "$seen" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
