"""What users set: how the screen looks, what stands on it, and options of the command line."""

import json
import time

from ...api.answers import answer
from ...pod.truth import IDLE, PERMISSION, PLAN, QUESTION, WORKING
from .. import scenario
from ..acting.answers import done
from ..acting.keys import ALLOWED, allowed
from ..common import LONG, agent, asks, bash, declines, scripts, see, turn

STATUS_LINE = """#!/bin/sh
cat > /dev/null
printf '%s\\n' '❯ ~/proj  main' '✻ Opus… (12 % of 5 h)' '──── 42 % ────────────────────────────────' '> all is well'
"""


def day(lab, session, *, plan=True):
    """What a session does: a turn, a command that runs, a permission, a question, a plan."""
    lab.look("free", A=IDLE)
    turn(lab, session, "one", "First answer")
    lab.look("finished", A=IDLE)
    works_and_asks(lab, session)
    if lab.version >= (2, 0, 20):
        session.submit("go", "question")
        session.shows(QUESTION)
        time.sleep(0.6)
        lab.look("question", A=QUESTION)
        session.press("1")
        session.sees("Chosen")
        session.shows(IDLE)
        lab.look("chosen", A=IDLE)
    if plan:
        session.press("BTab")
        time.sleep(0.5)
        session.press("BTab")
        time.sleep(0.5)
        session.submit("go", "plan")
        session.shows(PLAN, 40)
        time.sleep(0.6)
        lab.look("plan", A=PLAN)
        session.press("Escape")
        session.shows(IDLE, for_seconds=1)
        lab.look("plan-left", A=IDLE)


def works_and_asks(lab, session):
    """A command that runs, and a permission."""
    session.submit("go", "long")
    session.sees("until-")
    session.shows(WORKING, for_seconds=2)
    lab.look("works", A=WORKING)
    # A motion that stands still must not look like one that has ended.
    time.sleep(6)
    lab.look("works-on", A=WORKING)
    lab.end_command("go")
    session.sees("Long is over")
    session.shows(IDLE, for_seconds=1)
    lab.look("over", A=IDLE)
    asks(lab, session)
    declines(lab, session)


def begin(lab, settings=None, arguments="", ready=True, **more):
    lab.boot(scripts(lab, "one", "long", "ask", "question", "plan"), settings=settings, **more)
    return lab.start(arguments=arguments, ready=ready)


@scenario("settings-still", since="2.1.75")
def settings_still(lab):
    """Reduced motion: nothing spins."""
    day(lab, begin(lab, {"prefersReducedMotion": True}))


@scenario("settings-verbs", since="2.1.75")
def settings_verbs(lab):
    """Words of the user's for what it does meanwhile, and none for tips."""
    verbs = {"mode": "replace", "verbs": ["Waiting for your answer", "1. Yes", "thé & crêpes (2s)"]}
    day(lab, begin(lab, {"spinnerVerbs": verbs, "spinnerTipsEnabled": False}))


@scenario("settings-status-line")
def settings_status_line(lab):
    """A status line of several lines, which begin as the prompt, a spinner and a rule do; a text is sent."""
    lab.write(lab.home / "status.sh", STATUS_LINE)
    (lab.home / "status.sh").chmod(0o755)
    session = begin(lab, {"statusLine": {"type": "command", "command": "~/status.sh", "padding": 0}}, ready=False)
    session.sees("all is well", 60)
    time.sleep(3)
    # The reader of screens is misled as well: the script alone knows.
    session.headless = True
    lab.look("free", A=IDLE)
    if lab.version >= (2, 0, 45):
        lab.write(lab.home / ".vmux/config.toml", ALLOWED + "[answer]\nkeys = true\n")
        time.sleep(1)
        done(lab, "send", str(session.pid), "go (script long)")
    else:
        session.submit("go", "long")
    session.sees("until-file")
    time.sleep(3)
    lab.look("works", A=WORKING)
    lab.end_command("go")
    session.sees("Long is over")
    time.sleep(3)
    lab.look("over", A=IDLE)
    session.line("go (script ask)")
    session.sees("Do you want to proceed")
    time.sleep(2)
    lab.look("asks", A=PERMISSION)
    if lab.version >= (2, 0, 45):
        done(lab, "deny", str(session.pid))
    else:
        session.press("Escape")
    time.sleep(3)
    lab.look("declined", A=IDLE)


