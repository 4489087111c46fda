"""Windows of kitty and konsole on Wayland whose numbers vmux learned: what happens to the windows afterwards."""

import os
import signal
import time
from pathlib import Path

from ...world import wait
from .. import layout
from .broken_off import no_title_left, parent, when_marked, windows_of_kitty, windows_of_konsole
from .konsole import single_process
from .own_titles import KONSOLE, WAYLAND, kitty, tabs_of_konsole


def at_kitty(desk, *words, **environment):
    return desk.run("kitty", "@", "--to", f"unix:{desk.folder}/run/kitty", *words, check=True, **environment)


def of_pid(desk, label):
    return "--match", f"pid:{desk.sessions[label].pid}"


@layout("kitty", manager="sway")
def kitty_moved_after_it_was_learned(desk):
    """Both windows are known by number; then sessions move: to a window of their own, into the other one, and back."""
    windows_of_kitty(desk)
    desk.judge("alpha", "beta", "alpha")
    [a, b] = [desk.sessions[it].window for it in ("alpha", "beta")]
    c = desk.session("gamma", name=None)
    at_kitty(desk, "launch", "--type=tab", *of_pid(desk, "alpha"), c)
    desk.started("gamma", a)
    desk.write_session(desk.sessions["gamma"])
    desk.judge("gamma", "alpha", "beta")
    desk.go(3)
    before = set(desk.ipc.windows())
    at_kitty(desk, "detach-tab", *of_pid(desk, "gamma"))
    desk.moved("gamma", wait(lambda: set(desk.ipc.windows()) - before, "the window of gamma").pop())
    time.sleep(0.5)
    desk.judge("gamma", "alpha", "beta", "gamma")
    at_kitty(desk, "detach-window", *of_pid(desk, "alpha"), "--target-tab", f"pid:{desk.sessions['beta'].pid}")
    wait(lambda: a not in desk.ipc.windows(), "the end of the window of alpha")
    time.sleep(0.5)
    desk.moved("alpha", b)
    for label in ("alpha", "beta"):
        desk.knows(label, "told", "unsure")  # Beside each other.
    desk.judge("alpha", "beta", "gamma")
    before = set(desk.ipc.windows())
    desk.go(4)
    at_kitty(desk, "detach-window", *of_pid(desk, "beta"), "--target-tab", "new")
    at_kitty(desk, "detach-tab", *of_pid(desk, "beta"))
    desk.moved("beta", wait(lambda: set(desk.ipc.windows()) - before, "the window of beta").pop())
    time.sleep(0.5)
    desk.knows("beta", "right")
    desk.knows("alpha", "refused")  # kitty (0.26) gives a window that came from another tab no new title.
    desk.judge("alpha", "beta", "gamma")


@layout("kitty", manager="sway")
def kitty_started_again(desk):
    """kitty ends, and another one numbers its windows from 1 in another order."""
    pid = windows_of_kitty(desk)
    desk.judge("alpha", "beta")
    os.kill(pid, signal.SIGTERM)
    wait(lambda: not desk.ipc.windows(), "the end of kitty")
    for space, label in ((2, "gamma"), (1, "delta")):
        desk.sessions.pop("alpha" if label == "gamma" else "beta")
        desk.open(space, *kitty(desk), desk.session(label, name=None), shows=[label])
        desk.write_session(desk.sessions[label])
    time.sleep(1)
    desk.judge("gamma", "delta", "gamma")


@layout("kitty", manager="sway")
def kitty_instances_with_own_sockets(desk):
    """Two instances of kitty, each with a socket named after its pid, and two windows each."""
    file = desk.folder / "kitty.conf"
    file.write_text("linux_display_server wayland\nallow_remote_control socket-only\n"
                    "listen_on unix:${XDG_RUNTIME_DIR}/kitty-{kitty_pid}\n")
    for space, (label, group) in enumerate((("alpha", "x"), ("beta", "x"), ("gamma", "y"), ("delta", "y")), 1):
        desk.open(space, "kitty", "--config", file, "-1", "--instance-group", group, desk.session(label, name=None), shows=[label])
    desk.judge("alpha", "gamma", "delta", "beta", "alpha")


@layout("kitty", manager="sway")
def kitty_windows_switched_to_at_once(desk):
    """Two switches at once to two windows that nothing tells apart but a title each gets for a moment."""
    windows_of_kitty(desk)
    at_once(desk)


@layout("konsole", "dbus-send", manager="sway")
def konsole_windows_switched_to_at_once(desk):
    """The same with konsole."""
    windows_of_konsole(desk)
    at_once(desk)


