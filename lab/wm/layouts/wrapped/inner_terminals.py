"""Programs that hold terminals as tmux does: byobu, tmate, a tmux of another name; dvtm; neovim."""

from .. import layout
from ..multiplexers import HIDDEN


def two_hidden(desk, command):
    """Two sessions in an xterm with this command; none of them can be brought into view from outside."""
    a, b = desk.session("alpha"), desk.session("beta")
    [window] = desk.open(1, "xterm", "-e", *command(a, b))
    desk.started("alpha", window)
    desk.started("beta", window)
    for label in ("alpha", "beta"):
        desk.knows(label, *HIDDEN)
    desk.judge()


@layout("byobu", "tmux", "xterm")
def byobu_two_windows(desk):
    """byobu on tmux: its own configuration, and a window that is not in view."""
    a, b = desk.session("alpha"), desk.session("beta")
    [window] = desk.open(1, "xterm", "-e", "byobu-tmux", "-L", "one", "new-session", "-s", "s", a, shows=["alpha"])
    desk.run("byobu-tmux", "-L", "one", "new-window", "-t", "s:", b, check=True)
    desk.started("beta", window)
    desk.judge("alpha", "beta", "alpha")


@layout("tmate", "xterm")
def tmate_two_windows(desk):
    """tmate without a way out: it shows the session here all the same."""
    a, b = desk.session("alpha"), desk.session("beta")
    config = desk.folder / "tmate.conf"
    config.write_text("set -g tmate-server-host 127.0.0.1\nset -g tmate-server-port 1\n")
    tmate = ("tmate", "-S", str(desk.folder / "tmate.sock"), "-f", str(config))
    [window] = desk.open(1, "xterm", "-e", *tmate, "new-session", "-s", "s", a, shows=["alpha"])
    desk.run(*tmate, "new-window", "-t", "s:", b)
    desk.started("beta", window)
    desk.knows("alpha", *HIDDEN)  # Its messages come over the first window.
    desk.judge("alpha", "beta", "alpha")


@layout("dvtm", "xterm")
def dvtm_two_panes(desk):
    """dvtm has no way to choose a pane from outside: its window is as far as it goes."""
    two_hidden(desk, lambda a, b: ["dvtm", a, b])


@layout("nvim", "xterm")
def neovim_two_terminals(desk):
    """Two buffers of neovim's :terminal, one of them in view."""
    two_hidden(desk, lambda a, b: ["nvim", "-u", "NONE", "-c", f"terminal {a}", "-c", f"terminal {b}"])


@layout("nvim", "xterm")
def neovim_one_terminal(desk):
    """The only :terminal of neovim, in view."""
    a = desk.session("alpha")
    desk.open(1, "xterm", "-e", "nvim", "-u", "NONE", "-c", f"terminal {a}", shows=["alpha"])
    desk.judge()
