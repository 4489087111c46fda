"""Habits of people who live in one terminal, one drop-down, or one server of screen."""

import time

from ..world import wait
from . import layout
from .manager.keys import press
from .multiplexers import HIDDEN, in_terminal, tmux

DROPDOWN = 'for_window [instance="dropdown"] floating enable, resize set 1200 700, move position center, move scratchpad\n'


@layout("screen", "xterm")
def screen_reattached_elsewhere(desk):
    """screen -d -r brings a session from one terminal into another one, and back."""
    a, b = desk.session("alpha"), desk.session("beta")
    [first] = desk.open(1, "xterm", "-e", "sh", "-c", f"screen -S out {a}; sleep 86400", shows=["alpha"])
    desk.run("screen", "-S", "out", "-X", "screen", b)
    desk.started("beta", first)
    desk.judge("alpha", "beta")
    [second] = desk.open(2, "xterm", "-e", "screen", "-d", "-r", "out")
    time.sleep(1)
    for label in ("alpha", "beta"):
        desk.moved(label, second)
    desk.judge("alpha", "beta")


@layout("screen", "xterm")
def screen_windows_renumbered(desk):
    """The windows of screen got other numbers (C-a : number) than their programs were told."""
    a, b, c = (desk.session(it) for it in ("alpha", "beta", "gamma"))
    [window] = desk.open(1, "xterm", "-e", "screen", "-S", "out", a, shows=["alpha"])
    for label, script in (("beta", b), ("gamma", c)):
        desk.run("screen", "-S", "out", "-X", "screen", script)
        desk.started(label, window)
    desk.judge("alpha", "gamma", "beta")
    desk.run("screen", "-S", "out", "-p", "0", "-X", "number", "2")
    time.sleep(0.3)
    for label in ("alpha", "gamma"):
        desk.knows(label, *HIDDEN)
    desk.judge("alpha", "beta", "gamma", "alpha")


@layout("screen", "xterm", "tmux")
def byobu_like_screen_and_tmux_side_by_side(desk):
    """A server of tmux and one of screen with sessions and windows of the same names, each in a terminal."""
    labels = ("alpha", "beta", "gamma", "delta")
    a, b, c, d = (desk.session(it) for it in labels)
    [first] = desk.open(1, "xterm", "-e", "screen", "-S", "main", a, shows=["alpha"])
    desk.run("screen", "-S", "main", "-X", "screen", b)
    desk.started("beta", first)
    [second] = desk.open(2, *in_terminal("new-session", "-s", "main", c), shows=["gamma"])
    tmux(desk, "new-window", d)
    desk.started("delta", second)
    desk.judge("alpha", "gamma", "beta", "delta", "alpha")


@layout("tmux", "urxvt", i3=DROPDOWN)
def drop_down_with_tmux(desk):
    """A drop-down of i3's scratchpad with a tmux, whose other client is a terminal on a workspace."""
    a, b = desk.session("alpha"), desk.session("beta")
    tmux(desk, "new-session", "-d", "-s", "main", a)
    tmux(desk, "new-window", "-d", "-t", "main:", b)
    desk.started("alpha")
    desk.started("beta")
    [down] = desk.open(1, "urxvt", "-name", "dropdown", "-e", "tmux", "-L", "one", "attach", "-t", "main")
    wait(lambda: desk.ipc.windows().get(down) == "__i3_scratch", "the scratchpad")
    for label in ("alpha", "beta"):
        desk.moved(label, down)
    desk.judge("alpha", "beta")
    press(desk, "back", "--back", workspace="home")
    desk.ipc.run(f"[con_id={down}] move scratchpad")
    [other] = desk.open(2, "urxvt", "-e", "tmux", "-L", "one", "new-session", "-t", "main")
    desk.moved("alpha", other)  # It was used last; the drop-down shows beta's window.
    time.sleep(6)  # tmux tells nobody; the list sees it with the next scan.
    desk.judge("alpha", "beta", "alpha")


@layout("tmux", "xterm", i3=DROPDOWN)
def back_from_a_drop_down(desk):
    """To a session in the scratchpad, and back with a key: the window that had the focus is under it."""
    a = desk.session("alpha")
    b = desk.session("beta")
    [down] = desk.open(1, "xterm", "-name", "dropdown", "-e", a, shows=["alpha"])
    wait(lambda: desk.ipc.windows().get(down) == "__i3_scratch", "the scratchpad")
    [other] = desk.open(1, "xterm", "-e", b, shows=["beta"])
    desk.vmuxd()
    desk.focus(other)
    time.sleep(0.3)
    press(desk, "alpha", str(desk.sessions["alpha"].pid), window=down)
    press(desk, "back", "--back", window=other)
    desk.knows("beta", *HIDDEN)  # The drop-down covers it.
    desk.judge("beta", start=lambda: None)


