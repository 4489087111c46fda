"""What runs in a terminal beside a session: jobs of its shell, programs with a terminal of their own,
and terminals that were taken away."""

import os
import signal
import time
from pathlib import Path

from ...world import wait
from .. import layout
from ..manager.keys import go_round, there_and_back
from ..multiplexers import HIDDEN, in_terminal, tmux

# A shell with job control that starts two sessions one after the other, the first of them suspended.
JOBS = """set -m
(until [ -s {told} ]; do sleep 0.1; done; sleep 0.5; kill -STOP -$(ps -o tpgid= -p $$ | tr -d ' ')) &
{first}
clear
{second}
"""
# Gives its terminal's slave away, and copies what the program there writes: `reptyr` in short.
THIEF = """import os, pty, sys, select, tty, fcntl, termios
master, slave = pty.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, fcntl.ioctl(0, termios.TIOCGWINSZ, b"x" * 8))
open(sys.argv[1] + ".new", "w").write(os.ttyname(slave))
os.rename(sys.argv[1] + ".new", sys.argv[1])
tty.setraw(0)
while True:
    for fd in select.select([0, master], [], [])[0]:
        data = os.read(fd, 65536)
        if not data: sys.exit()
        os.write(1 if fd == master else master, data)
"""


def jobs(desk, first, second):
    script = desk.folder / "jobs.sh"
    script.write_text(JOBS.format(first=first, second=second, told=desk.folder / "alpha.pid"))
    return "bash", "-i", script


@layout("xterm")
def suspended_session(desk):
    """A session that was suspended (C-z), and another one in the same terminal."""
    a, b, c = (desk.session(it) for it in ("alpha", "beta", "gamma"))
    desk.open(1, "xterm", "-e", *jobs(desk, a, b), shows=["alpha", "beta"])
    desk.open(2, "xterm", "-e", c, shows=["gamma"])
    time.sleep(0.5)
    desk.knows("alpha", *HIDDEN)
    there_and_back(desk, "alpha", "beta", "gamma")


@layout("xterm", "tmux")
def suspended_session_in_tmux(desk):
    """The same in a window of tmux that is not in view."""
    a, b, c = (desk.session(it) for it in ("alpha", "beta", "gamma"))
    [window] = desk.open(1, *in_terminal("new-session", "-s", "a", c), shows=["gamma"])
    tmux(desk, "new-window", "-d", "-t", "a:", *jobs(desk, a, b))
    desk.started("alpha", window)
    desk.started("beta", window)
    time.sleep(0.5)
    desk.knows("alpha", *HIDDEN)
    there_and_back(desk, "alpha", "beta", "gamma")


@layout("xterm", "su")
def su_with_a_terminal(desk):
    """su --pty gives its command a terminal of its own."""
    a, b, c = (desk.session(it) for it in ("alpha", "beta", "gamma"))
    user = desk.run("id", "-un").stdout.strip()
    desk.open(1, "xterm", "-e", "su", "-m", "--pty", "-s", "/bin/sh", "-c", a, user, shows=["alpha"])
    desk.open(2, "xterm", "-e", "sh", "-c", f"su -m --pty -c 'exec {b}' {user}; sleep 86400", shows=["beta"])
    desk.open(3, "xterm", "-e", "script", "-q", "-c", f"script -q -c {c} /dev/null", "/dev/null", shows=["gamma"])
    there_and_back(desk, "alpha", "beta", "gamma")
    go_round(desk, "alpha", "beta", "gamma")


@layout("xterm", "setsid")
def moved_to_another_terminal(desk):
    """reptyr: a session was started in one terminal, and has another one now, where it is shown."""
    a, b = desk.session("alpha"), desk.session("beta")
    (desk.folder / "thief.py").write_text(THIEF)
    told = desk.folder / "tty"
    [second] = desk.open(2, "xterm", "-e", "python3", desk.folder / "thief.py", told)
    tty = wait(lambda: told.exists() and told.read_text(), "the terminal")
    desk.open(1, "xterm", "-e", "sh", "-c", f"setsid -cw {a} <>{tty} >&0 2>&0; exec {b}")
    desk.started("alpha", second)
    time.sleep(1)
    there_and_back(desk, "alpha")


