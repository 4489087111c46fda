"""Hooks, limits and answers that decide for one of several agents."""

import json
import time

from ...api.answers import answer, call, failure
from ...pod.truth import IDLE, PERMISSION, WORKING
from .. import scenario
from ..asking.hooks import plain
from ..common import LONG, agent, bash, hook, scripts, see

ALLOW = json.dumps({"hookSpecificOutput": {"hookEventName": "PermissionRequest", "decision": {"behavior": "allow"}}})


def one_only(mark):
    """A PermissionRequest hook that allows what names `mark`, once `until-file hook` is over."""
    return {"PermissionRequest": hook(f"grep -q '{mark}' && until-file hook && echo '{ALLOW}' || true")}


def two_agents(lab):
    return {"main": [answer(agent(lab, "first"), agent(lab, "second")), answer("Launched."), answer("One over."), answer("Both over."), answer("Both over.")],
            "first": [answer(bash("perl -e 'sleep 1 until -e \"/home/dev/.first\"'")), answer("First.")],
            "second": [answer(bash("perl -e 'sleep 1 until -e \"/home/dev/.second\"'"), delay=1.5), answer("Second.")]}


def named(lab, session, label, word):
    row = lab.vmux.rows().get(session.pid) or {}
    lab.check(f"{label}: {word} is named", word in (row.get("detail") or ""), row.get("detail"))


@scenario("hook-second-agent", since="2.1.100")
def hook_second_agent(lab):
    """Two agents ask; a hook allows the one behind, whose dialog was not shown yet; the first still asks."""
    lab.boot(two_agents(lab), settings={"hooks": one_only("dev/.second")} | plain())
    session = lab.start()
    session.submit("go", "main")
    session.shows(PERMISSION)
    time.sleep(4)
    lab.look("first", A=PERMISSION)
    named(lab, session, "first", ".first")
    lab.end_command("hook")
    time.sleep(3)
    lab.look("second-runs", A=PERMISSION)
    named(lab, session, "second-runs", ".first")
    lab.end_command("second")
    time.sleep(3)
    lab.look("second-over", A=PERMISSION)
    session.press("1")
    session.shows(WORKING, for_seconds=0.8)
    lab.look("first-runs", A=WORKING)
    lab.end_command("first")
    session.sees("over")
    session.shows(IDLE, 60, for_seconds=2.5)
    lab.look("over", A=IDLE)


@scenario("hook-first-agent", since="2.1.100")
def hook_first_agent(lab):
    """Two agents ask; a hook allows the one on the screen, and the other takes its place."""
    lab.boot(two_agents(lab), settings={"hooks": one_only("dev/.first")} | plain())
    session = lab.start()
    session.submit("go", "main")
    session.shows(PERMISSION)
    time.sleep(4)
    see(lab, "first")
    lab.end_command("hook")
    session.sees(r"(?s)dev/.second.*Do you want to proceed", 20)
    time.sleep(1)
    lab.look("second", A=PERMISSION)
    named(lab, session, "second", ".second")
    session.decline()
    time.sleep(2)
    lab.end_command("first")
    session.shows(IDLE, 60, for_seconds=2.5)
    lab.look("over", A=IDLE)


@scenario("always-frees-agents", since="2.1.100")
def always_frees_agents(lab):
    """Three agents ask to fetch from one host: "don't ask again" for the first answers the others as well."""
    fetch = [call("WebFetch", url=f"http://docs.example/{it}", prompt="read it") for it in range(3)]
    lab.boot({"main": [answer(*(agent(lab, it) for it in ("a", "b", "c"))), *[answer("Launched.")] * 5],
              **{name: [answer(it), answer(bash(LONG)), answer(f"{name} over.")] for name, it in zip("abc", fetch)}})
    session = lab.start()
    session.submit("go", "main")
    session.shows(PERMISSION)
    time.sleep(2)
    lab.look("asks", A=PERMISSION)
    session.press("2")
    time.sleep(3)
    see(lab, "always")
    for _ in range(3):
        if session.shown() == PERMISSION:
            session.press("2")
            time.sleep(2)
    see(lab, "all")
    lab.end_command("go")
    session.shows(IDLE, 60, for_seconds=2.5)
    lab.look("over", A=IDLE)


@scenario("hook-notes-asked", since="2.1.100")
def hook_notes_asked(lab):
    """A slow UserPromptSubmit hook while an agent asks behind it; a Notification hook; a Stop hook that blocks while an agent asks."""
    stop = "cat >/dev/null; [ -e ~/.stopped ] && exit 0; touch ~/.stopped; echo '{\"decision\": \"block\", \"reason\": \"not yet\"}'"
    lab.boot(scripts(lab, "one", main=[answer(agent(lab, "sub", background=True)), answer("Main turn over."), answer("Sent back."), answer("Reported."), answer("Reported.")],
                     sub=[answer(bash("perl -e 'print 41'"), until="sub"), answer("Sub report.")]),
             settings={"hooks": {"UserPromptSubmit": hook("grep -q slowly && until-file hook || true"), "Notification": hook("sleep 3"), "Stop": hook(stop)}} | plain())
    session = lab.start()
    session.submit("go", "main")
    session.sees("Sent back")
    time.sleep(2)
    lab.look("agent", A=WORKING)
    session.submit("slowly", "one")
    time.sleep(2)
    see(lab, "prompt-hook")
    lab.api.open("sub")
    session.shows(PERMISSION)
    lab.look("asks", A=PERMISSION)
    time.sleep(8)
    lab.look("asks-still", A=PERMISSION)
    lab.end_command("hook")
    time.sleep(3)
    see(lab, "hook-over")
    if session.shown() == PERMISSION:
        session.press("1")
    session.shows(IDLE, 60, for_seconds=2.5)
    lab.look("over", A=IDLE)


@scenario("retry-agent-asks", since="2.1.100")
def retry_agent_asks(lab):
    """An agent's request is tried again and again (529) while another asks; it succeeds, and asks too."""
    lab.boot(two_agents(lab) | {"second": [failure(529, 2, answer(bash("perl -e 'sleep 1 until -e \"/home/dev/.second\"'"))), answer("Second.")]})
    session = lab.start()
    session.submit("go", "main")
    session.shows(PERMISSION)
    lab.look("first", A=PERMISSION)
    time.sleep(6)
    lab.look("first-still", A=PERMISSION)
    named(lab, session, "first-still", ".first")
    session.press("1")
    session.sees(r"(?s)dev/.second.*Do you want to proceed", 40)
    time.sleep(1)
    lab.look("second", A=PERMISSION)
    named(lab, session, "second", ".second")
    session.press("1")
    session.shows(WORKING, for_seconds=0.8)
    lab.look("both-run", A=WORKING)
    lab.end_command("first")
    lab.end_command("second")
    session.shows(IDLE, 60, for_seconds=2.5)
    lab.look("over", A=IDLE)
