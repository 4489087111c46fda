"""Plays layouts, each in a PID namespace of its own, and prints what became of every session."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from .desk import BINARIES, Desk
from .layouts import ALL

INSIDE = "VMUX_LAB_LAYOUT"
# What a layout starts leaves sockets and locks of X servers in /tmp, and names in the network namespace; sway takes
# none of the 33 displays that it tries then. Where that is allowed, and vmux is not there, a layout has its own.
PRIVATE = """if mount -t tmpfs -o mode=1777 vmux-lab /tmp 2>&1; then mkdir -m 1777 /tmp/.X11-unix; ip link set lo up; fi
"$@"; exit $?"""


def missing(needs, manager):
    return [it for it in (*needs, manager) if not shutil.which(it)]


def play_all(chosen, keep=None):
    """Plays the layouts whose names begin with one of `chosen`. Returns the exit code."""
    if not (BINARIES / "vmuxd").exists():
        sys.exit("cargo build --release comes first")
    counts, bad = {}, []
    for name, (function, needs, manager, *_) in ALL.items():
        if chosen and not name.startswith(tuple(chosen)):
            continue
        if absent := missing(needs, manager):
            print(f"{name}: left out, without {', '.join(absent)}")
            continue
        folder = Path(keep or tempfile.mkdtemp(prefix="vmux-wm-", dir="/var/tmp"), *([name] if keep else []))
        rows = play_one(name, folder)
        print(f"{name}: {' '.join(function.__doc__.split())}")
        for row in rows:
            if "error" in row:
                print(f"    FAILED {row['error']}")
                bad.append(name)
                continue
            mark = " " if row["good"] else "!"
            print(f"  {mark} {row['label']:8} {row['verdict']:12} {row['exit']}  {row['how']}")
            if row["said"]:
                print(f"      {row['said']}")
            counts.setdefault(group(function, needs), Counter())[row["verdict"]] += 1
            if not row["good"]:
                bad.append(name)
        sys.stdout.flush()
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
    table(counts)
    print("not as expected:", sorted(set(bad)))
    return 1 if bad else 0


def group(function, needs):
    """Layouts of terminals count by the terminal, others by their theme."""
    theme = function.__module__.rsplit(".", 1)[1]
    return needs[0] if theme in ("tabs", "terminals") else theme


def table(counts):
    """How often each verdict came, by group."""
    columns = ["right", "told", "unsure", "workspace", "refused", "WRONG"]
    print("|".join(["", "", *columns, ""]))
    for name, row in sorted(counts.items()) + [("all", sum(counts.values(), Counter()))]:
        cells = [sum(count for verdict, count in row.items() if verdict.startswith(it)) for it in columns]
        print("|".join(["", name, *(str(it or "") for it in cells), ""]))


def play_one(name, folder):
    """The rows of one layout."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    own = [] if os.geteuid() == 0 else ["--user", "--map-current-user"]
    script = '"$@"; exit $?'
    if not own and not BINARIES.resolve().is_relative_to("/tmp"):
        own, script = ["--net"], PRIVATE
    words = ["unshare", *own, "--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c", script, "lab"]
    environment = os.environ | {INSIDE: f"{name}:{folder}"}
    try:
        done = subprocess.run([*words, sys.executable, "-B", "-m", "wm"], env=environment, timeout=180, check=False)
    except subprocess.TimeoutExpired:
        return [{"error": "it did not end within 180 s"}]
    rows = folder / "rows.json"
    return json.loads(rows.read_text()) if rows.exists() else [{"error": f"exit code {done.returncode}"}]


def play_here(name, folder):
    """Inside the namespace."""
    function, _, manager, config, i3 = ALL[name]
    desk, rows = None, []
    try:
        desk = Desk(folder, manager, config, i3)
        function(desk)
        rows = desk.rows
    except Exception as error:  # pylint: disable=broad-except
        rows = (desk.rows if desk else []) + [{"error": f"{type(error).__name__}: {error}"}]
        if "VMUX_LAB_TRACE" in os.environ:
            raise
    finally:
        (Path(folder) / "rows.json").write_text(json.dumps(rows))
        if desk and "VMUX_SHOTS" in os.environ:
            desk.picture(os.environ["VMUX_SHOTS"], name)
