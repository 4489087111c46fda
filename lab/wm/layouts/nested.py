"""Multiplexers inside multiplexers, and the other ones."""

import time

from ..world import wait
from . import layout
from .multiplexers import HIDDEN, in_terminal, tmux


@layout("tmux", "xterm")
def tmux_in_tmux(desk):
    """An inner server's client in a window of the outer server that is not in view."""
    a, b = desk.session("alpha"), desk.session("beta")
    [window] = desk.open(1, *in_terminal("new-session", "-s", "out", a), shows=["alpha"])
    tmux(desk, "new-window", f"env -u TMUX tmux -L two -f /dev/null new-session -s in {b}")
    desk.started("beta", window)
    tmux(desk, "new-window", "-t", "in:", "sleep 86400", server="two")
    desk.judge("alpha", "beta", "alpha", "beta")


@layout("tmux", "xterm")
def three_deep(desk):
    """tmux in tmux in tmux, with a session at each depth."""
    a, b, c = (desk.session(it) for it in ("alpha", "beta", "gamma"))
    [window] = desk.open(1, *in_terminal("new-session", a), shows=["alpha"])
    tmux(desk, "new-window", f"env -u TMUX tmux -L two -f /dev/null new-session {b}")
    desk.started("beta", window)
    tmux(desk, "new-window", f"env -u TMUX tmux -L three -f /dev/null new-session {c}", server="two")
    desk.started("gamma", window)
    desk.judge("alpha", "gamma", "beta", "gamma", "alpha")


@layout("tmux", "xterm")
def inner_detached(desk):
    """The inner session is detached; the inner server's only client shows another, in a hidden window of the outer."""
    a, b, c = (desk.session(it) for it in ("alpha", "beta", "gamma"))
    [window] = desk.open(1, *in_terminal("new-session", a), shows=["alpha"])
    tmux(desk, "new-window", "-d", f"env -u TMUX tmux -L two -f /dev/null new-session -s b {b}")
    desk.started("beta", window)
    tmux(desk, "new-session", "-d", "-s", "c", c, server="two")
    desk.started("gamma", window)
    desk.judge("gamma", "alpha", "beta")


@layout("tmux", "screen", "xterm")
def tmux_in_screen(desk):
    """tmux in the second window of GNU screen."""
    a, b = desk.session("alpha"), desk.session("beta")
    [window] = desk.open(1, "xterm", "-e", "screen", "-S", "out", a, shows=["alpha"])
    desk.run("screen", "-S", "out", "-X", "screen", "tmux", "-L", "one", "-f", "/dev/null", "new-session", b)
    desk.started("beta", window)
    desk.judge("alpha", "beta", "alpha")


@layout("tmux", "screen", "xterm")
def screen_in_tmux(desk):
    """GNU screen in a hidden pane of tmux, its own window hidden, too."""
    a, b = desk.session("alpha"), desk.session("beta")
    [window] = desk.open(1, *in_terminal("new-session", a), shows=["alpha"])
    tmux(desk, "new-window", f"screen -S in {b}")
    desk.started("beta", window)
    desk.run("screen", "-S", "in", "-X", "screen", "sleep", "86400")
    desk.judge("alpha", "beta")


@layout("screen", "xterm")
def screen_two_displays(desk):
    """screen -x: two displays of one server."""
    a, b = desk.session("alpha"), desk.session("beta")
    desk.open(1, "xterm", "-e", "screen", "-S", "out", a, shows=["alpha"])
    desk.run("screen", "-S", "out", "-X", "screen", b)
    desk.started("beta", desk.sessions["alpha"].window)
    [second] = desk.open(2, "xterm", "-e", "screen", "-x", "out")
    time.sleep(1)
    desk.focus(second)
    desk.run("xdotool", "key", "space")
    for label in ("alpha", "beta"):
        desk.moved(label, second)
        desk.knows(label, "refused", "WRONG place", *HIDDEN)
    desk.judge()


@layout("screen", "xterm")
def screen_detached(desk):
    """A detached GNU screen is shown nowhere."""
    a = desk.session("alpha")
    desk.run("screen", "-dmS", "out", a)
    desk.started("alpha")
    desk.knows("alpha", "refused")
    desk.open(1, "xterm")
    desk.judge()


@layout("dtach", "xterm")
def dtach_two(desk):
    """Two dtach, one of them detached."""
    a, b = desk.session("alpha"), desk.session("beta")
    desk.open(1, "xterm", "-e", "dtach", "-c", "one.dtach", a, shows=["alpha"])
    desk.run("dtach", "-n", "two.dtach", b)
    desk.started("beta")
    desk.knows("beta", "refused")
    desk.judge()


@layout("dtach", "tmux", "xterm")
def dtach_in_tmux(desk):
    """dtach in a window of tmux that is not in view."""
    a, b = desk.session("alpha"), desk.session("beta")
    [window] = desk.open(1, *in_terminal("new-session", a), shows=["alpha"])
    tmux(desk, "new-window", "-d", f"dtach -c one.dtach {b}")
    desk.started("beta", window)
    desk.judge("beta", "alpha")


@layout("kitty", "screen")
def screen_in_hidden_tab(desk):
    """GNU screen in the tab of kitty that is behind."""
    a = desk.session("alpha")
    file = desk.folder / "kitty.session"
    file.write_text(f"launch sleep 86400\nnew_tab\nlaunch screen -S out {a}\n")
    [window] = desk.open(1, "kitty", "--config", "NONE", "--session", file)
    desk.started("alpha", window)
    wait(lambda: desk.sessions["alpha"].pid, "alpha")
    desk.knows("alpha", *HIDDEN)
    desk.judge()
