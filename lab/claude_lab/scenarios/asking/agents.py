"""Subagents, in the foreground and behind a turn that is over."""

import time
from pathlib import Path

from ...api.answers import answer, call, failure
from ...pod.truth import IDLE, PERMISSION, WORKING
from .. import scenario
from ..common import ASK, LONG, agent, bash


@scenario("agent-foreground")
def agent_foreground(lab):
    """A subagent runs a command."""
    lab.boot({"main": [answer("Delegating.", agent(lab, "sub", background=False)), answer("Delegation over."), answer("Reported.")],
              "sub": [answer("Sub works.", bash(LONG)), answer("Sub report.")]})
    session = lab.start()
    session.submit("delegate", "main")
    session.shows(WORKING)
    time.sleep(4)
    lab.look("sub-works", A=WORKING)
    lab.end_command("go")
    session.sees("Delegation over")
    session.shows(IDLE, for_seconds=2)
    lab.look("over", A=IDLE)


@scenario("agent-background", since="2.1.100")
def agent_background(lab):
    """The turn is over, the agent runs on, reports, and starts the next turn."""
    lab.boot({"main": [answer("Delegating.", agent(lab, "sub", background=True)), answer("Main turn over."), answer("Agent has reported.")],
              "sub": [answer(bash(LONG)), answer("Sub report.")]})
    session = lab.start()
    session.submit("delegate", "main")
    session.sees("Main turn over")
    time.sleep(2)
    lab.look("agent-runs", A=WORKING)
    time.sleep(3)
    lab.look("agent-still-runs", A=WORKING)
    lab.end_command("go")
    session.sees("Agent has reported")
    session.shows(IDLE, for_seconds=1.5)
    lab.look("over", A=IDLE)


@scenario("agent-permission")
def agent_permission(lab):
    """A subagent asks for permission."""
    lab.boot({"main": [answer("Delegating.", agent(lab, "sub", background=False)), answer("Delegation over."), answer("Reported.")],
              "sub": [answer("Sub asks.", bash(ASK)), answer("Sub report.")]})
    session = lab.start()
    session.submit("delegate", "main")
    session.shows(PERMISSION)
    time.sleep(1)
    lab.look("asked", A=PERMISSION)
    session.press("1")
    session.shows(WORKING, for_seconds=0.8)
    lab.look("approved", A=WORKING)
    lab.end_command("go")
    session.sees("Delegation over")
    session.shows(IDLE, for_seconds=2)
    lab.look("over", A=IDLE)


@scenario("agents-one-asks", since="2.1.100")
def agents_one_asks(lab):
    """One agent runs a command, the other asks: which command is named?"""
    lab.boot({"main": [answer(agent(lab, "works"), agent(lab, "asker")), answer("Launched."), answer("One over."), answer("Both over.")],
              "works": [answer(bash(LONG)), answer("Worked.")],
              "asker": [answer(bash(ASK), delay=2), answer("Asked.")]})
    session = lab.start()
    session.submit("delegate", "main")
    session.shows(PERMISSION)
    time.sleep(1)
    lab.look("one-asks", A=PERMISSION)
    session.press("1")
    session.shows(WORKING, for_seconds=0.8)
    lab.look("both-run", A=WORKING)
    lab.end_command("go")
    session.sees("over")
    session.shows(IDLE, 60, for_seconds=2)
    lab.look("over", A=IDLE)


@scenario("agents-both-ask", since="2.1.100")
def agents_both_ask(lab):
    """Two agents ask at the same time: one dialog, then the other. Each is a wait of its own."""
    lab.boot({"main": [answer(agent(lab, "one"), agent(lab, "two")), answer("Launched."), answer("One over."), answer("Both over.")],
              "one": [answer(bash("perl -e 'print 1'")), answer("One.")],
              "two": [answer(bash("perl -e 'print 2'"), delay=1.5), answer("Two.")]})
    session = lab.start()
    session.submit("delegate", "main")
    session.shows(PERMISSION)
    time.sleep(2.5)
    lab.look("first", A=PERMISSION)
    session.press("1")
    session.until(lambda text: "print 2" in text.split("Do you want")[0][-700:] and "Do you want" in text, "the second", 20)
    session.shows(PERMISSION, for_seconds=0.8)
    lab.look("second", A=PERMISSION)
    since = [(it["sessions"]["A"]["row"] or {}).get("waiting_since") for it in lab.instants]
    lab.check("each wait has its own start", since[0] != since[1], since)
    session.press("1")
    session.shows(IDLE, 60, for_seconds=3)
    lab.look("over", A=IDLE)


@scenario("background-shell")
def background_shell(lab):
    """A command runs behind a turn that is over; its end starts no work of the user's."""
    lab.boot({"serve": [answer(bash(LONG, run_in_background=True)), answer("Started it."), answer("It ended.")]})
    session = lab.start()
    session.submit("serve", "serve")
    session.sees("Started it")
    session.shows(IDLE)
    time.sleep(1)
    lab.look("runs-behind", A=IDLE)
    lab.end_command("go")
    time.sleep(4)
    session.shows(IDLE, for_seconds=1)
    lab.look("ended", A=IDLE)


