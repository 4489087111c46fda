"""tmux: sessions, clients, popups, versions."""

import shutil
import time

from ..world import wait
from . import layout

HIDDEN = ("told", "unsure")


def tmux(desk, *words, server="one"):
    return desk.run("tmux", "-L", server, "-f", "/dev/null", *words, check=True).stdout.strip()


def in_terminal(*words, server="one", terminal=("xterm", "-e")):
    return (*terminal, "tmux", "-L", server, "-f", "/dev/null", *words)


@layout("tmux", "xterm")
def other_session_of_the_server(desk):
    """One client that shows one session; the others are detached."""
    a, b = desk.session("alpha"), desk.session("beta")
    [window] = desk.open(1, *in_terminal("new-session", "-s", "a", a), shows=["alpha"])
    tmux(desk, "new-session", "-d", "-s", "b", b)
    desk.started("beta", window)
    desk.judge("beta", "alpha", "beta")


@layout("tmux", "xterm")
def other_session_two_clients(desk):
    """Two clients that show two sessions; the third is detached: the client used last goes there."""
    a, b, c = (desk.session(it) for it in ("alpha", "beta", "gamma"))
    desk.open(1, *in_terminal("new-session", "-s", "a", a), shows=["alpha"])
    time.sleep(1.2)
    [second] = desk.open(2, *in_terminal("new-session", "-s", "b", b), shows=["beta"])
    desk.key("x")
    tmux(desk, "new-session", "-d", "-s", "c", c)
    desk.started("gamma", second)
    desk.judge("gamma", "alpha")


@layout("tmux", "xterm")
def other_session_only_read_only(desk):
    """The only client is read-only: a detached session cannot be shown there."""
    a, b = desk.session("alpha"), desk.session("beta")
    tmux(desk, "new-session", "-d", "-s", "a", a)
    tmux(desk, "new-session", "-d", "-s", "b", b)
    desk.started("alpha")
    desk.started("beta")
    desk.open(1, *in_terminal("attach", "-r", "-t", "a"))
    for label in ("alpha", "beta"):
        desk.knows(label, "refused")
    desk.judge()


@layout("tmux", "xterm")
def two_clients_one_read_only(desk):
    """Two clients show it, the read-only one is on the screen and was used last."""
    a = desk.session("alpha")
    desk.open(1, *in_terminal("new-session", "-s", "a", a), shows=["alpha"])
    desk.open(2, *in_terminal("attach", "-r", "-t", "a"))
    desk.judge(before=lambda: desk.go(2))


@layout("tmux", "xterm")
def two_clients_one_in_view(desk):
    """Two clients of one session, each with another window of it; panes in both."""
    a, b = desk.session("alpha"), desk.session("beta")
    [first] = desk.open(1, *in_terminal("new-session", "-s", "a", a), shows=["alpha"])
    tmux(desk, "new-window", "-d", "-t", "a:", b)
    desk.started("beta")
    [second] = desk.open(2, *in_terminal("new-session", "-s", "group", "-t", "a"))
    tmux(desk, "select-window", "-t", "group:1")
    desk.moved("beta", second)
    desk.moved("alpha", first)
    desk.judge()


@layout("tmux", "xterm")
def panes_zoomed(desk):
    """Panes of one window, one of them zoomed; windows behind."""
    a, b, c = (desk.session(it) for it in ("alpha", "beta", "gamma"))
    [window] = desk.open(1, *in_terminal("new-session", "-s", "a", a), shows=["alpha"])
    tmux(desk, "split-window", b)
    tmux(desk, "resize-pane", "-Z")
    tmux(desk, "new-window", c)
    for label in ("beta", "gamma"):
        desk.started(label, window)
    desk.judge("alpha", "gamma", "beta", "gamma")


@layout("tmux", "xterm")
def popup(desk):
    """A session in a popup over a pane with another."""
    a, b = desk.session("alpha"), desk.session("beta")
    [window] = desk.open(1, *in_terminal("new-session", "-s", "a", a), shows=["alpha"])
    desk.spawn("tmux", "-L", "one", "popup", "-w", "90%", "-h", "90%", "-E", b)
    desk.started("beta", window)
    desk.knows("alpha", *HIDDEN)
    desk.judge("beta")
    # A popup that is open covers the pane, and takes the keys.
    desk.judge("alpha")


