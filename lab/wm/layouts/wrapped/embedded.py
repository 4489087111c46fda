"""Terminals inside other windows, and processes that are not where they seem to be."""

import re
import time

from ...world import wait
from .. import layout

HIDDEN = ("told", "unsure")
# What `systemd-run --pty` does: another process, a child of init, gets the other end of the
# terminal; the relay copies it to the terminal that it runs in.
RELAY = """import os, pty, sys, select, tty, fcntl, termios
master, slave = pty.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, fcntl.ioctl(0, termios.TIOCGWINSZ, b"x" * 8))
if os.fork() == 0:
    if os.fork() == 0:
        os.setsid(); os.close(master)
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        for fd in (0, 1, 2): os.dup2(slave, fd)
        os.execvp(sys.argv[1], sys.argv[1:])
    os._exit(0)
os.close(slave); tty.setraw(0)
while True:
    for fd in select.select([0, master], [], [])[0]:
        data = os.read(fd, 65536)
        if not data: sys.exit()
        os.write(1 if fd == master else master, data)
"""


@layout("urxvtd")
def urxvtd_forked(desk):
    """urxvtd -q -o -f goes into the background after it connected."""
    a, b = desk.session("alpha", name=None), desk.session("beta", name=None)
    desk.spawn("urxvtd", "-q", "-o", "-f").wait(10)
    time.sleep(0.5)
    desk.open(1, "urxvtc", "-e", a, shows=["alpha"])
    desk.open(2, "urxvtc", "-e", b, shows=["beta"])
    desk.judge()


@layout("urxvtd", "xterm")
def urxvtd_from_xterm(desk):
    """urxvtd that was started from an xterm which is closed, its X window id used again."""
    a, b = desk.session("alpha", name=None), desk.session("beta", name=None)
    desk.open(3, "xterm", "-e", "sh", "-c", "urxvtd -q -o -f; sleep 1")
    time.sleep(2)
    desk.open(1, "urxvtc", "-e", a, shows=["alpha"])
    desk.open(2, "xterm", "-e", b, shows=["beta"])
    desk.judge()


def tabbed(desk, *flags):
    """Starts tabbed; returns its window's X id."""
    [window] = desk.open(1, "sh", "-c", f"tabbed {' '.join(flags)} -c > tabbed.xid")
    wait(lambda: (desk.folder / "tabbed.xid").read_text().strip(), "tabbed")
    return window, (desk.folder / "tabbed.xid").read_text().strip()


@layout("tabbed", "st")
def tabbed_one_st(desk):
    """tabbed -d with one st in it."""
    a = desk.session("alpha")
    window, xid = tabbed(desk, "-d")
    desk.open(1, "st", "-w", xid, "-e", a, windows=0)
    desk.started("alpha", window)
    desk.open(2, "xterm")
    desk.judge()


@layout("tabbed", "st")
def tabbed_two_st(desk):
    """tabbed with two st: one of them is hidden."""
    a, b = desk.session("alpha"), desk.session("beta")
    window, xid = tabbed(desk)
    for label, script in (("alpha", a), ("beta", b)):
        desk.open(1, "st", "-w", xid, "-e", script, windows=0)
        desk.started(label, window)
    time.sleep(0.5)
    for label in ("alpha", "beta"):
        desk.knows(label, *HIDDEN)
    desk.judge()


@layout("tabbed", "st", "urxvt")
def two_tabbed(desk):
    """Two tabbed, one with st, one with urxvt."""
    a, b = desk.session("alpha", name=None), desk.session("beta", name=None)
    window, xid = tabbed(desk, "-d")
    desk.open(1, "st", "-w", xid, "-e", a, windows=0)
    desk.started("alpha", window)
    [other] = desk.open(2, "sh", "-c", "tabbed -d > tabbed2.xid")
    wait(lambda: (desk.folder / "tabbed2.xid").read_text().strip(), "tabbed")
    desk.open(2, "urxvt", "-embed", (desk.folder / "tabbed2.xid").read_text().strip(), "-e", b, windows=0)
    desk.started("beta", other)
    desk.judge()


@layout("tabbed", "alacritty")
def tabbed_alacritty(desk):
    """tabbed with an alacritty."""
    a = desk.session("alpha")
    window, xid = tabbed(desk, "-d")
    desk.open(1, "alacritty", "--embed", str(int(xid, 16)), "-e", a, windows=0)
    desk.started("alpha", window)
    desk.judge()