def at_once(desk):
    desk.go("home")
    calls = [desk.spawn(desk.binary("vmux"), "switch", str(desk.sessions[it].pid), "--no-start") for it in ("alpha", "beta")]
    codes = [it.wait(20) for it in calls]
    focused = next(iter(desk.ipc.focused()), None)
    good = codes == [0, 0] and focused in [desk.sessions[it].window for it in ("alpha", "beta")]
    desk.rows.append({"label": "both", "verdict": "right" if good else "WRONG", "good": good, "exit": max(codes), "how": str(codes),
                      "said": ""})
    no_title_left(desk)
    desk.judge("alpha", "beta", "alpha")


def told(desk, command):
    """Gives sway a command in the very moment in which a window has vmux's title; then all is found."""
    for label in ("alpha", "beta"):
        desk.knows(label, "told", "unsure", "refused")
    done = when_marked(desk, lambda: desk.run("swaymsg", command))
    desk.judge("alpha")
    done.join(20)
    no_title_left(desk)
    for label in ("alpha", "beta"):
        desk.knows(label, "right")
    desk.judge("alpha", "beta")


@layout("kitty", "swaymsg", manager="sway")
def kitty_moved_with_a_title(desk):
    """Its window goes to another workspace, floats, covers all in the moment in which it has a title of vmux's."""
    windows_of_kitty(desk)
    told(desk, '[title="^vmux "] move container to workspace 7')


@layout("kitty", "swaymsg", manager="sway")
def kitty_to_the_scratchpad_with_a_title(desk):
    """Its window goes to the scratchpad in the moment in which it has a title of vmux's."""
    windows_of_kitty(desk)
    told(desk, '[title="^vmux "] move scratchpad')


@layout("kitty", "swaymsg", manager="sway")
def kitty_output_unplugged_with_a_title(desk):
    """The output that shows it is unplugged in the moment in which it has a title of vmux's."""
    windows_of_kitty(desk)
    told(desk, "output HEADLESS-2 disable; output HEADLESS-1 disable; output HEADLESS-1 enable")


@layout("kitty", "swaymsg", manager="sway")
def kitty_closed_with_a_title(desk):
    """Its window is closed in the moment in which it has a title of vmux's."""
    windows_of_kitty(desk)
    session = desk.sessions["alpha"]
    done = when_marked(desk, lambda: os.kill(session.pid, signal.SIGKILL))
    desk.go("home")
    said = desk.run(desk.binary("vmux"), "switch", str(session.pid), "--no-start")
    done.join(20)
    # It may be in view for some milliseconds before it closes.
    good = said.returncode in (0, 4, 5)
    desk.rows.append({"label": "closed", "verdict": "right" if good else "WRONG, done", "good": good, "exit": said.returncode,
                      "how": "", "said": said.stderr})
    desk.sessions.pop("alpha")
    no_title_left(desk)
    desk.judge("beta")


@layout("kitty", "swaymsg", manager="sway")
def kitty_titled_by_its_program_meanwhile(desk):
    """The program sets another title in the moment in which its window has one of vmux's: that one is there afterwards."""
    windows_of_kitty(desk)
    tty = Path(f"/proc/{desk.sessions['alpha'].pid}/fd/0").readlink()
    done = when_marked(desk, lambda: tty.write_text("\033]2;other\007"))
    desk.judge("alpha")
    done.join(20)
    no_title_left(desk)
    title(desk, "alpha", "other")


def title(desk, label, expected):
    """Adds a row that says whether the window of a session has this title."""
    got = desk.ipc.titles()[desk.sessions[label].window]
    desk.rows.append({"label": label, "verdict": "right" if got == expected else "WRONG title", "good": got == expected, "exit": 0,
                      "how": got, "said": ""})


@layout("kitty", "swaymsg", manager="sway")
def kitty_everywhere_at_first(desk):
    """Untitled windows of one kitty: one floats, one is in the scratchpad, one behind in tabs, one covers all."""
    labels = ("alpha", "beta", "gamma", "delta", "eta")
    for space, label in zip((1, 2, 3, 3, 4), labels):
        desk.open(space, *kitty(desk), desk.session(label, name=None), shows=[label])
    window = {it: desk.sessions[it].window for it in labels}
    desk.ipc.run(f"[con_id={window['alpha']}] floating enable")
    desk.ipc.run(f"[con_id={window['beta']}] move scratchpad")
    desk.ipc.run(f"[con_id={window['gamma']}] layout tabbed")
    desk.ipc.run(f"[con_id={window['eta']}] fullscreen enable")
    desk.judge("alpha", "beta", "gamma", "delta", "eta", "beta", "gamma")


