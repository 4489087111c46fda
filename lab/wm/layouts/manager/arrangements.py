"""What the user does with windows while vmuxd runs: outputs, moves, restarts, nested containers."""

import time

from ...world import wait
from .. import layout

HIDDEN = ("told", "unsure")
TWO_OUTPUTS = "fake-outputs 640x800+0+0,640x800+640+0\n"


def three(desk, terminal=("xterm", "-e")):
    """Three sessions in three windows of one workspace."""
    for label in ("alpha", "beta", "gamma"):
        desk.open(1, *terminal, desk.session(label), shows=[label])
    return [desk.sessions[it].window for it in ("alpha", "beta", "gamma")]


def restart(desk):
    """Restarts i3. Containers get other ids."""
    before = {node["id"]: node["window"] for node, _ in desk.ipc.leaves()}
    try:
        desk.ipc.run("restart")
    except (EOFError, OSError):
        pass
    time.sleep(0.5)
    desk.connect(desk.folder / "run/i3.sock")
    wait(lambda: len(list(desk.ipc.leaves())) >= len(before), "the windows")
    now = {node["window"]: node["id"] for node, _ in desk.ipc.leaves()}
    for session in desk.sessions.values():
        if session.window:
            session.window = now[before[session.window]]


@layout("xterm")
def restarted_i3(desk):
    """i3 restarts in place while vmuxd runs: all containers have other ids."""
    three(desk)
    desk.ipc.run("layout tabbed")
    desk.vmuxd()
    restart(desk)
    desk.judge("alpha", "gamma", "beta")
    restart(desk)
    desk.judge("beta")


@layout("xterm")
def restarts_during_a_switch(desk):
    """i3 restarts in place in the very moment of a switch, a little later each time."""
    three(desk)
    desk.vmuxd()
    for number, label in enumerate(["alpha", "beta", "gamma"] * 4):
        xids = {node["id"]: node["window"] for node, _ in desk.ipc.leaves()}
        xid = xids[desk.sessions[label].window]
        desk.go("home")
        time.sleep(0.3)
        calls = f"sleep 0.0{number:02}; i3-msg restart"
        restarting = desk.spawn("sh", "-c", calls)
        done = desk.run(desk.binary("vmux"), "switch", str(desk.sessions[label].pid), "--no-start")
        restarting.wait(10)
        time.sleep(0.5)
        desk.connect(desk.folder / "run/i3.sock")
        wait(lambda: len(list(desk.ipc.leaves())) >= len(xids), "the windows")
        now = {node["window"]: node for node, _ in desk.ipc.leaves()}
        for session in desk.sessions.values():
            session.window = now[xids[session.window]]["id"]
        there = now[xid].get("focused")
        verdict = "right" if there and done.returncode == 0 else "WRONG, done" if done.returncode == 0 else "refused"
        said = " ".join((done.stdout + done.stderr).split())
        desk.rows.append({"label": label, "verdict": verdict, "good": verdict == "right",
                          "exit": done.returncode, "how": calls, "said": said})
    desk.judge()


@layout("xterm", i3=TWO_OUTPUTS)
def two_outputs(desk):
    """Sessions on two outputs, from either, and on a workspace that is hidden on the other one."""
    a, b, c = (desk.session(it) for it in ("alpha", "beta", "gamma"))
    desk.open(1, "xterm", "-e", a, shows=["alpha"])
    desk.open(2, "xterm", "-e", b, shows=["beta"])
    desk.ipc.run("move workspace to output right")
    desk.open(3, "xterm", "-e", c, shows=["gamma"])
    desk.ipc.run("move workspace to output right")
    desk.judge("alpha", "beta", "gamma", start=lambda: desk.go(1))
    desk.judge("alpha", "beta", "gamma", start=lambda: desk.go(2))


@layout("xterm", i3=TWO_OUTPUTS)
def workspace_moved_to_another_output(desk):
    """A workspace goes to the other output just before."""
    three(desk)
    desk.ipc.run("layout stacking")
    desk.vmuxd()

    def move():
        desk.go(1)
        desk.ipc.run("move workspace to output right")
        desk.go("home")
    desk.judge("alpha", "beta", "gamma", "alpha", start=move)


@layout("xterm")
def changed_just_before(desk):
    """A window opens, moves, floats, covers all, or another workspace has another name, just before."""
    first, second, third = three(desk)
    desk.vmuxd()
    changes = [
        f"[con_id={second}] move container to workspace 7",
        f"[con_id={first}] floating toggle; [con_id={first}] focus; workspace home",
        f"[con_id={third}] fullscreen enable",
        f"[con_id={second}] move container to workspace 1; [con_id={second}] focus; layout tabbed; workspace other",
        "workspace 1; rename workspace 1 to one; workspace home",
        f"swap container with con_id {third}",
        f"[con_id={first}] move scratchpad",
        f"[con_id={third}] kill; workspace one; workspace home",
    ]
    for index, change in enumerate(changes):
        labels = ["alpha", "beta"] if "kill" in change else ["alpha", "beta", "gamma"]
        desk.judge(labels[index % len(labels)], start=lambda it=change: desk.ipc.run(it))