@layout("tmux", "xterm")
def back_within_one_terminal(desk):
    """One terminal with all in tmux: a switch to another window of it, and back."""
    a, b = desk.session("alpha"), desk.session("beta")
    [window] = desk.open(1, *in_terminal("new-session", "-s", "main", a), shows=["alpha"])
    tmux(desk, "new-window", "-d", "-t", "main:", b)
    desk.started("beta", window)
    desk.vmuxd()
    desk.focus(window)
    time.sleep(0.3)
    desk.judge("beta", start=lambda: None)
    press(desk, "back", "--back", window=window, code=1)
    desk.judge("beta", "alpha")


@layout("tmux", "xterm")
def sessions_that_end_when_unattached(desk):
    """Each terminal has a session of one group that ends with it (destroy-unattached); one terminal is closed."""
    a, b = desk.session("alpha"), desk.session("beta")
    tmux(desk, "new-session", "-d", "-s", "base", a)
    tmux(desk, "new-window", "-d", "-t", "base:", b)
    desk.started("alpha")
    desk.started("beta")
    group = ("new-session", "-t", "base", ";", "set-option", "destroy-unattached", "on")
    [first] = desk.open(1, *in_terminal(*group))
    [second] = desk.open(2, *in_terminal(*group))
    time.sleep(0.5)
    desk.ipc.run(f"[con_id={second}] kill")
    wait(lambda: second not in desk.ipc.windows(), "the end of a window")
    for label in ("alpha", "beta"):
        desk.moved(label, first)
    desk.judge("alpha", "beta", "alpha")


@layout("tmux", "xterm")
def popup_that_was_closed(desk):
    """A session of a popup that toggles: while it is closed, its session is detached, and the client goes there."""
    a, b = desk.session("alpha"), desk.session("beta")
    [window] = desk.open(1, *in_terminal("new-session", "-s", "main", a), shows=["alpha"])
    tty = tmux(desk, "list-clients", "-F", "#{client_tty}")
    tmux(desk, "new-session", "-d", "-s", "popup", b)
    desk.started("beta", window)
    popup = desk.spawn("tmux", "-L", "one", "display-popup", "-c", tty, "-w", "90%", "-h", "90%", "-E",
                       "env -u TMUX tmux -L one attach -t popup")
    wait(lambda: "popup" in tmux(desk, "list-clients", "-F", "#{client_session}"), "the popup")
    for label in ("alpha", "beta"):
        desk.knows(label, *HIDDEN)
    desk.judge("beta", "alpha")
    tmux(desk, "detach-client", "-s", "popup")
    popup.wait(10)
    for label in ("alpha", "beta"):
        desk.knows(label, "right")
    desk.judge("beta", "alpha")


@layout("tmux", "xterm")
def window_linked_by_index_twice(desk):
    """A window that one session has at two indices, and another session, too; the client shows the other session's."""
    a, b = desk.session("alpha"), desk.session("beta")
    [first] = desk.open(1, *in_terminal("new-session", "-s", "one", a), shows=["alpha"])
    [second] = desk.open(2, *in_terminal("new-session", "-s", "two", b), shows=["beta"])
    tmux(desk, "link-window", "-d", "-s", "one:0", "-t", "one:5")
    tmux(desk, "link-window", "-d", "-s", "one:0", "-t", "two:5")
    tmux(desk, "select-window", "-t", "two:5")
    tmux(desk, "new-window", "-t", "one:", "sleep 86400")
    desk.moved("alpha", second)
    desk.judge("alpha", "beta")
    del first


@layout("terminator", "tmux")
def tmux_in_splits_of_terminator(desk):
    """Two clients in a split of terminator, whose titles tmux does not set."""
    a, b = desk.session("alpha"), desk.session("beta")
    run = "tmux -L {} -f /dev/null new-session {}"
    config = desk.folder / ".config/terminator/config"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(f"""[layouts]
  [[two]]
    [[[w]]]
      type = Window
      parent = ""
    [[[p]]]
      type = HPaned
      parent = w
    [[[a]]]
      type = Terminal
      parent = p
      profile = default
      command = {run.format('one', a)}
    [[[b]]]
      type = Terminal
      parent = p
      profile = default
      command = {run.format('two', b)}
[profiles]
  [[default]]
""")
    desk.open(1, "terminator", "-l", "two", shows=["alpha", "beta"])
    for label in ("alpha", "beta"):
        desk.knows(label, *HIDDEN)
    desk.judge()


