"""What the window manager does with windows: scratchpad, tabs, fullscreen, several outputs, and --back."""

import subprocess
import time

from .. import layout


def two(desk):
    a, b = desk.session("alpha"), desk.session("beta")
    first = desk.open(1, "xterm", "-e", a, shows=["alpha"])
    second = desk.open(1, "xterm", "-e", b, shows=["beta"])
    return first[0], second[0]


@layout("xterm")
def tabbed_container(desk):
    """Windows in a tabbed container."""
    two(desk)
    desk.ipc.run("layout tabbed")
    desk.judge("alpha", "beta", "alpha")


@layout("xterm")
def scratchpad(desk):
    """A window in the scratchpad, hidden and shown."""
    first, _ = two(desk)
    desk.ipc.run(f"[con_id={first}] move scratchpad")
    desk.judge("alpha", "beta", "alpha")


@layout("xterm")
def scratchpad_tabbed(desk):
    """A tabbed container in the scratchpad; the session is in the tab that is not in front."""
    two(desk)
    desk.ipc.run("layout tabbed")
    desk.ipc.run("focus parent")
    desk.ipc.run("move scratchpad")
    desk.open(2, "xterm")
    desk.judge("alpha", "beta", "alpha")


@layout("xterm")
def scratchpad_nested(desk):
    """A tabbed container with a split in it, in the scratchpad."""
    a = desk.session("gamma")
    two(desk)
    desk.ipc.run("layout tabbed")
    desk.ipc.run("split vertical")
    desk.open(1, "xterm", "-e", a, shows=["gamma"])
    desk.ipc.run("focus parent; focus parent")
    desk.ipc.run("move scratchpad")
    desk.open(2, "xterm")
    desk.judge("alpha", "gamma", "beta")


@layout("foot", manager="sway")
def scratchpad_on_sway(desk):
    """A window in sway's scratchpad, and a tabbed container in it."""
    a, b, c = (desk.session(it) for it in ("alpha", "beta", "gamma"))
    desk.open(1, "foot", c, shows=["gamma"])
    desk.ipc.run("move scratchpad")
    desk.open(1, "foot", a, shows=["alpha"])
    desk.ipc.run("layout tabbed")
    desk.open(1, "foot", b, shows=["beta"])
    desk.ipc.run("focus parent")
    desk.ipc.run("move scratchpad")
    desk.open(2, "foot")
    desk.judge("gamma", "alpha", "beta", "gamma")


@layout("xterm")
def fullscreen_in_the_way(desk):
    """Another window of the workspace is fullscreen; and globally."""
    first, second = two(desk)
    desk.ipc.run(f"[con_id={second}] fullscreen enable")
    desk.judge("alpha")
    desk.judge("alpha", start=lambda: desk.ipc.run(f"[con_id={second}] focus, fullscreen enable global"))
    del first


@layout("xterm")
def floating_and_sticky(desk):
    """A floating sticky window over the session's."""
    first, second = two(desk)
    desk.ipc.run(f"[con_id={second}] floating enable, sticky enable")
    desk.judge("alpha", "beta")
    del first


@layout("xterm")
def deep_in_stacks(desk):
    """Stacks in tabs in splits."""
    first, _ = two(desk)
    desk.ipc.run("layout stacking")
    desk.ipc.run("split horizontal")
    desk.ipc.run("layout tabbed")
    desk.open(1, "xterm")
    desk.ipc.run("split vertical")
    desk.ipc.run("layout stacking")
    desk.open(1, "xterm")
    desk.ipc.run("focus parent; focus parent; split vertical; layout tabbed")
    desk.open(1, "xterm")
    desk.judge("alpha", "beta", "alpha")
    del first


@layout("xterm")
def names_of_workspaces(desk):
    """Workspaces with names that need quoting."""
    a, b = desk.session("alpha"), desk.session("beta")
    desk.ipc.run('workspace "3: \\"web\\" \\\\ ; x"')
    desk.open("2: dev", "xterm", "-e", a, shows=["alpha"])
    desk.open("next", "xterm", "-e", b, shows=["beta"])
    desk.judge("alpha", "beta", "alpha")


@layout("xterm")
def back_to_an_empty_workspace(desk):
    """--back from a session leads back to the empty workspace."""
    two(desk)
    desk.judge("alpha")
    done = desk.run(desk.binary("vmux"), "switch", "--back", "--no-start")
    time.sleep(0.2)
    space = desk.ipc.focused_workspace()
    desk.rows.append({"label": "--back", "verdict": "right" if space == "home" else "WRONG focus", "good": space == "home",
                      "exit": done.returncode, "how": space, "said": (done.stdout + done.stderr).strip()})


@layout("foot", "Xwayland", manager="sway")
def no_idle_xwayland(desk):
    """vmuxd does not make sway start Xwayland."""
    a = desk.session("alpha")
    desk.open(1, "foot", a, shows=["alpha"])
    desk.judge()
    names = subprocess.run(["ps", "-eo", "comm"], capture_output=True, text=True, check=True).stdout
    none = "Xwayland" not in names
    desk.rows.append({"label": "Xwayland", "verdict": "right" if none else "WRONG started", "good": none, "exit": 0, "how": "", "said": ""})


@layout("xterm", "tmux")
def next_passes_over_what_cannot_be_shown(desk):
    """--next, with one session of which only the pane can be selected, twice: the other one is reached each time."""
    a, b = desk.session("alpha"), desk.session("beta")
    desk.run("tmux", "-L", "one", "-f", "/dev/null", "new-session", "-d", "-s", "a", a)
    desk.started("alpha")
    desk.spawn("script", "-q", "-c", "tmux -L one attach -t a", "/dev/null", TERM="xterm")
    desk.open(2, "xterm", "-e", b, shows=["beta"])
    desk.vmuxd()
    for press in (1, 2, 3):
        desk.go("home")
        time.sleep(0.4)
        done = desk.run(desk.binary("vmux"), "switch", "--next", "--no-start")
        time.sleep(0.2)
        there = desk.sessions["beta"].window in desk.ipc.focused()
        desk.rows.append({"label": f"press {press}", "verdict": "right" if there and not done.returncode else "WRONG",
                          "good": there and not done.returncode, "exit": done.returncode, "how": "", "said": (done.stdout + done.stderr).strip()})