@layout("xterm")
def relay(desk):
    """A relay whose child belongs to init, in one of two xterms."""
    a, b = desk.session("alpha", name=None), desk.session("beta", name=None)
    (desk.folder / "relay.py").write_text(RELAY)
    desk.open(1, "xterm", "-e", "python3", desk.folder / "relay.py", a, shows=["alpha"])
    desk.open(2, "xterm", "-e", "python3", desk.folder / "relay.py", b, shows=["beta"])
    desk.judge()


@layout("xterm", "tmux")
def relay_in_tmux(desk):
    """A relay in a pane of tmux that is not in view, and one in a relay."""
    a, b = desk.session("alpha", name=None), desk.session("beta", name=None)
    relay_file = desk.folder / "relay.py"
    relay_file.write_text(RELAY)
    desk.open(1, "xterm", "-e", "tmux", "-L", "one", "-f", "/dev/null", "new-session", f"python3 {relay_file} {a}", shows=["alpha"])
    desk.run("tmux", "-L", "one", "new-window", "sleep 86400", check=True)
    desk.open(2, "xterm", "-e", "python3", relay_file, "python3", relay_file, b, shows=["beta"])
    desk.judge()


@layout("gnome-terminal")
def relay_in_gnome(desk):
    """Relays in two windows of gnome-terminal: their titles tell."""
    a, b = desk.session("alpha"), desk.session("beta")
    relay_file = desk.folder / "relay.py"
    relay_file.write_text(RELAY)
    desk.open(1, "gnome-terminal", "--window", "--", "python3", relay_file, a, shows=["alpha"])
    desk.open(2, "gnome-terminal", "--window", "--", "python3", relay_file, b, shows=["beta"])
    desk.judge()


@layout("xterm", "script")
def script_and_setsid(desk):
    """Below script(1), and in a session of its own that lost its parent."""
    a, b = desk.session("alpha", name=None), desk.session("beta", name=None)
    desk.open(1, "xterm", "-e", "script", "-q", "-c", a, "/dev/null", shows=["alpha"])
    desk.open(2, "xterm", "-e", "sh", "-c", f"(sh -c '{b} &' &); sleep 86400", shows=["beta"])
    desk.judge()


@layout("xterm", "unshare")
def own_pid_namespace(desk):
    """An xterm in a PID namespace of its own; it calls itself pid 1."""
    a, b = desk.session("alpha", name=None), desk.session("beta", name=None)
    desk.open(1, "xterm", "-e", a, shows=["alpha"])
    desk.open(2, "unshare", "--pid", "--fork", "xterm", "-e", b)
    window = max(desk.ipc.windows())
    told = desk.folder / "beta.pid"
    wait(lambda: told.exists() and told.read_text().strip(), "beta")
    inner = told.read_text().strip()
    for pid in desk.run("pgrep", "-x", "other|claude").stdout.split():
        if re.search(rf"NSpid:\t{pid}\t{inner}\n", open(f"/proc/{pid}/status", encoding="utf8").read()):
            told.write_text(pid)
    desk.started("beta", next(id for id, space in desk.ipc.windows().items() if space == "2"))
    del window
    desk.judge()


@layout("xterm")
def xterm_in_xterm(desk):
    """An xterm that was started from an xterm, both with sessions."""
    a, b = desk.session("alpha", name=None), desk.session("beta", name=None)
    desk.open(1, "xterm", "-e", "sh", "-c", f"(sleep 1; exec xterm -e {b}) & exec {a}", shows=["alpha"])
    before = set(desk.ipc.windows())
    desk.go(2)
    new = wait(lambda: set(desk.ipc.windows()) - before, "the inner xterm").pop()
    desk.started("beta", new)
    desk.judge()


@layout("xterm", "urxvt")
def xterm_into(desk):
    """xterm -into the window of another program."""
    a = desk.session("alpha")
    [host] = desk.open(1, "urxvt", "-e", "sh", "-c", "echo $WINDOWID > host.xid; sleep 86400")
    wait(lambda: (desk.folder / "host.xid").exists(), "the host")
    xid = wait((desk.folder / "host.xid").read_text, "the host").strip()
    desk.open(1, "xterm", "-into", xid, "-e", a, windows=0)
    desk.started("alpha", host)
    desk.knows("alpha", *HIDDEN)
    desk.judge()