@layout("tilix", "tmux", "xdotool")
def tmux_in_tabs_of_tilix(desk):
    """A client in a window of tilix behind a shell's tab, and one in another window."""
    a, b = desk.session("alpha"), desk.session("beta")
    [first] = desk.open(1, *in_terminal("new-session", a, terminal=("tilix", "-e")), shows=["alpha"])
    desk.focus(first)
    desk.key("ctrl+shift+t")
    desk.open(2, "tilix", "-e", "tmux -L two -f /dev/null new-session " + b, shows=["beta"])
    desk.judge("alpha", "beta", "alpha")


@layout("urxvtd", "urxvtc", "tmux")
def three_urxvtc(desk):
    """Three windows of one urxvtd, one with tmux; one is closed, another one opened, which gets its X id."""
    a, b, c, d = (desk.session(it, title=None) for it in ("alpha", "beta", "gamma", "delta"))
    desk.spawn("urxvtd", "-q", "-o")
    time.sleep(1)
    desk.open(1, "urxvtc", "-e", a, shows=["alpha"])
    [old] = desk.open(2, "urxvtc", "-e", b, shows=["beta"])
    desk.open(3, "urxvtc", "-e", "tmux", "-L", "one", "-f", "/dev/null", "new-session", c, shows=["gamma"])
    desk.knows("gamma", "refused")  # WINDOWID of a client of tmux
    desk.judge("alpha", "gamma", "beta")
    desk.sessions.pop("beta")
    desk.ipc.run(f"[con_id={old}] kill")
    wait(lambda: old not in desk.ipc.windows(), "the end of a window")
    desk.open(4, "urxvtc", "-e", d, shows=["delta"])
    desk.write_session(desk.sessions["delta"])
    time.sleep(1)
    desk.judge("delta", "alpha", "gamma")


def two_os_windows(desk, *words):
    file = desk.folder / "kitty.session"
    a, b, c = (desk.session(it) for it in ("alpha", "beta", "gamma"))
    file.write_text(f"launch {a}\nnew_os_window\nlaunch {b}\nnew_tab\nlaunch {c}\n")
    first, second = desk.open(1, *words, "--session", file, windows=2)
    # Which is which, the titles say at first.
    for label in ("alpha", "beta", "gamma"):
        desk.started(label)
    time.sleep(1)
    titles = desk.ipc.titles()
    one = next(it for it in (first, second) if "alpha" in titles[it])
    other = second if one == first else first
    for label, window in (("alpha", one), ("beta", other), ("gamma", other)):
        desk.moved(label, window)
    desk.ipc.run(f"[con_id={other}] move container to workspace 2")
    return one, other


@layout("kitty")
def kitty_session_of_two_windows(desk):
    """A session file of kitty with two windows, as it comes; the second one has two tabs."""
    two_os_windows(desk, "kitty", "--config", "NONE")
    for label in ("beta", "gamma"):
        desk.knows(label, *HIDDEN)
    desk.judge("alpha", "beta", "gamma", "alpha")


@layout("kitty", manager="sway")
def kitty_session_of_two_windows_on_wayland(desk):
    """The same on Wayland."""
    two_os_windows(desk, "kitty", "--config", "NONE", "-o", "linux_display_server=wayland")
    for label in ("beta", "gamma"):
        desk.knows(label, "refused", *HIDDEN)
    desk.judge("alpha", "beta", "gamma", "alpha")


@layout("kitty")
def kitty_session_in_an_overlay(desk):
    """The session runs in the overlay, over a shell, and has remote control."""
    socket = f"unix:{desk.folder}/run/kitty"
    a, b = desk.session("alpha"), desk.session("beta")
    words = ("kitty", "--config", "NONE", "-o", "allow_remote_control=socket-only", "--listen-on", socket)
    [window] = desk.open(1, *words, "sleep", "86400")
    desk.run("kitty", "@", "--to", socket, "launch", "--type=overlay", a, check=True)
    desk.started("alpha", window)
    desk.run("kitty", "@", "--to", socket, "launch", "--type=tab", b, check=True)
    desk.started("beta", window)
    desk.judge("alpha", "beta", "alpha")


@layout("konsole", "dbus-send")
def konsole_tabs_from_outside(desk):
    """konsole --new-tab from other terminals adds tabs to the window of one process."""
    a, b, c = (desk.session(it) for it in ("alpha", "beta", "gamma"))
    config = desk.folder / ".config/konsolerc"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text("[KonsoleWindow]\nUseSingleInstance=true\n")
    [window] = desk.open(1, "konsole", "-e", a, shows=["alpha"])
    desk.open(1, "konsole", "--new-tab", "-e", b, windows=0)
    desk.started("beta", window)
    desk.open(2, "konsole", "-e", c, shows=["gamma"])
    desk.judge("alpha", "beta", "gamma", "beta", "alpha")
