"""How often the user is told: one wait is one message."""

import json
import time

from ...api.answers import answer
from ...pod.truth import IDLE, PERMISSION, TRUST
from .. import scenario
from ..common import ASK, bash

CONFIG = """[notify]
desktop = false
[notify.push]
kind = "ntfy"
url = "http://127.0.0.1:8787/topic"
after = "1s"
on = ["needs_input"]
"""


@scenario("message-once")
def message_once(lab):
    """A trust dialog and a permission are each told once, however long they stand."""
    lab.boot({"ask": [answer(bash(ASK)), answer("Done.")]})
    lab.write(lab.home / ".vmux/config.toml", CONFIG)
    lab.shell("mkdir ~/fresh")
    time.sleep(1)
    lab.check("the configuration is right", not lab.vmux.run("config", "check")[0], lab.vmux.run("config", "check")[1])
    asks = lab.start("T", cwd=lab.home / "fresh", ready=False)
    asks.shows(TRUST)
    time.sleep(16)
    lab.look("trust", T=TRUST)
    lab.check("trust is told once", len(lab.api.other_posts) == 1, len(lab.api.other_posts))
    before = len(lab.api.other_posts)
    session = lab.start("P")
    session.submit("compute", "ask")
    session.shows(PERMISSION)
    time.sleep(12)
    lab.look("permission", P=PERMISSION)
    told = len(lab.api.other_posts) - before
    lab.check("a permission is told once", told == 1, told)


@scenario("why-agrees")
def why_agrees(lab):
    """While a turn ends, `vmux why` never says another state than the list."""
    lab.boot({"say": [answer("Said.", until="send")], "ask": [answer(bash(ASK)), answer("Done.")]})
    session = lab.start()
    contradictions = []
    for script, begins, go in (("say", "working", lambda: lab.api.open("send")), ("ask", PERMISSION, session.decline)):
        session.submit("go", script)
        session.shows(begins)
        lab.look(script, A=begins)
        go()
        deadline = time.monotonic() + 3
        while time.monotonic() < deadline:
            states = [state_of(lab, session), why_of(lab, session), state_of(lab, session)]
            if states[0] == states[2] != states[1]:
                contradictions.append(states)
        session.shows(IDLE)
    lab.look("over", A=IDLE)
    lab.check("why and list agree", not contradictions, contradictions[:3])


def state_of(lab, session):
    return (lab.vmux.rows().get(session.pid) or {}).get("state")


def why_of(lab, session):
    code, out = lab.vmux.run("why", str(session.pid), "--json")
    said = json.loads(out) if not code else {}
    return (said.get("session") or said).get("state")
