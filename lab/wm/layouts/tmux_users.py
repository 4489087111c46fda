"""What users of tmux do: clients with panes of their own, windows larger than a terminal, equal names,
sessions that go from one terminal to another."""

import os
import signal
import time
from pathlib import Path

from ..world import wait
from . import layout
from .manager.keys import go_round, there_and_back
from .multiplexers import HIDDEN, in_terminal, tmux


@layout("tmux", "xterm", "xdotool")
def client_with_a_pane_of_its_own(desk):
    """attach -f active-pane: what is typed goes to the pane of the client, not to that of the window."""
    a, b = desk.session("alpha"), desk.session("beta")
    [window] = desk.open(1, *in_terminal("new-session", "-s", "a", a), shows=["alpha"])
    tmux(desk, "split-window", "-h", "-t", "a:", b)
    desk.started("beta", window)
    tmux(desk, "set", "-g", "destroy-unattached", "off")
    tty = tmux(desk, "list-clients", "-F", "#{client_tty}")
    tmux(desk, "detach-client", "-t", tty)
    [window] = desk.open(2, *in_terminal("attach", "-f", "active-pane", "-t", "a"))
    for label in ("alpha", "beta"):
        desk.moved(label, window)
    desk.vmuxd()
    for label in ("alpha", "beta", "alpha"):
        keys_reach(desk, label)


def keys_reach(desk, label):
    """Goes to a session and types; right is that it gets the keys, or that vmux says it does not know."""
    desk.go("home")
    session = desk.sessions[label]
    done = desk.run(desk.binary("vmux"), "switch", str(session.pid), "--no-start")
    time.sleep(0.3)
    # With a marker typed into the terminal, the pane that shows it had the keys.
    mark = f"zq{len(desk.rows)}k"
    desk.run("xdotool", "type", mark)
    time.sleep(0.7)
    panes = tmux(desk, "list-panes", "-a", "-F", "#{pane_id} #{pane_pid}").splitlines()
    shown = {pid: mark in tmux(desk, "capture-pane", "-p", "-t", pane) for pane, pid in (it.split() for it in panes)}
    parent = Path(f"/proc/{session.pid}/stat").read_text().rsplit(") ", 1)[1].split()[1]
    reached = shown.get(str(session.pid)) or shown.get(parent, False)
    good = reached if done.returncode == 0 else done.returncode == 5
    verdict = "right" if reached and not done.returncode else "told" if done.returncode == 5 else "WRONG keys"
    desk.rows.append({"label": f"{label} keys", "verdict": verdict, "good": good, "exit": done.returncode, "how": f"{shown}",
                      "said": " ".join((done.stdout + done.stderr).split())})


@layout("tmux", "xterm", "xdotool")
def keys_reach_the_pane(desk):
    """Two panes, and two clients of one group: what is typed after a switch reaches the session."""
    a, b = desk.session("alpha"), desk.session("beta")
    [window] = desk.open(1, *in_terminal("new-session", "-s", "a", a), shows=["alpha"])
    tmux(desk, "split-window", "-h", "-t", "a:", b)
    desk.started("beta", window)
    desk.open(2, *in_terminal("new-session", "-s", "b", "-t", "a"))
    desk.vmuxd()
    for label in ("alpha", "beta", "alpha"):
        keys_reach(desk, label)


@layout("tmux", "xterm")
def window_larger_than_its_terminal(desk):
    """window-size manual: the terminal shows a part of the window, and the pane is in another part."""
    a, b = desk.session("alpha"), desk.session("beta")
    [window] = desk.open(1, *in_terminal("new-session", "-s", "a", "-x", "300", "-y", "120", a), shows=["alpha"])
    tmux(desk, "set", "-g", "window-size", "manual")
    tmux(desk, "resize-window", "-t", "a:0", "-x", "400", "-y", "120")
    tmux(desk, "split-window", "-h", "-t", "a:0", b)
    desk.started("beta", window)
    time.sleep(0.5)
    for label in ("alpha", "beta"):
        desk.knows(label, *HIDDEN)
    there_and_back(desk, "alpha", "beta", "alpha")


