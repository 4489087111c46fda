"""Conversations that go on in several places: /subtask, /fork, /background; goals and workflows."""

import time

from ...api.answers import answer, call
from ...pod.truth import GONE, IDLE, PERMISSION, WORKING
from .. import scenario
from ..common import LONG, bash, scripts, see, turn
from .movers import OTHER, asks_after

SUB = [answer(bash(LONG)), answer(bash(OTHER)), answer("Sub report.")]


@scenario("fork-subtask", since="2.1.300")
def fork_subtask(lab):
    """/subtask: an agent with the whole conversation works behind the prompt, and asks."""
    lab.boot(scripts(lab, "one", sub=SUB))
    session = lab.start()
    turn(lab, session, "one", "First answer")
    session.submit("/subtask look (script sub)")
    time.sleep(4)
    see(lab, "runs")
    turn(lab, session, "one", "First answer") if session.shown() == IDLE else None
    asks_after(lab, session, "subtask")


@scenario("fork-background", since="2.1.300")
def fork_background(lab):
    """/fork: a copy of the conversation goes on in the background, and asks; this one is free, and asks as well."""
    lab.boot(scripts(lab, "one", "ask", sub=SUB))
    session = lab.start()
    turn(lab, session, "one", "First answer")
    session.submit("/fork look (script sub)")
    time.sleep(8)
    others = rest(lab, session)
    see(lab, "forked")
    lab.end_command("go")
    time.sleep(6)
    others = rest(lab, session)
    lab.check("the copy asks", [row.get("state") for row in others] == ["needs_input"], others)
    lab.check("the copy is another conversation", all(row.get("session_id") != own(lab, session).get("session_id") for row in others))
    see(lab, "copy-asks")
    session.submit("go", "ask")
    session.shows(PERMISSION)
    lab.look("both-ask", A=PERMISSION)
    session.decline()
    session.shows(IDLE)
    session.exit()
    lab.look("left", A=GONE)
    time.sleep(1)
    lab.check("the copy still asks", [row.get("state") for row in rest(lab, session)] == ["needs_input"], rest(lab, session))


def own(lab, session):
    return lab.vmux.rows().get(session.pid) or {}


def rest(lab, session):
    """What vmux says of the sessions that the scenario did not start, briefly."""
    keep = ("pid", "kind", "name", "state", "reason", "detail", "session_id")
    return [{it: row.get(it) for it in keep} for pid, row in lab.vmux.rows().items() if pid != session.pid]


@scenario("fork-leaves", since="2.1.300")
def fork_leaves(lab):
    """/background: the session itself goes on in the background, at work; there it asks."""
    lab.boot(scripts(lab, "one", sub=SUB))
    session = lab.start()
    turn(lab, session, "one", "First answer")
    session.submit("go", "sub")
    session.sees("until-file")
    session.shows(WORKING)
    session.submit("/background")
    session.gone(30)
    time.sleep(2)
    lab.look("gone", A=GONE)
    states = [row.get("state") for row in rest(lab, session)]
    lab.check("it works in the background", states == ["working"], rest(lab, session))
    lab.end_command("go")
    time.sleep(6)
    states = [(row.get("state"), row.get("detail")) for row in rest(lab, session)]
    lab.check("it asks there", states == [("needs_input", "Bash: perl -e 'print 31'")], rest(lab, session))


@scenario("goal-goes-on", since="2.1.300")
def goal_goes_on(lab):
    """/goal: the model is sent back until it is reached; it asks meanwhile; it is left and cleared."""
    lab.boot(scripts(lab, "one", "ask", goal=[answer(bash(LONG)), answer(bash(OTHER)), answer("Nearly."), answer("More."), answer("Done.")]))
    session = lab.start()
    turn(lab, session, "one", "First answer")
    session.submit("/goal all is green (script goal)")
    time.sleep(3)
    see(lab, "goal")
    lab.end_command("go")
    time.sleep(3)
    if see(lab, "asks") == PERMISSION:
        session.press("1")
    time.sleep(5)
    see(lab, "after")
    session.press("Escape")
    time.sleep(1)
    session.press("Escape") if session.shown() == WORKING else None
    time.sleep(1)
    session.submit("/goal clear")
    time.sleep(2)
    see(lab, "cleared")
    turn(lab, session, "one", "First answer")
    lab.look("next", A=IDLE)


@scenario("workflow-asks", since="2.1.300")
def workflow_asks(lab):
    """A workflow with two agents, one of which runs a command and then asks."""
    script = ("export const meta = {name: 'two', description: 'two agents'}\n"
              "await parallel([() => agent('Do it (script sub)'), () => agent('Do it (script idle)')])\n")
    lab.boot({"main": [answer(call("Workflow", script=script)), answer("Main turn over."), answer("Reported."), answer("Reported.")], "sub": SUB, "idle": [answer("Nothing.")]},
             allow=["Workflow"])
    session = lab.start()
    session.submit("go", "main")
    session.shows(f"{PERMISSION}|{WORKING}|menu")
    time.sleep(3)
    if see(lab, "launched") == PERMISSION:
        session.press("1")
        time.sleep(2)
    time.sleep(3)
    see(lab, "runs")
    asks_after(lab, session, "workflow")
