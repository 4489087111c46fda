"""What Claude Code asks by itself at its start, and over the free prompt."""

import time

from ...api.answers import answer
from ...pod import machine
from ...pod.truth import DIALOG, IDLE
from .. import scenario
from ..common import asks, scripts, turn


@scenario("offer-survey")
def offer_survey(lab):
    """How is Claude doing? stands over the free prompt (2.0.77); then a permission, and the next turn."""
    lab.boot(scripts(lab, "one", "ask", two=[answer("Second answer.")]), environment={"CLAUDE_FORCE_DISPLAY_SURVEY": "1"})
    session = lab.start(without=("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "DISABLE_TELEMETRY"))
    turn(lab, session, "one", "First answer")
    time.sleep(3)
    lab.look("asked-how", A=IDLE)
    time.sleep(4)
    lab.look("still", A=IDLE)
    asks(lab, session)
    session.decline()
    session.shows(IDLE)
    time.sleep(2)
    lab.look("declined", A=IDLE)
    turn(lab, session, "two", "Second answer")
    time.sleep(2)
    lab.look("over", A=IDLE)


@scenario("offer-imports", since="2.0.77")
def offer_imports(lab):
    """CLAUDE.md brings in files from outside: it asks at the start."""
    lab.boot(scripts(lab, "one"))
    lab.write(lab.home / "outside/rules.md", "Be kind.\n")
    lab.write(machine.PROJECT / "CLAUDE.md", "See @../outside/rules.md\n")
    session = lab.start(ready=False)
    session.shows("menu", 60, for_seconds=1)
    lab.look("begins", A=DIALOG)
    time.sleep(4)
    lab.look("later", A=DIALOG)
    session.press("Enter")
    session.shows(IDLE, 40, for_seconds=1)
    lab.look("free", A=IDLE)
    turn(lab, session, "one", "First answer")
    lab.look("over", A=IDLE)