@layout("konsole", "dbus-send", "swaymsg", manager="sway")
def konsole_everywhere_at_first(desk):
    """The same with konsole."""
    single_process(desk)
    labels = ("alpha", "beta", "gamma", "delta", "eta")
    for space, label in zip((1, 2, 3, 3, 4), labels):
        desk.open(space, *KONSOLE, "-e", desk.session(label), shows=[label], **WAYLAND)
    window = {it: desk.sessions[it].window for it in labels}
    desk.ipc.run(f"[con_id={window['alpha']}] floating enable")
    desk.ipc.run(f"[con_id={window['beta']}] move scratchpad")
    desk.ipc.run(f"[con_id={window['gamma']}] layout tabbed")
    desk.ipc.run(f"[con_id={window['eta']}] fullscreen enable")
    desk.judge("alpha", "beta", "gamma", "delta", "eta", "beta", "gamma")


def konsole_action(desk, number, action):
    environ = Path(f"/proc/{desk.sessions['alpha'].pid}/environ").read_bytes().split(b"\0")
    service = next(it.partition(b"=")[2].decode() for it in environ if it.startswith(b"KONSOLE_DBUS_SERVICE="))
    desk.run("dbus-send", "--session", "--print-reply", f"--dest={service}", f"/konsole/MainWindow_{number}",
             "org.kde.KMainWindow.activateAction", f"string:{action}", check=True)
    time.sleep(1)


@layout("konsole", "dbus-send", manager="sway")
def konsole_detached_untitled_on_wayland(desk):
    """A tab of konsole that was detached to a window of its own, after both were known by number."""
    tabs_of_konsole(desk)
    desk.judge("gamma", "alpha", "beta", "gamma")
    desk.go(3)
    before = set(desk.ipc.windows())
    konsole_action(desk, 1, "detach-tab")
    new = wait(lambda: set(desk.ipc.windows()) - before, "the detached tab").pop()
    desk.moved("beta", new)
    desk.judge("beta", "alpha", "gamma", "beta")


@layout("konsole", "dbus-send", manager="sway")
def konsole_split_views_on_wayland(desk):
    """Two windows of konsole, in one of them two sessions in views beside each other."""
    tabs_of_konsole(desk)
    desk.vmuxd()
    konsole_action(desk, 1, "split-view-left-right")
    for label in ("alpha", "beta"):
        desk.knows(label, "told", "unsure")
    desk.judge("gamma", "alpha", "beta", "gamma", "alpha")


@layout("konsole", "dbus-send", manager="sway")
def konsole_closed_and_opened_on_wayland(desk):
    """Windows of konsole are known by number; one is closed, another one opened, which gets its number."""
    single_process(desk)
    for space, label in enumerate(("alpha", "beta", "gamma"), 1):
        desk.open(space, *KONSOLE, "-e", desk.session(label), shows=[label], **WAYLAND)
    desk.judge("alpha", "beta", "gamma")
    session = desk.sessions.pop("beta")
    desk.ipc.run(f"[con_id={session.window}] kill")
    wait(lambda: session.window not in desk.ipc.windows(), "the end of beta")
    desk.judge("alpha", "gamma")
    desk.open(4, *KONSOLE, "-e", desk.session("delta"), shows=["delta"], **WAYLAND)
    desk.write_session(desk.sessions["delta"])
    time.sleep(1)
    desk.judge("alpha", "gamma", "delta")
    no_title_left(desk)


def beside_a_fixed_title(desk, title):
    """Of two windows of one kitty the second one has a title that it was told."""
    desk.open(1, *kitty(desk), desk.session("beta", name=None, title=title), shows=["beta"])
    desk.open(2, *kitty(desk), "--title", "dropdown", desk.session("alpha", name=None, title=title), shows=["alpha"])
    wait(lambda: desk.ipc.titles()[desk.sessions["alpha"].window] == "dropdown", "the title")
    desk.knows("alpha", "refused")
    desk.judge("alpha", "beta", "alpha", "beta")


@layout("kitty", manager="sway")
def kitty_with_one_fixed_title(desk):
    """One window of kitty has a title that it was told, as a drop-down has; the other one that of its program, Claude's."""
    beside_a_fixed_title(desk, "✳ Claude Code")


@layout("kitty", manager="sway")
def kitty_with_one_fixed_title_of_shells(desk):
    """The same with titles that are not Claude's."""
    beside_a_fixed_title(desk, "~")
