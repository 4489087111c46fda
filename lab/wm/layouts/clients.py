"""Clients of multiplexers and of terminals' servers, in less usual ways."""

import time

from ..world import wait
from . import layout
from .multiplexers import HIDDEN, in_terminal, tmux
from .wrapped.remote import sshd


@layout("tmux", "xterm")
def three_grouped_sessions(desk):
    """Three clients of three sessions in one group, each with another window of it."""
    a, b, c = (desk.session(it) for it in ("alpha", "beta", "gamma"))
    [first] = desk.open(1, *in_terminal("new-session", "-s", "a", a), shows=["alpha"])
    tmux(desk, "new-window", "-d", "-t", "a:", b)
    tmux(desk, "new-window", "-d", "-t", "a:", c)
    desk.started("beta")
    desk.started("gamma")
    [second] = desk.open(2, *in_terminal("new-session", "-s", "b", "-t", "a"))
    [third] = desk.open(3, *in_terminal("new-session", "-s", "c", "-t", "a"))
    tmux(desk, "select-window", "-t", "b:1")
    tmux(desk, "select-window", "-t", "c:2")
    for label, window in (("alpha", first), ("beta", second), ("gamma", third)):
        desk.moved(label, window)
    desk.judge()
    # All three clients show the window of one session: the one in view.
    for client in ("a", "b", "c"):
        tmux(desk, "select-window", "-t", f"{client}:0")
    desk.moved("alpha", third)
    # tmux tells nobody; the list sees it with the next scan.
    desk.judge("alpha", start=lambda: (desk.go(3), time.sleep(6)))


@layout("tmux", "xterm")
def linked_window(desk):
    """A window that is linked into two sessions; the client of the second one shows it."""
    a, b = desk.session("alpha"), desk.session("beta")
    desk.open(1, *in_terminal("new-session", "-s", "a", "sleep", "86400"))
    wait(lambda: not desk.run("tmux", "-L", "one", "has-session", "-t", "a").returncode, "tmux")
    tmux(desk, "new-window", "-d", "-t", "a:", a)
    desk.started("alpha")
    [second] = desk.open(2, *in_terminal("new-session", "-s", "b", b), shows=["beta"])
    tmux(desk, "link-window", "-s", "a:1", "-t", "b:5")
    tmux(desk, "select-window", "-t", "b:5")
    desk.moved("alpha", second)
    desk.judge("alpha", "beta")


@layout("tmux", "xterm")
def pane_that_moves_to_another_session(desk):
    """break-pane, join-pane and move-window while vmuxd runs."""
    a, b = desk.session("alpha"), desk.session("beta")
    [first] = desk.open(1, *in_terminal("new-session", "-s", "a", "-x", "80", "-y", "24", a), shows=["alpha"])
    tmux(desk, "split-window", "-d", "-t", "a:", b)
    desk.started("beta", first)
    [second] = desk.open(2, *in_terminal("new-session", "-s", "b", "sleep", "86400"))
    desk.vmuxd()
    desk.judge("beta")
    tmux(desk, "join-pane", "-d", "-s", "a:0.1", "-t", "b:0")
    # tmux tells nobody: vmuxd sees it with the next scan, and a switch at once.
    time.sleep(6)
    desk.moved("beta", second)
    desk.judge("beta", "alpha")
    tmux(desk, "break-pane", "-d", "-s", "b:0.1", "-t", "b:7")
    desk.judge("beta")
    tmux(desk, "move-window", "-s", "b:7", "-t", "a:9")
    time.sleep(6)
    desk.moved("beta", first)
    desk.judge("beta", "alpha")


@layout("tmux", "xterm")
def chooser_in_front(desk):
    """choose-tree in the pane of a session; the clock in that of another."""
    a, b = desk.session("alpha"), desk.session("beta")
    [window] = desk.open(1, *in_terminal("new-session", "-s", "a", a), shows=["alpha"])
    tmux(desk, "new-window", "-d", "-t", "a:", b)
    desk.started("beta", window)
    tmux(desk, "choose-tree", "-Z", "-t", "a:0")
    tmux(desk, "clock-mode", "-t", "a:1")
    for label in ("alpha", "beta"):
        desk.knows(label, *HIDDEN)
    desk.judge()


@layout("tmux", "xterm")
def locked_client(desk):
    """lock-client: the terminal of the client shows its lock."""
    a, b = desk.session("alpha"), desk.session("beta")
    desk.open(1, *in_terminal("new-session", "-s", "a", a), shows=["alpha"])
    desk.open(2, "xterm", "-e", b, shows=["beta"])
    tmux(desk, "set", "-g", "lock-command", "clear; sleep 86400")
    tmux(desk, "lock-session", "-t", "a")
    time.sleep(0.5)
    desk.knows("alpha", *HIDDEN, "refused")
    desk.judge()


