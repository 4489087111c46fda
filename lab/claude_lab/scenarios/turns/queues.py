"""Dialogs that stand in a queue: of agents, of servers, of teams, of hooks that linger."""

import time

from ...api.answers import answer, call
from ...pod import proc
from ...pod.truth import ELICITATION, IDLE, PERMISSION, QUESTION, UNTOLD, WORKING
from .. import scenario
from ..common import LONG, agent, bash, hook, question, scripts, see
from ..asking.hooks import plain
from ..acting.servers import with_server
from ..asking.teams import TEAMS, new_pane


def drain(lab, session, idle=IDLE, rounds=6):
    """Looks at each dialog that comes, and answers: permissions with yes, the rest with Enter or Esc.
    `idle`: what is true once the prompt is free."""
    for number in range(rounds):
        shown = session.shows(f"{PERMISSION}|{QUESTION}|{ELICITATION}|{IDLE}", 60, for_seconds=1.2) and session.shown()
        if shown == IDLE:
            lab.look(f"{number}-free", A=idle)
            return
        see(lab, f"{number}-{shown.replace(':', '-')}")
        session.press({PERMISSION: "1", QUESTION: "Enter"}.get(shown, "Escape"))
        time.sleep(1)


@scenario("queue-agents-mixed", since="2.1.100")
def queue_agents_mixed(lab):
    """Three agents ask at once: for a command, a file and a page; each is named in its turn."""
    lab.boot({"main": [answer(*(agent(lab, it, background=True) for it in ("command", "file", "page"))), answer("Launched."), answer("One."), answer("Two."), answer("Three.")],
              "command": [answer(bash("perl -e 'print 21'"), until="ask"), answer("Command report.")],
              "file": [answer(call("Write", file_path=f"{lab.project}/c.txt", content="c\n"), until="ask"), answer("File report.")],
              "page": [answer(call("WebFetch", url="http://localhost:8787/page", prompt="read it"), until="ask"), answer("Page report.")]})
    session = lab.start()
    session.submit("go", "main")
    session.sees("Launched")
    lab.api.open("ask")
    session.shows(PERMISSION)
    drain(lab, session)


@scenario("queue-form-question", since="2.1.100")
def queue_form_question(lab):
    """A server's form is open in an agent while the main turn asks a question; then a permission."""
    session = with_server(lab, {
        "main": [answer(agent(lab, "form", background=True)), answer(question(), until="question"), answer(bash("perl -e 'print 22'")), answer("All asked."), answer("Over.")],
        "form": [answer(call("mcp__lab__ask"), until="form"), answer("Form report.")]})
    session.submit("go", "main")
    session.shows(WORKING)
    lab.api.open("form")
    session.shows(f"{ELICITATION}|{PERMISSION}", 30, for_seconds=1)
    see(lab, "form")
    lab.api.open("question")
    time.sleep(2)
    see(lab, "both")
    drain(lab, session)


@scenario("queue-two-forms", since="2.1.220")
def queue_two_forms(lab):
    """Two agents open a form each, one after the other is left; the main turn is over meanwhile."""
    session = with_server(lab, {
        "main": [answer(agent(lab, "one", background=True), agent(lab, "two", background=True)), answer("Launched."), answer("One."), answer("Two.")],
        "one": [answer(call("mcp__lab__ask"), until="form"), answer("One report.")],
        "two": [answer(call("mcp__lab__ask"), until="form", delay=1), answer("Two report.")]})
    session.submit("go", "main")
    session.sees("Launched")
    lab.api.open("form")
    session.shows(ELICITATION, 30, for_seconds=1)
    drain(lab, session)


@scenario("queue-refused-first", since="2.1.100")
def queue_refused_first(lab):
    """Three agents ask for commands; the first is refused, the second left with Esc, the third allowed."""
    names = ("one", "two", "three")
    lab.boot({"main": [answer(*(agent(lab, it, background=True) for it in names)), answer("Launched."), answer("A."), answer("B."), answer("C.")],
              **{it: [answer(bash(f"perl -e 'print 3{number}'"), until="ask", delay=number), answer(f"Report {it}.")] for number, it in enumerate(names)}})
    session = lab.start()
    session.submit("go", "main")
    session.sees("Launched")
    lab.api.open("ask")
    time.sleep(5)
    for label, key in (("first", None), ("second", "Escape"), ("third", "1")):
        session.shows(f"{PERMISSION}|{IDLE}|{WORKING}", 30, for_seconds=1.2)
        if see(lab, label) != PERMISSION:
            continue
        session.decline() if key is None else session.press(key)
        time.sleep(1.5)
    session.shows(f"{IDLE}|{PERMISSION}", 60, for_seconds=3)
    see(lab, "over")


@scenario("queue-page-and-agent", since="2.1.100")
def queue_page_and_agent(lab):
    """The main turn asks for a page while an agent's allowed command runs; refused, it asks for another."""
    page = lambda it: call("WebFetch", url=f"http://localhost:8787/{it}", prompt="read it")  # noqa: E731
    lab.boot({"main": [answer(agent(lab, "runs", background=True)), answer(page("one")), answer(bash("perl -e 'print 41'")), answer("Both asked."), answer("Over.")],
              "runs": [answer(bash(LONG)), answer("Ran.")]})
    session = lab.start()
    session.submit("go", "main")
    session.shows(PERMISSION)
    time.sleep(1.2)
    lab.look("page", A=PERMISSION)
    session.press("1")
    time.sleep(2)
    session.shows(f"{PERMISSION}|{WORKING}", 30, for_seconds=1.5)
    see(lab, "command")
    if session.shown() == PERMISSION:
        session.press("1")
        time.sleep(2)
        see(lab, "allowed")
    lab.end_command("go")
    session.shows(IDLE, 60, for_seconds=3)
    lab.look("over", A=IDLE)


