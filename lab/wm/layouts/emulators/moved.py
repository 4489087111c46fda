"""Tabs and panes that move, split, overlay and cover each other; titles that the user froze."""

import time

from ...world import wait
from .. import layout
from .tabs import detach, front, kitty_session

HIDDEN = ("told", "unsure")


@layout("gnome-terminal", "xdotool", "gsettings")
def gnome_detached(desk):
    """gnome-terminal's Detach Terminal."""
    a, b = desk.session("alpha"), desk.session("beta")
    [old] = desk.open(1, "gnome-terminal", "--window", "-e", a, "--tab", "-e", b, shows=["alpha", "beta"])
    desk.run("gsettings", "set", "org.gnome.Terminal.Legacy.Keybindings:/org/gnome/terminal/legacy/keybindings/", "detach-tab", "F7")
    desk.vmuxd()
    front(desk, "beta", "ctrl+Page_Down")
    detach(desk, old, "beta", "F7")
    desk.judge()


@layout("mate-terminal", "xdotool")
def mate_two_windows_with_tabs(desk):
    """Two windows of one mate-terminal, one of them with two tabs; unnamed."""
    a, b, c = (desk.session(it, name=None) for it in ("alpha", "beta", "gamma"))
    desk.open(1, "mate-terminal", "--window", "-x", a, shows=["alpha"])
    desk.open(2, "mate-terminal", "--window", "-e", b, "--tab", "-e", c, shows=["beta", "gamma"])
    for label in ("alpha", "beta", "gamma"):
        desk.knows(label, "refused", *HIDDEN)
    desk.judge()


@layout("terminator", "xdotool")
def terminator_zoomed(desk):
    """Two sessions in a split of terminator, one of them maximised, which hides the other."""
    a, b = desk.session("alpha"), desk.session("beta")
    config = desk.folder / ".config/terminator/config"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(f"[profiles]\n  [[default]]\n    use_custom_command = True\n    custom_command = {b}\n")
    [first] = desk.open(1, "terminator", "-x", a, shows=["alpha"])
    desk.focus(first)
    desk.key("ctrl+shift+o")
    desk.started("beta", first)
    desk.key("ctrl+shift+x")
    for label in ("alpha", "beta"):
        desk.knows(label, *HIDDEN)
    desk.judge()


@layout("kitty", "xdotool")
def kitty_overlay(desk):
    """An overlay in front of a session in kitty."""
    (desk.folder / "kitty.conf").write_text("map f7 launch --type=overlay sleep 86400\n")
    a = desk.session("alpha")
    [window] = desk.open(1, "kitty", "--config", desk.folder / "kitty.conf", a, shows=["alpha"])
    desk.focus(window)
    desk.key("F7")
    desk.knows("alpha", *HIDDEN)
    desk.judge()


@layout("kitty")
def kitty_stack(desk):
    """Two sessions in kitty's stack layout: one covers the other."""
    a, b = desk.session("alpha"), desk.session("beta")
    desk.open(1, *kitty_session(desk, "layout stack", f"launch {a}", f"launch {b}"), shows=["alpha", "beta"])
    for label in ("alpha", "beta"):
        desk.knows(label, *HIDDEN)
    desk.judge()


def kitty_with_remote(desk, *lines):
    (desk.folder / "kitty.conf").write_text("allow_remote_control socket-only\nenabled_layouts tall,stack\n")
    words = kitty_session(desk, *lines)[3:]
    socket = f"unix:{desk.folder}/run/kitty"
    return socket, ("kitty", "--config", desk.folder / "kitty.conf", "--listen-on", socket, *words)


@layout("kitty")
def kitty_remote_stack(desk):
    """The same with remote control: each comes into view; an overlay in front of one of them."""
    a, b = desk.session("alpha"), desk.session("beta")
    socket, words = kitty_with_remote(desk, "layout stack", f"launch {a}", f"launch {b}")
    desk.open(1, *words, shows=["alpha", "beta"])
    desk.judge("alpha", "beta", "alpha")
    desk.run("kitty", "@", "--to", socket, "launch", "--type=overlay", "--match", f"pid:{desk.sessions['alpha'].pid}", "sleep", "86400")
    for label in ("alpha", "beta"):
        desk.knows(label, *HIDDEN)
    desk.judge("alpha", "beta")


@layout("kitty")
def kitty_remote_window_detached(desk):
    """A pane of a tab that kitty moved to a window of its own."""
    a, b, c = (desk.session(it, name=None, title=None) for it in ("alpha", "beta", "gamma"))
    socket, words = kitty_with_remote(desk, f"launch {a}", f"launch {b}", f"launch {c}")
    desk.open(1, *words, shows=["alpha", "beta", "gamma"])
    desk.vmuxd()
    kitty = ("kitty", "@", "--to", socket, "detach-window", "--match")
    [new] = desk.open(2, *kitty, f"pid:{desk.sessions['beta'].pid}")
    desk.moved("beta", new)
    desk.judge("alpha", "beta", "gamma", "alpha")