@layout("tmux", "xterm")
def control_client_was_used_last(desk):
    """A control mode client of the same session was used after the terminal."""
    a, b = desk.session("alpha"), desk.session("beta")
    [first] = desk.open(1, *in_terminal("new-session", "-s", "a", a), shows=["alpha"])
    tmux(desk, "new-session", "-d", "-s", "b", b)
    desk.started("beta", first)
    desk.open(2, "xterm", "-e", "sh", "-c", "sleep 86400 | tmux -L one -C attach -t b")
    time.sleep(1)
    desk.judge("alpha", "beta", "alpha")


@layout("tmux", "xterm")
def menu_over_a_pane(desk):
    """A popup with a shell, opened from the second of two clients."""
    a, b = desk.session("alpha"), desk.session("beta")
    desk.open(1, *in_terminal("new-session", "-s", "a", a), shows=["alpha"])
    [second] = desk.open(2, *in_terminal("new-session", "-s", "b", b), shows=["beta"])
    tty = tmux(desk, "list-clients", "-t", "b", "-F", "#{client_tty}")
    desk.spawn("tmux", "-L", "one", "display-popup", "-c", tty, "-w", "95%", "-h", "95%", "-E", "sleep 86400")
    time.sleep(1)
    desk.moved("beta", second)
    for label in ("alpha", "beta"):
        desk.knows(label, *HIDDEN)
    desk.judge()


@layout("tmux", "xterm")
def two_servers(desk):
    """Two servers with sessions, windows and panes of the same names."""
    a, b = desk.session("alpha"), desk.session("beta")
    desk.open(1, *in_terminal("new-session", "-s", "main", a), shows=["alpha"])
    desk.open(2, *in_terminal("new-session", "-s", "main", b, server="two"), shows=["beta"])
    tmux(desk, "new-window", "-t", "main:", "sleep", "86400")
    tmux(desk, "new-window", "-t", "main:", "sleep", "86400", server="two")
    desk.judge("alpha", "beta", "alpha")


@layout("screen", "xterm")
def regions_of_screen(desk):
    """GNU screen with two regions; the sessions are in two windows, one of them in view."""
    a, b = desk.session("alpha"), desk.session("beta")
    [window] = desk.open(1, "xterm", "-e", "screen", "-S", "out", "sleep", "86400")
    wait(lambda: not desk.run("screen", "-S", "out", "-X", "split").returncode, "screen")
    desk.run("screen", "-S", "out", "-X", "focus", "down")
    # A window that gets smaller loses what was painted.
    for label, script in (("alpha", a), ("beta", b)):
        desk.run("screen", "-S", "out", "-X", "screen", script)
        desk.started(label, window)
    time.sleep(0.5)
    for label in ("alpha", "beta"):
        desk.knows(label, *HIDDEN)
    desk.judge("alpha", "beta", "alpha")


@layout("screen", "tmux", "xterm")
def screen_in_two_panes(desk):
    """Two displays of one GNU screen in two panes of tmux."""
    a, b = desk.session("alpha"), desk.session("beta")
    [window] = desk.open(1, *in_terminal("new-session", "-s", "a", "screen", "-S", "out", a), shows=["alpha"])
    desk.run("screen", "-S", "out", "-X", "screen", b)
    desk.started("beta", window)
    tmux(desk, "new-window", "-d", "-t", "a:", "screen", "-x", "out")
    time.sleep(1)
    for label in ("alpha", "beta"):
        desk.knows(label, *HIDDEN, "refused")
    desk.judge("alpha", "beta")


@layout("foot", manager="sway")
def foot_server_unnamed(desk):
    """Two footclients whose titles say nothing: a tie."""
    socket = desk.folder / "run/foot"
    desk.spawn("foot", f"--server={socket}")
    wait(socket.exists, "foot")
    for space, label in ((1, "alpha"), (2, "beta")):
        script = desk.session(label, title="", name=None)
        desk.open(space, "footclient", "-s", socket, script, shows=[label])
        desk.knows(label, "refused", "workspace")
    desk.judge()


@layout("gnome-terminal")
def gnome_windows_of_one_name(desk):
    """Two windows of one gnome-terminal whose sessions have the same name."""
    for space, label in ((1, "alpha"), (2, "beta")):
        script = desk.session(label, name="Fix it")
        desk.open(space, "gnome-terminal", "--", script, shows=[label])
        desk.knows(label, "refused", "workspace")
    desk.judge()


