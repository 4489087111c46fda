"""Terminals with tabs: a session in a tab that is not in front is never "done"."""

import time

from ...world import wait
from .. import layout
from ..titles import ended, killed_before_vmuxd

HIDDEN = ("told", "unsure")


def kitty_session(desk, *lines):
    file = desk.folder / "kitty.session"
    file.write_text("\n".join(lines) + "\n")
    return "kitty", "--config", "NONE", "--session", file


def two_kitty_tabs(desk, **session):
    a, b = desk.session("alpha", **session), desk.session("beta", **session)
    desk.open(1, *kitty_session(desk, f"launch {a}", "new_tab", f"launch {b}"), shows=["alpha", "beta"])


@layout("kitty")
def kitty_tabs(desk):
    """kitty as it comes, with two tabs."""
    two_kitty_tabs(desk)
    desk.knows("beta", *HIDDEN)
    desk.judge("alpha", "beta")
    desk.knows("alpha", *HIDDEN)
    desk.judge("beta", "alpha", before=lambda: front(desk, "beta", "ctrl+shift+Right"))


@layout("kitty")
def kitty_tabs_unnamed(desk):
    """The same with sessions that have no name yet: both titles are "Claude Code"."""
    two_kitty_tabs(desk, name=None)
    for label in ("alpha", "beta"):
        desk.knows(label, *HIDDEN)
    desk.judge("alpha", "beta")


@layout("kitty")
def kitty_tabs_of_one_name(desk):
    """The same with sessions of the same name."""
    two_kitty_tabs(desk, name="Fix it")
    for label in ("alpha", "beta"):
        desk.knows(label, *HIDDEN)
    desk.judge("alpha", "beta")


@layout("kitty")
def kitty_tab_beside_shell(desk):
    """A session in the tab behind; in front, what a session of the same name left before vmuxd started."""
    a, b = ended(desk, "old", "✳ Fix beta"), desk.session("beta")
    desk.open(1, *kitty_session(desk, f"launch {a}", "new_tab", f"launch {b}"), shows=["old", "beta"])
    killed_before_vmuxd(desk, "old")
    desk.knows("beta", *HIDDEN)
    desk.judge("beta")


@layout("kitty")
def kitty_split(desk):
    """Two sessions beside each other in one tab: keys go to one of them."""
    a, b = desk.session("alpha"), desk.session("beta")
    desk.open(1, *kitty_session(desk, "layout tall", f"launch {a}", f"launch {b}"), shows=["alpha", "beta"])
    desk.knows("alpha", *HIDDEN)
    desk.knows("beta", *HIDDEN)
    desk.judge("alpha", "beta")


@layout("kitty")
def kitty_remote(desk):
    """kitty with remote control brings each tab into view."""
    (desk.folder / "kitty.conf").write_text("allow_remote_control socket-only\n")
    a, b = desk.session("alpha"), desk.session("beta")
    words = kitty_session(desk, f"launch {a}", "new_tab", f"launch {b}")[3:]
    desk.open(1, "kitty", "--config", desk.folder / "kitty.conf", "--listen-on", f"unix:{desk.folder}/run/kitty", *words,
              shows=["alpha", "beta"])
    desk.judge("alpha", "beta", "alpha")


@layout("kitty")
def kitty_remote_detached(desk):
    """A tab that kitty moved to a window of its own."""
    (desk.folder / "kitty.conf").write_text("allow_remote_control socket-only\n")
    a, b = desk.session("alpha"), desk.session("beta")
    words = kitty_session(desk, f"launch {a}", "new_tab", f"launch {b}")[3:]
    socket = f"unix:{desk.folder}/run/kitty"
    desk.open(1, "kitty", "--config", desk.folder / "kitty.conf", "--listen-on", socket, *words, shows=["alpha", "beta"])
    desk.vmuxd()
    [new] = desk.open(2, "kitty", "@", "--to", socket, "detach-tab", "--match", f"pid:{desk.sessions['beta'].pid}")
    desk.moved("beta", new)
    desk.judge("alpha", "beta")


@layout("kitty", "xdotool")
def kitty_detached(desk):
    """The same without remote control: nothing but the titles tells."""
    (desk.folder / "kitty.conf").write_text("map f7 detach_tab new\n")
    a, b = desk.session("alpha"), desk.session("beta")
    words = kitty_session(desk, f"launch {a}", "new_tab", f"launch {b}")[3:]
    [old] = desk.open(1, "kitty", "--config", desk.folder / "kitty.conf", *words, shows=["alpha", "beta"])
    desk.vmuxd()
    detach(desk, old, "alpha", "F7")
    desk.judge("alpha", "beta")


