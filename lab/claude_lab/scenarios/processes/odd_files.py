"""Session files that are missing, half-written or of others, and starts on a machine that is short of time."""

import json
import os
import signal
import threading
import time

from ...api.answers import answer
from ...pod import proc
from ...pod.truth import GONE, IDLE, PERMISSION, UNTOLD, WORKING
from .. import scenario
from ..common import LONG, bash, declines, scripts, see, turn
from .starts import row


def file_of(lab, session):
    return lab.config / f"sessions/{session.pid}.json"


@scenario("file-half-written", since="2.1.119")
def file_half_written(lab):
    """Half of a session file is on the disk for a while, then nothing of it: the state stays."""
    lab.boot(scripts(lab, "one", "ask"))
    session = lab.start()
    turn(lab, session, "one", "First answer")
    session.submit("go", "ask")
    session.shows(PERMISSION)
    time.sleep(1)
    path = file_of(lab, session)
    whole = path.read_text()
    for label, words in (("half", whole[:len(whole) // 2]), ("empty", ""), ("other", '["no object"]'), ("longer", whole + whole[-20:])):
        path.write_text(words)
        time.sleep(1.5)
        lab.look(label, A=PERMISSION)
    path.write_text(whole)
    time.sleep(0.5)
    lab.look("whole", A=PERMISSION)
    declines(lab, session)


@scenario("file-removed", since="2.1.75")
def file_removed(lab):
    """Somebody removes the session files, of one that asks, one that works and one that is free."""
    lab.boot(scripts(lab, "one", "ask", "long"))
    for name in "AWF":
        turn(lab, lab.start(name), "one", "First answer")
    lab.sessions["A"].submit("go", "ask")
    lab.sessions["A"].shows(PERMISSION)
    lab.sessions["W"].submit("go", "long")
    lab.sessions["W"].sees("until-file")
    time.sleep(1)
    lab.shell("rm -f ~/.claude/sessions/*.json")
    time.sleep(0.3)
    lab.look("removed", A=PERMISSION, W=WORKING, F=IDLE)
    time.sleep(4)
    lab.look("later", A=PERMISSION, W=WORKING, F=IDLE)
    lab.sessions["A"].decline()
    lab.sessions["A"].shows(IDLE)
    lab.end_command("go")
    lab.sessions["W"].shows(IDLE)
    time.sleep(1)
    lab.look("free", A=IDLE, W=IDLE, F=IDLE)


@scenario("file-of-another", since="2.1.119")
def file_of_another(lab):
    """A file of a session that asks, of another start, is laid over that of a free one (a pid that came again)."""
    lab.boot(scripts(lab, "one", "ask"))
    session, other = lab.start(), lab.start("B")
    turn(lab, session, "one", "First answer")
    other.submit("go", "ask")
    other.shows(PERMISSION)
    time.sleep(1)
    mine, asks = file_of(lab, session), json.loads(file_of(lab, other).read_text())
    whole = mine.read_text()
    mine.write_text(json.dumps(asks | {"pid": session.pid}))
    time.sleep(2)
    lab.look("laid-over", A=IDLE, B=PERMISSION)
    mine.write_text(whole)
    time.sleep(1)
    lab.look("own-again", A=IDLE, B=PERMISSION)


@scenario("file-namespaces", since="2.1.119")
def file_namespaces(lab):
    """Two sessions in PID namespaces of their own, which share the folder of session files, and one outside."""
    lab.boot(scripts(lab, "one", "ask", "long"))
    inside = "unshare --user --map-current-user --pid --fork --mount-proc claude"
    outside = lab.start("O")
    first = lab.pane("A")
    first.line(inside)
    first.find()
    if not first.pid or first.shown() == "nothing" and "unshare:" in first.screen():
        lab.note("no namespaces: " + first.last_lines())
        return
    first.pid = deepest(first)
    first.ready()
    lab.look("one-inside", O=IDLE, A=IDLE)
    first.submit("go", "ask")
    first.shows(PERMISSION)
    time.sleep(1)
    second = lab.pane("B")
    second.line(inside)
    second.find()
    second.pid = deepest(second)
    second.ready()
    time.sleep(1)
    lab.look("one-asks", O=IDLE, A=PERMISSION, B=IDLE)
    outside.submit("go", "long")
    outside.sees("until-file")
    time.sleep(1)
    lab.look("outside-works", O=WORKING, A=PERMISSION, B=IDLE)
    first.decline()
    first.shows(IDLE)
    time.sleep(1)
    lab.look("declined", O=WORKING, A=IDLE, B=IDLE)


def deepest(session):
    """The CLI itself, below `unshare`."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        for pid in reversed(proc.descendants(session.lab.tmux.pid(session.pane))):
            if proc.is_claude(pid) and "unshare" not in (proc.arguments(pid) or [""])[0]:
                return pid
        time.sleep(0.05)
    return session.pid


@scenario("start-crowd")
def start_crowd(lab):
    """Six sessions of a trusted folder start at once on a machine that is short of time: none of them asks."""
    lab.boot(scripts(lab, "one"))
    for name in "ABCDEF":
        lab.pane(name)
    for session in lab.sessions.values():
        session.line("claude")
    for session in lab.sessions.values():
        session.find()
    for session in lab.sessions.values():
        session.ready(120)
    time.sleep(1)
    lab.look("all-free", **{name: IDLE for name in lab.sessions})
    for session in lab.sessions.values():
        os.kill(session.pid, signal.SIGTERM)
    for session in lab.sessions.values():
        session.headless = True
        session.gone(60)
    time.sleep(0.3)
    lab.look("all-gone", **{name: GONE for name in lab.sessions})


class Nap(threading.Thread):
    """Stops a process for a second and a half, every two seconds."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.on = pid, True
        self.start()

    def run(self):
        while self.on:
            os.kill(self.pid, signal.SIGSTOP)
            time.sleep(1.5)
            os.kill(self.pid, signal.SIGCONT)
            time.sleep(0.5)

    def over(self):
        self.on = False
        self.join()


@scenario("start-napping")
def start_napping(lab):
    """A start that stands still for a second and a half, again and again; then it works that way."""
    lab.boot(scripts(lab, "long"))
    session = lab.pane(command=["sh", "-c", "claude; sleep 1000"])
    nap = Nap(session.find())
    time.sleep(9)
    lab.look("starts", A=UNTOLD)
    said = row(lab, session).get("state")
    lab.check("nothing asks", said != "needs_input", said)
    nap.over()
    session.ready()
    lab.look("free", A=IDLE)
    session.submit("go", "long")
    session.sees("until-file")
    time.sleep(1)
    nap = Nap(session.pid)
    for number in range(3):
        time.sleep(2.1)
        said = row(lab, session).get("state")
        lab.check(f"it works on, {number}", said in (WORKING, "unknown"), said)
    nap.over()
    time.sleep(1)
    lab.look("works", A=WORKING)
    lab.end_command("go")
    session.sees("Long is over")
    session.headless = True  # Old versions have drawn over themselves while they had no time.
    time.sleep(3)
    lab.look("over", A=IDLE)


@scenario("start-left-screen")
def start_left_screen(lab):
    """A dialog that was printed by another program is on the screen of a session that starts, and of one that prints."""
    lab.boot({"long": [answer(bash(LONG)), answer("Long is over.")]})
    words = " Bash command\n\n   rm -rf build\n   Run it\n\n Do you want to proceed?\n ❯ 1. Yes\n   2. No\n\n Esc to cancel\n"
    lab.write(lab.home / "kept", "─" * 80 + "\n" + words)
    session = lab.pane()
    session.line("clear; tput civis; stty -echo; cat ~/kept; claude -p 'go (script long)'")
    session.headless = True
    session.find()
    for number in range(4):
        time.sleep(2)
        said = row(lab, session).get("state")
        lab.check(f"the one that prints does not ask, {number}", said != "needs_input", row(lab, session).get("reason"))
    lab.end_command("go")
    session.gone(40)
    first = session.pid
    session.line("clear; tput civis; cat ~/kept; claude")
    session.find(apart_from=[first])
    # Old versions draw below what is there, which the reader of screens takes for theirs.
    session.sees(r"Claude Code(.*\n)+.*[>❯]", 60)
    time.sleep(4)
    lab.look("free", A=IDLE)


@scenario("file-late", since="2.1.119")
def file_late(lab):
    """The folder of session files cannot be written for a while: what it asks meanwhile is told all the same."""
    lab.boot(scripts(lab, "one", "ask"))
    lab.shell("mkdir -p ~/.claude/sessions && chmod 500 ~/.claude/sessions")
    session = lab.start(ready=False)
    session.shows(f"{IDLE}|menu", 60, for_seconds=2)
    see(lab, "begun")
    turn(lab, session, "one", "First answer")
    time.sleep(1)
    see(lab, "answered")
    session.submit("go", "ask")
    session.shows(PERMISSION)
    time.sleep(1.5)
    lab.look("asks", A=PERMISSION)
    lab.shell("chmod 700 ~/.claude/sessions")
    session.decline()
    session.shows(IDLE)
    time.sleep(1)
    lab.look("declined", A=IDLE)