@scenario("queue-hook-lingers", since="2.0.45")
def queue_hook_lingers(lab):
    """A PermissionRequest hook runs on after the user has answered; the next call runs, the third asks."""
    lab.boot({"ask": [answer(bash("perl -e 'print 51'")), answer(bash(LONG)), answer(bash("perl -e 'print 52'")), answer("All done.")]},
             settings={"hooks": {"PermissionRequest": hook("cat >/dev/null; until-file hook")}} | plain())
    session = lab.start()
    session.submit("go", "ask")
    session.shows(PERMISSION)
    time.sleep(1.5)
    lab.look("asks", A=PERMISSION)
    session.press("1")
    session.sees("until-file")
    session.shows(f"{WORKING}|{PERMISSION}", for_seconds=1)
    see(lab, "runs")
    lab.end_command("go")
    time.sleep(2)
    session.shows(f"{PERMISSION}|{IDLE}", for_seconds=1)
    see(lab, "asks-again")
    lab.end_command("hook")
    time.sleep(1)
    see(lab, "hook-over")


@scenario("queue-hook-agents", since="2.1.100")
def queue_hook_agents(lab):
    """A slow PreToolUse hook stands before the commands of two agents, of which the first one asks then."""
    lab.boot({"main": [answer(agent(lab, "one", background=True), agent(lab, "two", background=True)), answer("Launched."), answer("A."), answer("B.")],
              "one": [answer(bash("perl -e 'print 61'"), until="ask"), answer("One.")], "two": [answer(bash("perl -e 'print 62'"), until="ask", delay=1), answer("Two.")]},
             settings={"hooks": {"PreToolUse": [{"matcher": "Bash", "hooks": [{"type": "command", "command": "cat >/dev/null; sleep 4"}]}]}} | plain())
    session = lab.start()
    session.submit("go", "main")
    session.sees("Launched")
    lab.api.open("ask")
    time.sleep(2)
    see(lab, "hooks-run")
    session.shows(PERMISSION, 30, for_seconds=1)
    drain(lab, session)


@scenario("queue-team-and-leader", since="2.1.300")
def queue_team_and_leader(lab):
    """A teammate asks while its leader asks too: the one on the screen counts."""
    mate = call("Agent", description="mate", prompt="Do it (script mate)", subagent_type="general-purpose", name="bob")
    lab.boot({"main": [answer(mate), answer("Team runs."), answer("Team reported."), answer("Team reported.")],
              "own": [answer(bash("perl -e 'print 71'"), until="own"), answer("Own is over.")],
              "mate": [answer(bash("perl -e 'print 72'"), until="mate"), answer("Mate over.")]},
             settings={"teammateMode": "tmux", "permissions": {"defaultMode": "default", "disableAutoMode": "disable", "allow": []}},
             state={"teammateMode": "tmux"}, environment=TEAMS)
    leader = lab.start("A")
    leader.submit("go", "main")
    leader.sees("Team runs")
    pane = new_pane(lab)
    bob = lab.sessions["B"] = type(leader)(lab, "B", pane)
    bob.pid = next(pid for pid in [lab.tmux.pid(pane), *proc.descendants(lab.tmux.pid(pane))] if "--agent-id" in proc.arguments(pid))
    time.sleep(2)
    leader.submit("go", "own")
    leader.shows(WORKING)
    lab.api.open("own")
    leader.shows(PERMISSION)
    time.sleep(1)
    see(lab, "own-asks")
    lab.api.open("mate")
    time.sleep(3)
    see(lab, "both-ask")
    drain(lab, leader, idle=UNTOLD)  # The teammate may go on.


@scenario("queue-agent-question", since="2.1.100")
def queue_agent_question(lab):
    """An agent in the foreground asks a question, a second one for a permission behind it."""
    lab.boot({"main": [answer(agent(lab, "one", background=False), agent(lab, "two", background=False)), answer("Over."), answer("Over."), answer("Over.")],
              "one": [answer(question(), until="ask"), answer("One.")], "two": [answer(bash("perl -e 'print 81'"), until="ask", delay=1), answer("Two.")]})
    session = lab.start()
    session.submit("go", "main")
    session.shows(WORKING)
    time.sleep(2)
    lab.api.open("ask")
    session.shows(f"{QUESTION}|{PERMISSION}", 30, for_seconds=1)
    drain(lab, session)


@scenario("queue-long-command", since="2.1.100")
def queue_long_command(lab):
    """Commands of many lines ask, one after the other, the second like the first but for its end."""
    body = "\n".join(f"echo step {number} of a long piece of work" for number in range(14))
    lab.boot(scripts(lab, both=[answer(bash(f"perl -e 'print 1'\n{body}\necho first"), bash(f"perl -e 'print 1'\n{body}\necho second")), answer("Both done.")]))
    session = lab.start()
    session.submit("go", "both")
    session.shows(PERMISSION)
    time.sleep(1.2)
    lab.look("first", A=PERMISSION)
    session.press("1")
    time.sleep(1.5)
    session.shows(f"{PERMISSION}|{IDLE}", 30, for_seconds=1)
    see(lab, "second")
    if session.shown() == PERMISSION:
        session.decline()
        session.shows(IDLE, for_seconds=1)
        lab.look("over", A=IDLE)
