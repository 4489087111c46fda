"""Rules and habits that users have in i3 and sway: assigned workspaces, wrappers that swallow a
terminal, formats of titles, windows that were pushed off the screen."""

import time

from ...world import wait
from .. import layout
from .arrangements import TWO_OUTPUTS, three, try_run
from .keys import go_round, there_and_back

HIDDEN = ("told", "unsure")
NAMES = ["next", "back_and_forth", "number 3", '1: "web" \\\\ x', "🦀 <b>&amp;</b>", "it's", " 2 ", "3;kill"]


def on_named_workspace(desk, name, *terminal):
    """Two windows of one process on a workspace that is known by nothing but its name."""
    for label in ("alpha", "beta"):
        desk.go("start")
        desk.open("start", *terminal, desk.session(label, name=None, title=None), shows=[label])
        desk.knows(label, "workspace", *HIDDEN)
    desk.vmuxd()
    return name


def tie_on(desk, quote):
    """The two are on one workspace after the other, and the switch goes to it by its name."""
    space = "start"
    for name in NAMES:
        desk.ipc.run(f'rename workspace {quote(space)} to {quote(name)}')
        space = name
        desk.judge("alpha")
        desk.rows[-1]["label"] = name.strip()


def quoted(name):
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


@layout("gnome-terminal")
def tie_on_odd_workspaces(desk):
    """Two windows that nothing tells apart, on a workspace whose name is a command, a number or markup."""
    on_named_workspace(desk, "start", "gnome-terminal", "--window", "--")
    tie_on(desk, quoted)


@layout("foot", manager="sway")
def title_format_on_sway(desk):
    """sway shows titles in a format of the user's; two footclients of one server."""
    desk.ipc.run('for_window [app_id=".*"] title_format "<b>%app_id</b> ✳ Fix beta: %title"')
    socket = desk.folder / "run/foot"
    desk.spawn("foot", f"--server={socket}")
    wait(socket.exists, "foot")
    for space, label in ((1, "alpha"), (2, "beta")):
        desk.open(space, "footclient", "-s", socket, desk.session(label), shows=[label])
    there_and_back(desk, "alpha", "beta")
    go_round(desk, "alpha", "beta")


@layout("xterm", i3='for_window [class="XTerm"] title_format "<i>✳ Fix beta</i> %title"\nassign [class="XTerm"] "1: ☃ <u>x</u>"\n'
        'workspace_layout stacking\ndefault_orientation vertical\nfocus_wrapping no\n')
def assigned_and_formatted(desk):
    """Titles in a format, windows assigned to a workspace with markup in its name, stacked."""
    for label in ("alpha", "beta", "gamma"):
        desk.open(1, "xterm", "-e", desk.session(label), shows=[label])
    there_and_back(desk, "alpha", "beta", "gamma")
    go_round(desk, "alpha", "beta", "gamma")


@layout("xterm", "xdotool")
def swallowed_terminal(desk):
    """devour: the window of the terminal is unmapped while a program that was started there is shown."""
    a, b = desk.session("alpha"), desk.session("beta")
    [first] = desk.open(1, "xterm", "-e", "sh", "-c", f"echo $WINDOWID > {desk.folder}/xid; (sleep 2; exec xterm -bg gray30 -e sleep 86400) & exec {a}",
                        shows=["alpha"])
    desk.open(2, "xterm", "-e", b, shows=["beta"])
    desk.vmuxd()
    desk.run("xdotool", "windowunmap", (desk.folder / "xid").read_text().strip())
    wait(lambda: first not in desk.ipc.windows(), "the end of the window")
    time.sleep(2)
    desk.knows("alpha", "refused")
    desk.judge("alpha", "beta")
    go_round(desk, "beta")
    desk.go(1)
    desk.run("xdotool", "windowmap", (desk.folder / "xid").read_text().strip())
    shown = wait(lambda: [it for it, title in desk.ipc.titles().items() if "alpha" in title], "the window")
    desk.moved("alpha", shown[0])
    desk.knows("alpha")
    there_and_back(desk, "alpha")


