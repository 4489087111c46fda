"""Two windows of every terminal, also of those that keep one process for all."""

import time

from .. import layout

# The first word must be installed.
TERMINALS = {
    "xterm": ("xterm", "-e"), "urxvt": ("urxvt", "-e"), "st": ("st", "-e"), "alacritty": ("alacritty", "-e"),
    "kitty": ("kitty", "--config", "NONE"), "kitty_single": ("kitty", "--config", "NONE", "-1"),
    "gnome_terminal": ("gnome-terminal", "--window", "--"), "konsole": ("konsole", "-e"), "xfce4_terminal": ("xfce4-terminal", "-x"),
    "terminator": ("terminator", "-x"), "tilix": ("tilix", "-e"), "sakura": ("sakura", "-e"), "lxterminal": ("lxterminal", "-e"),
    "qterminal": ("qterminal", "-e"), "terminology": ("terminology", "-e"), "mate_terminal": ("mate-terminal", "--window", "-x"),
    "mlterm": ("mlterm", "-e"), "pterm": ("pterm", "-e"),
}
# Nothing but a title or the title probe tells their windows apart.
TIED = {"gnome_terminal", "lxterminal"}
# The same on Wayland, where WINDOWID tells nothing.
TIED_ON_WAYLAND = TIED | {"xfce4_terminal", "tilix", "mate_terminal", "kitty_single"}
# They open no second window there.
NOT_ON_WAYLAND = {"terminator", "pterm"}


def two(desk, words, tied, **session):
    desk.open(1, *words, desk.session("alpha", **session), shows=["alpha"])
    desk.open(2, *words, desk.session("beta", **session), shows=["beta"])
    if words[0] == "terminology":  # A dialog at its first start covers most of it.
        desk.in_view = lambda hue, window: window is not None
    if tied:
        desk.knows("alpha", "refused")
        desk.knows("beta", "refused")
    desk.judge()


def add(name, words):
    def named(desk):
        two(desk, words, False)
    named.__name__, named.__doc__ = f"two_{name}", f"Two windows of {words[0]}, whose titles are the sessions'."
    layout(words[0])(named)

    def unnamed(desk):
        two(desk, words, name in TIED, name=None, title=None)
    unnamed.__name__, unnamed.__doc__ = f"two_{name}_untitled", f"Two windows of {words[0]}, whose titles say nothing."
    layout(words[0])(unnamed)
    if name in NOT_ON_WAYLAND:
        return

    def named_on_wayland(desk):
        two(desk, words, False)
    named_on_wayland.__name__, named_on_wayland.__doc__ = f"two_{name}_on_sway", f"Two windows of {words[0]} on sway."
    layout(words[0], manager="sway")(named_on_wayland)

    def unnamed_on_wayland(desk):
        two(desk, words, name in TIED_ON_WAYLAND, name=None, title=None)
    unnamed_on_wayland.__name__ = f"two_{name}_untitled_on_sway"
    unnamed_on_wayland.__doc__ = f"Two windows of {words[0]} on sway, whose titles say nothing."
    layout(words[0], manager="sway")(unnamed_on_wayland)


for each, words_of_it in TERMINALS.items():
    add(each, words_of_it)


@layout("alacritty")
def alacritty_msg(desk):
    """Two windows of one alacritty, by its socket."""
    a, b = desk.session("alpha", name=None), desk.session("beta", name=None)
    socket = desk.folder / "run/alacritty"
    desk.open(1, "alacritty", "--socket", socket, "-e", a, shows=["alpha"])
    desk.open(2, "alacritty", "msg", "--socket", socket, "create-window", "-e", b, shows=["beta"])
    desk.judge()


@layout("foot", manager="sway")
def foot_two(desk):
    """Two foot."""
    a, b = desk.session("alpha", name=None), desk.session("beta", name=None)
    desk.open(1, "foot", a, shows=["alpha"])
    desk.open(2, "foot", b, shows=["beta"])
    desk.judge()


@layout("foot", manager="sway")
def foot_server(desk):
    """Two footclients, which have names."""
    a, b = desk.session("alpha"), desk.session("beta")
    desk.spawn("foot", "--server")
    time.sleep(1.5)
    desk.open(1, "footclient", a, shows=["alpha"])
    desk.open(2, "footclient", b, shows=["beta"])
    desk.judge()


@layout("kitty", manager="sway")
def kitty_single_on_wayland(desk):
    """kitty -1 on Wayland knows no ids of windows."""
    a, b = desk.session("alpha"), desk.session("beta")
    words = ("kitty", "--config", "NONE", "-o", "linux_display_server=wayland", "-1")
    desk.open(1, *words, a, shows=["alpha"])
    desk.open(2, *words, b, shows=["beta"])
    desk.judge()


@layout("kitty", manager="sway")
def kitty_remote_on_wayland(desk):
    """The same with remote control, and titles that say nothing of sessions."""
    a, b = desk.session("alpha", title="one", name=None), desk.session("beta", title="two", name=None)
    words = ("kitty", "--config", "NONE", "-o", "linux_display_server=wayland", "-o", "allow_remote_control=socket-only",
             "--listen-on", f"unix:{desk.folder}/run/kitty", "-1")
    desk.open(1, *words, a, shows=["alpha"])
    desk.open(2, *words, b, shows=["beta"])
    desk.judge()


@layout("xterm", "Xwayland", manager="sway")
def xterm_on_sway(desk):
    """xterms below Xwayland."""
    a, b = desk.session("alpha", name=None), desk.session("beta", name=None)
    desk.open(1, "xterm", "-e", a, shows=["alpha"])
    desk.open(2, "xterm", "-e", b, shows=["beta"])
    desk.judge()


@layout("tilda", "xdotool")
def tilda_hidden(desk):
    """A drop-down terminal that is hidden."""
    config = desk.folder / ".config/tilda/config_0"
    config.parent.mkdir(parents=True, exist_ok=True)
    a = desk.session("alpha")
    config.write_text(f'run_command = true\ncommand = "{a}"\nhidden = true\nkey = "F1"\n')
    desk.open(1, "xterm", "-e", "sh", "-c", "tilda & sleep 86400")
    desk.started("alpha")
    desk.knows("alpha", "refused")
    desk.judge()
