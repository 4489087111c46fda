"""Names of sessions that titles carry badly: markup, spaces, other scripts, long ones, cut ones."""

import time

from .. import layout
from ..manager.keys import go_round, there_and_back
from ..multiplexers import in_terminal, tmux

ODD = ["Fix <b>&amp;</b> %s %d", "Fix  two  spaces ", "إصلاح البناء", "Fix " + "long " * 60 + "end", "e\u0301te\u0301 \u200d👩‍👩‍👧 x"]
LABELS = ["alpha", "beta", "gamma", "delta", "epsilon"]


def odd_names(desk, *terminal):
    for space, (label, name) in enumerate(zip(LABELS, ODD), 1):
        desk.open(space, *terminal, desk.session(label, name=name), shows=[label])
    there_and_back(desk, *LABELS)
    go_round(desk, *LABELS)


@layout("gnome-terminal")
def odd_names_in_gnome_terminal(desk):
    """Five windows of one gnome-terminal."""
    odd_names(desk, "gnome-terminal", "--window", "--")


@layout("tilix")
def odd_names_in_tilix(desk):
    """Five windows of one tilix."""
    odd_names(desk, "tilix", "-e")


@layout("foot", manager="sway")
def odd_names_in_footclients(desk):
    """Five windows of one foot --server."""
    desk.spawn("foot", "--server")
    time.sleep(1.5)
    odd_names(desk, "footclient")


@layout("gnome-terminal", "tmux")
def odd_names_below_tmux(desk):
    """Five clients in windows of one gnome-terminal, whose titles tmux makes of a format."""
    (desk.folder / "tmux.conf").write_text("set -g set-titles on\nset -g set-titles-string '#S [#W] #T — #h'\nset -g status off\n")
    for space, (label, name) in enumerate(zip(LABELS, ODD), 1):
        words = ("tmux", "-L", "one", "-f", desk.folder / "tmux.conf", "new-session", "-s", f"#{{x}} {label}")
        desk.open(space, "gnome-terminal", "--window", "--", *words, desk.session(label, name=name), shows=[label])
    time.sleep(1)
    there_and_back(desk, *LABELS)
    go_round(desk, *LABELS)


@layout("gnome-terminal", "tmux")
def titles_cut_by_tmux(desk):
    """tmux cuts titles, so that one session's window has the whole name of another, which sets none."""
    (desk.folder / "tmux.conf").write_text("set -g set-titles on\nset -g set-titles-string '#{=5:pane_title}'\n")
    words = ("tmux", "-L", "one", "-f", desk.folder / "tmux.conf", "new-session")
    a = desk.session("alpha", name="Fix", title=None)
    b, c = desk.session("beta", name="Fix all of it"), desk.session("gamma", name="Try it")
    desk.open(1, "gnome-terminal", "--window", "--", a, shows=["alpha"])
    desk.open(2, "gnome-terminal", "--window", "--", *words, b, shows=["beta"])
    desk.open(3, "gnome-terminal", "--window", "--", c, shows=["gamma"])
    time.sleep(1)
    desk.knows("alpha", "refused")
    desk.knows("beta", "refused")
    there_and_back(desk, "alpha", "beta", "gamma")


@layout("xterm", "tmux")
def odd_names_of_tmux(desk):
    """Sessions and windows of tmux with formats, quotes and other scripts in their names; renamed in between."""
    names = ["#{pane_id} #(true)", "a b;c", "日本 ☃", "$1", "=x", "-d"]
    scripts = {it: desk.session(it) for it in LABELS[:3]}
    windows = []
    for space, label in enumerate(scripts, 1):
        windows += desk.open(space, *in_terminal("new-session", scripts[label]), shows=[label])
    desk.vmuxd()
    ids = tmux(desk, "list-sessions", "-F", "#{session_id}").splitlines()
    for turn in range(2):
        for at, session in enumerate(ids):
            desk.run("tmux", "-L", "one", "rename-session", "-t", session, "--", names[at + 3 * turn])
            desk.run("tmux", "-L", "one", "rename-window", "-t", f"{session}:", "--", names[-1 - at])
        there_and_back(desk, *scripts)
    tmux(desk, "detach-client", "-s", ids[0])
    desk.moved("alpha", windows[2])
    desk.knows("alpha")
    desk.key("space")
    desk.judge("gamma")
    desk.judge("alpha", "gamma", start=lambda: desk.focus(windows[2]))
