"""A title that kitty or konsole gives a window for a moment, and what happens in that moment."""

import json
import os
import signal
import struct
import threading
import time
from pathlib import Path

from ...ipc import MAGIC, Ipc
from ...world import wait
from .. import layout
from .konsole import single_process
from .own_titles import KONSOLE, WAYLAND, kitty

SUBSCRIBE = 2


def when_marked(desk, act):
    """Calls `act` once, as soon as a window gets a title that vmux had given to it."""
    events = Ipc(desk.environment["SWAYSOCK"])
    events.ask(SUBSCRIBE, '["window"]')
    events.socket.settimeout(30)

    def watch():
        while True:
            length, _ = struct.unpack("=II", events.take(14)[6:])
            event = json.loads(events.take(length))
            if event["change"] == "title" and marked(event["container"].get("name")):
                return act()
    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread


def marked(title):
    return (title or "").startswith("vmux ") and len(title.split()[1]) == 32


def no_title_left(desk, seconds=4):
    """Adds a row that says whether windows have their own titles again within some seconds."""
    deadline = time.monotonic() + seconds
    while (left := [it for it in desk.ipc.titles().values() if marked(it)]) and time.monotonic() < deadline:
        time.sleep(0.1)
    desk.rows.append({"label": "titles", "verdict": "WRONG, left" if left else "right", "good": not left, "exit": 0,
                      "how": str(left), "said": ""})


def parent(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()[1])


def stop_for(pid, seconds):
    os.kill(pid, signal.SIGSTOP)
    time.sleep(seconds)
    os.kill(pid, signal.SIGCONT)


def windows_of_kitty(desk):
    for space, label in enumerate(("alpha", "beta"), 1):
        desk.open(space, *kitty(desk), desk.session(label, name=None), shows=[label])
    desk.vmuxd()
    return parent(desk.sessions["alpha"].pid)


def windows_of_konsole(desk):
    single_process(desk)
    for space, label in enumerate(("alpha", "beta"), 1):
        desk.open(space, *KONSOLE, "-e", desk.session(label), shows=[label], **WAYLAND)
    desk.vmuxd()
    return parent(desk.sessions["alpha"].pid)


def stops(desk, terminal, verdicts=("refused", "told", "unsure")):
    """The terminal stops in that moment, for longer than vmux waits."""
    desk.knows("alpha", *verdicts)
    done = when_marked(desk, lambda: stop_for(terminal, 2.5))
    desk.judge("alpha")
    done.join(20)
    no_title_left(desk)
    desk.knows("alpha", "right")
    desk.judge("alpha", "beta")


def daemon_ends(desk, sent):
    """vmuxd ends in that moment."""
    desk.knows("alpha", "refused", "told", "unsure", "workspace")
    done = when_marked(desk, lambda: desk.daemon.send_signal(sent))
    desk.judge("alpha")
    done.join(20)
    desk.daemon.wait(10)
    desk.daemon = None
    no_title_left(desk)
    desk.knows("alpha", "right")
    desk.judge("alpha", "beta", "alpha")
    no_title_left(desk)


@layout("kitty", manager="sway")
def kitty_stops_with_a_title(desk):
    """kitty stops while a window has a title of vmux's, and goes on later."""
    stops(desk, windows_of_kitty(desk))


@layout("konsole", "dbus-send", manager="sway")
def konsole_stops_with_a_title(desk):
    """The same with konsole."""
    stops(desk, windows_of_konsole(desk))


@layout("kitty", manager="sway")
def vmuxd_killed_with_a_title_in_kitty(desk):
    """vmuxd is killed while a window of kitty has a title of its."""
    windows_of_kitty(desk)
    daemon_ends(desk, signal.SIGKILL)


@layout("konsole", "dbus-send", manager="sway")
def vmuxd_killed_with_a_title_in_konsole(desk):
    """The same with konsole."""
    windows_of_konsole(desk)
    daemon_ends(desk, signal.SIGKILL)


@layout("kitty", manager="sway")
def vmuxd_ended_with_a_title_in_kitty(desk):
    """vmuxd is told to end while a window of kitty has a title of its."""
    windows_of_kitty(desk)
    daemon_ends(desk, signal.SIGTERM)


@layout("konsole", "dbus-send", manager="sway")
def vmuxd_ended_with_a_title_in_konsole(desk):
    """The same with konsole."""
    windows_of_konsole(desk)
    daemon_ends(desk, signal.SIGTERM)


@layout("kitty", manager="sway")
def kitty_title_of_the_users(desk):
    """Windows of kitty with a title that the user gave them, the same for both: it stays."""
    windows_of_kitty(desk)
    for label in ("alpha", "beta"):
        desk.run("kitty", "@", "--to", f"unix:{desk.folder}/run/kitty", "set-window-title", "--match",
                 f"pid:{desk.sessions[label].pid}", "work", check=True)
    wait(lambda: list(desk.ipc.titles().values()) == ["work", "work"], "the title")
    desk.judge("alpha", "beta", "alpha")
    titles = list(desk.ipc.titles().values())
    desk.rows.append({"label": "titles", "verdict": "right" if titles == ["work", "work"] else "WRONG, lost",
                      "good": titles == ["work", "work"], "exit": 0, "how": str(titles), "said": ""})