@layout("tmux", "xterm")
def attached_elsewhere(desk):
    """The terminal is closed, and the session attached in another one, which gets the old window's X id; then twice."""
    a, b = desk.session("alpha"), desk.session("beta")
    desk.open(1, *in_terminal("new-session", "-s", "a", a), shows=["alpha"])
    xterm = desk.last.pid
    desk.open(2, "xterm", "-e", b, shows=["beta"])
    desk.vmuxd()
    there_and_back(desk, "alpha")
    os.kill(xterm, signal.SIGKILL)
    wait(lambda: desk.sessions["alpha"].window not in desk.ipc.windows(), "the end of the window")
    desk.moved("alpha", None)
    desk.knows("alpha", "refused")
    desk.judge("alpha")
    desk.open(1, "xterm")
    desk.judge("alpha")
    [again] = desk.open(3, *in_terminal("attach", "-t", "a"))
    wait(lambda: tmux(desk, "list-clients"), "the client")
    time.sleep(6)
    desk.moved("alpha", again)
    desk.knows("alpha")
    there_and_back(desk, "alpha", "beta")
    go_round(desk, "alpha", "beta")
    # attach -d throws the other client out.
    [last] = desk.open(4, *in_terminal("attach", "-d", "-t", "a"))
    wait(lambda: again not in desk.ipc.windows(), "the end of the client")
    time.sleep(6)
    desk.moved("alpha", last)
    there_and_back(desk, "alpha")


@layout("tmux", "xterm")
def equal_names_nested(desk):
    """Two servers in two folders with sessions called `main`, one in a pane of the other; pane ids are equal."""
    a, b, c = (desk.session(it) for it in ("alpha", "beta", "gamma"))
    other = desk.folder / "run/other"
    other.mkdir(mode=0o700)
    [window] = desk.open(1, *in_terminal("new-session", "-s", "main", a), shows=["alpha"])
    inner = f"env -u TMUX TMUX_TMPDIR={other} tmux -L one -f /dev/null"
    tmux(desk, "new-window", "-d", "-t", "main:", f"{inner} new-session -s main {b}")
    desk.started("beta", window)
    desk.run("env", "-u", "TMUX", f"TMUX_TMPDIR={other}", "tmux", "-L", "one", "new-window", "-d", "-t", "main:", c, check=True)
    desk.started("gamma", window)
    there_and_back(desk, "alpha", "gamma", "beta", "gamma")
    desk.go(1)
    tmux(desk, "rename-session", "-t", "main", "other")
    there_and_back(desk, "alpha", "beta")


@layout("tmux", "xterm")
def group_with_a_detached_member(desk):
    """Three sessions of one group: one detached, one read-only, one of another window; and a linked window twice."""
    a, b, c = (desk.session(it) for it in ("alpha", "beta", "gamma"))
    tmux(desk, "new-session", "-d", "-s", "a", a)
    desk.started("alpha")
    tmux(desk, "new-window", "-d", "-t", "a:", b)
    desk.started("beta")
    [first] = desk.open(1, *in_terminal("new-session", "-s", "b", "-t", "a"))
    desk.open(2, *in_terminal("new-session", "-s", "c", "-t", "a"))
    tty = tmux(desk, "list-clients", "-t", "c", "-F", "#{client_tty}")
    tmux(desk, "detach-client", "-t", tty)
    desk.open(2, *in_terminal("attach", "-r", "-t", "c"))
    tmux(desk, "select-window", "-t", "b:1")
    tmux(desk, "link-window", "-d", "-s", "a:0", "-t", "a:7")
    desk.open(3, "xterm", "-e", c, shows=["gamma"])
    for label in ("alpha", "beta"):
        desk.moved(label, first)
    there_and_back(desk, "alpha", "beta", "gamma", "alpha")
    tmux(desk, "kill-session", "-t", "a")
    there_and_back(desk, "beta", "alpha")


