"""Sessions that are killed at odd moments and taken up again at once, in the same pane or another."""

import os
import signal
import time

from ...api.answers import answer, call
from ...pod.truth import GONE, IDLE, PERMISSION, PLAN, QUESTION, UNTOLD, WORKING
from .. import scenario
from ..common import ASK, LONG, agent, asks, bash, declines, scripts, see, turn
from .leftovers import drawn_anew

def killed(lab, arguments, before, shows):
    """A session is killed in the middle of `before`; another takes its conversation up in the same pane."""
    session = lab.start()
    turn(lab, session, "one", "First answer")
    session.submit("go", before)
    session.shows(shows)
    time.sleep(1)
    lab.look("before", A=shows)
    transcript = max(lab.config.glob("projects/*/*.jsonl"), key=lambda it: it.stat().st_mtime)
    first = session.pid
    os.kill(first, signal.SIGKILL)
    session.line(f"clear; claude {arguments.format(id=transcript.stem)}")
    session.gone()
    session.find(apart_from=[first])
    session.ready()
    time.sleep(0.5)
    see(lab, "taken-up")
    time.sleep(3)
    see(lab, "later")
    return session


@scenario("again-asks")
def again_asks(lab):
    """Killed while it asks, and continued in the same pane at once: the call that was open is history."""
    lab.boot(scripts(lab, "one", "ask"))
    session = killed(lab, "--continue", "ask", PERMISSION)
    asks(lab, session, "asks-again")
    declines(lab, session)


@scenario("again-question", since="2.0.20")
def again_question(lab):
    """The same with a question, by --resume; then the next turn works."""
    lab.boot(scripts(lab, "one", "question", "long"))
    session = killed(lab, "--resume {id}", "question", QUESTION)
    session.submit("go", "long")
    session.sees("until-file")
    session.shows(WORKING, for_seconds=1)
    lab.look("works", A=WORKING)
    lab.end_command("go")
    session.sees("Long is over")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("again-works")
def again_works(lab):
    """Killed while a command runs, which its shell may survive; continued, and asked."""
    lab.boot(scripts(lab, "one", "long", "ask"))
    session = killed(lab, "--continue", "long", WORKING)
    asks(lab, session)
    lab.end_command("go")
    time.sleep(1)
    lab.look("asks-still", A=PERMISSION)


@scenario("again-plan", since="2.0.77")
def again_plan(lab):
    """Killed while a plan waits; resumed as a fork; the older process's words are not its own."""
    lab.boot(scripts(lab, "one", "plan"))
    session = lab.start(arguments="--permission-mode plan")
    turn(lab, session, "one", "First answer")
    session.submit("plan it", "plan")
    session.shows(PLAN)
    lab.look("waits", A=PLAN)
    first = session.pid
    os.kill(first, signal.SIGKILL)
    session.line("clear; claude --continue --fork-session")
    session.gone()
    session.find(apart_from=[first])
    session.ready()
    see(lab, "fork")
    turn(lab, session, "one", "First answer")
    time.sleep(1)
    see(lab, "next")


@scenario("again-agents", since="2.1.100")
def again_agents(lab):
    """Killed while one agent works and another asks; continued: no agent is left."""
    lab.boot(scripts(lab, "one", main=[answer(agent(lab, "works", background=True), agent(lab, "asks", background=True)), answer("Launched."), answer("Over.")],
                     works=[answer(bash(LONG)), answer("Worked.")], asks=[answer(bash(ASK)), answer("Asked.")]))
    session = killed(lab, "--continue", "main", PERMISSION)
    turn(lab, session, "one", "First answer")
    time.sleep(2)
    see(lab, "next")


@scenario("again-three-times")
def again_three_times(lab):
    """Killed and started three times in a row, as fast as a shell goes, in one pane; then a turn."""
    lab.boot(scripts(lab, "one", "long"))
    session = lab.start()
    turn(lab, session, "one", "First answer")
    for number in range(3):
        before = session.pid
        os.kill(before, signal.SIGKILL)
        session.gone()
        session.line("claude --continue" if number % 2 else "claude")
        session.find(apart_from=[before])
        time.sleep(0.3)
    drawn_anew(lab, session)
    time.sleep(2)
    lab.look("free", A=IDLE)
    session.submit("go", "long")
    session.sees("until-file")
    time.sleep(1)
    lab.look("works", A=WORKING)
    lab.end_command("go")
    session.sees("Long is over")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("again-stopped", since="2.0.77")
def again_stopped(lab):
    """Ctrl-Z while it asks; its conversation is forked in the same shell; back by fg, answered there."""
    lab.boot(scripts(lab, "one", "ask"))
    session = lab.start()
    turn(lab, session, "one", "First answer")
    session.submit("go", "ask")
    session.shows(PERMISSION)
    time.sleep(1)
    session.press("C-z")
    session.sees("fg|Stopped")
    time.sleep(1.5)
    first = session.pid
    lab.look("stopped", A=UNTOLD)
    session.line("clear; claude --continue --fork-session")
    session.find(apart_from=[first])
    lab.adopt("F", first)
    session.ready()
    time.sleep(1)
    lab.look("fork-is-free", A=IDLE, F=UNTOLD)
    session.exit()
    lab.look("fork-ended", A=GONE, F=UNTOLD)
    lab.sessions.pop("F")
    session.pid = first
    session.line("clear; fg")
    time.sleep(2)
    see(lab, "back")
    if session.shown() == PERMISSION:
        session.decline()
        session.shows(IDLE)
        lab.look("declined", A=IDLE)


@scenario("again-print", since="2.0.77")
def again_print(lab):
    """`claude -p -c` goes on with a conversation that a session holds open, which then asks meanwhile."""
    lab.boot(scripts(lab, "one", "ask", "long"))
    session = lab.start()
    turn(lab, session, "one", "First answer")
    time.sleep(1)
    printer = lab.start("P", "-p --continue 'go (script long)'", headless=True)
    time.sleep(6)
    lab.look("prints", A=IDLE, P=WORKING)
    session.submit("go", "ask")
    session.shows(PERMISSION)
    time.sleep(1)
    lab.look("asks-beside", A=PERMISSION, P=WORKING)
    lab.end_command("go")
    printer.gone(30)
    time.sleep(1)
    lab.look("printed", A=PERMISSION, P=GONE)
    declines(lab, session)


@scenario("again-exit-asks", since="2.1.75")
def again_exit_asks(lab):
    """Left by Ctrl-C twice while an edit asks; resumed in another pane; the edit asks again."""
    write = call("Write", file_path=f"{lab.project}/a.txt", content="x\n")
    lab.boot(scripts(lab, "one", edit=[answer(write), answer("Edited.")]))
    session = lab.start()
    turn(lab, session, "one", "First answer")
    session.submit("go", "edit")
    session.shows(PERMISSION)
    time.sleep(1)
    transcript = max(lab.config.glob("projects/*/*.jsonl"), key=lambda it: it.stat().st_mtime)
    session.press("Escape")
    session.shows(IDLE, for_seconds=0.5)
    for _ in range(2):
        session.press("C-c")
        time.sleep(0.3)
    session.headless = True
    session.gone()
    lab.look("left", A=GONE)
    other = lab.start("B", f"--resume {transcript.stem}")
    lab.look("resumed", B=IDLE)
    other.submit("go", "edit")
    other.shows(PERMISSION)
    time.sleep(1)
    lab.look("asks", B=PERMISSION)