@layout("kitty", "xdotool")
def kitty_detached_unnamed(desk):
    """The same, and the titles say nothing either."""
    (desk.folder / "kitty.conf").write_text("map f7 detach_tab new\n")
    a, b = desk.session("alpha", name=None), desk.session("beta", name=None)
    words = kitty_session(desk, f"launch {a}", "new_tab", f"launch {b}")[3:]
    [old] = desk.open(1, "kitty", "--config", desk.folder / "kitty.conf", *words, shows=["alpha", "beta"])
    desk.vmuxd()
    detach(desk, old, "alpha", "F7")
    for label in ("alpha", "beta"):
        desk.knows(label, "refused", "workspace", *HIDDEN)
    desk.judge("alpha", "beta")


def detach(desk, old, label, *keys):
    """Detaches the tab in front of `old`, which shows the session."""
    desk.go(1)
    desk.focus(old)
    before = set(desk.ipc.windows())
    desk.key(*keys)
    new = wait(lambda: set(desk.ipc.windows()) - before, "the detached tab").pop()
    time.sleep(0.5)  # The titles of both windows follow, and vmuxd reads them.
    desk.ipc.run(f'[con_id={new}] move container to workspace "2"')
    desk.moved(label, new)


def front(desk, label, *keys):
    """Presses keys until the tab of a session is in front of its window."""
    session = desk.sessions[label]
    for _ in range(4):
        desk.focus(session.window)
        if desk.in_view(session.hue, session.window):
            return
        desk.key(*keys)


@layout("gnome-terminal", "xdotool")
def gnome_tabs(desk):
    """gnome-terminal with two tabs, from either side."""
    a, b = desk.session("alpha"), desk.session("beta")
    desk.open(1, "gnome-terminal", "--window", "-e", a, "--tab", "-e", b, shows=["alpha", "beta"])
    desk.knows("alpha", *HIDDEN)
    desk.judge("alpha", "beta", before=lambda: front(desk, "beta", "ctrl+Page_Down"))
    desk.knows("beta", *HIDDEN)
    desk.judge("alpha", "beta", before=lambda: front(desk, "alpha", "ctrl+Page_Up"))


@layout("gnome-terminal")
def gnome_tabs_probed(desk):
    """The same with the title probe."""
    a, b = desk.session("alpha", name=None), desk.session("beta", name=None)
    desk.open(1, "gnome-terminal", "--window", "-e", a, "--tab", "-e", b, shows=["alpha", "beta"])
    desk.config = "[switch]\ntitle_probe = true\n"
    desk.knows("alpha", *HIDDEN)
    desk.judge("alpha", "beta", before=lambda: front(desk, "beta", "ctrl+Page_Down"))


@layout("gnome-terminal")
def gnome_windows_and_tabs(desk):
    """Two windows, one of them with two tabs; all have names."""
    a, b, c = (desk.session(it) for it in ("alpha", "beta", "gamma"))
    desk.open(1, "gnome-terminal", "--window", "--", a, shows=["alpha"])
    desk.open(2, "gnome-terminal", "--window", "-e", b, "--tab", "-e", c, shows=["beta", "gamma"])
    desk.knows("beta", "refused", *HIDDEN)
    desk.knows("gamma", "refused", *HIDDEN)
    desk.judge()


@layout("gnome-terminal")
def gnome_windows_unnamed(desk):
    """Two windows whose titles say nothing: a tie on two workspaces."""
    a, b = desk.session("alpha", name=None), desk.session("beta", name=None)
    desk.open(1, "gnome-terminal", "--window", "--", a, shows=["alpha"])
    desk.open(2, "gnome-terminal", "--window", "--", b, shows=["beta"])
    desk.knows("alpha", "refused")
    desk.knows("beta", "refused")
    desk.judge()


@layout("gnome-terminal")
def gnome_windows_unnamed_on_one_workspace(desk):
    """The same on one workspace."""
    a, b = desk.session("alpha", name=None), desk.session("beta", name=None)
    desk.open(1, "gnome-terminal", "--window", "--", a, shows=["alpha"])
    desk.open(1, "gnome-terminal", "--window", "--", b, shows=["beta"])
    for label in ("alpha", "beta"):
        desk.knows(label, "workspace", *HIDDEN)
    desk.judge()


@layout("gnome-terminal")
def gnome_windows_unnamed_probed(desk):
    """The same with the title probe."""
    a, b = desk.session("alpha", name=None), desk.session("beta", name=None)
    desk.open(1, "gnome-terminal", "--window", "--", a, shows=["alpha"])
    desk.open(2, "gnome-terminal", "--window", "--", b, shows=["beta"])
    desk.config = "[switch]\ntitle_probe = true\n"
    desk.judge()


