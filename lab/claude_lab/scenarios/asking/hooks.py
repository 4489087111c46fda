"""Hooks of the user's that take their time."""

import json
import time

from ...api.answers import answer
from ...pod.truth import GONE, IDLE, PERMISSION, STARTING, UNTOLD, WORKING
from .. import scenario
from ..common import ASK, LONG, bash, hook, see


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


@scenario("hook-async", since="2.1.75")
def hook_async(lab):
    """Hooks that run on by themselves behind a prompt that is free, and behind a permission."""
    def behind(name):
        return hook(f"cat >/dev/null; until-file {name}", **{"async": True})
    settings = {"hooks": {"Stop": behind("stop"), "PostToolUse": behind("post"), "PreToolUse": behind("pre")}}
    lab.boot({"one": [answer("First answer.")], "long": [answer(bash(LONG)), answer("Long is over.")],
              "ask": [answer(bash(ASK)), answer("Asked.")]}, settings=settings)
    session = lab.start()
    session.submit("go", "one")
    session.sees("First answer")
    session.shows(IDLE, for_seconds=1)
    time.sleep(2)
    lab.look("free", A=IDLE)
    session.submit("go", "long")
    session.sees("until-file")
    time.sleep(2)
    lab.look("works", A=WORKING)
    lab.end_command("go")
    session.sees("Long is over")
    session.shows(IDLE, for_seconds=1)
    time.sleep(3)
    lab.look("free-again", A=IDLE)
    session.submit("go", "ask")
    session.shows(PERMISSION)
    time.sleep(3)
    lab.look("asks", A=PERMISSION)
    session.decline()
    session.shows(IDLE, for_seconds=1)
    lab.look("declined", A=IDLE)
    for name in ("stop", "post", "pre"):
        lab.end_command(name)
    time.sleep(3)
    see(lab, "hooks-over")


@scenario("hook-asks-model", since="2.1.75")
def hook_asks_model(lab):
    """A Stop hook that asks a model whether all is done, which takes its time."""
    stop = [{"hooks": [{"type": "prompt", "prompt": "Is it done? (script judge) $ARGUMENTS"}]}]
    lab.boot({"one": [answer("First answer.")], "judge": [answer('{"ok": true}', until="judge")]}, settings={"hooks": {"Stop": stop}})
    session = lab.start()
    session.submit("go", "one")
    session.sees("First answer")
    time.sleep(2)
    see(lab, "judged")
    lab.api.open("judge")
    time.sleep(4)
    see(lab, "over")


@scenario("hook-session-end", since="2.0.77")
def hook_session_end(lab):
    """A SessionEnd hook takes its time; and one of the prompt that refuses it."""
    settings = {"hooks": {"SessionEnd": hook("cat >/dev/null; until-file end", timeout=30),
                          "UserPromptSubmit": hook("grep -q forbidden && { echo not that >&2; exit 2; }; true")}}
    lab.boot({"one": [answer("First answer.")]}, settings=settings)
    session = lab.start()
    session.submit("this is forbidden", "one")
    session.sees("not that")
    time.sleep(1.5)
    see(lab, "refused")
    session.wipe("forbidden")
    session.submit("go", "one")
    session.sees("First answer")
    session.shows(IDLE)
    lab.look("finished", A=IDLE)
    session.submit("/exit")
    time.sleep(2)
    # The box stays on the screen, and takes nothing any more.
    lab.look("ends", A=UNTOLD)
    lab.end_command("end")
    session.gone(40)
    lab.look("gone", A=GONE)