@layout("tmux", "xterm")
def popup_that_attaches(desk):
    """A popup in which a client shows another session of the same server."""
    a, b = desk.session("alpha"), desk.session("beta")
    [window] = desk.open(1, *in_terminal("new-session", "-s", "a", a), shows=["alpha"])
    tmux(desk, "new-session", "-d", "-s", "b", b)
    desk.started("beta", window)
    desk.spawn("tmux", "-L", "one", "popup", "-w", "90%", "-h", "90%", "-E", "tmux -L one attach -t b")
    wait(lambda: len(tmux(desk, "list-clients").splitlines()) > 1, "the client in the popup")
    time.sleep(0.5)
    desk.judge("beta")


@layout("tmux", "xterm")
def popup_that_attaches_with_two_clients(desk):
    """The same, and another client shows the session around the popup, too."""
    a, b = desk.session("alpha"), desk.session("beta")
    desk.open(1, *in_terminal("new-session", "-s", "a", a), shows=["alpha"])
    [second] = desk.open(2, *in_terminal("attach", "-t", "a"))
    tmux(desk, "new-session", "-d", "-s", "b", b)
    desk.started("beta", second)
    tty = tmux(desk, "list-clients", "-F", "#{client_activity} #{client_tty}").splitlines()
    del tty
    desk.key("x")
    desk.spawn("tmux", "-L", "one", "popup", "-w", "90%", "-h", "90%", "-E", "tmux -L one attach -t b")
    wait(lambda: len(tmux(desk, "list-clients").splitlines()) > 2, "the client in the popup")
    time.sleep(0.5)
    desk.knows("beta", "refused", *HIDDEN)
    desk.judge("beta")


@layout("tmux", "xterm")
def suspended_client(desk):
    """A client that was suspended: its terminal shows the shell."""
    a, b = desk.session("alpha"), desk.session("beta")
    desk.open(1, "xterm", "-e", "bash", "-ic", f"tmux -L one -f /dev/null new-session -s a {a}; sleep 86400", shows=["alpha"])
    tmux(desk, "new-session", "-d", "-s", "b", b)
    desk.started("beta")
    client = tmux(desk, "list-clients", "-F", "#{client_tty}")
    tmux(desk, "suspend-client", "-t", client)
    time.sleep(0.5)
    desk.knows("alpha", "refused")
    desk.knows("beta", "refused")
    desk.judge()


@layout("tmux", "gnome-terminal")
def clients_in_one_gnome_terminal(desk):
    """Clients in two windows of one gnome-terminal, tmux passes titles on."""
    a, b = desk.session("alpha"), desk.session("beta")
    tmux(desk, "new-session", "-d", "-s", "a", a)
    tmux(desk, "set", "-g", "set-titles", "on")
    tmux(desk, "new-session", "-d", "-s", "b", b)
    desk.started("alpha")
    desk.started("beta")
    for number, name in ((1, "a"), (2, "b")):
        [window] = desk.open(number, "gnome-terminal", "--window", "--", "tmux", "-L", "one", "attach", "-t", name)
        desk.moved({"a": "alpha", "b": "beta"}[name], window)
    time.sleep(1)
    desk.judge()


@layout("tmux", "gnome-terminal")
def clients_in_one_gnome_terminal_untitled(desk):
    """The same as tmux comes: it sets no titles."""
    a, b = desk.session("alpha"), desk.session("beta")
    tmux(desk, "new-session", "-d", "-s", "a", a)
    tmux(desk, "new-session", "-d", "-s", "b", b)
    desk.started("alpha")
    desk.started("beta")
    for number, name in ((1, "a"), (2, "b")):
        desk.open(number, "gnome-terminal", "--window", "--", "tmux", "-L", "one", "attach", "-t", name)
    for label in ("alpha", "beta"):
        desk.knows(label, "refused")
    desk.judge()


@layout("tmux", "kitty")
def clients_in_kitty_tabs(desk):
    """Two clients in two tabs of one kitty, titles on."""
    a, b = desk.session("alpha"), desk.session("beta")
    tmux(desk, "new-session", "-d", "-s", "a", a)
    tmux(desk, "set", "-g", "set-titles", "on")
    tmux(desk, "new-session", "-d", "-s", "b", b)
    file = desk.folder / "kitty.session"
    file.write_text("launch tmux -L one attach -t a\nnew_tab\nlaunch tmux -L one attach -t b\n")
    [window] = desk.open(1, "kitty", "--config", "NONE", "--session", file)
    desk.started("alpha", window)
    desk.started("beta", window)
    time.sleep(1)
    desk.knows("beta", *HIDDEN)
    desk.judge()