def two_tabs(desk, words, keys, label="alpha"):
    """Two tabs of a terminal: `words` get the scripts."""
    a, b = desk.session("alpha"), desk.session("beta")
    desk.open(1, *words(a, b), shows=["alpha", "beta"])
    for label in ("alpha", "beta"):
        desk.knows(label, *HIDDEN)
    desk.judge()
    desk.judge(before=lambda: front(desk, "alpha", keys))
    desk.judge(before=lambda: front(desk, "beta", keys))


@layout("xfce4-terminal", "xdotool")
def xfce_tabs(desk):
    """xfce4-terminal with two tabs."""
    two_tabs(desk, lambda a, b: ("xfce4-terminal", "-e", a, "--tab", "-e", b), "ctrl+Page_Down")


def xfce_key(desk):
    """Gives xfce4-terminal's Detach Tab a key."""
    accels = desk.folder / ".config/xfce4/terminal"
    accels.mkdir(parents=True, exist_ok=True)
    (accels / "accels.scm").write_text('(gtk_accel_path "<Actions>/terminal-window/detach-tab" "F7")\n')


def xfce_detach_tab(desk, *own_window, **session):
    xfce_key(desk)
    a, b = desk.session("alpha", **session), desk.session("beta", **session)
    [old] = desk.open(1, "xfce4-terminal", *own_window, "-e", a, "--tab", "-e", b, shows=["alpha", "beta"])
    desk.vmuxd()
    front(desk, "beta", "ctrl+Page_Down")
    detach(desk, old, "beta", "F7")


@layout("xfce4-terminal", "xdotool")
def xfce_detached(desk):
    """xfce4-terminal's Detach Tab."""
    xfce_detach_tab(desk)
    desk.judge()


@layout("xfce4-terminal", "xdotool")
def xfce_detached_unnamed(desk):
    """The same, and the titles say nothing."""
    xfce_detach_tab(desk, name=None)
    for label in ("alpha", "beta"):
        desk.knows(label, "refused", *HIDDEN)
    desk.judge()


@layout("xfce4-terminal", "xdotool")
def xfce_detached_into_third(desk):
    """The same with another window of the process, so that there are as many windows as WINDOWIDs."""
    xfce_key(desk)
    c = desk.session("gamma", name=None)
    desk.open(3, "xfce4-terminal", "-e", c, shows=["gamma"])
    xfce_detach_tab(desk, "--window", name=None)
    for label in ("alpha", "beta", "gamma"):
        desk.knows(label, "refused", *HIDDEN)
    desk.judge()


@layout("mate-terminal", "xdotool")
def mate_tabs(desk):
    """mate-terminal with two tabs."""
    two_tabs(desk, lambda a, b: ("mate-terminal", "--tab", "-e", a, "--tab", "-e", b), "ctrl+Page_Down")


@layout("konsole", "dbus-send")
def konsole_tabs(desk):
    """konsole brings each tab into view."""
    file = desk.folder / "tabs"
    a, b = desk.session("alpha"), desk.session("beta")
    file.write_text(f"command: {a}\ncommand: {b}\n")
    desk.open(1, "konsole", "--tabs-from-file", file, "-e", "sleep", "86400", shows=["alpha", "beta"])
    desk.judge("alpha", "beta", "alpha")


@layout("tilix")
def tilix_windows(desk):
    """tilix puts a word before titles."""
    a, b = desk.session("alpha"), desk.session("beta")
    desk.open(1, "tilix", "-e", a, shows=["alpha"])
    desk.open(2, "tilix", "-e", b, shows=["beta"])
    desk.judge()


@layout("tilix", "xdotool")
def tilix_split(desk):
    """Two sessions beside each other in tilix."""
    a, b = desk.session("alpha"), desk.session("beta")
    [first] = desk.open(1, "tilix", "-e", a, shows=["alpha"])
    desk.focus(first)
    desk.open(1, "tilix", "-a", "session-add-right", "-e", b, windows=0, shows=["beta"])
    desk.moved("beta", first)
    for label in ("alpha", "beta"):
        desk.knows(label, *HIDDEN)
    desk.judge()


@layout("terminator", "xdotool")
def terminator_split(desk):
    """A shell beside a session in terminator has the keys; titles are of the part that has them."""
    a, b = desk.session("alpha"), desk.session("beta", claude=False, title="top")
    config = desk.folder / ".config/terminator/config"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(f"[profiles]\n  [[default]]\n    use_custom_command = True\n    custom_command = {b}\n")
    [first] = desk.open(1, "terminator", "-x", a, shows=["alpha"])
    desk.focus(first)
    desk.key("ctrl+shift+o")
    desk.started("beta", first)
    desk.knows("alpha", *HIDDEN)
    desk.judge("alpha")


