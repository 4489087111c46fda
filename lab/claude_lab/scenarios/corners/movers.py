"""Agents whose session becomes another one, or moves, while they run; agents that are given more to do."""

import time

from ...api.answers import FromRequest, answer, call
from ...pod import screen
from ...pod.truth import IDLE, PERMISSION, WORKING
from .. import scenario
from ..common import LONG, agent, bash, repository, scripts, see, turn

OTHER = "perl -e 'print 31'"


def asks_after(lab, session, label):
    """The agent's command ends, and its next one asks; it is allowed, and all is over."""
    lab.end_command("go")
    session.shows(PERMISSION, 40)
    lab.look(f"{label}-asks", A=PERMISSION)
    time.sleep(2)
    lab.look(f"{label}-asks-still", A=PERMISSION)
    row = lab.vmux.rows().get(session.pid) or {}
    lab.check(f"{label}: the agent's command is named", "print 31" in (row.get("detail") or ""), row.get("detail"))
    session.press("1")
    time.sleep(1)
    # What a subtask reports names its script again, so that the main turn plays it as well.
    if session.until(lambda text: screen.shown(text) in (IDLE, PERMISSION), "an end", 40) and session.shown() == PERMISSION:
        lab.look(f"{label}-asks-again", A=PERMISSION)
        session.press("1")
    session.shows(IDLE, 40, for_seconds=2.5)
    lab.look(f"{label}-over", A=IDLE)


def behind(lab, *after):
    """A turn that starts an agent behind the prompt, does `after`, and is over."""
    return {"main": [answer(agent(lab, "sub", background=True)), *after, answer("Main turn over."), answer("Reported."), answer("Reported.")],
            "sub": [answer(bash(LONG)), answer(bash(OTHER)), answer("Sub report.")]}


@scenario("move-worktree-agent", since="2.1.100")
def move_worktree_agent(lab):
    """The session enters a worktree while its agent runs, which then asks."""
    lab.boot(behind(lab, answer(call("EnterWorktree", name="tree"))), allow=["EnterWorktree"])
    repository(lab)
    session = lab.start()
    session.submit("go", "main")
    session.shows(f"{PERMISSION}|{WORKING}")
    time.sleep(2)
    if session.shown() == PERMISSION:
        session.press("1")
    session.sees("Main turn over")
    time.sleep(2)
    lab.look("runs", A=WORKING)
    asks_after(lab, session, "moved")


@scenario("move-cd-agent", since="2.1.300")
def move_cd_agent(lab):
    """/cd into another folder while an agent runs, which then asks."""
    lab.boot(behind(lab), trusted=["/home/dev/other"])
    session = lab.start()
    session.submit("go", "main")
    session.sees("Main turn over")
    session.submit("/cd /home/dev/other")
    time.sleep(3)
    see(lab, "moved")
    if session.shown() == "menu":
        session.press("Enter")
        time.sleep(2)
    asks_after(lab, session, "cd")


@scenario("move-branch-agent", since="2.1.100")
def move_branch_agent(lab):
    """/branch while an agent runs, which then asks."""
    lab.boot(behind(lab))
    session = lab.start()
    session.submit("go", "main")
    session.sees("Main turn over")
    time.sleep(1)
    session.submit("/branch")
    time.sleep(3)
    see(lab, "branched")
    asks_after(lab, session, "branch")


@scenario("move-resume-agent", since="2.1.100")
def move_resume_agent(lab):
    """Another conversation is taken up by /resume while an agent runs, which then asks."""
    lab.boot(scripts(lab, "one", **behind(lab)))
    session = lab.start()
    turn(lab, session, "one", "First answer")
    session.submit("/clear")
    time.sleep(2)
    session.shows(IDLE)
    session.submit("go", "main")
    session.sees("Main turn over")
    time.sleep(1)
    session.submit("/resume")
    time.sleep(3)
    session.press("Enter")
    time.sleep(3)
    see(lab, "resumed")
    asks_after(lab, session, "resume")


@scenario("agent-again", since="2.1.220")
def agent_again(lab):
    """An agent that has reported is given more to do by a message: it works, then asks."""
    more = call("SendMessage", to=FromRequest(r"agentId: (\w+)"), message="Once more (script more)", summary="once more")
    lab.boot({"main": [answer(agent(lab, "sub", background=False)), answer("Main turn over."), answer("Reported."), answer("Reported.")],
              "again": [answer(more), answer("Was sent."), answer("Reported again."), answer("Reported again.")],
              "sub": [answer(bash("pwd")), answer("Sub report.")],
              "more": [answer(bash(LONG)), answer(bash(OTHER)), answer("Sub reports again.")]}, allow=["SendMessage"])
    session = lab.start()
    session.submit("go", "main")
    session.sees("Main turn over|Reported")
    session.shows(IDLE, 40, for_seconds=3)
    lab.look("reported", A=IDLE)
    time.sleep(6)
    session.submit("go", "again")
    session.sees("Was sent")
    time.sleep(3)
    lab.look("works-again", A=WORKING)
    asks_after(lab, session, "again")


@scenario("agent-worktree", since="2.1.100")
def agent_worktree(lab):
    """An agent in a worktree of its own asks."""
    apart = call("Agent", description="Do sub", prompt="Do it (script sub)", subagent_type="general-purpose", isolation="worktree", run_in_background=True)
    lab.boot(behind(lab) | {"main": [answer(apart), answer("Main turn over."), answer("Reported."), answer("Reported.")]})
    repository(lab)
    session = lab.start()
    session.submit("go", "main")
    session.sees("Main turn over")
    time.sleep(2)
    lab.look("runs", A=WORKING)
    asks_after(lab, session, "apart")


@scenario("agent-sent-behind", since="2.1.100")
def agent_sent_behind(lab):
    """Ctrl-B sends a foreground agent behind the prompt; it asks there."""
    lab.boot(behind(lab) | {"main": [answer(agent(lab, "sub", background=False)), answer("Main turn over."), answer("Reported."), answer("Reported.")]})
    session = lab.start()
    session.submit("go", "main")
    time.sleep(4)
    session.press("C-b")
    time.sleep(0.4)
    session.press("C-b")
    time.sleep(2)
    see(lab, "behind")
    asks_after(lab, session, "behind")


@scenario("agent-killed-asks", since="2.1.300")
def agent_killed_asks(lab):
    """Ctrl-X Ctrl-K ends the agents, one of which asks; then the next turn."""
    lab.boot(scripts(lab, "one", **behind(lab)))
    session = lab.start()
    session.submit("go", "main")
    session.sees("Main turn over")
    time.sleep(1)
    for _ in range(2):
        session.press("C-x")
        session.press("C-k")
        time.sleep(1)
    time.sleep(1)
    shown = session.shown()
    lab.look("killed", A=shown)
    row = lab.vmux.rows().get(session.pid) or {}
    if shown == IDLE:
        lab.check("no agent is left", not row.get("subagents"), row.get("subagents"))
    turn(lab, session, "one", "First answer")
    lab.look("next", A=IDLE)
