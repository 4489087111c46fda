"""Key bindings: --next, --previous and --back, with what users set in i3 and do between two presses."""

import time

from ...world import wait
from .. import layout
from .arrangements import restart, three

HIDDEN = ("told", "unsure")
BACK_AND_FORTH = "workspace_auto_back_and_forth yes\n"


def press(desk, what, *words, window=None, workspace=None, code=0):
    """Presses a key that switches. Right is the exit code, and the window or workspace with the focus."""
    if desk.daemon is None:
        desk.vmuxd()
    done = desk.run(desk.binary("vmux"), "switch", *words, "--no-start")
    time.sleep(0.2)
    focused = next(iter(desk.ipc.focused()), None)
    space = desk.ipc.focused_workspace()
    there = (window is None or focused == window) and (workspace is None or space == workspace)
    good = there and done.returncode == code
    said = " ".join((done.stdout + done.stderr).split())
    desk.rows.append({"label": what, "verdict": "right" if good else "WRONG", "good": good, "exit": done.returncode,
                      "how": f"{focused} on {space}", "said": said})


def there_and_back(desk, *labels):
    """Goes to each session from the workspace `home`, and back."""
    for label in labels:
        desk.judge(label)
        if desk.rows[-1]["exit"] in (0, 5):
            press(desk, "back", "--back", workspace="home")


def go_round(desk, *labels):
    """Presses --next as often as there are sessions that can be reached: each was in view once. Those
    whose window has the focus, and that vmux does not say are in view, are not asked for here."""
    if desk.daemon is None:
        desk.vmuxd()
    desk.go("home")
    time.sleep(0.4)
    wanted, seen = {desk.sessions[it].window for it in labels}, []
    for _ in labels:
        press(desk, "next", "--next")
        seen += [next(iter(desk.ipc.focused()), None)]
    good = set(seen) == wanted
    desk.rows.append({"label": "round", "verdict": "right" if good else "WRONG", "good": good, "exit": 0, "how": f"{seen}", "said": ""})


@layout("xterm", i3=BACK_AND_FORTH)
def auto_back_and_forth(desk):
    """workspace_auto_back_and_forth: a switch to where the focus is already goes nowhere else, --back goes back once."""
    first, second, _ = three(desk)
    desk.ipc.run(f"[con_id={second}] move container to workspace 2")
    desk.judge("alpha", "beta", "alpha")
    desk.judge("alpha", "beta", start=lambda: None)
    pid = str(desk.sessions["beta"].pid)
    press(desk, "beta", pid, window=second)
    press(desk, "beta again", pid, window=second)
    press(desk, "back", "--back", window=first)


@layout("xterm", i3=BACK_AND_FORTH)
def back_and_forth_to_an_empty_workspace(desk):
    """The same from an empty workspace, to which --back leads."""
    first, *_ = three(desk)
    desk.vmuxd()
    desk.go("home")
    time.sleep(0.3)
    press(desk, "alpha", str(desk.sessions["alpha"].pid), window=first)
    press(desk, "back", "--back", workspace="home")
    press(desk, "alpha", str(desk.sessions["alpha"].pid), window=first)


@layout("xterm")
def back_to_a_window_that_closed(desk):
    """The window that had the focus before is closed by now."""
    first, *_ = three(desk)
    desk.vmuxd()
    [other] = desk.open(2, "xterm")
    time.sleep(0.3)
    press(desk, "alpha", str(desk.sessions["alpha"].pid), window=first)
    desk.ipc.run(f"[con_id={other}] kill")
    wait(lambda: other not in desk.ipc.windows(), "the end of a window")
    press(desk, "back", "--back", window=first, code=4)


@layout("xterm")
def back_after_a_restart(desk):
    """i3 restarts between a switch and --back."""
    three(desk)
    desk.vmuxd()
    [other] = desk.open(2, "xterm")
    time.sleep(0.3)
    xids = {node["id"]: node["window"] for node, _ in desk.ipc.leaves()}
    press(desk, "alpha", str(desk.sessions["alpha"].pid), window=desk.sessions["alpha"].window)
    restart(desk)
    now = {node["window"]: node["id"] for node, _ in desk.ipc.leaves()}
    press(desk, "back", "--back", window=now[xids[other]])


