"""tilix and gnome-terminal, which bring a tab into view when they are told to."""

import time

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


def from_each_window(desk, words, *workspaces):
    """The same, from each of the windows: the one with the focus is not brought forward."""
    two_windows(desk, words, *workspaces)
    alpha, beta = (desk.sessions[it].window for it in ("alpha", "beta"))
    desk.judge("alpha", "beta", start=lambda: desk.focus(alpha))
    desk.judge("alpha", "beta", start=lambda: desk.focus(beta))


@layout("tilix")
def tilix_windows_with_the_focus(desk):
    """Two windows of tilix whose titles say nothing, one of which has the focus."""
    from_each_window(desk, ("tilix", "-e"), 1, 2)


@layout("gnome-terminal", "gsettings")
def gnome_windows_with_the_focus(desk):
    """The same with gnome-terminal."""
    told_gnome_terminal(desk)
    from_each_window(desk, GNOME_TERMINAL, 1, 2)


def urgent(desk, *labels):
    """Windows ask for attention, as vmux has them do when a session waits."""
    for label in labels:
        desk.run("xdotool", "set_window", "--urgency", "1", xid(desk, label), check=True)


def xid(desk, label):
    return next(node["window"] for node, _ in desk.ipc.leaves() if node["id"] == desk.sessions[label].window)


@layout("tilix", "xdotool")
def tilix_windows_urgent(desk):
    """Windows of tilix whose titles say nothing: the one, the other or both are urgent already."""
    two_windows(desk, ("tilix", "-e"), 1, 2)
    for labels in (["alpha"], ["beta"], ["alpha", "beta"]):
        desk.judge("alpha", "beta", before=lambda: urgent(desk, *labels))


@layout("tilix", "xdotool")
def tilix_bell_in_the_other_window(desk):
    """The other window becomes urgent time and again in these very milliseconds."""
    two_windows(desk, ("tilix", "-e"), 1, 2)
    for label, other in (("alpha", "beta"), ("beta", "alpha")):
        calls = f"for i in $(seq 100); do xdotool set_window --urgency $((i % 2)) {xid(desk, other)}; done"
        desk.judge(label, start=lambda: (desk.go("home"), desk.spawn("sh", "-c", calls), time.sleep(0.1)))


@layout("tilix", i3="focus_on_window_activation none\n")
def tilix_windows_not_brought_forward(desk):
    """i3 does nothing with a window that is to come forward."""
    two_windows(desk, ("tilix", "-e"), 1, 2)


@layout("tilix", i3="focus_on_window_activation focus\n")
def tilix_windows_that_take_the_focus(desk):
    """i3 gives the focus to a window that is to come forward."""
    two_windows(desk, ("tilix", "-e"), 1, 2)


@layout("tilix", manager="sway")
def tilix_windows_on_wayland(desk):
    """Two windows of tilix on Wayland, whose titles say nothing: none comes forward there."""
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


def shell_in_front(desk, script):
    file = desk.folder / f"{script.rsplit('/', 1)[1]}.session"
    file.write_text(f"launch {script}\nnew_tab\nfocus\nlaunch sleep 86400\n")
    return file


def behind_shells(desk, words, verdicts=()):
    """A session without a name in a window on each of two workspaces, behind the tab of a shell."""
    for space, label in enumerate(("alpha", "beta"), 1):
        desk.open(space, *words(desk.session(label, name=None)), shows=[label])
        if verdicts:
            desk.knows(label, *verdicts)
    desk.judge("alpha", "beta")


@layout("gnome-terminal", "gsettings", manager="sway")
def gnome_behind_shells_on_wayland(desk):
    """Two windows of gnome-terminal on Wayland, each with a shell's tab in front."""
    told_gnome_terminal(desk)
    behind_shells(desk, lambda a: ("gnome-terminal", "--window", "-e", a, "--tab", "--active", "-e", "sleep 86400"))


@layout("gnome-terminal", "gsettings", manager="sway")
def gnome_named_behind_shells_on_wayland(desk):
    """The same with a session that has a name, which its window does not show."""
    told_gnome_terminal(desk)
    for space, label in enumerate(("alpha", "beta"), 1):
        desk.open(space, "gnome-terminal", "--window", "-e", desk.session(label), "--tab", "--active", "-e", "sleep 86400",
                  shows=[label])
    desk.judge("alpha", "beta", "alpha")
