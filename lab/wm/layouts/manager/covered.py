"""A window that has the focus and is not seen: others float over it, or cover all."""

from ...world import wait
from .. import layout
from .arrangements import TWO_OUTPUTS, three

HIDDEN = ("told", "unsure")
XTERM = ("xterm", "-bg", "gray30")


def cover(desk, space, terminal, *commands):
    """Opens another window on a workspace, which floats."""
    [window] = desk.open(space, *terminal)
    desk.ipc.run(", ".join([f"[con_id={window}] floating enable", *commands]))
    return window


@layout("xterm")
def floating_covers_all(desk):
    """A floating window as large as the screen, over two tiled ones."""
    a, b = desk.session("alpha"), desk.session("beta")
    desk.open(1, "xterm", "-e", a, shows=["alpha"])
    desk.open(1, "xterm", "-e", b, shows=["beta"])
    cover(desk, 1, XTERM, "resize set 1280 800", "move position 0 0")
    for label in ("alpha", "beta"):
        desk.knows(label, *HIDDEN)
    desk.judge()


@layout("xterm")
def floating_covers_one(desk):
    """A floating window over the left one of two tiled ones."""
    a, b = desk.session("alpha"), desk.session("beta")
    desk.open(1, "xterm", "-e", a, shows=["alpha"])
    desk.open(1, "xterm", "-e", b, shows=["beta"])
    cover(desk, 1, XTERM, "resize set 640 800", "move position 0 0")
    desk.knows("alpha", *HIDDEN)
    desk.judge("alpha", "beta", "alpha")


@layout("xterm")
def floating_covers_a_corner(desk):
    """A floating window over a part of a tiled one, which is in view all the same."""
    a = desk.session("alpha")
    desk.open(1, "xterm", "-e", a, shows=["alpha"])
    cover(desk, 1, XTERM, "resize set 500 300", "move position 700 400")
    desk.judge()


@layout("xterm")
def scratchpad_shown_over_all(desk):
    """A terminal of the scratchpad, shown over the session; and the session is in the one shown."""
    a, b = desk.session("alpha"), desk.session("beta")
    desk.open(1, "xterm", "-e", a, shows=["alpha"])
    [pad] = desk.open(1, "xterm", "-e", b, shows=["beta"])
    desk.ipc.run(f"[con_id={pad}] move scratchpad; [con_id={pad}] scratchpad show, resize set 1270 770, move position 5 5")
    desk.knows("alpha", *HIDDEN)
    desk.judge("alpha", "beta", "alpha")


@layout("xterm")
def sticky_covers_all(desk):
    """A sticky window as large as the screen is on every workspace."""
    a = desk.session("alpha")
    desk.open(1, "xterm", "-e", a, shows=["alpha"])
    cover(desk, 2, XTERM, "sticky enable", "resize set 1280 800", "move position 0 0")
    desk.knows("alpha", *HIDDEN)
    desk.judge()


@layout("xterm")
def floating_over_floating(desk):
    """Two floating windows in one place, over one that covers them all: the one with the focus is in front."""
    for window in three(desk):
        desk.ipc.run(f"[con_id={window}] floating enable, resize set 900 600, move position 50 50")
    desk.judge("alpha", "beta", "gamma", "alpha")


@layout("xterm")
def tabs_below_a_floating_window(desk):
    """A tabbed container below a floating window that covers it."""
    three(desk)
    desk.ipc.run("layout tabbed")
    cover(desk, 1, XTERM, "resize set 1280 800", "move position 0 0")
    for label in ("alpha", "beta", "gamma"):
        desk.knows(label, *HIDDEN)
    desk.judge()


@layout("xterm", i3=TWO_OUTPUTS)
def global_fullscreen(desk):
    """A window covers all outputs; the session is on the other one, or on another workspace."""
    a, b = desk.session("alpha"), desk.session("beta")
    desk.open(1, "xterm", "-e", a, shows=["alpha"])
    desk.open(2, "xterm", "-e", b, shows=["beta"])
    desk.ipc.run("move workspace to output right")
    [third] = desk.open(3, "xterm")
    for label in ("alpha", "beta"):
        desk.judge(label, start=lambda: desk.ipc.run(f"[con_id={third}] focus, fullscreen enable global"))


@layout("foot", manager="sway")
def floating_covers_all_on_sway(desk):
    """A floating foot over a tiled one, on sway."""
    a, b = desk.session("alpha"), desk.session("beta")
    desk.open(1, "foot", a, shows=["alpha"])
    desk.open(1, "foot", b, shows=["beta"])
    cover(desk, 1, ("foot",), "resize set 640 px 720 px", "move position 0 0")
    desk.knows("alpha", *HIDDEN)
    desk.judge("alpha", "beta")


@layout("foot", manager="sway")
def global_fullscreen_on_sway(desk):
    """A window covers all outputs of sway."""
    a, b = desk.session("alpha"), desk.session("beta")
    desk.open(1, "foot", a, shows=["alpha"])
    desk.open(2, "foot", b, shows=["beta"])
    [third] = desk.open(3, "foot")
    for label in ("alpha", "beta"):
        desk.judge(label, start=lambda: desk.ipc.run(f"[con_id={third}] focus, fullscreen enable global"))


def locked(desk, terminal, *words):
    """Switches below a locked screen, and when it is unlocked."""
    three(desk, terminal)
    desk.vmuxd()
    desk.go("home")
    lock = desk.spawn(*words)
    wait(lambda: is_of_one_colour(desk), f"{words[0]}")
    for label in ("alpha", "beta"):
        desk.knows(label, "told", "refused")  # No window has the focus below swaylock.
    desk.judge("alpha", "beta")
    lock.terminate()
    lock.wait(10)
    wait(lambda: not is_of_one_colour(desk), "the screen")
    wait(lambda: desk.sessions["beta"].window in desk.ipc.focused(), "the window that was switched to last")
    for label in ("alpha", "beta"):
        desk.knows(label)
    desk.judge("alpha", "beta")


def is_of_one_colour(desk):
    _, _, body = desk.pixels()
    return body.count(b"\x12\x34\x56") > len(body) / 4


@layout("xterm", "i3lock")
def locked_by_i3lock(desk):
    """i3lock covers the screen."""
    locked(desk, ("xterm", "-e"), "i3lock", "-n", "-u", "-c", "123456")


@layout("xterm", "i3lock")
def locked_by_i3lock_in_the_background(desk):
    """i3lock as it comes: the process that connected to the X server has ended."""
    three(desk)
    desk.spawn("i3lock", "-u", "-c", "123456").wait(20)
    wait(lambda: is_of_one_colour(desk), "i3lock")
    for label in ("alpha", "beta"):
        desk.knows(label, "told")
    desk.judge("alpha", "beta")


@layout("foot", "swaylock", manager="sway")
def locked_by_swaylock(desk):
    """swaylock covers the screen."""
    locked(desk, ("foot",), "swaylock", "-u", "-c", "123456")
