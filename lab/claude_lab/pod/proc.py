"""Facts of /proc about a session and its children, as evidence beside the screen."""

import os
from pathlib import Path


def read(path):
    try:
        return Path(path).read_bytes()
    except OSError:
        return b""


def link(path):
    try:
        return os.readlink(path)
    except OSError:
        return None


def stat(pid):
    """(comm, fields after it) of /proc/PID/stat; None if there is no such process."""
    line = read(f"/proc/{pid}/stat").decode("utf8", "replace")
    if not line:
        return None
    end = line.rindex(")")
    return line[line.index("(") + 1:end], line[end + 2:].split()


def parents():
    """pid -> pid of its parent, of all processes that are no zombies."""
    found = {}
    for name in os.listdir("/proc"):
        line = stat(name) if name.isdigit() else None
        if line and line[1][0] != "Z":
            found[int(name)] = int(line[1][1])
    return found


def descendants(pid):
    """All processes below a process, eldest first."""
    tree, found = parents(), [pid]
    for parent in found:
        found += sorted(child for child, its in tree.items() if its == parent)
    return found[1:]


def arguments(pid):
    return [it.decode("utf8", "replace") for it in read(f"/proc/{pid}/cmdline").rstrip(b"\0").split(b"\0")]


def facts(pid):
    """What vmux could read of one process; None if it is gone."""
    line = stat(pid)
    if not line:
        return None
    comm, field = line
    names = {it.split(b"=")[0].decode("utf8", "replace") for it in read(f"/proc/{pid}/environ").split(b"\0") if it}
    return {
        "pid": pid, "comm": comm, "state": field[0], "ppid": int(field[1]), "session": int(field[3]),
        "tty": int(field[4]), "cpu_ticks": int(field[11]) + int(field[12]), "start": int(field[19]),
        "arguments": arguments(pid), "exe": link(f"/proc/{pid}/exe"), "cwd": link(f"/proc/{pid}/cwd"),
        "environment": sorted(names),
    }


def is_claude(pid):
    """Whether the process is the CLI itself: by its name, or by the program that node runs."""
    line = stat(pid)
    first = (arguments(pid) or [""])[0]
    second = (arguments(pid)[1:] or [""])[0]
    return bool(line) and (line[0] == "claude" or os.path.basename(first) == "claude" or second.endswith("/claude"))
