"""Features that meet: a conversation in two processes, agents beside commands of the user, tasks that end."""

import time

from ...api.answers import FromRequest, answer, call, failure
from ...pod.truth import GONE, IDLE, MENU, PERMISSION, PLAN, QUESTION, WORKING
from .. import scenario
from ..common import ASK, LONG, agent, asks, bash, declines, hook, plan_steps, question, repository, see, turn
from ..asking.hooks import plain

BEHIND = {"run_in_background": True}


@scenario("meet-resume-while-asked", since="2.1.75")
def meet_resume_while_asked(lab):
    """A conversation waits for a permission; it is resumed elsewhere, forked, and worked on there."""
    lab.boot({"one": [answer("First answer.")], "ask": [answer(bash(ASK)), answer("Asked.")],
              "work": [answer(bash("until-file more")), answer("Worked.")]})
    session = lab.start("A")
    turn(lab, session, "one", "First answer")
    session.submit("go", "ask")
    session.shows(PERMISSION)
    time.sleep(1)
    transcript = next(iter(lab.config.glob("projects/*/*.jsonl")))
    other = lab.start("B", f"--resume {transcript.stem}")
    lab.look("resumed", A=PERMISSION, B=IDLE)
    fork = lab.start("C", f"--resume {transcript.stem} --fork-session")
    lab.look("forked", A=PERMISSION, B=IDLE, C=IDLE)
    other.submit("go", "work")
    other.sees("until-file more")
    time.sleep(2)
    lab.look("resumed-works", A=PERMISSION, B=WORKING, C=IDLE)
    fork.submit("go", "ask")
    fork.shows(PERMISSION)
    time.sleep(1)
    lab.look("all", A=PERMISSION, B=WORKING, C=PERMISSION)
    session.press("1")
    session.shows(WORKING, for_seconds=0.8)
    time.sleep(1)
    lab.look("first-may", A=WORKING, B=WORKING, C=PERMISSION)
    lab.end_command("more")
    other.sees("Worked")
    other.shows(IDLE)
    lab.look("resumed-is-done", A=WORKING, B=IDLE, C=PERMISSION)


@scenario("meet-continue-twice", since="2.1.75")
def meet_continue_twice(lab):
    """`claude -c` in two panes; the first asks while the second asks a question."""
    lab.boot({"one": [answer("First answer.")], "ask": [answer(bash(ASK)), answer("Asked.")], "question": [answer(question()), answer("Chosen.")]})
    session = lab.start("A")
    turn(lab, session, "one", "First answer")
    time.sleep(1)
    session.exit()
    first, second = lab.start("A", "-c"), lab.start("B", "-c")
    lab.look("both", A=IDLE, B=IDLE)
    first.submit("go", "ask")
    first.shows(PERMISSION)
    time.sleep(1)
    lab.look("one-asks", A=PERMISSION, B=IDLE)
    second.submit("go", "question")
    second.shows(QUESTION)
    time.sleep(1)
    lab.look("two-ask", A=PERMISSION, B=QUESTION)
    first.decline()
    first.shows(IDLE)
    time.sleep(1)
    lab.look("one-left", A=IDLE, B=QUESTION)
    second.press("Enter")
    second.sees("Chosen")
    second.shows(IDLE)
    lab.look("none-left", A=IDLE, B=IDLE)


@scenario("meet-clear-agent", since="2.1.100")
def meet_clear_agent(lab):
    """/clear while an agent runs behind the prompt, and while it asks; then the next turn."""
    lab.boot({"main": [answer(agent(lab, "sub", background=True)), answer("Main turn over."), answer("Reported.")],
              "sub": [answer(bash(LONG)), answer(bash(ASK)), answer("Sub report.")], "two": [answer("Second answer.")]})
    session = lab.start()
    session.submit("go", "main")
    session.sees("Main turn over")
    time.sleep(2)
    see(lab, "runs")
    session.submit("/clear")
    time.sleep(3)
    see(lab, "cleared")
    lab.end_command("go")
    time.sleep(3)
    see(lab, "asks-or-not")
    if session.shown() == PERMISSION:
        session.press("1")
    time.sleep(2)
    session.shows(IDLE, 30, for_seconds=1)
    turn(lab, session, "two", "Second answer")
    see(lab, "next")


@scenario("meet-compact-fails")
def meet_compact_fails(lab):
    """Esc in the middle of /compact; then the API refuses one; the prompt is free each time."""
    lab.boot({"one": [answer("First answer.")], "two": [answer("Second answer.")] + [failure(400)] * 9,
              "compact": [answer("Never.", until="never")]})
    session = lab.start()
    turn(lab, session, "one", "First answer")
    turn(lab, session, "two", "Second answer")
    session.submit("/compact")
    session.shows(WORKING, for_seconds=1)
    lab.look("compacts", A=WORKING)
    session.press("Escape")
    session.shows(IDLE, for_seconds=1.5)
    lab.look("left", A=IDLE)
    time.sleep(4)
    lab.look("later", A=IDLE)
    lab.api.scripts["compact"] = [failure(400)]
    session.submit("/compact")
    time.sleep(3)
    session.shows(IDLE, 60, for_seconds=2)
    lab.look("refused", A=IDLE)


