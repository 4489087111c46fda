"""Sessions in the background, and terminals that are attached to them."""

import re
import time

from ...pod.truth import GONE, IDLE, MENU, PERMISSION, QUESTION, WORKING
from .. import scenario
from ..asking.agents import plays
from ..common import scripts


def begin(lab, script, name="W", arguments=""):
    """A session in the background that plays a script; returns the id that it has for `claude attach`."""
    said = lab.shell(f"claude --bg {arguments} 'begin (script {script})'")
    lab.note("begin: " + said[:200])
    adopt(lab, name, script)
    # The id stands in the name of its folder.
    found = re.search(r"\b([0-9a-f]{8})\b", re.sub(r"\x1b\[[\d;]*m", "", said))
    return found.group(1) if found else ""


def adopt(lab, name, script, apart_from=()):
    """Waits until the session is listed; its terminal stays if it has one."""
    deadline, found = time.monotonic() + 40, []
    while not found and time.monotonic() < deadline:
        time.sleep(0.2)
        found = [pid for pid, row in lab.vmux.rows().items() if pid not in apart_from and plays(row, script)]
    if name in lab.sessions:
        lab.sessions[name].pid = found[0] if found else 0
    else:
        lab.adopt(name, found[0] if found else 0)
    return lab.sessions[name]


def attach(lab, session, pane_name, identity):
    """A terminal that is attached: what it shows is the session's screen."""
    viewer = lab.pane(pane_name)
    del lab.sessions[pane_name]
    viewer.line(f"claude attach {identity}")
    viewer.sees(r"script|❯|>", 30)
    time.sleep(2.5)
    session.pane, session.headless = viewer.pane, False
    return viewer


def allow(lab, session):
    """The command that asks is allowed in the terminal that is attached, and runs until it is over."""
    session.press("1")
    session.shows(WORKING, for_seconds=1)
    lab.look("allowed", W=WORKING)
    lab.end_command("go")
    session.sees("Asked")
    session.shows(IDLE, for_seconds=1)
    lab.look("over", W=IDLE)


def leave(session):
    session.pane, session.headless = None, True


@scenario("bg-attach", since="2.1.300")
def bg_attach(lab):
    """A permission in the background; attached, answered there, asked again, detached meanwhile, attached twice."""
    lab.boot(scripts(lab, "ask", "one", "question"))
    identity = begin(lab, "ask")
    session = lab.sessions["W"]
    time.sleep(4)
    lab.look("detached", W=PERMISSION)
    viewer = attach(lab, session, "V", identity)
    session.shows(PERMISSION)
    lab.look("attached", W=PERMISSION)
    allow(lab, session)
    (lab.home / ".go").unlink()
    session.submit("go", "ask")
    session.shows(PERMISSION)
    time.sleep(1)
    lab.look("asks-attached", W=PERMISSION)
    other = attach(lab, session, "U", identity)
    lab.note("twice: " + other.last_lines())
    lab.look("twice", W=PERMISSION)
    lab.tmux.run("kill-pane", "-t", viewer.pane)
    time.sleep(1.5)
    lab.look("first-closed", W=PERMISSION)
    lab.tmux.run("kill-pane", "-t", other.pane)
    leave(session)
    time.sleep(2)
    lab.look("both-closed", W=PERMISSION)
    lab.note("logs: " + lab.shell(f"claude logs {identity}")[-300:])
    lab.look("logs", W=PERMISSION)
    attach(lab, session, "X", identity)
    session.shows(PERMISSION)
    session.press("Escape")
    session.shows(IDLE, for_seconds=1)
    lab.look("refused", W=IDLE)
    session.submit("go", "question")
    session.shows(QUESTION)
    time.sleep(1)
    lab.look("question", W=QUESTION)
    session.press("Escape")
    session.shows(IDLE, for_seconds=1)
    session.submit("/model")
    session.shows("menu", for_seconds=1)
    lab.look("menu", W=MENU)
    session.press("Escape")
    session.shows(IDLE, for_seconds=1)
    lab.look("end", W=IDLE)


@scenario("bg-detach-keys", since="2.1.300")
def bg_detach_keys(lab):
    """Detached by keys while a permission is open, and while it works; the attached terminal is suspended."""
    lab.boot(scripts(lab, "ask", "long"))
    identity = begin(lab, "ask")
    session = lab.sessions["W"]
    viewer = attach(lab, session, "V", identity)
    session.shows(PERMISSION)
    for keys in (["C-z"], ["C-c", "C-c"], ["C-d", "C-d"]):
        session.press(*keys)
        time.sleep(2.5)
        lab.note(f"{keys}: " + viewer.last_lines()[-300:])
        if "bash-" in viewer.screen()[-200:]:
            break
    if session.shown() == PERMISSION:
        lab.look("still-attached", W=PERMISSION)
    rows = lab.vmux.rows()
    lab.note(f"listed: {[(it, row.get('state'), row.get('reason')) for it, row in rows.items()]}")