@layout("xterm")
def swallowed_by_i3(desk):
    """A wrapper hides the terminal in the scratchpad, marked, while a program that it started takes its place."""
    first, *_ = three(desk)
    desk.ipc.run(f"[con_id={first}] mark swallowed, move scratchpad")
    desk.open(1, "xterm", "-bg", "gray30")
    there_and_back(desk, "alpha", "beta")
    go_round(desk, "alpha", "beta", "gamma")


def pushed_away(desk, terminal, unit=""):
    """A floating window that is off the screen for the most part, or wholly; and back."""
    first, *_ = three(desk, terminal)
    desk.ipc.run(f"[con_id={first}] floating enable, resize set 400{unit} 300{unit}")
    desk.judge("alpha")
    desk.knows("alpha", *HIDDEN)
    for x, y in ((5000, 100), (-390, 100), (100, 2000), (-395, -295), (100, 100)):
        try_run(desk, f"[con_id={first}] move absolute position {x}{unit} {y}{unit}")  # i3 refuses what is wholly outside.
        time.sleep(0.2)
        desk.judge("alpha")
        desk.rows[-1]["how"] = f"{desk.ipc.focused().get(first)}"


@layout("xterm")
def floating_off_the_screen(desk):
    """A floating window was pushed off the screen."""
    pushed_away(desk, ("xterm", "-e"))


@layout("foot", manager="sway")
def floating_off_the_screen_on_sway(desk):
    """The same on sway."""
    pushed_away(desk, ("foot",), " px")


@layout("xterm", i3=TWO_OUTPUTS + "focus_follows_mouse yes\nmouse_warping output\nworkspace_auto_back_and_forth yes\n")
def scratchpad_of_the_other_output(desk):
    """A window of the scratchpad is shown on one output, the user is on the other; a stack in the scratchpad."""
    first, second, third = three(desk)
    desk.ipc.run(f"[con_id={third}] move container to workspace 5")
    desk.ipc.run(f"[con_id={third}] focus; move workspace to output right")
    desk.ipc.run(f"[con_id={first}] move scratchpad; [con_id={first}] scratchpad show; workspace home")
    desk.ipc.run(f"[con_id={second}] move scratchpad")
    desk.knows("gamma", *HIDDEN)  # The shown one floats over the most of it.
    desk.judge("alpha", "beta", "gamma", start=lambda: desk.go(5))
    there_and_back(desk, "gamma", "alpha")


@layout("foot", manager="sway")
def sway_in_sway(desk):
    """A session on a sway that is a window of this one; which of its workspaces is in view, nobody tells."""
    a, b, c = (desk.session(it) for it in ("alpha", "beta", "gamma"))
    config = desk.folder / "inner.config"
    config.write_text(f"xwayland disable\nworkspace 1\nexec foot {a}\n")
    [window] = desk.open(1, "sway", "-c", config, WLR_BACKENDS="wayland", WLR_RENDERER="pixman")
    desk.started("alpha", window)
    desk.open(2, "foot", b, shows=["beta"])
    desk.knows("alpha", "refused", *HIDDEN)
    there_and_back(desk, "alpha", "beta")
    del c


def under_fullscreen(desk, terminal, unit=""):
    """Three floating sessions in one place, and a window that covers the output, or all outputs."""
    for window in three(desk, terminal):
        desk.ipc.run(f"[con_id={window}] floating enable, resize set 500{unit} 400{unit}, move absolute position 60{unit} 60{unit}")
    [cover] = desk.open(1, *terminal[:1])
    desk.vmuxd()
    for mode in ("enable", "enable global"):
        for label in ("alpha", "gamma", "beta"):
            desk.judge(label, start=lambda it=mode: try_run(desk, f"[con_id={cover}] focus, fullscreen {it}"))
        try_run(desk, f"[con_id={cover}] fullscreen disable")
    there_and_back(desk, "alpha", "beta")
    go_round(desk, "alpha", "beta", "gamma")


@layout("xterm")
def floating_under_fullscreen(desk):
    """Floating sessions under a window that covers all."""
    under_fullscreen(desk, ("xterm", "-e"))


@layout("foot", manager="sway")
def floating_under_fullscreen_on_sway(desk):
    """The same on sway."""
    under_fullscreen(desk, ("foot",), " px")
