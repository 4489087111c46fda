"""Writes each status that a session file gets, and does nothing but wait for inotify and read.

    python3 -u sessions.py FOLDER | python3 -u stamp.py

A line is {"changed": mtime in seconds, "pid", "status", "waits_for"}. The mtime is the kernel's
clock, which may be up to a tick (4 ms) behind; stamp.py adds when the line came, as it does to the
events of vmux.
"""

import ctypes
import json
import os
import struct
import sys
import time

# inotify(7): IN_MODIFY, IN_CLOSE_WRITE, IN_MOVED_TO.
CHANGED = 0x2 | 0x8 | 0x80
EVENT = struct.Struct("iIII")
EVERY = 0.004


def watch(folder):
    """A descriptor that is readable when a file in the folder changed; waits for the folder."""
    libc = ctypes.CDLL(None, use_errno=True)
    fd = libc.inotify_init1(os.O_CLOEXEC)
    while libc.inotify_add_watch(fd, os.fsencode(folder), CHANGED) < 0:
        time.sleep(EVERY)
    return fd


def names(fd):
    """The names of the files that changed since the last call; waits for one."""
    data, at, found = os.read(fd, 65536), 0, {}
    while at < len(data):
        length = EVENT.unpack_from(data, at)[3]
        found[data[at + EVENT.size : at + EVENT.size + length].rstrip(b"\0")] = True
        at += EVENT.size + length
    return list(found)


def line(path):
    """What is told of one file; None while it is half-written or gone."""
    try:
        with open(path, "rb") as file:
            changed = os.fstat(file.fileno()).st_mtime_ns
            said = json.loads(file.read())
            status = {"status": said.get("status"), "waits_for": said.get("waitingFor")}
            return {"changed": changed / 1e9, "pid": said.get("pid")} | status
    except (OSError, ValueError, AttributeError):
        return None


def main(folder):
    fd = watch(folder)
    changed, seen = [os.fsencode(it) for it in os.listdir(folder)], {}
    while True:
        for name in changed:
            told = line(os.path.join(os.fsencode(folder), name)) if name.endswith(b".json") else None
            if told and seen.get(name) != (told["changed"], told["status"]):
                seen[name] = told["changed"], told["status"]
                print(json.dumps(told))
        changed = names(fd)


main(sys.argv[1])
