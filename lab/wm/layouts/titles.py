"""Titles: only those of Claude Code count, and only as long as they are somebody's who runs."""

import os
import signal
import time

from ..world import wait
from . import layout

HIDDEN = ("told", "unsure")
# A session that leaves its terminal, and its title, to the program `after`.
LEAVE = """#!/bin/bash
printf '\\033]2;%s\\007' '{title}'
bash -c 'echo $$ > {told}; exec -a claude {folder}/claude 86400'
exec sleep 86400
"""


def ended(desk, label, title):
    """The script of a session that will be killed; the pid comes with `started`."""
    desk.session(label, name=title.removeprefix("✳ "))
    script = desk.folder / f"{label}.sh"
    script.write_text(LEAVE.format(title=title, told=desk.folder / f"{label}.pid", folder=desk.folder))
    return str(script)


def kill(desk, label):
    """Kills the session. Its title stays, its terminal too."""
    session = desk.sessions.pop(label)
    os.kill(session.pid, signal.SIGKILL)
    desk.ipc.windows()
    wait(lambda: session.pid not in desk.list(), f"the end of {label}")


def killed_before_vmuxd(desk, label):
    """Kills the session before vmuxd starts. Its file stays, as that of Claude Code does."""
    session = desk.sessions.pop(label)
    desk.write_session(session)
    os.kill(session.pid, signal.SIGKILL)


@layout("gnome-terminal", "tmux")
def title_of_vim(desk):
    """An ordinary title that equals the name of a session, in another window of gnome-terminal."""
    a, b = desk.session("alpha", title=None), desk.session("vim", title="Fix alpha", claude=False)
    desk.open(1, "gnome-terminal", "--window", "--", a, shows=["alpha"])
    desk.open(2, "gnome-terminal", "--window", "--", b, shows=["vim"])
    desk.knows("alpha", "refused")
    desk.judge("alpha")


@layout("gnome-terminal")
def title_left_and_resumed(desk):
    """A killed session leaves its title; its conversation goes on in a window that has no title of Claude's."""
    a = ended(desk, "old", "✳ Fix it")
    b = desk.session("alpha", title=None, name="Fix it")
    desk.open(1, "gnome-terminal", "--window", "--", a, shows=["old"])
    desk.vmuxd()
    kill(desk, "old")
    desk.open(2, "gnome-terminal", "--window", "--", b, shows=["alpha"])
    desk.vmuxd()
    desk.knows("alpha", "refused")
    desk.judge("alpha")


@layout("gnome-terminal")
def title_left_and_resumed_with_title(desk):
    """The same, but the conversation sets its title where it goes on: two windows have it."""
    a = ended(desk, "old", "✳ Fix it")
    b = desk.session("alpha", name="Fix it")
    desk.open(1, "gnome-terminal", "--window", "--", a, shows=["old"])
    desk.vmuxd()
    kill(desk, "old")
    desk.open(2, "gnome-terminal", "--window", "--", b, shows=["alpha"])
    desk.vmuxd()
    desk.knows("alpha", "refused")
    desk.judge("alpha")


@layout("gnome-terminal")
def title_left_before_vmuxd(desk):
    """Killed before vmuxd started; its conversation goes on under a Claude Code that sets no titles. Its file
    stays."""
    a = ended(desk, "old", "✳ Fix it")
    b, c = desk.session("alpha", title=None, name="Fix it"), desk.session("beta", name=None)
    desk.open(1, "gnome-terminal", "--window", "--", a, shows=["old"])
    desk.open(2, "gnome-terminal", "--window", "--", b, shows=["alpha"])
    desk.open(3, "gnome-terminal", "--window", "--", c, shows=["beta"])
    killed_before_vmuxd(desk, "old")
    desk.knows("alpha", "refused")
    desk.knows("beta", "refused")
    desk.judge()


@layout("kitty")
def title_left_in_a_tab(desk):
    """The killed session's tab is in front, the conversation goes on in the tab behind."""
    a = ended(desk, "old", "✳ Fix it")
    b = desk.session("alpha", title=None, name="Fix it")
    file = desk.folder / "kitty.session"
    file.write_text(f"launch {a}\nnew_tab\nlaunch {b}\n")
    desk.open(1, "kitty", "--config", "NONE", "--session", file, shows=["old", "alpha"])
    desk.vmuxd()
    kill(desk, "old")
    desk.knows("alpha", *HIDDEN)
    desk.judge("alpha")