@layout("tmux", "xterm")
def client_that_goes_on(desk):
    """detach-on-destroy off: a session ends, and its client goes on to another one."""
    a, b, c = (desk.session(it) for it in ("alpha", "beta", "gamma"))
    [first] = desk.open(1, *in_terminal("new-session", "-s", "a", a), shows=["alpha"])
    tmux(desk, "set", "-g", "detach-on-destroy", "off")
    tmux(desk, "new-session", "-d", "-s", "b", b)
    desk.started("beta", first)
    desk.open(2, "xterm", "-e", c, shows=["gamma"])
    desk.vmuxd()
    os.kill(desk.sessions.pop("alpha").pid, signal.SIGKILL)
    wait(lambda: tmux(desk, "list-clients", "-F", "#{client_session}") == "b", "the other session")
    there_and_back(desk, "beta", "gamma")
    go_round(desk, "beta", "gamma")


@layout("tmux", "xterm", "alacritty")
def pane_that_is_dead_or_respawned(desk):
    """remain-on-exit: the pane of an ended session is respawned with another one; swapped, marked and moved panes."""
    a, b, c = (desk.session(it) for it in ("alpha", "beta", "gamma"))
    [first] = desk.open(1, *in_terminal("new-session", "-s", "a", "sleep", "86400"))
    wait(lambda: not desk.run("tmux", "-L", "one", "set", "-g", "remain-on-exit", "on").returncode, "tmux")
    pane = tmux(desk, "new-window", "-d", "-P", "-F", "#{pane_id}", "-t", "a:", a)
    desk.started("alpha", first)
    desk.vmuxd()
    os.kill(desk.sessions.pop("alpha").pid, signal.SIGKILL)
    wait(lambda: tmux(desk, "display", "-p", "-t", pane, "#{pane_dead}") == "1", "the end of the pane")
    tmux(desk, "respawn-pane", "-t", pane, b)
    desk.started("beta", first)
    desk.vmuxd()
    there_and_back(desk, "beta")
    [second] = desk.open(2, *in_terminal("new-session", "-s", "c", c, terminal=("alacritty", "-e")), shows=["gamma"])
    desk.vmuxd()
    tmux(desk, "swap-pane", "-d", "-s", pane, "-t", "c:0.0")
    desk.moved("beta", second)
    desk.moved("gamma", first)
    # tmux tells nobody; the list sees it with the next scan.
    time.sleep(6)
    there_and_back(desk, "beta", "gamma")
    go_round(desk, "beta", "gamma")


@layout("tmux", "xterm")
def prompt_of_tmux_in_front(desk):
    """A menu of tmux over the pane takes the keys; no program runs in it."""
    a = desk.session("alpha")
    desk.open(1, *in_terminal("new-session", "-s", "a", a), shows=["alpha"])
    tty = tmux(desk, "list-clients", "-F", "#{client_tty}")
    desk.spawn("tmux", "-L", "one", "command-prompt", "-t", tty, "-p", "name", "rename-window '%%'")
    time.sleep(0.5)
    there_and_back(desk, "alpha")


@layout("tmux", "xterm")
def small_client_of_a_large_window(desk):
    """Two clients of one session, of which the smaller one shows a part of the window; it was used last. The larger one shows all."""
    a, b = desk.session("alpha"), desk.session("beta")
    [first] = desk.open(1, *in_terminal("new-session", "-s", "a", a), shows=["alpha"])
    tmux(desk, "set", "-g", "window-size", "largest")
    tmux(desk, "split-window", "-h", "-t", "a:", b)
    desk.started("beta", first)
    [small] = desk.open(2, *in_terminal("attach", "-t", "a"))
    desk.ipc.run(f"[con_id={small}] floating enable, resize set 400 300")
    desk.focus(small)
    desk.key("x")
    for label in ("alpha", "beta"):
        desk.moved(label, None)
    desk.vmuxd()
    for label in ("alpha", "beta", "alpha"):
        desk.go("home")
        done = desk.run(desk.binary("vmux"), "switch", str(desk.sessions[label].pid), "--no-start")
        time.sleep(0.5)
        where = next(iter(desk.ipc.focused()), None)
        seen = desk.in_view(desk.sessions[label].hue, where)
        good = seen and done.returncode == 0
        desk.rows.append({"label": label, "verdict": "right" if good else "told" if done.returncode == 5 else "WRONG, done",
                          "good": good, "exit": done.returncode, "how": "small" if where == small else "large",
                          "said": " ".join((done.stdout + done.stderr).split())})
