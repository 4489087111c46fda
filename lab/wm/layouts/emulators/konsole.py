"""konsole: windows of one process, tabs that move, split views. D-Bus numbers windows in two ways."""

import time
from pathlib import Path

from ...world import wait
from .. import layout
from .tabs import front

HIDDEN = ("told", "unsure")
NEEDS = ("konsole", "dbus-send", "xdotool")


def tabs(desk, space, *labels, **session):
    """A window with a tab for each session; of the konsole that runs, if it is the same process."""
    file = desk.folder / f"tabs{space}"
    scripts = [desk.session(it, **session) for it in labels]
    file.write_text("".join(f"command: {it}\n" for it in scripts))
    [window] = desk.open(space, "konsole", "--tabs-from-file", file, "-e", "sleep", "86400", shows=labels)
    return window


def single_process(desk):
    """All windows in one process, as in KDE."""
    config = desk.folder / ".config/konsolerc"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text("[KonsoleWindow]\nUseSingleInstance=true\n")


def detach(desk, label, space=2):
    """Has konsole detach the tab of a session, which is in front, to a window on another workspace."""
    session = desk.sessions[label]
    environ = Path(f"/proc/{session.pid}/environ").read_bytes().split(b"\0")
    service = next(it.partition(b"=")[2].decode() for it in environ if it.startswith(b"KONSOLE_DBUS_SERVICE="))
    before = set(desk.ipc.windows())
    desk.go(space)
    number = 1
    while set(desk.ipc.windows()) == before and number < 5:
        desk.run("dbus-send", "--session", "--print-reply", f"--dest={service}", f"/konsole/MainWindow_{number}",
                 "org.kde.KMainWindow.activateAction", "string:detach-tab")
        time.sleep(1)
        number += 1
    desk.moved(label, wait(lambda: set(desk.ipc.windows()) - before, "the detached tab").pop())


@layout(*NEEDS)
def konsole_detached(desk):
    """A tab that was detached to a window of its own."""
    tabs(desk, 1, "alpha", "beta")
    desk.vmuxd()
    front(desk, "beta", "shift+Right")
    detach(desk, "beta")
    desk.judge("alpha", "beta", "alpha")


@layout(*NEEDS)
def konsole_detached_untitled(desk):
    """The same, and titles say nothing."""
    tabs(desk, 1, "alpha", "beta", name=None, title=None)
    desk.vmuxd()
    front(desk, "beta", "shift+Right")
    detach(desk, "beta")
    desk.judge("alpha", "beta", "alpha")


@layout(*NEEDS)
def konsole_after_a_window_was_closed(desk):
    """Three windows of one konsole; the first is closed, then a new one is opened."""
    single_process(desk)
    labels = ("alpha", "beta", "gamma", "delta")
    for space, label in enumerate(labels[:3], 1):
        desk.open(space, "konsole", "-e", desk.session(label, name=None, title=None), shows=[label])
    close(desk, "alpha")
    desk.open(4, "konsole", "-e", desk.session("delta", name=None, title=None), shows=["delta"])
    desk.judge("beta", "gamma", "delta")


def close(desk, label):
    """Closes the window of a session, which asks nothing of a single tab."""
    session = desk.sessions.pop(label)
    desk.ipc.run(f"[con_id={session.window}] kill")
    wait(lambda: session.window not in desk.ipc.windows(), f"the end of {label}")


@layout(*NEEDS)
def konsole_detached_after_a_window_was_closed(desk):
    """A window was closed, and then a tab moved to a window of its own: the two ways of numbering differ."""
    single_process(desk)
    desk.open(3, "konsole", "-e", desk.session("gamma", name=None, title=None), shows=["gamma"])
    tabs(desk, 1, "alpha", "beta")
    close(desk, "gamma")
    front(desk, "beta", "shift+Right")
    detach(desk, "beta")
    for label in ("alpha", "beta"):
        desk.knows(label, "refused", *HIDDEN)
    desk.judge("alpha", "beta", "alpha")


@layout(*NEEDS)
def konsole_split_with_two(desk):
    """A tab that was moved into the view of another one: both are in view, one has the keys."""
    desk.focus(tabs(desk, 1, "alpha", "beta"))
    desk.key("ctrl+parenleft")
    time.sleep(0.5)
    for label in ("alpha", "beta"):
        desk.knows(label, *HIDDEN)
    desk.judge()


@layout(*NEEDS)
def konsole_titles_frozen(desk):
    """Two windows of one process whose tabs have titles that the user gave."""
    single_process(desk)
    for space, label in enumerate(("alpha", "beta"), 1):
        desk.open(space, "konsole", "-p", "LocalTabTitleFormat=work", "-e", desk.session(label), shows=[label])
    desk.judge("alpha", "beta", "alpha")


@layout("konsole", "dbus-send", "tmux")
def konsole_tabs_with_tmux(desk):
    """A tmux in each of two tabs."""
    file = desk.folder / "tabs"
    a, b = desk.session("alpha"), desk.session("beta")
    tmux = "tmux -L {} -f /dev/null new-session {}"
    file.write_text(f"command: {tmux.format('one', a)}\ncommand: {tmux.format('two', b)}\n")
    desk.open(1, "konsole", "--tabs-from-file", file, "-e", "sleep", "86400")
    for label in ("alpha", "beta"):
        desk.started(label)
        desk.moved(label, max(desk.ipc.windows()))  # konsole may have made its window again.
    desk.judge("alpha", "beta", "alpha")


@layout("konsole", "dbus-send", manager="sway")
def konsole_on_wayland(desk):
    """Two windows of one konsole on Wayland."""
    single_process(desk)
    for space, label in enumerate(("alpha", "beta"), 1):
        desk.open(space, "konsole", "-e", desk.session(label), shows=[label], QT_QPA_PLATFORM="wayland")
    desk.judge("alpha", "beta", "alpha")
