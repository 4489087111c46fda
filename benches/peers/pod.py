"""Namespaces of our own: processes, mounts and network of this machine are neither seen nor touched."""

import fcntl
import os
import pathlib
import socket
import struct
import subprocess
import sys

INSIDE = "VMUX_PEERS_INSIDE"


def is_inside():
    return bool(os.environ.get(INSIDE))


def enter(work):
    """Start anew inside, unless we are there already; then set it up."""
    if not is_inside():
        unshare = ["unshare", "--map-root-user", "--mount", "--pid", "--net", "--fork", "--mount-proc", "--kill-child"]
        os.environ[INSIDE] = "1"
        os.execvp(unshare[0], [*unshare, sys.executable, "-B", *sys.argv])
    world = work / "world"
    world.mkdir(exist_ok=True)
    for path in (pathlib.Path("/tmp"), world):
        hide(path)
    # Whoever looks past $HOME finds the same home, and can write nowhere else.
    own = pathlib.Path("/tmp/passwd")
    own.write_text(f"root:x:0:0::{world}/home:/bin/bash\n")
    subprocess.run(["mount", "--bind", own, "/etc/passwd"], check=True)
    home = pathlib.Path(os.environ.get("HOME", "/nonexistent"))
    for path in (home / ".claude", home / ".vmux", pathlib.Path("/run/user")):
        if path.is_dir():
            hide(path)
    for point, flags in mounts_of(home, pathlib.Path("/")):
        subprocess.run(["mount", "-o", f"remount,bind,ro,{flags}", point], check=True)
    loopback()
    return world


def mounts_of(*paths):
    """Mount points that hold these paths, with their flags."""
    found = {}
    for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines():
        point, flags = line.split()[4:6]
        if any(path.is_relative_to(point) for path in paths):
            found[point] = ",".join(it for it in flags.split(",") if it not in ("rw", "ro"))
    return found.items()


def hide(path):
    """Put an empty file system in its place."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=1777", "tmpfs", str(path)], check=True)


def loopback():
    """`cctop serve` is reached there; the network has nothing else."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        up_and_running = struct.pack("16sh", b"lo", 0x41)
        fcntl.ioctl(any_socket, 0x8914, up_and_running)  # SIOCSIFFLAGS
