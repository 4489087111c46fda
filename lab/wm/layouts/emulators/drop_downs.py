"""Drop-down terminals: rolled up, they have no window that the window manager knows."""

import time

from ...world import wait
from .. import layout

HIDDEN = ("told", "unsure")
# A terminal of VTE, which sets no WINDOWID.
TWO = """import sys, os, gi
gi.require_version("Gtk", "3.0"); gi.require_version("Vte", "2.91")
from gi.repository import Gtk, Vte, GLib
windows = []
for script in sys.argv[1:]:
    window, vte = Gtk.Window(), Vte.Terminal()
    vte.spawn_async(Vte.PtyFlags.DEFAULT, None, [script], None, 0, None, None, -1, None, None)
    window.add(vte); window.show_all(); windows.append(window)
def look():
    if os.path.exists("hide"):
        windows[0].hide()
        return False
    return True
GLib.timeout_add(200, look)
Gtk.main()
"""


def toggle(desk, shown, *words):
    """Runs a command that shows or hides a window, and waits until there is one more, or one less."""
    before = set(desk.ipc.windows())
    desk.spawn(*words)
    return wait(lambda: (set(desk.ipc.windows()) - before) if shown else before - set(desk.ipc.windows()), f"{words[0]}").pop()


def refused(desk, *labels):
    """The window of these sessions is hidden: nothing moves."""
    for label in labels:
        desk.knows(label, "refused")


@layout("xfce4-terminal")
def xfce_drop_down_untitled(desk):
    """xfce4-terminal's drop-down, rolled up, beside another window of the process; the titles say nothing."""
    a, b = (desk.session(it, name=None, title=None) for it in ("alpha", "beta"))
    desk.open(1, "xfce4-terminal", "--drop-down", "-x", a, shows=["alpha"])
    desk.open(2, "xfce4-terminal", "-x", b, shows=["beta"])
    refused(desk, "alpha")
    desk.judge("alpha", "beta", "alpha")


@layout("xfce4-terminal")
def xfce_drop_down_with_tabs(desk):
    """A drop-down with two tabs, rolled up, and another window with two tabs."""
    a, b, c, d = (desk.session(it) for it in ("alpha", "beta", "gamma", "delta"))
    desk.open(1, "xfce4-terminal", "--drop-down", "-e", a, "--tab", "-e", b, shows=["alpha", "beta"])
    desk.open(2, "xfce4-terminal", "--window", "-e", c, "--tab", "-e", d, shows=["gamma", "delta"])
    refused(desk, "alpha", "beta")
    for label in ("gamma", "delta"):
        desk.knows(label, *HIDDEN)
    desk.judge()


@layout("xfce4-terminal")
def xfce_drop_down_shown(desk):
    """A drop-down that stays open when it loses the focus."""
    config = desk.folder / ".config/xfce4/terminal/terminalrc"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text("[Configuration]\nDropdownKeepOpenDefault=TRUE\n")
    a, b = (desk.session(it, name=None, title=None) for it in ("alpha", "beta"))
    desk.open(1, "xfce4-terminal", "--drop-down", "-x", a, shows=["alpha"])
    desk.open(2, "xfce4-terminal", "-x", b, shows=["beta"])
    if desk.sessions["alpha"].window not in desk.ipc.windows():
        desk.moved("alpha", toggle(desk, True, "xfce4-terminal", "--drop-down"))
    desk.knows("beta", *HIDDEN)  # The drop-down floats over a part of it.
    desk.judge()


@layout("tilix")
def tilix_quake(desk):
    """tilix's quake window, rolled up, beside another window of the process."""
    a, b = desk.session("alpha"), desk.session("beta")
    desk.open(1, "tilix", "--quake", "-e", a, shows=["alpha"])
    toggle(desk, False, "tilix", "--quake")
    desk.open(2, "tilix", "-e", b, shows=["beta"])
    refused(desk, "alpha")
    desk.judge()


@layout("tilix")
def tilix_quake_untitled(desk):
    """The same, and the titles say nothing."""
    a, b = (desk.session(it, name=None, title=None) for it in ("alpha", "beta"))
    desk.open(1, "tilix", "--quake", "-e", a, shows=["alpha"])
    toggle(desk, False, "tilix", "--quake")
    desk.open(2, "tilix", "-e", b, shows=["beta"])
    refused(desk, "alpha", "beta")
    desk.judge()


def owned(desk, name):
    """Whether a program has this name on the session bus, as text."""
    bus = ("--dest=org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.NameHasOwner")
    return desk.run("dbus-send", "--session", "--print-reply", *bus, f"string:{name}").stdout


