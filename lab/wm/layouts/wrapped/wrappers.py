"""Programs that give a session a terminal of their own, or none: recorders, filters, shells in panels."""

import time

from ...world import wait
from .. import layout
from ..multiplexers import HIDDEN, in_terminal, tmux


def two_xterms(desk, *wrapped, verdicts=()):
    """A session without a name in each of two xterms, below what `wrapped` makes of its script."""
    for space, (label, make) in enumerate(zip(("alpha", "beta"), wrapped), 1):
        desk.open(space, "xterm", "-e", *make(desk.session(label, name=None)), shows=[label])
        if verdicts:
            desk.knows(label, *verdicts)
    desk.judge("alpha", "beta", "alpha")


@layout("xterm", "expect")
def below_expect(desk):
    """Below expect, which passes all on, and below unbuffer."""
    two_xterms(desk, lambda it: ("expect", "-c", f"spawn -noecho {it}; interact"), lambda it: ("unbuffer", "-p", it))


@layout("xterm", "asciinema")
def below_a_recorder(desk):
    """Below asciinema, and below a script(1) in it."""
    two_xterms(desk, lambda it: ("asciinema", "rec", "-q", "--overwrite", "-c", it, "a.cast"),
               lambda it: ("asciinema", "rec", "-q", "--overwrite", "-c", f"script -q -c {it} /dev/null", "b.cast"))


@layout("xterm", "rlwrap", "socat")
def below_rlwrap_and_socat(desk):
    """Below rlwrap, and below socat with a terminal of its own."""
    two_xterms(desk, lambda it: ("rlwrap", it), lambda it: ("socat", "STDIO,raw,echo=0", f"EXEC:{it},pty,setsid,ctty,stderr"))


@layout("xterm", "bwrap")
def below_bwrap(desk):
    """Below bubblewrap, which sees all, in a session of its own; and with pids of its own, below a shell."""
    everything = ("bwrap", "--dev-bind", "/", "/", "--new-session", "--die-with-parent")
    two_xterms(desk, lambda it: (*everything, it), lambda it: (*everything, "sh", "-c", f"{it}; true"))


@layout("xterm", "nix-shell", "env")
def below_wrappers_that_become_it(desk):
    """Below env -i, nice, timeout and a chain of shells."""
    two_xterms(desk, lambda it: ("env", "-i", "PATH=/usr/bin:/bin", "TERM=xterm", "nice", "-n", "1", it),
               lambda it: ("sh", "-c", f"timeout --foreground 1d bash -c 'sh -c \"{it}; :\"; :'; :"))


@layout("gnome-terminal", "expect", "asciinema")
def recorders_in_one_process(desk):
    """expect and asciinema in two windows of one gnome-terminal: their titles tell."""
    a, b = desk.session("alpha"), desk.session("beta")
    desk.open(1, "gnome-terminal", "--window", "--", "expect", "-c", f"spawn -noecho {a}; interact", shows=["alpha"])
    desk.open(2, "gnome-terminal", "--window", "--", "asciinema", "rec", "-q", "-c", b, "b.cast", shows=["beta"])
    desk.judge("alpha", "beta", "alpha")


@layout("xterm", "mc", "xdotool")
def below_midnight_commander(desk):
    """A session that was started at the prompt of mc, and fills its screen; its panels are in front afterwards."""
    a, b = desk.session("alpha"), desk.session("beta")
    [window] = desk.open(1, "xterm", "-e", "mc", "--nomouse")
    time.sleep(2)
    desk.focus(window)
    desk.run("xdotool", "type", f"{a}\n")
    desk.started("alpha", window)
    desk.open(2, "xterm", "-e", b, shows=["beta"])
    desk.knows("alpha", *HIDDEN)
    desk.judge("alpha", "beta", "alpha")


@layout("xterm", "reptyr", "tmux")
def taken_by_reptyr(desk):
    """reptyr brings a session from a terminal that is closed then into a pane of tmux."""
    a = desk.session("alpha")
    [old] = desk.open(1, "xterm", "-e", a, shows=["alpha"])
    desk.open(2, *in_terminal("new-session", "sleep 86400"))
    desk.vmuxd()
    tmux(desk, "new-window", f"reptyr {desk.sessions['alpha'].pid}; sleep 86400")
    time.sleep(2)
    [window] = [it for it in desk.ipc.windows() if it != old]
    tmux(desk, "select-window", "-t", ":0")
    desk.moved("alpha", window)
    # The session does not paint again: what is in view is an empty pane.
    desk.knows("alpha", "WRONG, done")
    desk.judge()
    pane = tmux(desk, "display-message", "-p", "#{window_index}")
    good = pane == "1"
    desk.rows.append({"label": "pane", "verdict": "right" if good else "WRONG", "good": good, "exit": 0, "how": pane, "said": ""})


@layout("xterm", "nvim", "tmux")
def editor_in_a_hidden_window_of_tmux(desk):
    """A session in neovim's only :terminal, in a window of tmux that is behind; and tmux in a :terminal."""
    a, b = desk.session("alpha"), desk.session("beta")
    [window] = desk.open(1, *in_terminal("new-session", "sleep 86400"))
    wait(lambda: list((desk.folder / "run").glob("tmux-*/one")), "tmux")
    tmux(desk, "new-window", "-d", f"nvim -c 'terminal {a}'")
    desk.started("alpha", window)
    [other] = desk.open(2, "xterm", "-e", "nvim", "-c", f"terminal tmux -L two -f /dev/null new-session {b}")
    desk.started("beta", other)
    tmux(desk, "new-window", "sleep 86400", server="two")
    desk.judge("alpha", "beta", "alpha")


@layout("xterm", "su", "tmux")
def login_shells(desk):
    """su - in one terminal, which clears the environment; a login shell below it in a pane of tmux."""
    a, b = desk.session("alpha"), desk.session("beta")
    desk.open(1, "xterm", "-e", "su", "-", "root", "-c", a, shows=["alpha"])
    [window] = desk.open(2, *in_terminal("new-session", "sleep 86400"))
    tmux(desk, "new-window", "-d", f"su - root -c {b}")
    desk.started("beta", window)
    desk.judge("alpha", "beta", "alpha")
