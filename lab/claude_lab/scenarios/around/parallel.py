"""Calls of one message of which some are refused by rules, hooks or because they make no sense."""

import json
import time

from ...api.answers import answer, call
from ...pod.truth import IDLE, PERMISSION, WORKING
from .. import scenario
from ..common import ASK, LONG, asks, bash, hook, scripts, see


@scenario("parallel-refused", since="2.0.0")
def parallel_refused(lab):
    """One message: a command that a rule forbids, one that a hook forbids, an unknown tool, one without its
    argument, an allowed one, and one that asks."""
    deny = {"hookSpecificOutput": {"hookEventName": "PreToolUse", "permissionDecision": "deny", "permissionDecisionReason": "not here"}}
    script = f"grep -q hooked && echo '{json.dumps(deny)}'; true"
    calls = [bash("ls /forbidden"), bash("echo hooked"), call("NoSuchTool", x=1), call("Bash", wrong="argument"), bash("pwd"), bash(ASK)]
    lab.boot({"many": [answer(*calls), answer("All done.")], "reverse": [answer(*reversed(calls)), answer("Reversed.")]},
             settings={"hooks": {"PreToolUse": hook(script)}, "permissions": {
                 "defaultMode": "default", "disableAutoMode": "disable", "allow": ["Bash(pwd)"], "deny": ["Bash(ls:*)"]}})
    session = lab.start()
    for name, words in (("many", "All done"), ("reverse", "Reversed")):
        session.submit("go", name)
        session.shows(PERMISSION)
        time.sleep(1)
        lab.look(name, A=PERMISSION)
        session.press("1")
        time.sleep(2)
        see(lab, name + "-allowed")
        lab.end_command("go")
        session.sees(words)
        session.shows(IDLE)
        lab.look(name + "-over", A=IDLE)
        (lab.home / ".go").unlink()


@scenario("parallel-many", since="2.0.0")
def parallel_many(lab):
    """One message: reads that need no permission, a file outside, an edit, a search on the net, a command."""
    lab.boot({"many": [answer(call("Read", file_path="/home/dev/proj/a.txt"), call("Glob", pattern="*"), call("Read", file_path="/etc/hostname"),
                              call("Write", file_path="/home/dev/proj/b.txt", content="b"), call("WebFetch", url="http://example.com/x", prompt="what"),
                              bash(ASK)), answer("All done.")]})
    lab.write(lab.home / "proj/a.txt", "a\n")
    session = lab.start()
    session.submit("go", "many")
    for number in range(6):
        time.sleep(3)
        if see(lab, f"step-{number}") != PERMISSION:
            break
        session.press("1")
    lab.end_command("go")
    session.sees("All done")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("parallel-stop-hook", since="2.0.0")
def parallel_stop_hook(lab):
    """A Stop hook sends it back three times; in between it asks, and runs a command."""
    count = "n=$(cat ~/count 2>/dev/null || echo 0); n=$((n+1)); echo $n > ~/count; [ $n -gt 3 ] && exit 0; echo 'more to do' >&2; exit 2"
    lab.boot({"one": [answer("First."), answer(bash(ASK)), answer("Second."), answer(bash("until-file long")), answer("Third."), answer("Fourth.")]},
             settings={"hooks": {"Stop": hook(count)}})
    session = lab.start()
    session.submit("go", "one")
    session.shows(PERMISSION)
    time.sleep(1)
    lab.look("asks", A=PERMISSION)
    lab.end_command("go")
    session.press("1")
    session.sees("until-file long")
    time.sleep(2)
    lab.look("runs", A=WORKING)
    lab.end_command("long")
    session.sees("Fourth")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("parallel-odd-ends", since="2.0.0")
def parallel_odd_ends(lab):
    """Answers that end with pause_turn, with max_tokens in a call, with nothing but thinking; then a permission each."""
    lab.boot({"pause": [answer("Half of it.", stop="pause_turn"), answer("The rest.")],
              "cut": [answer(bash("pwd"), stop="max_tokens"), answer("After the cut.")],
              "refusal": [answer("I would rather not.", stop="refusal")], "ask": scripts(lab, "ask")["ask"]})
    session = lab.start()
    for name in ("pause", "cut", "refusal"):
        session.submit("go", name)
        time.sleep(4)
        see(lab, name)
        if session.shown() == "menu":
            lab.note(session.last_lines())
            session.press("Escape")
        session.shows(IDLE, 60, for_seconds=2)
        lab.look(name + "-over", A=IDLE)
    asks(lab, session)


@scenario("parallel-menu-work", since="2.0.0")
def parallel_menu_work(lab):
    """Menus are opened while a command runs; it ends, and a permission comes behind the menu."""
    lab.boot({"ask": [answer(bash(LONG)), answer(bash(ASK)), answer("Done.")]})
    for number, command in enumerate(("/config", "/model", "/permissions", "/mcp", "/help", "/status", "/tasks", "/agents")):
        session = lab.start(f"S{number}")
        session.submit("go", "ask")
        session.sees("until-file")
        session.shows(WORKING)
        session.submit(command)
        time.sleep(2)
        shown = session.shown()
        # A menu over a command that runs: the turn goes on behind it.
        lab.look(command[1:], **{session.name: WORKING if shown == WORKING else "untold"})
        lab.end_command("go")
        time.sleep(3)
        shown = session.shown()
        lab.look(command[1:] + "-ended", **{session.name: shown if shown != "menu" else "untold"})
        session.press("Escape")
        time.sleep(1.5)
        shown = session.shown()  # Some menus take two.
        lab.look(command[1:] + "-left", **{session.name: shown if shown != "menu" else "untold"})
        (lab.home / ".go").unlink()