@layout("alacritty")
def alacritty_three(desk):
    """Three windows of one alacritty, the first closed; then a new one, perhaps with the same X id."""
    scripts = [desk.session(it, name=None, title=None) for it in ("alpha", "beta", "gamma", "delta")]
    socket = desk.folder / "run/alacritty"
    desk.open(1, "alacritty", "--socket", socket, "-e", scripts[0], shows=["alpha"])
    message = ("alacritty", "msg", "--socket", socket, "create-window", "-e")
    desk.open(2, *message, scripts[1], shows=["beta"])
    desk.open(3, *message, scripts[2], shows=["gamma"])
    session = desk.sessions.pop("alpha")
    desk.run("kill", "-9", str(session.pid))
    wait(lambda: session.window not in desk.ipc.windows(), "the end of alpha")
    desk.open(1, *message, scripts[3], shows=["delta"])
    desk.judge("beta", "delta", "gamma")


@layout("alacritty", "tmux")
def alacritty_with_tmux(desk):
    """Two windows of one alacritty, tmux in both; one tmux is attached in the other's window later."""
    socket = desk.folder / "run/alacritty"
    tmux = ("tmux", "-L", "one", "-f", "/dev/null")
    message = ("alacritty", "msg", "--socket", socket, "create-window", "-e")
    a, b = desk.session("alpha"), desk.session("beta")
    [first] = desk.open(1, "alacritty", "--socket", socket, "-e", *tmux, "new-session", "-s", "a", a, shows=["alpha"])
    [second] = desk.open(2, *message, *tmux, "new-session", "-s", "b", b, shows=["beta"])
    for client in desk.run(*tmux, "list-clients", "-F", "#{client_tty} #{client_session}").stdout.splitlines():
        tty, shows = client.split()
        desk.run(*tmux, "switch-client", "-c", tty, "-t", {"a": "b", "b": "a"}[shows])
    desk.moved("alpha", second)
    desk.moved("beta", first)
    desk.judge("alpha", "beta", "alpha")


@layout("xfce4-terminal")
def xfce_titles_frozen(desk):
    """Two windows of one xfce4-terminal with titles that the user gave: the other one's name."""
    a, b = desk.session("alpha"), desk.session("beta")
    frozen = ("--dynamic-title-mode=none", "--window")
    desk.open(1, "xfce4-terminal", frozen[0], "-T", "✳ Fix beta", "-e", a, shows=["alpha"])
    desk.open(2, "xfce4-terminal", *frozen, "-T", "work", "-e", b, shows=["beta"])
    desk.judge("alpha", "beta", "alpha")


@layout("tilix")
def tilix_titles_frozen(desk):
    """Two windows of one tilix whose titles the user froze: nothing tells them apart."""
    a, b = desk.session("alpha"), desk.session("beta")
    desk.open(1, "tilix", "-t", "one", "-e", a, shows=["alpha"])
    desk.open(2, "tilix", "-t", "two", "-e", b, shows=["beta"])
    for label in ("alpha", "beta"):
        desk.knows(label, "refused")
    desk.judge()


@layout("sakura", "xdotool")
def sakura_two_sessions(desk):
    """Two sessions in two tabs of sakura, which have names."""
    a, b = desk.session("alpha"), desk.session("beta")
    desk.open(1, "sakura", "-e", f"{a}", shows=["alpha"])
    desk.open(2, "sakura", "-e", f"{b}", shows=["beta"])
    desk.focus(desk.sessions["alpha"].window)
    desk.key("ctrl+shift+t")
    desk.knows("alpha", *HIDDEN)
    desk.judge()


@layout("terminology", "xdotool")
def terminology_split(desk):
    """A shell beside a session in terminology; a dialog at its first start covers most of it."""
    a = desk.session("alpha")
    desk.in_view = lambda hue, window: window is not None
    desk.open(1, "terminology", "-e", a, shows=["alpha"])
    desk.focus(desk.sessions["alpha"].window)
    desk.key("ctrl+shift+Page_Down")
    time.sleep(0.5)
    desk.knows("alpha", *HIDDEN)
    desk.judge()


@layout("kgx")
def kgx_windows_and_tabs(desk):
    """gnome-console: two windows of one process, one with a second tab."""
    a, b, c = (desk.session(it) for it in ("alpha", "beta", "gamma"))
    desk.open(1, "kgx", "-e", a, shows=["alpha"])
    desk.open(2, "kgx", "-e", b, shows=["beta"])
    desk.focus(desk.sessions["beta"].window)
    desk.open(2, "kgx", "--tab", "-e", c, windows=0)
    desk.started("gamma", desk.sessions["beta"].window)
    for label in ("alpha", "beta", "gamma"):
        desk.knows(label, "refused", *HIDDEN)
    desk.judge()


@layout("cool-retro-term")
def cool_retro_term(desk):
    """Two cool-retro-term."""
    desk.in_view = lambda hue, window: window is not None  # It draws in one colour.
    for space, label in enumerate(("alpha", "beta"), 1):
        desk.open(space, "cool-retro-term", "-e", desk.session(label), shows=[label])
    desk.judge()


@layout("termit", "xterm")
def termit_tabs(desk):
    """termit with a second tab."""
    a, b = desk.session("alpha"), desk.session("beta")
    desk.open(1, "xterm", "-e", a, shows=["alpha"])
    desk.open(2, "termit", "-e", b, shows=["beta"])
    desk.judge("alpha", "beta")
    desk.focus(desk.sessions["beta"].window)
    desk.key("ctrl+t")
    desk.knows("beta", *HIDDEN)
    desk.judge("alpha", "beta")
