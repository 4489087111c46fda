"""Esc at every point of a turn: no hook tells of it."""

import time

from ...api.answers import answer, text
from ...pod.truth import IDLE, WORKING
from .. import scenario
from ..common import LONG, bash


@scenario("escape-stream")
def escape_stream(lab):
    """Esc while text comes in."""
    lab.boot({"long": [answer(text("It begins.", until="never"))]})
    session = lab.start()
    session.submit("write", "long")
    lab.api.reached("never")
    session.shows(WORKING, for_seconds=1)
    lab.look("streams", A=WORKING)
    session.press("Escape")
    session.shows(IDLE)
    lab.look("interrupted", A=IDLE)
    time.sleep(3)
    lab.look("later", A=IDLE)


@scenario("escape-tool")
def escape_tool(lab):
    """Esc while a command runs."""
    lab.boot({"wait": [answer(bash(LONG)), answer("no")]})
    session = lab.start()
    session.submit("wait", "wait")
    session.sees("until-file")
    time.sleep(1)
    lab.look("runs", A=WORKING)
    session.press("Escape")
    session.shows(IDLE)
    lab.look("interrupted", A=IDLE)


@scenario("escape-before-first-byte")
def escape_before_first_byte(lab):
    """Esc before anything came: the prompt goes back into the box, and no record tells."""
    lab.boot({"late": [answer("too late", until="never")], "more": [answer("More.")]})
    session = lab.start()
    session.submit("say it", "late")
    session.shows(WORKING)
    time.sleep(1)
    session.press("Escape")
    session.shows(IDLE)
    lab.look("interrupted", A=IDLE)
    time.sleep(4)
    lab.look("later", A=IDLE)
    session.wipe("(script late)")
    session.submit("again", "more")
    session.sees("More")
    session.shows(IDLE)
    lab.look("next-turn", A=IDLE)
