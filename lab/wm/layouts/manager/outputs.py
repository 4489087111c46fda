"""Outputs that come and go, on sway and on i3."""

import time

from ...world import wait
from .. import layout
from .arrangements import TWO_OUTPUTS, restart, three

HIDDEN = ("told", "unsure")


def outputs(desk):
    return sorted(it["name"] for it in desk.ipc.ask(3) if it.get("active"))


@layout("foot", manager="sway")
def third_output_on_sway(desk):
    """An output is plugged in while vmuxd runs, and a workspace goes there."""
    three(desk, ("foot",))
    desk.vmuxd()
    before = set(outputs(desk))
    desk.ipc.run("create_output")
    new = wait(lambda: set(outputs(desk)) - before, "another output").pop()
    desk.go(1)
    desk.ipc.run(f"move workspace to output {new}")
    desk.judge("alpha", "beta", "gamma")


@layout("foot", manager="sway")
def unplugged_on_sway(desk):
    """The output that shows a session is unplugged just before, and plugged in again."""
    three(desk, ("foot",))
    second = outputs(desk)[-1]
    desk.go(1)
    desk.ipc.run(f"move workspace to output {second}")
    desk.vmuxd()
    desk.judge("alpha", "beta", start=lambda: (desk.go("home"), desk.ipc.run(f"output {second} disable")))
    desk.judge("alpha", "gamma", start=lambda: (desk.go("home"), desk.ipc.run(f"output {second} enable")))


@layout("foot", manager="sway")
def workspaces_of_two_outputs_on_sway(desk):
    """Sessions on both outputs, one of them on a workspace that is not shown, one floating and sticky."""
    first, second, third = three(desk, ("foot",))
    left, right = outputs(desk)[:2]
    desk.ipc.run(f"[con_id={second}] move container to workspace 2")
    desk.ipc.run(f"[con_id={second}] focus; move workspace to output {right}")
    desk.ipc.run(f"[con_id={third}] move container to workspace 3")
    desk.ipc.run(f"[con_id={third}] focus; move workspace to output {right}; workspace 2")
    desk.ipc.run(f"[con_id={first}] floating enable, sticky enable")
    desk.judge("alpha", "beta", "gamma", "alpha")
    desk.judge("beta", "gamma", start=lambda: desk.ipc.run(f"focus output {left}"))


@layout("foot", manager="sway")
def fullscreen_on_the_other_output_on_sway(desk):
    """A window covers the other output; the session is behind it, or beside it on this one."""
    first, second, _ = three(desk, ("foot",))
    right = outputs(desk)[-1]
    desk.ipc.run(f"[con_id={second}] move container to workspace 2")
    desk.ipc.run(f"[con_id={second}] focus; move workspace to output {right}")
    [cover] = desk.open(2, "foot")
    desk.ipc.run(f"[con_id={cover}] fullscreen enable")
    desk.judge("alpha", "beta", start=lambda: desk.ipc.run(f"[con_id={first}] focus; workspace home"))
    desk.judge("beta", "alpha", start=lambda: desk.ipc.run(f"[con_id={cover}] focus, fullscreen enable"))


@layout("xterm", i3=TWO_OUTPUTS)
def one_output_less(desk):
    """The second output is gone after a restart of i3; its workspaces are on the first one."""
    three(desk)
    desk.ipc.run("move workspace to output right")
    desk.vmuxd()
    config = desk.folder / "i3.config"
    config.write_text(config.read_text().replace(TWO_OUTPUTS, "fake-outputs 1280x800+0+0\n"))
    restart(desk)
    desk.judge("alpha", "beta", "gamma")
    config.write_text(config.read_text().replace("fake-outputs 1280x800+0+0\n", TWO_OUTPUTS))
    restart(desk)
    time.sleep(0.5)
    desk.judge("beta", "alpha")


@layout("xterm", "xrandr")
def monitors_of_xrandr(desk):
    """Two monitors that RandR 1.5 tells of, one of which is joined to the other after vmuxd began."""
    for name, area in (("left", "640/170x800/210+0+0"), ("right", "640/170x800/210+640+0")):
        desk.run("xrandr", "--setmonitor", name, area, "screen" if name == "left" else "none", check=True)
    restart(desk)
    first, second, third = three(desk)
    desk.ipc.run(f"[con_id={second}] move container to workspace 2")
    desk.ipc.run(f"[con_id={second}] focus; move workspace to output right")
    desk.judge("alpha", "beta", "gamma", "alpha")
    desk.run("xrandr", "--delmonitor", "right", check=True)
    desk.run("xrandr", "--delmonitor", "left", check=True)
    restart(desk)
    desk.judge("beta", "alpha", "gamma")
