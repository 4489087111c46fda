"""Terminals of Wayland's own, on sway."""

import time

from ...world import wait
from .. import layout

HIDDEN = ("told", "unsure")
KITTY = ("kitty", "--config", "NONE", "-o", "linux_display_server=wayland")


def footclients(desk, *plans):
    """A foot server, and a client on each workspace: label, and what `session` gets."""
    socket = desk.folder / "run/foot"
    desk.spawn("foot", f"--server={socket}")
    wait(socket.exists, "foot")
    for space, (label, options) in enumerate(plans, 1):
        desk.open(space, "footclient", "-s", socket, desk.session(label, **options), shows=[label])


@layout("foot", manager="sway")
def footclients_of_one_name(desk):
    """Three footclients, two of them with sessions of one name."""
    footclients(desk, ("alpha", {"name": "Fix it"}), ("beta", {"name": "Fix it"}), ("gamma", {}))
    for label in ("alpha", "beta"):
        desk.knows(label, "refused")
    desk.judge()


@layout("foot", "tmux", manager="sway")
def footclient_with_two_tmux_sessions(desk):
    """A footclient with tmux, whose client shows one of two sessions, beside a foot of its own."""
    a, b, c = (desk.session(it) for it in ("alpha", "beta", "gamma"))
    desk.spawn("foot", "--server")
    time.sleep(1.5)
    tmux = ("tmux", "-L", "one", "-f", "/dev/null")
    [first] = desk.open(1, "footclient", *tmux, "new-session", "-s", "a", a, shows=["alpha"])
    desk.run(*tmux, "new-session", "-d", "-s", "b", b)
    desk.started("beta", first)
    desk.open(2, "foot", c, shows=["gamma"])
    desk.judge("beta", "alpha", "gamma", "beta")


@layout("foot", "tmux", manager="sway")
def footclients_with_tmux_untitled(desk):
    """Two footclients with tmux, which sets no titles: a tie."""
    a, b = desk.session("alpha"), desk.session("beta")
    desk.spawn("foot", "--server")
    time.sleep(1.5)
    tmux = ("tmux", "-L", "one", "-f", "/dev/null", "new-session", "-s")
    for space, (label, script) in enumerate((("alpha", a), ("beta", b)), 1):
        desk.open(space, "footclient", *tmux, label, script, shows=[label])
        desk.knows(label, "refused")
    desk.judge()


@layout("kitty", manager="sway")
def kitty_tabs_on_wayland(desk):
    """Two tabs of a kitty on Wayland."""
    a, b = desk.session("alpha"), desk.session("beta")
    file = desk.folder / "kitty.session"
    file.write_text(f"launch {a}\nnew_tab\nlaunch {b}\n")
    desk.open(1, *KITTY, "--session", file, shows=["alpha", "beta"])
    desk.knows("beta", *HIDDEN)
    desk.judge()


@layout("kitty", manager="sway")
def kitty_remote_tabs_on_wayland(desk):
    """Two windows of one kitty with remote control on Wayland, one with two tabs."""
    a, b, c = (desk.session(it) for it in ("alpha", "beta", "gamma"))
    socket = f"unix:{desk.folder}/run/kitty"
    words = (*KITTY, "-o", "allow_remote_control=socket-only", "--listen-on", socket, "-1")
    file = desk.folder / "kitty.session"
    file.write_text(f"launch {a}\nnew_tab\nlaunch {b}\n")
    desk.open(1, *words, "--session", file, shows=["alpha", "beta"])
    desk.open(2, *words, c, shows=["gamma"])
    desk.knows("beta", "refused", *HIDDEN)
    desk.judge("alpha", "beta", "gamma", "alpha")


@layout("kitty", manager="sway")
def kitty_single_untitled_on_wayland(desk):
    """kitty -1 on Wayland whose titles say nothing: a tie."""
    for space, label in enumerate(("alpha", "beta"), 1):
        desk.open(space, *KITTY, "-1", desk.session(label, name=None, title=None), shows=[label])
        desk.knows(label, "refused")
    desk.judge()


def alacritty(desk):
    """What alacritty needs: it sets HOME to that of the user whom sway runs as."""
    return {"DISPLAY": "", "WINIT_UNIX_BACKEND": "wayland", "CLAUDE_CONFIG_DIR": str(desk.folder / ".claude")}


@layout("alacritty", manager="sway")
def alacritty_on_wayland(desk):
    """Two windows of one alacritty on Wayland, with names; and one of its own."""
    socket = desk.folder / "run/alacritty"
    scripts = [desk.session(it) for it in ("alpha", "beta", "gamma")]
    wayland = alacritty(desk)
    desk.open(1, "alacritty", "--socket", socket, "-e", scripts[0], shows=["alpha"], **wayland)
    desk.open(2, "alacritty", "msg", "--socket", socket, "create-window", "-e", scripts[1], shows=["beta"], **wayland)
    desk.open(3, "alacritty", "-e", scripts[2], shows=["gamma"], **wayland)
    desk.judge("alpha", "beta", "gamma", "alpha")


@layout("alacritty", manager="sway")
def alacritty_untitled_on_wayland(desk):
    """The same without names: a tie of the two."""
    socket = desk.folder / "run/alacritty"
    scripts = [desk.session(it, name=None, title=None) for it in ("alpha", "beta")]
    wayland = alacritty(desk)
    desk.open(1, "alacritty", "--socket", socket, "-e", scripts[0], shows=["alpha"], **wayland)
    desk.open(2, "alacritty", "msg", "--socket", socket, "create-window", "-e", scripts[1], shows=["beta"], **wayland)
    for label in ("alpha", "beta"):
        desk.knows(label, "refused")
    desk.judge()


@layout("gnome-terminal", manager="sway")
def gnome_terminal_on_wayland(desk):
    """Two windows of gnome-terminal on Wayland."""
    for space, label in enumerate(("alpha", "beta"), 1):
        desk.open(space, "gnome-terminal", "--window", "--", desk.session(label), shows=[label])
    desk.judge()


@layout("xfce4-terminal", "Xwayland", manager="sway")
def xfce_drop_down_on_sway(desk):
    """xfce4-terminal's drop-down below Xwayland, rolled up, beside another window of the process."""
    a, b = (desk.session(it, name=None, title=None) for it in ("alpha", "beta"))
    desk.open(1, "xfce4-terminal", "--drop-down", "-x", a, shows=["alpha"], GDK_BACKEND="x11")
    desk.open(2, "xfce4-terminal", "-x", b, shows=["beta"], GDK_BACKEND="x11")
    if desk.sessions["alpha"].window not in desk.ipc.windows():
        desk.knows("alpha", "refused")
    desk.judge("alpha", "beta")
