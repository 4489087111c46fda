"""Hooks of the user's that take their time."""

import json
import time

from ..api.answers import answer
from ..pod.truth import IDLE, PERMISSION, WORKING
from . import scenario
from .common import ASK, bash, hook


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