@layout("xterm")
def swapped(desk):
    """Two windows on two workspaces change places, which i3 tells nobody."""
    a, b = desk.session("alpha"), desk.session("beta")
    desk.open(1, "xterm", "-e", a, shows=["alpha"])
    [second] = desk.open(2, "xterm", "-e", b, shows=["beta"])
    desk.vmuxd()

    def swap():
        desk.focus(desk.sessions["alpha"].window)
        desk.ipc.run(f"swap container with con_id {second}")
        desk.go("home")
    desk.judge("alpha", "beta", "beta", start=swap)


@layout("xterm")
def stacks_that_float(desk):
    """Tabs in a stack, the whole of which floats and is sticky, over a window that covers all."""
    first, _, third = three(desk)
    desk.ipc.run("layout stacking; split horizontal; layout tabbed")
    desk.open(1, "xterm")
    desk.ipc.run("focus parent; focus parent; floating enable, sticky enable")
    desk.ipc.run(f"[con_id={first}] fullscreen enable")
    desk.judge("alpha", "beta", "gamma", "alpha")
    del third


@layout("xterm")
def several_in_the_scratchpad(desk):
    """Three windows in the scratchpad, each by itself, one of them shown."""
    for window in three(desk):
        desk.ipc.run(f"[con_id={window}] move scratchpad")
    desk.open(2, "xterm")
    desk.judge("beta", "alpha", "gamma", "beta")


@layout("xterm")
def a_split_covers_all(desk):
    """A container with two windows is fullscreen, the session is beside it; and in it."""
    first, _, _ = three(desk)
    desk.ipc.run("split vertical")
    desk.open(1, "xterm")
    desk.ipc.run("focus parent; fullscreen enable")
    desk.judge("alpha", "gamma", "beta")
    del first


@layout("xterm")
def placeholders_of_a_saved_layout(desk):
    """append_layout leaves placeholders, windows of i3's own."""
    file = desk.folder / "layout.json"
    swallows = '"swallows":[{"class":"^nothing$"}]'
    file.write_text('{"layout":"tabbed","type":"con","nodes":[{"type":"con","name":"✳ Fix alpha",%s},'
                    '{"type":"con","name":"x",%s}]}' % (swallows, swallows))
    desk.go(1)
    desk.ipc.run(f"append_layout {file}")
    time.sleep(0.5)
    three(desk)
    desk.judge()


@layout("foot", manager="sway")
def sway_reloads(desk):
    """sway reads its configuration again, and a workspace goes to the other output."""
    three(desk, ("foot",))
    desk.ipc.run("layout tabbed")
    desk.vmuxd()
    desk.ipc.run("reload")
    desk.judge("alpha", "beta")
    desk.go(1)
    desk.ipc.run("move workspace to output right")
    desk.judge("gamma", "alpha", start=lambda: desk.go("home"))


@layout("foot", manager="sway")
def nested_on_sway(desk):
    """Stacks in tabs, a floating window over them, and one that covers all."""
    _, second, third = three(desk, ("foot",))
    desk.ipc.run("layout stacking; splitv; layout tabbed")
    desk.open(1, "foot", desk.session("delta"), shows=["delta"])
    desk.ipc.run(f"[con_id={second}] floating enable, sticky enable, resize set 300 px 200 px")
    desk.ipc.run(f"[con_id={third}] fullscreen enable")
    desk.judge("alpha", "beta", "gamma", "delta", "alpha")


@layout("foot", manager="sway")
def changed_just_before_on_sway(desk):
    """A window moves, floats or covers all just before."""
    first, second, third = three(desk, ("foot",))
    desk.vmuxd()
    changes = [
        f"[con_id={second}] move container to workspace 7",
        f"[con_id={first}] floating toggle",
        f"[con_id={third}] fullscreen enable",
        "rename workspace 7 to seven",
        f"[con_id={first}] swap container with con_id {third}",
        f"[con_id={second}] move scratchpad",
    ]
    for change in changes:
        for label in ("alpha", "beta"):
            desk.judge(label, start=lambda it=change: (desk.go("home"), try_run(desk, it)))


def try_run(desk, command):
    """What is so already is refused."""
    try:
        desk.ipc.run(command)
    except RuntimeError:
        pass


@layout("Xephyr", "xterm")
def in_another_x_server(desk):
    """A session in an xterm of another X server, which is a window here."""
    a, b = desk.session("alpha"), desk.session("beta")
    number = desk.folder / "number"
    desk.open(1, "sh", "-c", f"exec Xephyr -displayfd 3 -screen 600x400 -nolisten tcp 3> {number}")
    display = ":" + wait(lambda: number.read_text().strip(), "Xephyr")
    desk.open(1, "xterm", "-e", a, windows=0, DISPLAY=display)
    desk.started("alpha")
    desk.open(2, "xterm", "-e", b, shows=["beta"])
    desk.knows("alpha", "refused")
    desk.judge()