@layout("xfce4-terminal", "xdotool")
def title_left_in_a_tab_that_comes_to_the_front(desk):
    """The same; the old tab comes to the front, so that its title seems to be new."""
    a = ended(desk, "old", "✳ Fix it")
    b = desk.session("alpha", title=None, name="Fix it")
    [window] = desk.open(1, "xfce4-terminal", "-e", a, "--tab", "-e", b, shows=["old", "alpha"])
    desk.vmuxd()
    kill(desk, "old")

    def flip():
        desk.focus(window)
        while "✳" in desk.ipc.titles()[window]:
            desk.key("ctrl+Page_Down")
        while "✳" not in desk.ipc.titles()[window]:
            desk.key("ctrl+Page_Down")
    desk.knows("alpha", *HIDDEN)
    desk.judge("alpha", before=flip)


@layout("xfce4-terminal", "xdotool")
def resumed_in_its_own_tab(desk):
    """Killed, and resumed in the same tab, in front of another one: that is in view."""
    a, b = desk.session("alpha", name="Fix it"), desk.session("beta")
    resume = desk.folder / "resume.sh"
    resume.write_text(f"#!/bin/bash\n{a}\n{a}\nsleep 86400\n")
    resume.chmod(0o755)
    desk.open(1, "xfce4-terminal", "-e", b, "--tab", "-e", resume, shows=["beta", "alpha"])
    desk.vmuxd()
    old = desk.sessions["alpha"].pid
    (desk.folder / "alpha.pid").unlink()
    os.kill(old, signal.SIGKILL)
    desk.started("alpha", desk.sessions["alpha"].window)
    desk.vmuxd()
    wait(lambda: old not in desk.list(), "the end of the old one")
    desk.knows("beta", *HIDDEN)
    desk.knows("alpha", *HIDDEN)
    desk.judge()
    desk.judge(before=lambda: _flip(desk, "Fix it"))
    desk.judge(before=lambda: _flip(desk, "Fix beta"))


def _flip(desk, name):
    window = desk.sessions["beta"].window
    desk.focus(window)
    while name not in desk.ipc.titles()[window]:
        desk.key("ctrl+Page_Down")


@layout("lxterminal")
def titles_of_two_sessions_swapped(desk):
    """Each window shows the other one's name as an ordinary title before its own one."""
    a = desk.session("alpha", title="✳ Fix alpha")
    b = desk.session("beta", title="Fix alpha ✳ Fix beta")
    desk.open(1, "lxterminal", "-e", a, shows=["alpha"])
    desk.open(2, "lxterminal", "-e", b, shows=["beta"])
    desk.judge()


@layout("gnome-terminal")
def title_within_a_title(desk):
    """One name begins with the other."""
    a, b = desk.session("alpha", name="Fix"), desk.session("beta", name="Fix - all")
    desk.open(1, "gnome-terminal", "--window", "--", b, shows=["beta"])
    desk.open(2, "gnome-terminal", "--window", "--", a, shows=["alpha"])
    desk.knows("alpha", "refused")
    desk.judge()


@layout("foot", "tmux", manager="sway")
def footclient_with_tmux_titles(desk):
    """footclients of one server; tmux calls its window #S, and the session's name equals that of a Claude session."""
    a = desk.session("alpha", title=None, name="work")
    (desk.folder / "tmux.conf").write_text("set -g set-titles on\nset -g set-titles-string '#S'\n")
    desk.spawn("foot", "--server")
    time.sleep(1.5)
    desk.open(1, "footclient", a, shows=["alpha"])
    desk.open(2, "footclient", "tmux", "-L", "x", "-f", desk.folder / "tmux.conf", "new-session", "-s", "work", "sleep 86400")
    desk.knows("alpha", "refused")
    desk.judge("alpha")


@layout("foot", "tmux", manager="sway")
def footclient_with_tmux_inside(desk):
    """The other way round: Claude sessions in tmux in footclients, with titles that tmux passes on."""
    a, b = desk.session("alpha"), desk.session("beta")
    (desk.folder / "tmux.conf").write_text("set -g set-titles on\nset -g set-titles-string '#T'\n")
    desk.spawn("foot", "--server")
    time.sleep(1.5)
    for number, (label, script) in enumerate((("alpha", a), ("beta", b)), 1):
        desk.open(number, "footclient", "tmux", "-L", "x", "-f", desk.folder / "tmux.conf", "new-session", "-s", label, script,
                  shows=[label])
    desk.judge()
