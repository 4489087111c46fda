"""Sessions that keep no history and no transcript."""

import time

from ...api.answers import answer
from ...pod.truth import IDLE, MENU, PERMISSION, PLAN, QUESTION, WORKING
from .. import scenario
from ..common import agent, bash, scripts, turn
from .bykey import opens, told


@scenario("private-asks", since="2.1.75")
def private_asks(lab):
    """Neither prompts nor conversations are kept: a menu, a command, a question, a plan, an agent."""
    lab.boot(scripts(lab, "ask", "question", "long", "plan", one=[answer("First answer.", delay=1)], main=[answer(agent(lab, "sub", background=False)), answer("Main over."), answer("Reported.")],
                     sub=[answer(bash("perl -e 'print 7'")), answer("Sub report.")]),
             environment={"CLAUDE_CODE_SKIP_PROMPT_HISTORY": "1"})
    session = lab.start()
    turn(lab, session, "one", "First answer")
    session.submit("/model")
    session.shows("menu")
    lab.look("menu", A=MENU)
    session.press("Escape")
    session.shows(IDLE, for_seconds=1.5)
    session.submit("go", "ask")
    session.shows(PERMISSION)
    lab.look("asks", A=PERMISSION)
    time.sleep(2)
    lab.look("asks-still", A=PERMISSION)
    session.decline()
    session.shows(IDLE)
    session.submit("go", "question")
    session.shows(QUESTION)
    lab.look("question", A=QUESTION)
    time.sleep(2)
    lab.look("question-still", A=QUESTION)
    session.press("Enter")
    session.sees("Chosen")
    session.shows(IDLE)
    session.submit("go", "main")
    session.shows(PERMISSION)
    lab.look("agent-asks", A=PERMISSION)
    session.press("1")
    session.sees("Main over|Reported")
    session.shows(IDLE, for_seconds=2)
    session.submit("go", "long")
    session.sees("until-file")
    session.shows(WORKING, for_seconds=1)
    lab.look("works", A=WORKING)
    session.submit("/model")
    time.sleep(2)
    if opens(session):
        told(lab, "a menu over work is no wait", ["working"])
        session.press("Escape")
        time.sleep(1)
    lab.end_command("go")
    session.sees("Long is over")
    time.sleep(1)
    if opens(session):  # The command was queued.
        session.press("Escape")
    session.shows(IDLE)
    lab.look("free", A=IDLE)
    session.press("BTab")
    session.press("BTab")
    session.sees("plan mode")
    session.submit("go", "plan")
    session.shows(PLAN)
    lab.look("plan", A=PLAN)
    time.sleep(2)
    lab.look("plan-still", A=PLAN)