def guake(desk, *labels):
    """guake, with a tab for each of these sessions beside its own first one."""
    desk.spawn("guake", "--no-startup-script")
    wait(lambda: "true" in owned(desk, "org.guake3.RemoteControl"), "guake", 40)
    time.sleep(1)
    for label in labels:
        desk.run("guake", "-n", "/", "-e", desk.session(label))
        desk.started(label)
    desk.run("guake", "--show")
    window = wait(desk.ipc.windows, "the window of guake")
    for label in labels:
        desk.moved(label, list(window)[0])


@layout("guake", "dbus-send")
def guake_hidden(desk):
    """guake, rolled up; and with its preferences open, which are its only window then."""
    guake(desk, "alpha")
    desk.run("guake", "--hide")
    wait(lambda: not desk.ipc.windows(), "guake is hidden")
    refused(desk, "alpha")
    desk.judge()
    desk.open(2, "guake", "--preferences")
    desk.judge()


@layout("guake", "dbus-send")
def guake_shown(desk):
    """guake, rolled down, with three tabs."""
    guake(desk, "alpha", "beta")
    for label in ("alpha", "beta"):
        desk.knows(label, *HIDDEN)
    desk.judge()


@layout("tilda", "xdotool")
def tilda_shown_and_hidden(desk):
    """tilda, rolled down, and rolled up again."""
    config = desk.folder / ".config/tilda/config_0"
    config.parent.mkdir(parents=True, exist_ok=True)
    a = desk.session("alpha")
    config.write_text(f'run_command = true\ncommand = "{a}"\nkey = "F1"\nauto_hide_on_focus_lost = false\n')
    [window] = desk.open(1, "tilda", shows=["alpha"])
    desk.judge()
    desk.key("F1")
    wait(lambda: window not in desk.ipc.windows(), "tilda is hidden")
    refused(desk, "alpha")
    desk.judge()


def yakuake(desk, path, method, *words):
    service = "--dest=org.kde.yakuake"
    return desk.run("dbus-send", "--session", "--print-reply=literal", service, f"/yakuake/{path}", f"org.kde.yakuake.{method}", *words)


@layout("yakuake", "dbus-send")
def yakuake_tabs(desk):
    """yakuake with two tabs, rolled down and up."""
    desk.spawn("yakuake")
    wait(lambda: not yakuake(desk, "sessions", "sessionIdList").returncode, "yakuake", 40)
    yakuake(desk, "window", "toggleWindowState")
    wait(desk.ipc.windows, "the window of yakuake")
    time.sleep(1)
    window = [node["id"] for node, _ in desk.ipc.leaves() if node["window_type"] == "utility"]
    for label in ("alpha", "beta"):
        script = desk.session(label)
        yakuake(desk, "sessions", "addSession")
        yakuake(desk, "sessions", "runCommand", f"string:exec {script}")
        desk.started(label, window[0])
    for label in ("alpha", "beta"):
        desk.knows(label, "refused", *HIDDEN)  # It rolls up when it loses the focus.
    desk.judge()
    down = desk.sessions["alpha"].window
    yakuake(desk, "window", "toggleWindowState")
    time.sleep(1)
    if down in desk.ipc.windows():
        yakuake(desk, "window", "toggleWindowState")
    wait(lambda: down not in desk.ipc.windows(), "yakuake is hidden")
    refused(desk, "alpha", "beta")
    desk.judge()


@layout("urxvtd", "xdotool")
def urxvt_kuake(desk):
    """Two windows of one urxvtd, of which one rolls up by a key."""
    a, b = (desk.session(it, name=None, title=None) for it in ("alpha", "beta"))
    desk.spawn("urxvtd", "-q", "-o")
    time.sleep(1)
    desk.open(2, "urxvtc", "-e", b, shows=["beta"])
    desk.open(1, "urxvtc", "-pe", "kuake", "-kuake-hotkey", "F10", "-e", a, windows=0)
    desk.started("alpha")
    refused(desk, "alpha")
    desk.judge()


@layout("terminator", "python3")
def window_hidden_by_its_program(desk):
    """A program with two terminals hides one of its windows by itself."""
    (desk.folder / "two.py").write_text(TWO)
    a, b = (desk.session(it, name=None, title=None) for it in ("alpha", "beta"))
    windows = desk.open(1, "/usr/bin/python3", "two.py", a, b, windows=2)
    for label, window in zip(("alpha", "beta"), windows):
        desk.started(label, window)
    (desk.folder / "hide").touch()
    wait(lambda: len(desk.ipc.windows()) == 1, "one window less")
    refused(desk, "alpha", "beta")
    desk.judge()
