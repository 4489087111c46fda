"""Windows of kitty and konsole on Wayland that nothing tells apart but a title that the terminal gives one of them."""

from .. import layout
from .gtk import behind_shells, from_each_window, shell_in_front, two_windows
from .konsole import single_process

WAYLAND = {"QT_QPA_PLATFORM": "wayland"}
KONSOLE = ("konsole", "-p", "LocalTabTitleFormat=same")


def kitty(desk):
    """The words that open a window of the one kitty, which can be asked."""
    options = ("-o", "linux_display_server=wayland", "-o", "allow_remote_control=socket-only")
    return ("kitty", "--config", "NONE", *options, "--listen-on", f"unix:{desk.folder}/run/kitty", "-1")


@layout("kitty", manager="sway")
def kitty_remote_untitled_on_wayland(desk):
    """Two windows of one kitty with remote control on Wayland, whose titles say nothing."""
    two_windows(desk, kitty(desk), 1, 2)


@layout("kitty", manager="sway")
def kitty_remote_as_advised_on_wayland(desk):
    """The same with the lines in kitty.conf that vmux names."""
    file = desk.folder / "kitty.conf"
    file.write_text("linux_display_server wayland\nallow_remote_control socket-only\n"
                    "listen_on unix:${XDG_RUNTIME_DIR}/kitty\n")
    two_windows(desk, ("kitty", "--config", file, "-1"), 1, 2)


@layout("kitty", manager="sway")
def kitty_remote_in_sight_on_wayland(desk):
    """The same on one workspace, from each of the windows."""
    from_each_window(desk, kitty(desk), 1, 1)


@layout("kitty", manager="sway")
def kitty_remote_of_one_name_on_wayland(desk):
    """Three windows with sessions of one name, one with a second tab that has the name, too."""
    a, b, c, d = (desk.session(it, name="Fix it") for it in ("alpha", "beta", "gamma", "delta"))
    file = desk.folder / "kitty.session"
    file.write_text(f"launch {a}\nnew_tab\nlaunch {b}\n")
    desk.open(1, *kitty(desk), "--session", file, shows=["alpha", "beta"])
    desk.open(2, *kitty(desk), c, shows=["gamma"])
    desk.open(2, *kitty(desk), d, shows=["delta"])
    desk.judge("alpha", "gamma", "beta", "delta", "alpha", "beta", "gamma")


@layout("kitty", manager="sway")
def kitty_remote_behind_shells_on_wayland(desk):
    """Two windows of one kitty with remote control on Wayland, each with a shell's tab in front."""
    behind_shells(desk, lambda a: (*kitty(desk), "--session", shell_in_front(desk, a)))


@layout("kitty", manager="sway")
def kitty_remote_of_fixed_title_on_wayland(desk):
    """Two windows of one kitty that was told their title, which stays: a tie."""
    two_windows(desk, (*kitty(desk), "--title", "fixed"), 1, 2, verdicts=["refused"])


@layout("kitty", "tmux", manager="sway")
def kitty_remote_with_tmux_on_wayland(desk):
    """Clients of tmux in two windows, which sets no titles."""
    for workspace, label in ((1, "alpha"), (2, "beta")):
        tmux = ("tmux", "-L", "one", "-f", "/dev/null", "new-session", "-s", label)
        desk.open(workspace, *kitty(desk), *tmux, desk.session(label, name=None), shows=[label])
    desk.judge("alpha", "beta", "alpha")


@layout("konsole", "dbus-send", manager="sway")
def konsole_untitled_on_wayland(desk):
    """Two windows of one konsole on Wayland, whose titles say nothing."""
    single_process(desk)
    for space, label in enumerate(("alpha", "beta"), 1):
        desk.open(space, *KONSOLE, "-e", desk.session(label), shows=[label], **WAYLAND)
    desk.judge("alpha", "beta", "alpha")


def tabs_of_konsole(desk):
    """Two tabs in the first window of a konsole, and one in the second."""
    single_process(desk)
    file = desk.folder / "tabs"
    a, b, c = (desk.session(it) for it in ("alpha", "beta", "gamma"))
    file.write_text(f"command: {a}\ncommand: {b}\n")
    desk.open(1, *KONSOLE, "--tabs-from-file", file, "-e", "sleep", "86400", shows=["alpha", "beta"], **WAYLAND)
    desk.open(2, *KONSOLE, "-e", c, shows=["gamma"], **WAYLAND)


@layout("konsole", "dbus-send", manager="sway")
def konsole_tabs_untitled_on_wayland(desk):
    """The same with two tabs in the first window."""
    tabs_of_konsole(desk)
    desk.judge("alpha", "gamma", "beta", "gamma", "alpha")