@layout("xterm", "setsid", "tmux")
def moved_out_of_tmux(desk):
    """The same from a pane of tmux to a terminal without tmux."""
    a, b = desk.session("alpha"), desk.session("beta")
    (desk.folder / "thief.py").write_text(THIEF)
    told = desk.folder / "tty"
    [second] = desk.open(2, "xterm", "-e", "python3", desk.folder / "thief.py", told)
    tty = wait(lambda: told.exists() and told.read_text(), "the terminal")
    desk.open(1, *in_terminal("new-session", "-s", "a", b), shows=["beta"])
    tmux(desk, "new-window", "-t", "a:", f"setsid -cw {a} <>{tty} >&0 2>&0; sleep 86400")
    desk.started("alpha", second)
    time.sleep(1)
    there_and_back(desk, "alpha", "beta")


@layout("dtach", "xterm")
def dtach_attached_twice(desk):
    """Two terminals of one dtach, on two workspaces; then one of them is closed."""
    a, b = desk.session("alpha"), desk.session("beta")
    desk.open(1, "xterm", "-e", "dtach", "-c", "one.dtach", a, shows=["alpha"])
    other = desk.open(2, "xterm", "-e", "dtach", "-a", "one.dtach", "-r", "winch")
    desk.open(3, "xterm", "-e", b, shows=["beta"])
    desk.knows("alpha", "refused", *HIDDEN)
    there_and_back(desk, "beta")
    desk.ipc.run(f"[con_id={other[0]}] kill")
    wait(lambda: other[0] not in desk.ipc.windows(), "the end of the window")
    time.sleep(6)
    desk.knows("alpha")
    there_and_back(desk, "alpha", "beta")


@layout("xterm")
def terminal_closed_under_it(desk):
    """A session outlives its terminal, whose X window id the next one gets."""
    a, b = desk.session("alpha"), desk.session("beta")
    desk.open(1, "xterm", "-e", "sh", "-c", f"trap '' HUP; exec {a}", shows=["alpha"])
    xterm = desk.last.pid
    desk.vmuxd()
    desk.judge("alpha")
    os.kill(xterm, signal.SIGKILL)
    wait(lambda: desk.sessions["alpha"].window not in desk.ipc.windows(), "the end of the window")
    desk.open(1, "xterm", "-e", b, shows=["beta"])
    alive = Path(f"/proc/{desk.sessions['alpha'].pid}").exists()
    if alive:
        desk.moved("alpha", None)
        desk.knows("alpha", "refused")
        desk.judge("alpha")
    desk.vmuxd()
    there_and_back(desk, "beta")


@layout("gnome-terminal")
def prompts_that_set_titles(desk):
    """Shells that set the title with every prompt, to the name of a session that sets none."""
    prompt = desk.folder / "prompt.sh"
    prompt.write_text("while :; do printf '\\033]2;dev@host: ~/src/alpha Fix alpha\\007'; sleep 0.3; done\n")
    a, b = desk.session("alpha", title=None), desk.session("beta")
    desk.open(1, "gnome-terminal", "--window", "--", a, shows=["alpha"])
    desk.open(2, "gnome-terminal", "--window", "--", b, shows=["beta"])
    desk.open(3, "gnome-terminal", "--window", "--", "sh", prompt)
    time.sleep(0.5)
    desk.knows("alpha", "refused")
    there_and_back(desk, "alpha", "beta")


@layout("xterm", "vim")
def suspended_editor(desk):
    """An editor with a session in its :terminal was suspended, and another session runs in front of it."""
    a, b = desk.session("alpha"), desk.session("beta")
    desk.open(1, "xterm", "-e", *jobs(desk, f"vim -u NONE -c 'terminal ++curwin {a}'", b))
    [window] = desk.ipc.windows()
    desk.started("alpha", window)
    desk.started("beta", window)
    time.sleep(0.5)
    desk.knows("alpha", *HIDDEN)
    there_and_back(desk, "alpha", "beta")


@layout("xterm", "screen")
def locked_screen(desk):
    """GNU screen's display is locked; the terminal asks for a key."""
    a, b = desk.session("alpha"), desk.session("beta")
    desk.open(1, "xterm", "-e", "screen", "-S", "out", a, shows=["alpha"])
    desk.open(2, "xterm", "-e", b, shows=["beta"])
    desk.vmuxd()
    desk.judge("alpha")
    desk.run("screen", "-S", "out", "-X", "lockscreen")
    time.sleep(1)
    desk.knows("alpha", "refused", *HIDDEN)
    there_and_back(desk, "alpha", "beta")
