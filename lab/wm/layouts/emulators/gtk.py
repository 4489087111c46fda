"""tilix and gnome-terminal, which bring a tab into view when they are told to."""

from .. import layout


def told_gnome_terminal(desk):
    """gnome-terminal as a search provider of GNOME Shell, which it is at its next start."""
    desk.run("gsettings", "set", "org.gnome.Terminal.Legacy.Settings", "shell-integration-enabled", "true", check=True)


@layout("gnome-terminal", "gsettings")
def gnome_tabs_told(desk):
    """Two tabs of gnome-terminal, which sets no titles apart."""
    told_gnome_terminal(desk)
    a, b = desk.session("alpha", name=None), desk.session("beta", name=None)
    desk.open(1, "gnome-terminal", "--window", "-e", a, "--tab", "-e", b, shows=["alpha", "beta"])
    desk.judge("alpha", "beta", "alpha")


def two_windows(desk, words, *workspaces, verdicts=()):
    """A session without a name in a window on each of two workspaces; nothing but these `verdicts` may stand for "right"."""
    for space, label in zip(workspaces, ("alpha", "beta")):
        desk.open(space, *words, desk.session(label, name=None), shows=[label])
        if verdicts:
            desk.knows(label, *verdicts)
    desk.judge("alpha", "beta", "alpha")


GNOME_TERMINAL = ("gnome-terminal", "--window", "--")


@layout("gnome-terminal", "gsettings")
def gnome_windows_told(desk):
    """Two windows whose titles say nothing, on two workspaces."""
    told_gnome_terminal(desk)
    two_windows(desk, GNOME_TERMINAL, 1, 2)


@layout("gnome-terminal", "gsettings")
def gnome_windows_told_in_sight(desk):
    """The same on one workspace: the window takes the focus by itself."""
    told_gnome_terminal(desk)
    two_windows(desk, GNOME_TERMINAL, 1, 1)


@layout("gnome-terminal", "gsettings")
def gnome_windows_and_tabs_told(desk):
    """Two windows, one of them with two tabs; none has a name."""
    told_gnome_terminal(desk)
    a, b, c = (desk.session(it, name=None) for it in ("alpha", "beta", "gamma"))
    desk.open(1, "gnome-terminal", "--window", "--", a, shows=["alpha"])
    desk.open(2, "gnome-terminal", "--window", "-e", b, "--tab", "-e", c, shows=["beta", "gamma"])
    desk.judge("alpha", "beta", "gamma", "alpha")


@layout("gnome-terminal", "gsettings", "tmux")
def gnome_clients_told(desk):
    """Clients of tmux in two windows, which sets no titles."""
    told_gnome_terminal(desk)
    for workspace, label in ((1, "alpha"), (2, "beta")):
        name = label[0]
        desk.run("tmux", "new-session", "-d", "-s", name, desk.session(label, name=None), check=True)
        desk.open(workspace, "gnome-terminal", "--window", "--", "tmux", "attach", "-t", name, shows=[label])
    desk.judge("alpha", "beta", "alpha")


@layout("tilix", "xdotool")
def tilix_windows_and_tabs(desk):
    """Two windows of tilix, one with a tab in front whose program sets no title; none has a name."""
    a, b = desk.session("alpha", name=None), desk.session("beta", name=None)
    desk.open(1, "tilix", "-e", a, shows=["alpha"])
    desk.open(2, "tilix", "-e", b, shows=["beta"])
    desk.focus(desk.sessions["beta"].window)
    desk.key("ctrl+shift+t")
    desk.judge("alpha", "beta", "alpha")


@layout("tilix")
def tilix_windows_in_sight(desk):
    """Two windows of tilix on one workspace, whose titles say nothing."""
    two_windows(desk, ("tilix", "-e"), 1, 1)


@layout("tilix", manager="sway")
def tilix_windows_on_wayland(desk):
    """Two windows of tilix on Wayland, whose titles say nothing: none asks for attention there."""
    two_windows(desk, ("tilix", "-e"), 1, 2, verdicts=["refused"])


@layout("gnome-terminal", "gsettings", manager="sway")
def gnome_windows_told_on_wayland(desk):
    """Two windows of gnome-terminal on Wayland, whose titles say nothing."""
    told_gnome_terminal(desk)
    two_windows(desk, GNOME_TERMINAL, 1, 2, verdicts=["refused"])


@layout("gnome-terminal", "gsettings", manager="sway")
def gnome_tabs_told_on_wayland(desk):
    """Two tabs of gnome-terminal on Wayland, whose titles say nothing."""
    told_gnome_terminal(desk)
    a, b = desk.session("alpha", name=None), desk.session("beta", name=None)
    desk.open(1, "gnome-terminal", "--window", "-e", a, "--tab", "-e", b, shows=["alpha", "beta"])
    desk.judge("alpha", "beta", "alpha")


@layout("kitty", manager="sway")
def kitty_remote_untitled_on_wayland(desk):
    """Two windows of one kitty with remote control on Wayland, whose titles say nothing."""
    options = ("-o", "linux_display_server=wayland", "-o", "allow_remote_control=socket-only")
    words = ("kitty", "--config", "NONE", *options, "--listen-on", f"unix:{desk.folder}/run/kitty", "-1")
    two_windows(desk, words, 1, 2, verdicts=["refused"])