@layout("kitty")
def kitty_unnamed_beside_shell(desk):
    """An unnamed session in front of a shell's tab; another session runs elsewhere."""
    a, b, c = desk.session("alpha", name=None), desk.session("shell", title="bash", claude=False), desk.session("beta", name=None)
    desk.open(1, *kitty_session(desk, f"launch {a}", "new_tab", f"launch {b}"), shows=["alpha", "shell"])
    desk.open(2, "xterm", "-e", c, shows=["beta"])
    desk.judge("alpha", "beta")


@layout("urxvt", "xdotool")
def urxvt_tabs(desk):
    """urxvt's own tabs; a shell in the second one."""
    a, b = desk.session("alpha"), desk.session("shell", claude=False, title="bash")
    desk.open(1, "urxvt", "-pe", "tabbed", "-e", a, shows=["alpha"])
    desk.focus(desk.sessions["alpha"].window)
    desk.key("shift+Down")
    del b
    desk.knows("alpha", *HIDDEN)
    desk.judge("alpha")


def shell_in_second_tab(desk, *terminal):
    """A session in the first tab, which the usual key for a new one hides."""
    a = desk.session("alpha")
    desk.open(1, *terminal, a, shows=["alpha"])
    desk.focus(desk.sessions["alpha"].window)
    desk.key("ctrl+shift+t")
    desk.knows("alpha", *HIDDEN)
    desk.judge("alpha")


@layout("sakura", "xdotool")
def sakura_tabs(desk):
    """A session in the first tab of sakura, a shell in the second."""
    shell_in_second_tab(desk, "sakura", "-e")


@layout("lxterminal", "xdotool")
def lxterminal_tabs(desk):
    """A session in the first tab of lxterminal, a shell in the second."""
    shell_in_second_tab(desk, "lxterminal", "-e")


@layout("qterminal", "xdotool")
def qterminal_tabs(desk):
    """A session in the first tab of qterminal, a shell in the second."""
    shell_in_second_tab(desk, "qterminal", "-e")


@layout("terminator", "xdotool")
def terminator_tabs(desk):
    """A session in the first tab of terminator, a shell in the second."""
    shell_in_second_tab(desk, "terminator", "-x")


@layout("konsole", "xdotool", "dbus-send")
def konsole_split(desk):
    """Two sessions beside each other in konsole."""
    a, b = desk.session("alpha"), desk.session("beta", claude=False, title="bash")
    profile = desk.folder / ".local/share/konsole"
    profile.mkdir(parents=True, exist_ok=True)
    [old] = desk.open(1, "konsole", "-e", a, shows=["alpha"])
    del b
    desk.focus(old)
    desk.key("ctrl+parenleft")
    desk.knows("alpha", *HIDDEN)
    desk.judge("alpha")


SILENT = {
    "xfce4-terminal": lambda a: ("xfce4-terminal", "-e", a, "--tab", "--active-tab", "-e", "sleep 86400"),
    "gnome-terminal": lambda a: ("gnome-terminal", "--window", "-e", a, "--tab", "--active", "-e", "sleep 86400"),
    "mate-terminal": lambda a: ("mate-terminal", "--tab", "-e", a, "--tab", "--active", "-e", "sleep 86400"),
    "lxterminal": lambda a: ("lxterminal", "-e", a),
    "tilix": lambda a: ("tilix", "-e", a),
    "kitty": lambda a: ("kitty", "--config", "NONE", a),
    "konsole": lambda a: ("konsole", "-e", a),
}
NEW_TAB = {"lxterminal": "ctrl+shift+t", "tilix": "ctrl+shift+t", "kitty": "ctrl+shift+t", "konsole": "ctrl+shift+t"}


def add_silent(name, words):
    def beside(desk):
        a = desk.session("alpha")
        desk.open(1, *words(a), shows=["alpha"])
        if name in NEW_TAB:
            desk.focus(desk.sessions["alpha"].window)
            desk.key(NEW_TAB[name])
        if name != "tilix":  # It brings the tab into view.
            desk.knows("alpha", *HIDDEN)
        desk.judge()
    beside.__name__ = f"silent_tab_of_{name.replace('-', '_')}"
    beside.__doc__ = f"A session in {name}, and a tab in front whose program sets no title."
    layout(name)(beside)


for each, words_of_it in SILENT.items():
    add_silent(each, words_of_it)