@scenario("meet-tasks-end", since="2.0.77")
def meet_tasks_end(lab):
    """Three commands run behind the prompt: one ends while it is free, one while a permission is asked for,
    one while a question is."""
    names = ("one", "two", "three")
    lab.boot({"serve": [answer(*(bash(f"until-file {it}", **BEHIND) for it in names)), answer("Started them.")],
              "ask": [answer(bash("perl -e 'print 4'")), answer("Allowed.")], "question": [answer(question()), answer("Chosen.")]})
    session = lab.start()
    session.submit("go", "serve")
    session.sees("Started them")
    session.shows(IDLE)
    time.sleep(1)
    lab.look("three-run", A=IDLE)
    lab.end_command("one")
    time.sleep(4)
    session.shows(IDLE, for_seconds=1)
    lab.look("one-ended", A=IDLE)
    asks(lab, session)
    lab.end_command("two")
    time.sleep(3)
    lab.look("asks-still", A=PERMISSION)
    session.press("1")
    session.sees("Allowed")
    session.shows(IDLE, for_seconds=2)
    lab.look("allowed", A=IDLE)
    session.submit("go", "question")
    session.shows(QUESTION)
    time.sleep(1)
    lab.look("question", A=QUESTION)
    lab.end_command("three")
    time.sleep(3)
    lab.look("question-still", A=QUESTION)
    session.press("Enter")
    session.sees("Chosen")
    session.shows(IDLE, for_seconds=2)
    lab.look("over", A=IDLE)


@scenario("meet-plan-queued", since="2.0.77")
def meet_plan_queued(lab):
    """A prompt is queued while the plan is made; the plan is approved; both are worked on."""
    steps = plan_steps(lab)
    steps.insert(0, answer(bash(LONG)))
    lab.boot({"plan": [*steps, answer(bash("until-file carry")), answer("Carried out.")], "two": [answer("Second answer.")]})
    session = lab.start(arguments="--permission-mode plan")
    session.submit("plan it", "plan")
    session.sees("until-file")
    session.submit("and then", "two")
    time.sleep(1)
    see(lab, "queued")
    lab.end_command("go")
    session.shows(f"{PLAN}|{IDLE}", for_seconds=1)
    if see(lab, "plan") == PLAN:
        session.press("1")
        time.sleep(2)
        see(lab, "approved")
    lab.end_command("carry")
    time.sleep(2)
    session.shows(f"{IDLE}|{PLAN}", for_seconds=2)
    see(lab, "over")


@scenario("meet-exit-worktree", since="2.1.75")
def meet_exit_worktree(lab):
    """/exit in a worktree of its own with a new file in it: it asks what becomes of it."""
    lab.boot({"one": [answer(call("Write", file_path="new.txt", content="x")), answer("First answer.")]})
    repository(lab)
    session = lab.start(arguments="--worktree tree --permission-mode acceptEdits")
    session.submit("go", "one")
    session.sees("First answer")
    session.shows(IDLE)
    session.line("touch")
    time.sleep(2)
    lab.shell("touch ~/proj/.claude/worktrees/tree/new.txt")
    session.shows(IDLE, for_seconds=1)
    session.submit("/exit")
    time.sleep(3)
    if session.shown() == "menu":
        lab.look("asks", A=MENU)
        session.press("Escape")
        time.sleep(1)
        see(lab, "left")


@scenario("meet-bang-input")
def meet_bang_input(lab):
    """A `!` command that reads what nobody can type."""
    lab.boot({"one": [answer("First answer.")]})
    session = lab.start()
    turn(lab, session, "one", "First answer")
    session.type("!")
    time.sleep(0.3)
    session.type("python3 -c 'input(\"Do you want to go on? \"); import time; time.sleep(3)' < <(sleep 6; echo yes)")
    time.sleep(0.3)
    session.press("Enter")
    time.sleep(3)
    see(lab, "runs")
    time.sleep(2)
    see(lab, "still")
    time.sleep(8)
    session.shows(IDLE, 30, for_seconds=1)
    lab.look("over", A=IDLE)


@scenario("meet-hook-blocks", since="2.0.0")
def meet_hook_blocks(lab):
    """A PreToolUse hook takes its time and refuses; a PostToolUse hook complains; a SubagentStop hook holds."""
    slow = "cat >/dev/null; until-file hook; echo 'not so' >&2; exit 2"
    after = "cat >/dev/null; until-file after; echo 'look again' >&2; exit 2"
    lab.boot({"try": [answer(bash("pwd")), answer("As you like.")], "other": [answer(call("Glob", pattern="*")), answer("Looked.")]},
             settings={"hooks": {"PreToolUse": [{"matcher": "Bash", "hooks": [{"type": "command", "command": slow}]}],
                                 "PostToolUse": [{"matcher": "Glob", "hooks": [{"type": "command", "command": after}]}]}} | plain())
    session = lab.start()
    session.submit("go", "try")
    session.sees("pwd")
    time.sleep(3)
    lab.look("hook-runs", A=WORKING)
    lab.end_command("hook")
    session.sees("As you like")
    session.shows(IDLE)
    lab.look("refused", A=IDLE)
    session.submit("go", "other")
    time.sleep(4)
    see(lab, "after-runs")
    lab.end_command("after")
    session.sees("Looked")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("meet-hook-agent", since="2.1.100")
