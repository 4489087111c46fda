"""What the user opens over the prompt, what stops the session, and what it asks for in odd ways."""

import time

from ...api.answers import answer, call, failure
from ...pod.truth import DIALOG, IDLE, MENU, PERMISSION, WORKING
from .. import scenario
from ..common import ASK, LONG, bash, hook

COMMANDS = (
    "/resume", "/agents", "/mcp", "/hooks", "/help", "/status", "/memory", "/export", "/rewind", "/theme", "/usage", "/context",
    "/tasks", "/skills", "/plugin", "/add-dir", "/output-style", "/stats", "/doctor", "/ide", "/effort", "/release-notes", "/color",
    "/privacy-settings", "/sandbox", "/statusline", "/recap", "/fast")
"""Some open a menu, some print something, and some versions do not know them."""
THIRD = len(COMMANDS) // 3 + 1


def close(session):
    for _ in range(4):
        if session.shown() == IDLE:
            return
        session.press("Escape")
        time.sleep(1)


@scenario("menus-first", since="2.1.220")
def menus_first(lab):
    """Commands of the CLI, one after the other: no work waits for the user."""
    walk(lab, COMMANDS[:THIRD])


@scenario("menus-second", since="2.1.220")
def menus_second(lab):
    """The same with others."""
    walk(lab, COMMANDS[THIRD:2 * THIRD])


@scenario("menus-third", since="2.1.220")
def menus_third(lab):
    """The same with the rest."""
    walk(lab, COMMANDS[2 * THIRD:])


def walk(lab, commands):
    lab.boot({"one": [answer("First answer.")]})
    session = lab.start()
    session.submit("go", "one")
    session.sees("First answer")
    session.shows(IDLE)
    for command in commands:
        session.submit(command)
        time.sleep(2)
        shown = session.shown()
        lab.look(command[1:], A={"menu": MENU, "nothing": MENU}.get(shown, shown))
        close(session)


@scenario("menus-by-key", since="2.1.220")
def menus_by_key(lab):
    """Views that keys open: the transcript, the history, the rewind menu, shortcuts; the transcript while it works."""
    lab.boot({"one": [answer("First answer.")], "long": [answer(bash(LONG)), answer("Second.")]})
    session = lab.start()
    session.submit("go", "one")
    session.sees("First answer")
    session.shows(IDLE)
    for name, pressed, shown in (("transcript", ["C-o"], IDLE), ("history", ["C-r"], MENU), ("rewind", ["Escape", "Escape"], MENU),
                                 ("shortcuts", ["?"], IDLE), ("mode", ["BTab"], IDLE)):
        session.press(*pressed)
        time.sleep(1.5)
        lab.look(name, A=shown)
        session.press("Escape")
        time.sleep(1)
        session.press("C-u")
        time.sleep(0.5)
    session.submit("long", "long")
    session.shows(WORKING)
    session.press("C-o")
    time.sleep(1.5)
    row = next(iter(lab.vmux.rows().values()), {})
    lab.check("it works behind its transcript", row.get("state") == WORKING, row)
    session.press("Escape")
    lab.end_command("go")
    session.sees("Second")


@scenario("failure-kinds", since="2.1.220")
def failure_kinds(lab):
    """What a turn failed of stands in the list; the turn after it is finished again."""
    kinds = {"credits": (failure(400, message="Your credit balance is too low to access the Anthropic API"), "credit balance is too low"),
             "long": (failure(400, message="prompt is too long: 250000 tokens > 200000 maximum"), "prompt is too long"),
             "forbidden": (failure(403, message="forbidden"), "login is refused"),
             "big": (failure(413, message="request too large"), "API error 413"),
             "length": ([answer("Half of", stop="max_tokens")] * 8, "API error")}
    lab.boot({name: step if isinstance(step, list) else [step] for name, (step, _) in kinds.items()} | {"after": [answer("After.")]})
    session = lab.start()
    for name, (_, words) in kinds.items():
        for script, says in ((name, "failed  " + words), ("after", "finished")):
            session.submit("go", script)
            time.sleep(3)
            session.shows(IDLE, 60, for_seconds=1.5)
            lab.look(script, A=IDLE)
            line = lab.vmux.run("list")[1]
            lab.check(f"{name}: {says}", says in line, line)


@scenario("turn-ends", since="2.1.220")
def turn_ends(lab):
    """Turns that end with a stop sequence, with a full context, or with nothing said."""
    lab.boot({"window": [answer("Half", stop="model_context_window_exceeded")], "sequence": [answer("To here", stop="stop_sequence")],
              "empty": [answer()]})
    session = lab.start()
    for script in ("window", "sequence", "empty"):
        session.submit("go", script)
        time.sleep(3)
        session.shows(IDLE, 60, for_seconds=1.5)
        lab.look(script, A=IDLE)


