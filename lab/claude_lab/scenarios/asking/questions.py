"""The model asks, or lays a plan before the user; alone, and beside calls that need permission."""

import time

from ...api.answers import answer
from ...pod.truth import IDLE, PERMISSION, PLAN, QUESTION, WORKING
from .. import scenario
from ..common import ASK, COLOR, LONG, SIZE, agent, bash, plan_steps, question

QUESTIONS_SINCE = "2.0.20"


@scenario("question-answer", since=QUESTIONS_SINCE)
def question_answer(lab):
    """A question, answered."""
    lab.boot({"ask": [answer("One question.", question()), answer("You chose well.", until="send")]})
    session = lab.start()
    session.submit("ask me", "ask")
    session.shows(QUESTION)
    lab.look("asked", A=QUESTION)
    time.sleep(5)
    lab.look("still-asked", A=QUESTION)
    session.press("Enter")
    session.shows(WORKING)
    lab.look("answered", A=WORKING)
    lab.api.open("send")
    session.sees("chose well")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("question-escape", since=QUESTIONS_SINCE)
def question_escape(lab):
    """A question, left with Esc."""
    lab.boot({"ask": [answer(question()), answer("You chose well.")]})
    session = lab.start()
    session.submit("ask me", "ask")
    session.shows(QUESTION)
    lab.look("asked", A=QUESTION)
    session.press("Escape")
    session.shows(IDLE)
    lab.look("left", A=IDLE)


@scenario("question-several", since="2.1.100")
def question_several(lab):
    """Two questions at once: the first, the second, and the page that sends the answers."""
    lab.boot({"ask": [answer(question(COLOR, SIZE)), answer("Chosen.")]})
    session = lab.start()
    session.submit("ask me", "ask")
    session.sees("Which color")
    session.shows(QUESTION)
    lab.look("first", A=QUESTION)
    session.press("Enter")
    session.sees("Which size")
    lab.look("second", A=QUESTION)
    session.press("Enter")
    session.sees("Submit answers")
    lab.look("before-sending", A=QUESTION)
    session.press("Enter")
    session.sees("Chosen")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("question-then-command", since=QUESTIONS_SINCE)
def question_then_command(lab):
    """One message with a question and a command that asks: each in its turn."""
    beside(lab, question(), bash(ASK))


@scenario("question-behind-command", since=QUESTIONS_SINCE)
def question_behind_command(lab):
    """One message with a command that asks and a question behind it."""
    beside(lab, bash(ASK), question())


def beside(lab, *calls):
    lab.boot({"both": [answer(*calls), answer("Both done.")]})
    lab.end_command("go")
    session = lab.start()
    session.submit("both", "both")
    for number in (1, 2):
        session.shows(f"{PERMISSION}|{QUESTION}", for_seconds=0.8)
        shown = session.shown()
        lab.look(f"dialog-{number}", A=shown)
        session.press("1" if shown == PERMISSION else "Enter")
        session.until(lambda text, first=shown: session.shown() != first, "the answer taken", 10)
    session.sees("Both done")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("question-behind-running", since=QUESTIONS_SINCE)
def question_behind_running(lab):
    """One message with an allowed command that runs and a question behind it."""
    lab.boot({"both": [answer(bash(LONG), question()), answer("Both done.")]})
    session = lab.start()
    session.submit("both", "both")
    session.sees("until-file")
    time.sleep(1)
    lab.look("runs", A=session.shown())
    lab.end_command("go")
    session.shows(QUESTION)
    lab.look("asks", A=QUESTION)


@scenario("question-and-agent", since="2.1.220")
def question_and_agent(lab):
    """A question is on the screen while an agent's command waits behind it, then the other way round."""
    lab.boot({
        "first": [answer(agent(lab, "asker")), answer(question(), until="ask"), answer("Asked."), answer("Agent over.")],
        "asker": [answer(bash(ASK), until="agent"), answer("Agent report.")],
    })
    session = lab.start()
    session.submit("go", "first")
    session.shows(WORKING)
    lab.api.open("ask")
    session.shows(QUESTION)
    lab.api.open("agent")
    time.sleep(2)
    lab.look("question-first", A=session.shown())
    session.press("Enter")
    session.shows(PERMISSION)
    lab.look("then-the-agent", A=PERMISSION)


@scenario("agent-before-question", since="2.1.220")
def agent_before_question(lab):
    """An agent's command is on the screen, the question of the main turn waits behind it."""
    lab.boot({
        "first": [answer(agent(lab, "asker")), answer(question(), until="ask"), answer("Asked."), answer("Agent over.")],
        "asker": [answer(bash(ASK)), answer("Agent report.")],
    })
    session = lab.start()
    session.submit("go", "first")
    session.shows(PERMISSION)
    lab.api.open("ask")
    time.sleep(2)
    lab.look("permission-first", A=session.shown())
    session.press("1")
    session.shows(QUESTION)
    lab.look("then-the-question", A=QUESTION)


@scenario("plan-approve")
def plan_approve(lab):
    """A plan waits for approval, and is carried out."""
    lab.boot({"plan": plan_steps(lab) + [answer("Carried out.", until="send")]})
    session = lab.start(arguments="--permission-mode plan")
    session.submit("plan it", "plan")
    session.shows(PLAN)
    lab.look("asked", A=PLAN)
    time.sleep(5)
    lab.look("still-asked", A=PLAN)
    session.press("1")
    session.shows(f"{WORKING}|{IDLE}", for_seconds=0.5)
    lab.look("approved", A=session.shown())
    lab.api.open("send")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("plan-behind-command")
def plan_behind_command(lab):
    """One message with a command that asks and the plan behind it."""
    lab.boot({"plan": plan_steps(lab, bash("perl -e 'print 5'")) + [answer("Carried out.")]})
    session = lab.start(arguments="--permission-mode plan")
    session.submit("plan it", "plan")
    session.shows(f"{PERMISSION}|{PLAN}", for_seconds=0.8)
    lab.look("first", A=session.shown())
    if session.shown() == PERMISSION:
        session.press("1")
        session.shows(PLAN)
        lab.look("then-the-plan", A=PLAN)


@scenario("question-twice", since=QUESTIONS_SINCE)
def question_twice(lab):
    """Two questions, each in a message of its own: two waits."""
    lab.boot({"ask": [answer(question()), answer(question(SIZE)), answer("Chosen.")]})
    session = lab.start()
    session.submit("ask me", "ask")
    session.sees("Which color")
    session.shows(QUESTION)
    lab.look("first", A=QUESTION)
    session.press("Enter")
    session.sees("Which size")
    session.shows(QUESTION)
    lab.look("second", A=QUESTION)
    since = [(it["sessions"]["A"]["row"] or {}).get("waiting_since") for it in lab.instants]
    lab.check("each wait has its own start", since[0] != since[1], since)
    session.press("Enter")
    session.sees("Chosen")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("plan-refused")
def plan_refused(lab):
    """A plan is left with Esc, which ends the turn or goes on planning."""
    lab.boot({"plan": plan_steps(lab) + [answer("As you like.")]})
    session = lab.start(arguments="--permission-mode plan")
    session.submit("plan it", "plan")
    session.shows(PLAN)
    lab.look("asked", A=PLAN)
    session.press("Escape")
    session.shows(f"{WORKING}|{IDLE}", for_seconds=2)
    lab.look("refused", A=session.shown())