@layout("gnome-terminal", "tmux")
def gnome_windows_with_one_tmux(desk):
    """Two windows of one gnome-terminal: a session, and a client with two more, whose titles tmux passes on."""
    a, b, c = (desk.session(it) for it in ("alpha", "beta", "gamma"))
    desk.open(1, "gnome-terminal", "--", a, shows=["alpha"])
    (desk.folder / ".tmux.conf").write_text("set -g set-titles on\nset -g set-titles-string '#T'\n")
    words = ("tmux", "-L", "one", "-f", desk.folder / ".tmux.conf", "new-session", "-s", "b", b)
    [second] = desk.open(2, "gnome-terminal", "--", *words, shows=["beta"])
    tmux(desk, "new-window", "-d", "-t", "b:", c)
    desk.started("gamma", second)
    time.sleep(1)
    desk.judge("alpha", "gamma", "beta", "gamma")


@layout("kitty")
def kitty_single_three_windows(desk):
    """kitty -1 with three windows, two of one name, one with a tab behind."""
    for space, label, name in ((1, "alpha", "Fix it"), (2, "beta", "Fix it"), (3, "gamma", "own")):
        script = desk.session(label, name=name)
        desk.open(space, "kitty", "--config", "NONE", "-1", script, shows=[label])
    desk.judge("alpha", "beta", "gamma", "beta")


@layout("xfce4-terminal")
def xfce_drop_down(desk):
    """xfce4-terminal's drop-down window, beside an ordinary one of the same process."""
    a, b = desk.session("alpha"), desk.session("beta")
    desk.open(1, "xfce4-terminal", "--drop-down", "-x", a, shows=["alpha"])
    desk.open(2, "xfce4-terminal", "-x", b, shows=["beta"])
    for label in ("alpha", "beta"):
        desk.knows(label, "refused")
    desk.judge()


@layout("terminator")
def terminator_two_windows(desk):
    """Two windows of one terminator whose sessions have names."""
    for space, label in ((1, "alpha"), (2, "beta")):
        desk.open(space, "terminator", "-x", desk.session(label), shows=[label])
        desk.knows(label, "refused")
    desk.judge("alpha", "beta", "alpha")


@layout("vim", "xterm")
def vim_terminals(desk):
    """Two windows of Vim's :terminal, one of them hidden; and one Vim with one."""
    a, b, c = (desk.session(it) for it in ("alpha", "beta", "gamma"))
    [first] = desk.open(1, "xterm", "-e", "vim", "-u", "NONE", "-c", f"terminal ++curwin {a}", "-c", f"tab terminal {b}")
    desk.started("alpha", first)
    desk.started("beta", first)
    desk.open(2, "xterm", "-e", "vim", "-u", "NONE", "--cmd", "set t_Co=256", "-c", f"terminal ++curwin {c}",
              shows=["gamma"])
    for label in ("alpha", "beta"):
        desk.knows(label, *HIDDEN)
    desk.judge()


@layout("emacs", "xterm")
def emacs_terminals(desk):
    """Emacs in an xterm with one term, and another one with two."""
    a, b, c = (desk.session(it) for it in ("alpha", "beta", "gamma"))
    desk.open(1, "xterm", "-e", "emacs", "-nw", "-Q", "--eval", f'(ansi-term "{a}")', shows=["alpha"])
    [second] = desk.open(2, "xterm", "-e", "emacs", "-nw", "-Q", "--eval", f'(progn (ansi-term "{b}") (ansi-term "{c}"))')
    desk.started("beta", second)
    desk.started("gamma", second)
    for label in ("alpha", "beta", "gamma"):
        desk.knows(label, *HIDDEN)
    desk.judge()


@layout("xterm", "sshd", "ssh-keygen")
def ssh_to_this_host(desk):
    """ssh to this host in one of two terminals; the session runs below sshd, in tmux and without."""
    a, b, c = (desk.session(it) for it in ("alpha", "beta", "gamma"))
    ssh = (*sshd(desk), "127.0.0.1")
    [first] = desk.open(1, "xterm", "-e", *ssh, a, windows=1)
    desk.started("alpha", first)
    [second] = desk.open(2, "xterm", "-e", *ssh, f"TMUX_TMPDIR={desk.folder}/run tmux -L far -f /dev/null new-session {b}")
    desk.started("beta", second)
    desk.open(3, "xterm", "-e", c, shows=["gamma"])
    for label in ("alpha", "beta"):
        desk.knows(label, "refused", *HIDDEN)
    desk.judge()