@scenario("permission-tools", since="2.1.220")
def permission_tools(lab):
    """What many tools ask before they run, and what runs at once: the version's choice."""
    calls = {"search": call("WebSearch", query="rust inotify"), "plan": call("EnterPlanMode"), "skill": call("Skill", skill="hello"),
             "read": call("Read", file_path="/etc/hostname"), "glob": call("Glob", pattern="*", path="/etc"), "grep": call("Grep", pattern="x", path="/etc"),
             "note": call("NotebookEdit", notebook_path="/home/dev/proj/a.ipynb", new_source="1", cell_type="code", edit_mode="insert"),
             "monitor": call("Monitor", command="perl -e 1", description="watch it"), "worktree": call("EnterWorktree", name="tree"),
             "cd": bash("cd /etc && ls"), "danger": bash("rm -rf /home/dev/proj/x"), "write": call("Write", file_path="/home/dev/proj/other.txt", content="x")}
    lab.boot({name: [answer(it), answer("Done.")] for name, it in calls.items()})
    lab.write(lab.home / ".claude/skills/hello/SKILL.md", "---\nname: hello\ndescription: Says hello\n---\nSay hello.\n")
    lab.write(lab.home / "proj/a.ipynb", '{"cells":[],"metadata":{},"nbformat":4,"nbformat_minor":5}')
    session = lab.start()
    for name in calls:
        session.submit("go", name)
        time.sleep(3)
        shown = session.shown()
        lab.look(name, A={"menu": DIALOG}.get(shown, shown))
        close(session)
        session.shows("idle", 30, for_seconds=1)
        lab.look(name + "-over", A=IDLE)


@scenario("hook-asks", since="2.1.220")
def hook_asks(lab):
    """A PreToolUse hook that says: ask; a prompt that a hook refuses."""
    decision = '{"hookSpecificOutput": {"hookEventName": "PreToolUse", "permissionDecision": "ask", "permissionDecisionReason": "look at it"}}'
    refuse = '{"decision": "block", "reason": "not so"}'
    lab.boot({"one": [answer(bash("echo hello")), answer("Done.")]}, settings={
        "hooks": {"PreToolUse": hook(f"echo '{decision}'"),
                  "UserPromptSubmit": [{"hooks": [{"type": "command", "command": f"grep -q refuse && echo '{refuse}' || true"}]}]}})
    session = lab.start()
    session.submit("please refuse")
    time.sleep(2)
    lab.look("refused", A=session.shown())
    session.wipe("please")
    session.submit("go", "one")
    session.shows(PERMISSION)
    lab.look("asks", A=PERMISSION)
    session.press("1")
    session.sees("Done")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("process-foreground", since="2.1.220")
def process_foreground(lab):
    """Ctrl-Z while it works and while it asks; fg."""
    lab.boot({"ask": [answer(bash(ASK)), answer("Done.")], "long": [answer(bash(LONG)), answer("Long.")]})
    session = lab.start()
    session.submit("go", "ask")
    session.shows(PERMISSION)
    session.press("C-z")
    time.sleep(2)
    lab.look("stopped", A="untold")
    session.line("fg")
    session.shows(PERMISSION)
    time.sleep(1)
    lab.look("asks-again", A=PERMISSION)
    session.press("Escape")
    session.shows(IDLE)
    session.submit("go", "long")
    session.shows(WORKING)
    session.press("C-z")
    time.sleep(2)
    lab.look("stopped-working", A="untold")
    lab.end_command("go")
    session.line("fg")
    session.sees("Long")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("conversation-background", since="2.1.220")
def conversation_background(lab):
    """/rename, /branch and /clear while a background shell runs; it ends later; /exit asks."""
    command = bash("until-file go", run_in_background=True)
    lab.boot({"one": [answer(command), answer("It runs.")], "two": [answer("Two.")]})
    session = lab.start()
    session.submit("go", "one")
    session.sees("It runs")
    session.shows(IDLE)
    for command in ("/rename other", "/branch", "/clear"):
        session.submit(command)
        time.sleep(2)
        lab.look(command[1:].split()[0], A=session.shown())
    session.submit("go", "two")
    session.sees("Two")
    session.shows(IDLE)
    lab.look("two", A=IDLE)
    session.submit("/exit")
    time.sleep(2)
    if session.shown() == "menu":
        lab.look("asks-before-it-ends", A=MENU)
        close(session)
    lab.end_command("go")
