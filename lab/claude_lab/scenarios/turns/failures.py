"""The API fails, or a limit is reached."""

import time

from ...api.answers import answer, cut_off, failure, text
from ...pod.truth import DIALOG, IDLE, WORKING
from .. import scenario

ACCOUNT = {"oauthAccount": {
    "accountUuid": "11111111-1111-4111-8111-111111111111", "emailAddress": "dev@localhost",
    "organizationUuid": "22222222-2222-4222-8222-222222222222", "organizationName": "Dev", "organizationRole": "admin",
    "billingType": "stripe_subscription", "hasExtraUsageEnabled": False}}
LOGIN = {"claudeAiOauth": {
    "accessToken": "sk-ant-oat01-of-the-lab", "refreshToken": "sk-ant-ort01-of-the-lab", "expiresAt": 4102444800000,
    "scopes": ["user:inference", "user:profile", "user:sessions:claude_code"], "subscriptionType": "max",
    "rateLimitTier": "default_claude_max_20x"}}


@scenario("failure-overloaded")
def failure_overloaded(lab):
    """Overloaded twice, then an answer."""
    lab.boot({"try": [failure(529, 2, answer("Recovered.", until="send"))]})
    session = lab.start()
    session.submit("try", "try")
    session.shows(WORKING)
    time.sleep(1)
    lab.look("tries-again", A=WORKING)
    lab.api.open("send")
    session.sees("Recovered", 60)
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("failure-retries")
def failure_retries(lab):
    """Six errors with longer and longer waits between, then an answer."""
    lab.boot({"try": [failure(500, 6, answer("Recovered."))]})
    session = lab.start()
    session.submit("try", "try")
    session.shows(WORKING)
    time.sleep(3)
    lab.look("tries-again", A=WORKING)
    time.sleep(6)
    lab.look("still-tries", A=WORKING)
    session.sees("Recovered", 120)
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("failure-final")
def failure_final(lab):
    """Errors until the CLI gives up."""
    lab.boot({"try": [failure(500)]}, environment={"CLAUDE_CODE_MAX_RETRIES": "2"})
    session = lab.start()
    session.submit("try", "try")
    session.shows(WORKING)
    lab.look("tries-again", A=WORKING)
    session.sees("(?i)API Error.*(500|the mock says)", 120)
    session.shows(IDLE, 120, for_seconds=2)
    lab.look("given-up", A=IDLE)
    ended(lab, session, "a turn that ended in an API error is not told as finished")


@scenario("failure-refused")
def failure_refused(lab):
    """A request that the API refuses at once."""
    lab.boot({"try": [failure(400)]})
    session = lab.start()
    session.submit("try", "try")
    session.sees("(?i)error.*(400|the mock says)")
    session.shows(IDLE)
    lab.look("refused", A=IDLE)
    ended(lab, session, "a turn that was refused is not told as finished")


@scenario("failure-cut-stream")
def failure_cut_stream(lab):
    """The connection breaks in mid-answer; whether it is tried again is the version's choice."""
    lab.boot({"cut": [failure(500, 1, cut_off(text("It begins and", 1)))]}, environment={"CLAUDE_CODE_MAX_RETRIES": "1"})
    session = lab.start()
    session.submit("write", "cut")
    session.shows(WORKING)
    session.shows(IDLE, 120, for_seconds=3)
    lab.look("broken", A=IDLE)


@scenario("limit-choice", since="2.1.300")
def limit_choice(lab):
    """The usage limit: the CLI asks by itself what to do; then Esc."""
    session = at_limit(lab, {"autoContinueAtUsageLimit": False})
    session.sees("What do you want to do")
    session.shows("menu")
    lab.look("asked", A=DIALOG)
    session.press("Escape")
    session.shows(IDLE)
    lab.look("left", A=IDLE)
    ended(lab, session, "a turn that ended at a limit is not told as finished")


@scenario("limit-continue", since="2.1.300")
def limit_continue(lab):
    """The usage limit where the CLI waits for its end by itself."""
    session = at_limit(lab, {})
    session.sees("(?i)limit|credits")
    time.sleep(3)
    shown = session.shown()
    lab.look("at-the-limit", A="asks:dialog" if shown == "menu" else shown)


def at_limit(lab, settings):
    """A session of a subscription whose limit is used up."""
    reset = str(int(time.time()) + 3600)
    prefix = "anthropic-ratelimit-unified-"
    headers = {prefix + name: value for name, value in {
        "status": "rejected", "reset": reset, "representative-claim": "five_hour", "fallback": "available",
        "5h-utilization": "1.0", "5h-reset": reset, "5h-status": "rejected", "5h-surpassed-threshold": "0.9",
        "overage-status": "rejected", "overage-disabled-reason": "out_of_credits"}.items()}
    headers |= {"retry-after": "3600", "x-should-retry": "false"}
    lab.boot({"try": [failure(429, headers=headers, message="limit reached")]}, settings=basic() | settings, state=ACCOUNT, key=False)
    lab.write(lab.config / ".credentials.json", LOGIN)
    (lab.config / ".credentials.json").chmod(0o600)
    session = lab.start()
    session.submit("try", "try")
    return session


def basic():
    return {"permissions": {"defaultMode": "default", "disableAutoMode": "disable", "allow": []}}


def ended(lab, session, what):
    """Checks the words of the list for people."""
    line = next((it for it in lab.vmux.run("list")[1].splitlines() if session.cwd.split("/")[-1] in it), "")
    lab.check(what, "finished" not in line and "idle" not in line, line.strip())


@scenario("failure-then-answer")
def failure_then_answer(lab):
    """A turn fails; what is not a prompt leaves it so, the next answered turn is finished."""
    lab.boot({"try": [failure(400)], "more": [answer("Answered.", delay=1)]})
    session = lab.start()
    session.submit("try", "try")
    session.sees("(?i)error.*(400|the mock says)")
    session.shows(IDLE)
    session.submit("/status")
    session.shows("menu", 15, for_seconds=0.7)
    session.press("Escape")
    session.shows(IDLE, for_seconds=1)
    lab.look("failed", A=IDLE)
    ended(lab, session, "a command of the CLI leaves the failure")
    session.submit("more", "more")
    session.sees("Answered")
    session.shows(IDLE)
    lab.look("answered", A=IDLE)
    line = lab.vmux.run("list")[1]
    lab.check("an answered turn has not failed", "failed" not in line, line.strip())


@scenario("limit-then-prompt", since="2.1.300")
def limit_then_prompt(lab):
    """At the limit the user leaves the choice and tries again: there may be no second choice."""
    session = at_limit(lab, {"autoContinueAtUsageLimit": False})
    session.sees("What do you want to do")
    session.shows("menu")
    lab.look("asked", A=DIALOG)
    session.press("Escape")
    session.shows(IDLE)
    session.wipe("script try") if "script try" in session.screen().splitlines()[-4:] else None
    session.submit("again", "try")
    session.shows(f"menu|{IDLE}", for_seconds=2)
    shown = session.shown()
    lab.look("tried-again", A=DIALOG if shown == "menu" else shown)
    if shown == "menu":
        session.press("Escape")
        session.shows(IDLE)
        lab.look("left", A=IDLE)
    ended(lab, session, "it is still at the limit")