@layout("tmux", "kitty")
def client_in_hidden_tab_untitled(desk):
    """A client in the tab behind; as tmux comes it sets no titles."""
    a = desk.session("alpha")
    tmux(desk, "new-session", "-d", "-s", "a", a)
    file = desk.folder / "kitty.session"
    file.write_text("launch sleep 86400\nnew_tab\nlaunch tmux -L one attach -t a\n")
    [window] = desk.open(1, "kitty", "--config", "NONE", "--session", file)
    desk.started("alpha", window)
    time.sleep(1)
    desk.knows("alpha", *HIDDEN)
    desk.judge()


@layout("tmux", "kitty")
def client_of_other_session_in_hidden_tab(desk):
    """The only client is in the tab behind and shows another session."""
    a, b = desk.session("alpha"), desk.session("beta")
    tmux(desk, "new-session", "-d", "-s", "a", a)
    tmux(desk, "new-session", "-d", "-s", "b", b)
    file = desk.folder / "kitty.session"
    file.write_text("launch sleep 86400\nnew_tab\nlaunch tmux -L one attach -t a\n")
    [window] = desk.open(1, "kitty", "--config", "NONE", "--session", file)
    desk.started("alpha", window)
    desk.started("beta", window)
    time.sleep(1)
    for label in ("alpha", "beta"):
        desk.knows(label, "refused", *HIDDEN)
    desk.judge("beta", "alpha")


@layout("tmux", "xterm")
def control_mode_client(desk):
    """A control mode client shows nothing."""
    a = desk.session("alpha")
    tmux(desk, "new-session", "-d", "-s", "a", a)
    desk.started("alpha")
    desk.open(1, "xterm", "-e", "sh", "-c", "tail -f /dev/null | tmux -L one -C attach -t a")
    desk.knows("alpha", "refused")
    desk.judge()


@layout("tmux", "xterm")
def no_window_for_the_client(desk):
    """The only client runs in no window: only the pane can be selected."""
    a, b = desk.session("alpha"), desk.session("beta")
    tmux(desk, "new-session", "-d", "-s", "a", a)
    tmux(desk, "new-window", "-t", "a:", b)
    desk.started("alpha")
    desk.started("beta")
    desk.spawn("script", "-q", "-c", "tmux -L one attach -t a", "/dev/null", TERM="xterm")
    wait(lambda: tmux(desk, "list-clients"), "the client")
    for label in ("alpha", "beta"):
        desk.knows(label, "refused")
    desk.judge()


@layout("tmux", "xterm")
def server_started_again(desk):
    """The server ends, and another one listens on the same socket, with the same ids of other panes."""
    a, b, c = (desk.session(it) for it in ("alpha", "beta", "gamma"))
    desk.open(1, *in_terminal("new-session", "-s", "a", a), shows=["alpha"])
    desk.vmuxd()
    desk.judge("alpha")
    tmux(desk, "kill-server")
    wait(lambda: not desk.ipc.windows(), "the end of the terminal")
    desk.sessions["alpha"].pid = 0
    tmux(desk, "new-session", "-d", "-s", "a", b)
    tmux(desk, "new-window", "-t", "a", c)
    for label in ("beta", "gamma"):
        desk.started(label)
    [window] = desk.open(2, *in_terminal("attach", "-t", "a"))
    for label in ("beta", "gamma"):
        desk.moved(label, window)
    desk.vmuxd()
    desk.judge("beta", "gamma", "beta")


def zellij(desk, layout_text, *labels, space=1):
    """zellij with a layout, which is one of panes of these sessions."""
    (desk.folder / "lab.kdl").write_text(layout_text)
    config = desk.folder / "zellij.kdl"
    options = f'layout_dir "{desk.folder}"\ndefault_layout "lab"\npane_frames true\n'
    config.write_text(options + "show_startup_tips false\nshow_release_notes false\n")
    desk.open(space, "xterm", "-e", shutil.which("zellij"), "--config", config, shows=labels)
    time.sleep(2)


@layout("zellij", "xterm", "xdotool")
def zellij_stacked(desk):
    """Panes of zellij that are stacked: only one of them is open."""
    a, b, c = (desk.session(it) for it in ("alpha", "beta", "gamma"))
    panes = "\n".join(f'pane command="{it}"' for it in (a, b, c))
    zellij(desk, f"layout {{\n pane stacked=true {{\n{panes}\n}}\n}}\n", "alpha", "beta", "gamma")
    desk.focus(desk.sessions["alpha"].window)
    desk.key("a")
    desk.judge("alpha", "beta", "gamma", "alpha")
