"""More ways in which the API fails: by status, in an agent, in a stream that stands still, with a full context."""

import time

from ...api.answers import answer, failure, text
from ...pod.truth import IDLE, PERMISSION, WORKING
from .. import scenario
from ..common import ASK, LONG, agent, asks, bash, question, scripts, see, turn
from .failures import ended

REFUSALS = ((401, "invalid x-api-key"), (403, "Your account may not do this"), (404, "model: not_found"), (413, "Request exceeds the maximum size"),
            (400, "prompt is too long: 210000 tokens > 200000 maximum"), (400, "Your credit balance is too low to access the Anthropic API"))


@scenario("limit-statuses", until="2.1.219")
def limit_statuses(lab):
    """Refusals of several kinds, one after the other: the prompt is free, and nothing is finished; then a turn."""
    lab.boot(scripts(lab, "one", **{f"try{number}": [failure(status, message=words)] for number, (status, words) in enumerate(REFUSALS)}),
             environment={"CLAUDE_CODE_MAX_RETRIES": "1"})
    session = lab.start()
    for number, (status, _) in enumerate(REFUSALS):
        session.submit("go", f"try{number}")
        time.sleep(1)
        session.shows(IDLE, 60, for_seconds=2)
        lab.look(f"refused-{number}-{status}", A=IDLE)
        ended(lab, session, f"{number}: {status} is not told as finished")
        session.wipe("script try")
    turn(lab, session, "one", "First answer")
    lab.look("answered", A=IDLE)


@scenario("limit-in-agent", since="2.1.100")
def limit_in_agent(lab):
    """The API refuses an agent behind the prompt while the main turn asks; then the main turn fails as well."""
    lab.boot({"main": [answer(agent(lab, "sub", background=True)), answer(bash(ASK)), failure(400)], "sub": [answer(bash(LONG)), failure(400)]})
    session = lab.start()
    session.submit("go", "main")
    session.shows(PERMISSION)
    time.sleep(1)
    lab.look("asks", A=PERMISSION)
    lab.end_command("go")
    time.sleep(3)
    lab.look("asks-still", A=PERMISSION)
    session.press("1")
    session.shows(IDLE, 60, for_seconds=3)
    lab.look("failed", A=IDLE)


@scenario("limit-still-stream")
def limit_still_stream(lab):
    """A stream stands still in mid-answer for 25 s, and goes on; it works all the time."""
    lab.boot({"say": [answer(text("It begins and", until="say", silent=True), text(" said it is."))]})
    session = lab.start()
    session.submit("go", "say")
    session.shows(WORKING)
    for number in range(3):
        time.sleep(8)
        lab.look(f"still-{number}", A=WORKING)
    lab.api.open("say")
    session.sees("said it is")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("limit-retry-escape")
def limit_retry_escape(lab):
    """Esc while a request is tried again and again; the next prompt asks."""
    lab.boot(scripts(lab, "ask", **{"try": [failure(529)]}), environment={"CLAUDE_CODE_MAX_RETRIES": "10"})
    session = lab.start()
    session.submit("go", "try")
    session.shows(WORKING)
    time.sleep(1)
    see(lab, "tries")
    session.press("Escape")
    session.shows(IDLE, 30, for_seconds=1.5)
    lab.look("left", A=IDLE)
    session.wipe("script try")
    asks(lab, session)


@scenario("limit-after-tool")
def limit_after_tool(lab):
    """A command was allowed and has run, then the API fails for good; "go on" answers."""
    lab.boot(scripts(lab, "one", work=[answer(bash("perl -e 'print 91'")), failure(500)]), environment={"CLAUDE_CODE_MAX_RETRIES": "1"})
    session = lab.start()
    session.submit("go", "work")
    session.shows(PERMISSION)
    lab.look("asks", A=PERMISSION)
    session.press("1")
    time.sleep(1)
    session.shows(IDLE, 120, for_seconds=2)
    lab.look("failed", A=IDLE)
    ended(lab, session, "a turn that failed behind a command is not finished")
    session.wipe("script work")
    turn(lab, session, "one", "First answer")
    lab.look("answered", A=IDLE)


@scenario("limit-full-context", since="2.0.77")
def limit_full_context(lab):
    """The context is full in the middle of a turn: it is compacted by itself, and the turn goes on and asks."""
    lab.boot(scripts(lab, "one", work=[answer("Much is read.", bash("pwd"), tokens=190_000), answer(bash(ASK)), answer("Worked.")], compact=[answer("<summary>It went well. (script after)</summary>", until="summary")],
                     after=[answer(bash(ASK)), answer(question()), answer("Worked on.")]))
    session = lab.start()
    turn(lab, session, "one", "First answer")
    session.submit("go", "work")
    session.shows(f"{WORKING}|{PERMISSION}")
    time.sleep(4)
    see(lab, "compacts-or-asks")
    lab.api.open("summary")
    session.shows(f"{PERMISSION}|{IDLE}", 60, for_seconds=1.5)
    see(lab, "then")
    if session.shown() == PERMISSION:
        session.decline()
        session.shows(IDLE, for_seconds=1)
        lab.look("over", A=IDLE)
