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
    hide(pathlib.Path("/tmp"))
    # What programs read without looking at $HOME or $XDG_RUNTIME_DIR.
    home = pathlib.Path(os.environ.get("HOME", "/nonexistent"))
    for path in (home / ".claude", home / ".vmux", pathlib.Path("/run/user")):
        if path.is_dir():
            hide(path)
    world = work / "world"
    world.mkdir(exist_ok=True)
    hide(world)
    loopback()
    return world


def hide(path):
    """Put an empty file system in its place."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=1777", "tmpfs", str(path)], check=True)


def loopback():
    """`cctop serve` is reached there; the network has nothing else."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        up_and_running = struct.pack("16sh", b"lo", 0x41)
        fcntl.ioctl(any_socket, 0x8914, up_and_running)  # SIOCSIFFLAGS
