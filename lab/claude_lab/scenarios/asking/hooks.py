"""Hooks of the user's that take their time."""

import json
import time

from ...api.answers import answer
from ...pod.truth import IDLE, PERMISSION, STARTING, WORKING
from .. import scenario
from ..common import ASK, LONG, bash, hook


def decision(**more):
    said = {"hookSpecificOutput": {"hookEventName": "PermissionRequest", "decision": more}}
    return f"cat >/dev/null; until-file hook; echo '{json.dumps(said)}'"


@scenario("hook-stop")
def hook_stop(lab):
    """A Stop hook runs after the last word of the turn."""
    lab.boot({"say": [answer("Hooked answer.")]}, settings={"hooks": {"Stop": hook("cat >/dev/null; until-file hook")}} | plain())
    session = lab.start()
    session.submit("say", "say")
    session.sees("Hooked answer")
    time.sleep(1)
    for number in range(3):
        # Old versions show a free prompt while the hook runs.
        lab.look(f"runs-{number}", A=session.shown())
        time.sleep(1.5)
    lab.end_command("hook")
    time.sleep(1)
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("hook-allows", since="2.1.100")
def hook_allows(lab):
    """A PermissionRequest hook answers for the user, after a while in which the dialog is open."""
    lab.boot({"ask": [answer(bash(ASK)), answer("All done.")]},
             settings={"hooks": {"PermissionRequest": hook(decision(behavior="allow"))}} | plain())
    session = lab.start()
    session.submit("compute", "ask")
    session.shows(PERMISSION)
    time.sleep(2)
    lab.look("asked", A=PERMISSION)
    lab.end_command("hook")
    session.shows(WORKING, for_seconds=0.8)
    lab.look("allowed", A=WORKING)
    lab.end_command("go")
    session.sees("All done")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("hook-denies", since="2.1.100")
def hook_denies(lab):
    """A PermissionRequest hook says no."""
    said = decision(behavior="deny", message="not from here", interrupt=False)
    lab.boot({"ask": [answer(bash(ASK)), answer("All done.")]}, settings={"hooks": {"PermissionRequest": hook(said)}} | plain())
    session = lab.start()
    session.submit("compute", "ask")
    session.shows(PERMISSION)
    lab.look("asked", A=PERMISSION)
    lab.end_command("hook")
    session.sees("All done")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


def plain():
    return {"permissions": {"defaultMode": "default", "disableAutoMode": "disable", "allow": []}}


def slow(event):
    return {"hooks": {event: hook("cat >/dev/null; until-file hook")}} | plain()


@scenario("hook-prompt")
def hook_prompt(lab):
    """A hook looks at the prompt before it is sent."""
    lab.boot({"say": [answer("Answered.")]}, settings=slow("UserPromptSubmit"))
    session = lab.start()
    session.submit("say", "say")
    time.sleep(2.5)
    lab.look("hook-runs", A=session.shown())
    time.sleep(3)
    lab.look("still-runs", A=session.shown())
    lab.end_command("hook")
    session.sees("Answered")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("hook-before-allowed")
def hook_before_allowed(lab):
    """A PreToolUse hook runs before a command that needs no permission; then the command runs."""
    settings = slow("PreToolUse") | {"permissions": {"defaultMode": "default", "disableAutoMode": "disable", "allow": ["Bash(until-file:*)"]}}
    lab.boot({"wait": [answer(bash(LONG)), answer("Waited.")]}, settings=settings)
    session = lab.start()
    session.submit("wait", "wait")
    session.sees("until-file")
    time.sleep(3)
    lab.look("hook-runs", A=WORKING)
    lab.end_command("hook")
    time.sleep(2)
    lab.look("command-runs", A=WORKING)
    lab.end_command("go")
    session.sees("Waited")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("hook-after-tool")
def hook_after_tool(lab):
    """A PostToolUse hook takes its time after the command."""
    settings = slow("PostToolUse") | {"permissions": {"defaultMode": "default", "disableAutoMode": "disable", "allow": ["Bash(pwd)"]}}
    lab.boot({"wait": [answer(bash("pwd")), answer("Printed.")]}, settings=settings)
    session = lab.start()
    session.submit("wait", "wait")
    session.sees("pwd")
    time.sleep(3)
    lab.look("hook-runs", A=WORKING)
    lab.end_command("hook")
    session.sees("Printed")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("hook-stop-goes-on", since="2.0.0")
def hook_stop_goes_on(lab):
    """A Stop hook sends the model back to work once."""
    once = "cat >/dev/null; test -e ~/.once && exit 0; touch ~/.once; echo 'not yet' >&2; exit 2"
    lab.boot({"say": [answer("First end."), answer("Second end.", until="send")]}, settings={"hooks": {"Stop": hook(once)}} | plain())
    session = lab.start()
    session.submit("say", "say")
    session.sees("First end")
    session.shows(WORKING, for_seconds=1.5)
    lab.look("sent-back", A=WORKING)
    lab.api.open("send")
    session.sees("Second end")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("hook-start")
def hook_start(lab):
    """A SessionStart hook takes its time: what the screen shows meanwhile is the version's choice."""
    lab.boot({"say": [answer("Answered.")]}, settings=slow("SessionStart"))
    session = lab.start(ready=False)
    session.shows(f"{IDLE}|{WORKING}|nothing", 60, for_seconds=5)
    shown = session.shown()
    lab.look("hook-runs", A=STARTING if shown == "nothing" else shown)
    lab.end_command("hook")
    time.sleep(1)
    session.shows(IDLE)
    lab.look("begun", A=IDLE)