@scenario("bg-stopped", since="2.1.300")
def bg_stopped(lab):
    """Stopped while it asks, attached again, respawned while it is free, removed."""
    lab.boot(scripts(lab, "ask", "one"))
    identity = begin(lab, "ask")
    session = lab.sessions["W"]
    time.sleep(4)
    lab.look("asks", W=PERMISSION)
    first = session.pid
    lab.note("stop: " + lab.shell(f"claude stop {identity}"))
    time.sleep(2)
    lab.look("stopped", W=GONE)
    viewer = attach(lab, session, "V", identity)
    leave(session)
    adopt(lab, "W", "ask", [first])
    session.pane, session.headless = viewer.pane, False
    time.sleep(2)
    lab.note("attached: " + session.last_lines())
    session.shows(IDLE, for_seconds=1)
    lab.look("again", W=IDLE)
    session.submit("go", "one")
    session.sees("First answer")
    session.shows(IDLE, for_seconds=1)
    lab.look("turn", W=IDLE)
    second = session.pid
    lab.note("respawn: " + lab.shell(f"claude respawn {identity}"))
    time.sleep(5)
    leave(session)
    adopt(lab, "W", "ask", [second] if not lab.vmux.rows().get(second) else [])
    time.sleep(2)
    lab.look("respawned", W=IDLE)
    lab.note("rm: " + lab.shell(f"claude stop {identity}; claude rm {identity}"))
    time.sleep(2)
    lab.look("removed", W=GONE)


@scenario("bg-resumed", since="2.1.300")
def bg_resumed(lab):
    """A session is continued in the background: one that has ended, and one that runs (a copy)."""
    lab.boot(scripts(lab, "one", "ask"))
    session = lab.start()
    session.submit("go", "one")
    session.sees("First answer")
    session.shows(IDLE, for_seconds=1)
    row = lab.vmux.rows()[session.pid]
    before = set(lab.vmux.rows())
    lab.note("copy: " + lab.shell(f"claude --bg --resume {row['session_id']} 'more (script ask)'"))
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not set(lab.vmux.rows()) - before:
        time.sleep(0.2)
    new = sorted(set(lab.vmux.rows()) - before)
    lab.check("the copy is listed", len(new) == 1, new)
    if not new:
        return
    lab.adopt("C", new[0])
    time.sleep(5)
    lab.look("copy-asks", A=IDLE, C=PERMISSION)
    rows = lab.vmux.rows()
    lab.check("they are two conversations", rows[new[0]]["session_id"] != row["session_id"], rows[new[0]]["session_id"])
    session.exit()
    time.sleep(1)
    before = set(lab.vmux.rows())
    lab.note("same: " + lab.shell(f"claude --bg --resume {row['session_id']} 'more (script ask)'"))
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not set(lab.vmux.rows()) - before:
        time.sleep(0.2)
    new = sorted(set(lab.vmux.rows()) - before)
    lab.check("the same is listed", len(new) == 1, new)
    if new:
        lab.adopt("S", new[0])
        time.sleep(5)
        lab.look("same-asks", S=PERMISSION)
        lab.check("it is the same conversation", lab.vmux.rows()[new[0]]["session_id"] == row["session_id"], lab.vmux.rows()[new[0]]["session_id"])


@scenario("bg-view-answers", since="2.1.300")
def bg_view_answers(lab):
    """The view of all agents is open while one asks, and is answered from there."""
    lab.boot(scripts(lab, "ask", "long"))
    begin(lab, "ask")
    view = lab.pane("V")
    del lab.sessions["V"]
    view.line("claude agents")
    view.sees("(?i)needs|waiting|begin", 30)
    time.sleep(4)
    lab.look("view", W=PERMISSION)
    view.press("Enter")
    time.sleep(3)
    lab.note("opened: " + view.last_lines())
    session = lab.sessions["W"]
    session.pane, session.headless = view.pane, False
    if session.shown() == PERMISSION:
        lab.look("opened", W=PERMISSION)
        allow(lab, session)
        session.press("Left")
        time.sleep(2)
        lab.note("left: " + view.last_lines())
        leave(session)
        lab.look("left", W=IDLE)
