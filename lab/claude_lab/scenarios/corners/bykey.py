"""Dialogs that keys open, of which no history tells."""

import time

from ...api.answers import answer, text
from ...pod.truth import IDLE, MENU, PERMISSION, WORKING
from .. import scenario
from ..common import LONG, agent, bash, scripts, turn

KEYS = {"model": "M-p", "thinking": "M-t", "fast": "M-o"}


def told(lab, label, allowed, name="A"):
    """Checks the state of a session whose screen a menu hides."""
    time.sleep(0.4)
    row = lab.vmux.rows().get(lab.sessions[name].pid) or {}
    said = (row.get("state"), row.get("reason"))
    lab.check(label, row.get("state") in allowed, said)


@scenario("bykey-work", since="2.1.75")
def key_menus_work(lab):
    """Menus that keys open (alt-p, alt-t, alt-o), over a text that comes in, and over a command."""
    lab.boot(scripts(lab, "one", "long", say=[answer(text("Once upon a time", until="say"))]))
    session = lab.start()
    turn(lab, session, "one", "First answer")
    for script, shown in (("say", "Once upon"), ("long", "until-file")):
        session.submit("go", script)
        session.sees(shown)
        session.shows(WORKING)
        for name, key in KEYS.items():
            session.press(key)
            time.sleep(1.5)
            is_menu = opens(session)
            if is_menu:
                told(lab, f"{name} over {script} is no wait", ["working"])
                session.press("Escape")
                time.sleep(1)
            if session.shown() == IDLE:
                break
            session.shows(WORKING)
            lab.look(f"{script}-{name}", A=WORKING)
        session.press("M-p")
        time.sleep(1)
        lab.api.open("say") if script == "say" else lab.end_command("go")
        session.sees("done .* [AP]M(?s:.*)Select model|Select model(?s:.*)Long is over|Long is over", 20)
        time.sleep(2)
        told(lab, f"{script} is over below the menu", ["idle"])
        session.press("Escape")
        session.shows(IDLE, for_seconds=1)
    lab.look("over", A=IDLE)


def opens(session):
    """Whether a menu lies over what is drawn."""
    return "Esc to " in "\n".join(session.screen().rstrip().splitlines()[-4:])


@scenario("bykey-free", since="2.1.75")
def key_menus_free(lab):
    """The same keys just after a start, just after a turn, and later: nothing waits for the user."""
    lab.boot(scripts(lab, "one"))
    session = lab.start()
    for label in ("start", "turn", "later"):
        if label == "turn":
            session.submit("go", "one")
            session.sees("First answer")
            session.shows(IDLE, for_seconds=0.1)
        for name, key in KEYS.items():
            session.press(key)
            time.sleep(1)
            if session.shown() == "menu":
                lab.look(f"{label}-{name}", A=MENU)
                session.press("Escape")
                time.sleep(1)
            session.shows(IDLE)
        time.sleep(11)
    lab.look("over", A=IDLE)


@scenario("bykey-agents", since="2.1.220")
def key_views_agents(lab):
    """The list of agents (Down, Enter) and the view of all sessions (Left) are open while an agent works, and asks."""
    lab.boot(scripts(lab, "one", main=[answer(agent(lab, "sub", background=True)), answer("Main turn over."), answer("Reported."), answer("Reported.")],
                     sub=[answer(bash(LONG)), answer(bash("perl -e 'print 31'"), until="sub"), answer("Sub report.")]))
    session = lab.start()
    session.submit("go", "main")
    session.sees("Main turn over")
    time.sleep(2)
    for label, keys in (("list", ["Down"]), ("view", ["Left"])):
        for key in keys:
            session.press(key)
            time.sleep(0.6)
        time.sleep(1.5)
        told(lab, f"{label} over an agent is no wait", ["working"])
        leave(session)
        session.shows(WORKING)
        lab.look(f"left-{label}", A=WORKING)
    session.press("Left")
    time.sleep(2)
    lab.end_command("go")
    lab.api.open("sub")
    time.sleep(4)
    told(lab, "the agent asks behind the view", ["needs_input"])
    leave(session)
    session.shows(PERMISSION)
    lab.look("asks", A=PERMISSION)
    session.press("1")
    session.shows(IDLE, 40, for_seconds=2.5)
    lab.look("over", A=IDLE)
    session.press("Left")
    time.sleep(2)
    told(lab, "the view over a free prompt is no wait", ["idle"])
    leave(session)
    turn(lab, session, "one", "First answer")
    lab.look("next", A=IDLE)


def leave(session):
    """Goes back from a view to the conversation."""
    for key in ("Escape", "Right", "Enter"):
        text = session.screen()
        if "Do you want to proceed" in text or ("manual mode" in text and not opens(session)):
            return
        session.press(key)
        time.sleep(1.5)


@scenario("bykey-rewind", since="2.1.75")
def key_rewind_fast(lab):
    """Esc three times at once: the first ends the turn, the others open the menu of /rewind; so twice more."""
    lab.boot(scripts(lab, "one", "long", "ask", say=[answer(text("Once upon a time", until="say"))]))
    session = lab.start()
    turn(lab, session, "one", "First answer")
    for number, (script, shown) in enumerate((("say", "Once upon"), ("long", "until-file"), ("ask", "Do you want to proceed"))):
        session.submit("go", script)
        session.sees(shown)
        time.sleep(1.5)
        session.press("Escape", "Escape", "Escape")
        time.sleep(0.6)
        found = session.shown()
        lab.look(f"{script}-at-once", A={"menu": MENU}.get(found, found))
        time.sleep(2)
        found = session.shown()
        lab.look(f"{script}-menu", A={"menu": MENU}.get(found, found))
        for _ in range(2):
            if session.shown() == "menu":
                session.press("Escape")
                time.sleep(1.5)
        session.shows(IDLE, 20, for_seconds=1)
        session.press("C-u")
        time.sleep(0.5)
        lab.look(f"{script}-left", A=IDLE)
        session.wipe("script") if "script" in "".join(session.screen().rstrip().splitlines()[-4:]) else None


@scenario("bykey-modes", since="2.1.300")
def key_auto_mode(lab):
    """shift-tab through all modes, auto mode among them, while it works and at a free prompt: what is offered is the user's."""
    lab.boot(scripts(lab, "one", "long"), settings={"permissions": {"defaultMode": "default", "allow": ["Bash(until-file:*)"]}})
    session = lab.start(ready=False)
    session.shows("idle|menu", 60, for_seconds=1)
    if session.shown() == "menu":
        session.press("Escape")
    session.ready()
    session.submit("go", "long")
    session.sees("until-file")
    for number in range(5):
        session.press("BTab")
        time.sleep(1.2)
        told(lab, f"mode {number} over work is no wait", ["working"])
        if opens(session):
            session.press("Escape")
            time.sleep(1)
    lab.end_command("go")
    session.sees("Long is over")
    session.shows(IDLE)
    lab.look("over", A=IDLE)