def meet_hook_agent(lab):
    """A SubagentStop hook takes its time behind an agent; a PreCompact hook before /compact."""
    lab.boot({"main": [answer(agent(lab, "sub", background=False)), answer("Delegation over."), answer("Reported.")], "sub": [answer("Sub report.")]},
             settings={"hooks": {"SubagentStop": hook("cat >/dev/null; until-file sub"), "PreCompact": hook("cat >/dev/null; until-file compact")}} | plain())
    session = lab.start()
    session.submit("go", "main")
    time.sleep(5)
    see(lab, "sub-hook")
    lab.end_command("sub")
    session.sees("Delegation over|Reported")
    session.shows(IDLE, 60, for_seconds=2)
    lab.look("over", A=IDLE)
    session.submit("/compact")
    time.sleep(3)
    see(lab, "compact-hook")
    lab.end_command("compact")
    time.sleep(2)
    session.shows(IDLE, 60, for_seconds=2)
    lab.look("compacted", A=IDLE)


@scenario("meet-hook-end", since="2.0.77")
def meet_hook_end(lab):
    """A SessionEnd hook, which runs at /clear and at the end; a Notification hook while it asks."""
    lab.boot({"ask": [answer(bash(ASK)), answer("Asked.")], "one": [answer("First answer.")]},
             settings={"hooks": {"SessionEnd": hook("cat >/dev/null; sleep 4"), "Notification": hook("cat >/dev/null; sleep 6")}} | plain())
    session = lab.start()
    turn(lab, session, "one", "First answer")
    session.submit("/clear")
    time.sleep(1.5)
    see(lab, "clears")
    session.shows(IDLE, for_seconds=2)
    lab.look("cleared", A=IDLE)
    session.submit("go", "ask")
    session.shows(PERMISSION)
    for number in range(4):
        lab.look(f"asks-{number}", A=PERMISSION)
        time.sleep(3)
    declines(lab, session)
    session.submit("/exit")
    session.headless = True
    session.gone(30)
    lab.look("ended", A=GONE)


@scenario("meet-agents-escape", since="2.1.100")
def meet_agents_escape(lab):
    """Esc while two agents work; the prompt after it; agents that run on are work."""
    lab.boot({"main": [answer(agent(lab, "one", background=False), agent(lab, "two", background=False)), answer("Over."), answer("Over.")],
              "one": [answer(bash("until-file one")), answer("One.")], "two": [answer(bash(ASK), until="two"), answer("Two.")],
              "next": [answer("Next answer.")]})
    session = lab.start()
    session.submit("go", "main")
    session.shows(WORKING)
    time.sleep(4)
    lab.look("both-work", A=WORKING)
    session.press("Escape")
    time.sleep(2)
    see(lab, "escaped")
    time.sleep(3)
    see(lab, "later")
    lab.api.open("two")
    time.sleep(3)
    see(lab, "two-goes-on")
    if session.shown() == PERMISSION:
        session.decline()
        time.sleep(1)
    lab.end_command("one")
    session.shows(IDLE, 60, for_seconds=2)
    turn(lab, session, "next", "Next answer")
    see(lab, "next")


@scenario("meet-task-output", since="2.1.75")
def meet_task_output(lab):
    """The model waits for what it has sent behind the prompt."""
    task = call("TaskOutput", task_id=FromRequest(r"running in background with ID: (\w+)"), block=True, timeout=60000)
    lab.boot({"wait": [answer(bash(LONG, **BEHIND)), answer(task), answer("It ended.")]})
    session = lab.start()
    session.submit("go", "wait")
    session.shows(WORKING)
    time.sleep(4)
    see(lab, "waits")
    lab.end_command("go")
    session.sees("It ended")
    session.shows(IDLE, for_seconds=2)
    lab.look("over", A=IDLE)


@scenario("meet-config-dir")
def meet_config_dir(lab):
    """Two sessions, one of them with a folder of settings of its own: one asks, the other works."""
    lab.boot({"ask": [answer(bash(ASK)), answer("Asked.")], "work": [answer(bash(LONG)), answer("Worked.")]})
    lab.shell("mkdir ~/own && cp ~/.claude/settings.json ~/own/ && cp ~/.claude.json ~/own/.claude.json")
    one = lab.start("A")
    other = lab.start("B", environment={"CLAUDE_CONFIG_DIR": "/home/dev/own"})
    lab.look("free", A=IDLE, B=IDLE)
    one.submit("go", "work")
    one.sees("until-file")
    other.submit("go", "ask")
    other.shows(PERMISSION)
    time.sleep(1.5)
    lab.look("both", A=WORKING, B=PERMISSION)
    other.decline()
    other.shows(IDLE)
    lab.end_command("go")
    one.sees("Worked")
    one.shows(IDLE)
    lab.look("over", A=IDLE, B=IDLE)