@layout("xterm")
def next_goes_round(desk):
    """--next and --previous go round three sessions; one of them in a window in the scratchpad, one in a tab."""
    first, second, third = three(desk)
    desk.ipc.run("layout tabbed")
    # Small enough that it does not cover the others.
    desk.ipc.run(f"[con_id={second}] floating enable, resize set 300 200, move scratchpad")
    desk.vmuxd()
    desk.go("home")
    seen = []
    for _ in range(3):
        press(desk, "next", "--next")
        seen += [next(iter(desk.ipc.focused()), None)]
    good = set(seen) == {first, second, third}
    desk.rows.append({"label": "all three", "verdict": "right" if good else "WRONG", "good": good, "exit": 0, "how": str(seen), "said": ""})
    press(desk, "previous", "--previous", window=seen[1])


@layout("xterm")
def closed_between_two_presses(desk):
    """The window of the session where --next leads is closed just before."""
    three(desk)
    desk.vmuxd()
    desk.go("home")
    press(desk, "next", "--next")
    gone = next(iter(desk.ipc.focused()))
    label = next(it for it, session in desk.sessions.items() if session.window == gone)
    desk.run("kill", "-9", str(desk.sessions.pop(label).pid))
    desk.go("home")
    press(desk, "next", "--next")
    where = next(iter(desk.ipc.focused()), None)
    good = where in [it.window for it in desk.sessions.values()]
    desk.rows.append({"label": "a session", "verdict": "right" if good else "WRONG", "good": good, "exit": 0, "how": "", "said": ""})


@layout("xterm")
def marked_windows(desk):
    """Marks of i3 that look like ids and commands."""
    first, second, third = three(desk)
    for window, mark in ((first, str(second)), (second, f"con_id={third}"), (third, "__focused__")):
        desk.ipc.run(f'[con_id={window}] mark --add "{mark}"')
    desk.judge("alpha", "beta", "gamma", "alpha")


@layout("xterm", i3="focus_on_window_activation none\nno_focus [class=\"XTerm\"]\n")
def activation_is_ignored(desk):
    """i3 gives the focus to no window that asks for it, and to no new one."""
    three(desk)
    desk.judge("alpha", "beta", "gamma", "alpha")


@layout("xterm", i3='for_window [title="^✳ Fix"] move container to workspace titled\n')
def moved_by_its_title(desk):
    """A rule of i3 moves a window as soon as it has a session's title."""
    three(desk)
    time.sleep(0.3)
    desk.judge("alpha", "beta", "gamma")


@layout("xterm", i3="focus_follows_mouse yes\nmouse_warping none\n")
def pointer_stays_elsewhere(desk):
    """The focus follows the mouse, and i3 leaves the pointer where it is: over another window."""
    first, second, _ = three(desk)
    desk.ipc.run(f"[con_id={second}] move container to workspace 2")
    desk.run("xdotool", "mousemove", "300", "300")
    desk.judge("alpha", "beta", "gamma", "alpha")
    desk.judge("alpha", "gamma", start=lambda: desk.go(1))
    del first


@layout("xterm")
def reloaded_in_between(desk):
    """i3 reads its configuration again just before, in which workspaces are assigned."""
    three(desk)
    desk.vmuxd()
    config = desk.folder / "i3.config"
    config.write_text(config.read_text() + 'assign [class="XTerm"] 5\nworkspace_layout tabbed\n')
    desk.judge("alpha", "beta", start=lambda: desk.ipc.run("reload; workspace home"))
    desk.open(5, "xterm", "-e", desk.session("delta"), shows=["delta"])
    desk.vmuxd()
    desk.judge("delta", "gamma")


@layout("foot", manager="sway")
def keys_on_sway(desk):
    """Back and forth, marks and the scratchpad on sway."""
    first, second, third = three(desk, ("foot",))
    desk.ipc.run("workspace_auto_back_and_forth yes")
    for window, mark in ((first, str(second)), (second, f"con_id={third}")):
        desk.ipc.run(f'[con_id={window}] mark --add "{mark}"')
    desk.vmuxd()
    desk.go("home")
    time.sleep(0.3)
    pid = str(desk.sessions["alpha"].pid)
    press(desk, "alpha", pid, window=first)
    press(desk, "alpha again", pid, window=first)
    press(desk, "back", "--back", workspace="home")
    desk.ipc.run(f"[con_id={second}] move scratchpad")
    desk.judge("beta", "alpha", "gamma", "beta")