@scenario("background-sessions", since="2.1.220")
def background_sessions(lab):
    """`claude --bg`: sessions without a terminal, one works, one asks; the view of all agents."""
    lab.boot({"work": [answer(bash(LONG)), answer("Worked.")], "ask": [answer(bash(ASK)), answer("Asked.")]})
    lab.note("start: " + lab.shell("claude --bg 'work (script work)'; claude --bg 'ask (script ask)'")[:300])
    for name, script in (("W", "work"), ("Q", "ask")):
        deadline, found = time.monotonic() + 40, []
        while not found and time.monotonic() < deadline:
            time.sleep(0.2)
            found = [pid for pid, row in lab.vmux.rows().items() if plays(row, script)]
        lab.adopt(name, found[0] if found else 0)
    time.sleep(4)
    lab.look("both", W=WORKING, Q=PERMISSION)
    lab.end_command("go")
    time.sleep(5)
    lab.look("one-is-done", W=IDLE, Q=PERMISSION)
    lab.pane("V").line("claude agents")
    time.sleep(3)
    lab.look("view", W=IDLE, Q=PERMISSION)


def plays(row, script):
    """Whether the transcript of a row names the script."""
    path = row.get("transcript")
    return path and f"(script {script})" in Path(path).read_text()


@scenario("agent-beside-running", since="2.1.100")
def agent_beside_running(lab):
    """The main turn runs a command while an agent asks: which one is named?"""
    lab.boot({"main": [answer(agent(lab, "asker", background=True)), answer(bash("until-file main")), answer("Main over."), answer("All over.")],
              "asker": [answer(bash(ASK), until="ask"), answer("Asked.")]})
    session = lab.start()
    session.submit("delegate", "main")
    session.sees("until-file")
    lab.api.open("ask")
    session.shows(PERMISSION)
    time.sleep(1)
    lab.look("agent-asks", A=PERMISSION)
    session.press("1")
    session.shows(WORKING, for_seconds=0.8)
    lab.look("both-run", A=WORKING)
    lab.end_command("go")
    lab.end_command("main")
    session.sees("over")
    session.shows(IDLE, 60, for_seconds=2)
    lab.look("over", A=IDLE)


@scenario("agents-ask-the-same", since="2.1.100")
def agents_ask_the_same(lab):
    """Three agents ask for the same command, one after the other; the first is refused."""
    same, names = "perl -e 'print 7'", ("one", "two", "three")
    lab.boot({"main": [answer(*(agent(lab, it) for it in names)), answer("Launched."), answer("Over."), answer("Over."), answer("Over.")],
              **{it: [answer(bash(same), delay=number), answer(f"Report {it}.")] for number, it in enumerate(names)}})
    session = lab.start()
    session.submit("delegate", "main")
    session.shows(PERMISSION)
    time.sleep(4)
    lab.look("first", A=PERMISSION)
    for label, key in (("second", None), ("third", "1")):
        session.press(key) if key else session.decline()
        time.sleep(1.5)
        session.shows(PERMISSION, for_seconds=0.5)
        lab.look(label, A=PERMISSION)
    since = [(it["sessions"]["A"]["row"] or {}).get("waiting_since") for it in lab.instants]
    lab.check("each wait has its own start", len(set(since)) == 3, since)
    session.press("1")
    session.shows(IDLE, 60, for_seconds=3)
    lab.look("over", A=IDLE)


@scenario("agents-ask-differently", since="2.1.100")
def agents_ask_differently(lab):
    """One agent asks to write a file, the other to run a command: each is named in its turn."""
    new = call("Write", file_path=f"{lab.project}/new.txt", content="hello\n")
    lab.boot({"main": [answer(agent(lab, "writes"), agent(lab, "runs")), answer("Launched."), answer("Over."), answer("Over.")],
              "writes": [answer(new), answer("Written.")],
              "runs": [answer(bash(ASK), delay=1.5), answer("Run.")]})
    lab.end_command("go")
    session = lab.start()
    session.submit("delegate", "main")
    session.shows(PERMISSION)
    time.sleep(3)
    lab.look("first", A=PERMISSION)
    session.press("1")
    session.until(lambda text: "sleep 1 until" in text.split("Do you want")[0][-700:] and "Do you want" in text, "the second", 20)
    session.shows(PERMISSION, for_seconds=0.8)
    lab.look("second", A=PERMISSION)
    session.press("1")
    session.shows(IDLE, 60, for_seconds=3)
    lab.look("over", A=IDLE)


@scenario("agent-asks-twice")
def agent_asks_twice(lab):
    """One agent asks, is allowed, works, and asks again."""
    lab.boot({"main": [answer(agent(lab, "sub", background=False)), answer("Delegation over."), answer("Reported.")],
              "sub": [answer(bash("perl -e 'print 1'")), answer(bash(LONG)), answer(bash("perl -e 'print 2'")), answer("Sub report.")]})
    session = lab.start()
    session.submit("delegate", "main")
    session.shows(PERMISSION)
    time.sleep(1)
    lab.look("first", A=PERMISSION)
    session.press("1")
    session.shows(WORKING, for_seconds=1.5)
    lab.look("works", A=WORKING)
    lab.end_command("go")
    session.shows(PERMISSION)
    time.sleep(1.5)
    lab.look("second", A=PERMISSION)
    session.press("1")
    session.sees("Delegation over")
    session.shows(IDLE, for_seconds=2)
    lab.look("over", A=IDLE)


@scenario("agent-fails", since="2.1.100")
def agent_fails(lab):
    """The API refuses an agent's request; the main turn goes on, and is finished."""
    lab.boot({"main": [answer(agent(lab, "sub", background=False)), answer("Delegation over.", until="send"), answer("Reported.")],
              "sub": [failure(400)]})
    session = lab.start()
    session.submit("delegate", "main")
    session.shows(WORKING)
    time.sleep(3)
    lab.look("goes-on", A=session.shown())
    lab.api.open("send")
    session.sees("Delegation over")
    session.shows(IDLE, for_seconds=2)
    lab.look("over", A=IDLE)
    line = lab.vmux.run("list")[1]
    lab.check("a turn that was answered has not failed", "failed" not in line, line.strip())
