"""What stops an agent behind a free prompt: a limit, a login that has ended."""

import time

from ...api.answers import answer, failure
from ...pod.truth import DIALOG, IDLE, PERMISSION, WORKING
from .. import scenario
from ..common import ASK, LONG, agent, bash, see, turn
from ..turns.failures import ACCOUNT, LOGIN, basic


def limit(seconds=3600):
    """The refusal of a request at the limit of five hours."""
    reset = str(int(time.time()) + seconds)
    prefix = "anthropic-ratelimit-unified-"
    headers = {prefix + name: value for name, value in {
        "status": "rejected", "reset": reset, "representative-claim": "five_hour", "fallback": "available",
        "5h-utilization": "1.0", "5h-reset": reset, "5h-status": "rejected", "5h-surpassed-threshold": "0.9",
        "overage-status": "rejected", "overage-disabled-reason": "out_of_credits"}.items()}
    return failure(429, headers=headers | {"retry-after": str(seconds), "x-should-retry": "false"}, message="limit reached")


def subscriber(lab, scripts, settings):
    lab.boot(scripts, settings=basic() | {"permissions": {"defaultMode": "default", "disableAutoMode": "disable", "allow": ["Bash(until-file:*)"]}} | settings,
             state=ACCOUNT, key=False)
    lab.write(lab.config / ".credentials.json", LOGIN)
    (lab.config / ".credentials.json").chmod(0o600)
    return lab.start()


def agent_at_limit(lab, settings):
    """An agent meets the limit behind a free prompt, its report begins a turn that meets it as well."""
    session = subscriber(lab, {"main": [answer(agent(lab, "sub", background=True)), answer("Main turn over."), limit(), limit()],
                               "sub": [answer(bash(LONG)), limit()], "one": [answer("First answer.")]}, settings)
    session.submit("go", "main")
    session.sees("Main turn over")
    time.sleep(2)
    lab.look("runs", A=WORKING)
    lab.end_command("go")
    time.sleep(4)
    for number in range(3):
        shown = session.shown()
        lab.look(f"at-the-limit-{number}", A=DIALOG if shown == "menu" else shown)
        if shown == "menu":
            session.press("Escape")
        time.sleep(3)
    session.press("Escape")
    session.shows(IDLE, 20, for_seconds=1)
    turn(lab, session, "one", "First answer")
    lab.look("answered", A=IDLE)


@scenario("limit-agent-choice", since="2.1.300")
def limit_agent_choice(lab):
    """At the limit the CLI asks what to do."""
    agent_at_limit(lab, {"autoContinueAtUsageLimit": False})


@scenario("limit-agent-waits", since="2.1.300")
def limit_agent_waits(lab):
    """At the limit it waits by itself."""
    agent_at_limit(lab, {})


@scenario("limit-passes", since="2.1.300")
def limit_passes(lab):
    """The limit ends after some seconds: the session goes on by itself, and asks."""
    session = subscriber(lab, {"try": [limit(25), answer(bash(ASK)), answer("Asked.")]}, {})
    lab.api.scripts["try"] = [failure(429, 1, answer(bash(ASK)), "limit reached", limit(25).headers), answer("Asked.")]
    session.submit("go", "try")
    time.sleep(5)
    see(lab, "at-the-limit")
    for number in range(9):
        time.sleep(10)
        if see(lab, f"later-{number}") == PERMISSION:
            break


@scenario("login-ends", since="2.1.75")
def login_ends(lab):
    """The login has ended (401) in the middle of a turn, and in an agent while the main turn asks; /login, left with Esc."""
    session = subscriber(lab, {"work": [answer(bash(LONG)), failure(401, message="OAuth token has expired")],
                               "both": [answer(agent(lab, "sub", background=True)), answer(bash(ASK)), answer("Asked.")],
                               "sub": [failure(401, message="OAuth token has expired")]}, {})
    session.submit("go", "work")
    session.sees("until-file")
    lab.end_command("go")
    time.sleep(4)
    shown = session.shown()
    lab.look("ended", A=DIALOG if shown == "menu" else shown)
    session.shows(f"{IDLE}|menu", 60, for_seconds=2)
    see(lab, "later")
    session.submit("/login")
    time.sleep(3)
    if session.shown() == "menu":
        see(lab, "login")
    session.press("Escape")
    time.sleep(2)
    session.shows(IDLE, 20, for_seconds=1)
    session.submit("go", "both")
    session.shows(PERMISSION, 40)
    time.sleep(3)
    lab.look("asks", A=PERMISSION)
    session.decline()
    time.sleep(2)
    session.shows(f"{IDLE}|menu", 40, for_seconds=2)
    see(lab, "over")