@scenario("settings-verbose")
def settings_verbose(lab):
    """Everything is shown, with numbers of tokens at the right."""
    day(lab, begin(lab, arguments="--verbose"))


@scenario("settings-light")
def settings_light(lab):
    """Another theme, another style of output, no progress bar, how long a turn took."""
    day(lab, begin(lab, {"outputStyle": "Explanatory", "showTurnDuration": True, "terminalProgressBarEnabled": False,
                         "language": "japanese"}, state={"theme": "light-daltonized"}))


@scenario("settings-reader", since="2.1.332")
def settings_reader(lab):
    """Drawn for a screen reader: flat text without borders, into which nothing is sent."""
    lab.boot(scripts(lab, "long", "ask", "question"))
    lab.write(lab.home / ".vmux/config.toml", ALLOWED)
    session = lab.start(arguments="--ax-screen-reader", ready=False)
    session.sees("effort", 60)
    time.sleep(3)
    session.headless = True
    lab.look("free", A=IDLE)
    code, said = lab.vmux.run("send", str(session.pid), "go (script ask)")
    lab.check("nothing is sent", code == 11, (code, said))
    session.line("go (script long)")
    session.sees("until-file")
    time.sleep(1)
    lab.look("works", A=WORKING)
    lab.end_command("go")
    session.sees("Long is over")
    time.sleep(1)
    lab.look("over", A=IDLE)
    session.line("go (script ask)")
    session.sees("perl -e")
    time.sleep(2)
    lab.look("asks", A=PERMISSION)
    session.press("Escape")
    time.sleep(2)
    lab.look("declined", A=IDLE)
    session.line("go (script question)")
    session.sees("Which color")
    time.sleep(2)
    lab.look("question", A=QUESTION)
    session.press("Escape")
    time.sleep(1.5)
    lab.look("left", A=IDLE)


@scenario("settings-suggestions", since="2.1.220")
def settings_suggestions(lab):
    """A suggested prompt stands in the box, which is free all the same: what is sent takes its place."""
    session = allowed(lab, scripts(lab, "one", "long"), settings={"promptSuggestionEnabled": True},
                      environment={"CLAUDE_CODE_ENABLE_PROMPT_SUGGESTION": "true"})
    for _ in range(3):
        session.submit("go", "one")
        time.sleep(1)
        session.shows(IDLE, for_seconds=2)
    time.sleep(5)
    lab.look("suggests", A=IDLE)
    done(lab, "send", str(session.pid), "go (script long)")
    session.sees("until-file")
    time.sleep(1)
    lab.look("works", A=WORKING)


@scenario("settings-brief", since="2.1.220")
def settings_brief(lab):
    """A session whose model may speak through a tool of its own."""
    day(lab, begin(lab, arguments="--brief"), plan=False)


@scenario("settings-agent", since="2.1.332")
def settings_agent(lab):
    """A session that is an agent of its own, in a mode that never asks, then one that is restricted."""
    agents = json.dumps({"keeper": {"description": "Keeps", "prompt": "You keep things."}})
    lab.boot({"sub": [answer(bash(LONG)), answer("Sub report.")], "main": [answer(agent(lab, "sub", background=False)), answer("All done.")],
              **scripts(lab, "one", "ask", "question")})
    session = lab.start(arguments=f"--agents '{agents}' --agent keeper --permission-mode dontAsk")
    lab.look("free", A=IDLE)
    session.submit("go", "ask")
    session.sees("Asked")
    session.shows(IDLE, for_seconds=1)
    lab.look("not-asked", A=IDLE)
    session.submit("go", "main")
    session.sees("until-file|Do sub")
    time.sleep(2)
    lab.look("agent-works", A=WORKING)
    lab.end_command("go")
    session.sees("All done", 40)
    session.shows(IDLE, 40, for_seconds=1)
    lab.look("over", A=IDLE)
    session.submit("go", "question")
    time.sleep(3)
    see(lab, "question")
    other = lab.start("B", "--restricted")
    lab.look("restricted", B=IDLE)
    other.submit("go", "one")
    other.sees("First answer")
    other.shows(IDLE)
    lab.look("restricted-over", B=IDLE)


@scenario("settings-small")
def settings_small(lab):
    """A small pane: little of a dialog is on the screen."""
    lab.boot(scripts(lab, "long", "ask"))
    lab.pane("A")
    lab.tmux.run("resize-window", "-t", lab.sessions["A"].pane, "-x", "46", "-y", "14")
    works_and_asks(lab, lab.start())
