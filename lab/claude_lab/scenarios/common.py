"""Pieces that many scripts share."""

import re
import time

from ..api.answers import FromRequest, answer, call
from ..pod.truth import IDLE, MENU, PERMISSION, UNTOLD

ASK = "perl -e 'sleep 1 until -e \"/home/dev/.go\"'"
"""A command that no rule allows; once approved it runs until `lab.end_command("go")`."""
LONG = "until-file go"
"""An allowed command that runs until `lab.end_command("go")`."""
COLOR = {"question": "Which color do you want?", "header": "Color", "multiSelect": False,
         "options": [{"label": "Red", "description": "warm"}, {"label": "Blue", "description": "cold"}]}
SIZE = {**COLOR, "question": "Which size do you want?", "header": "Size"}
PLAN_FILE = FromRequest(r"(/home/dev/\.claude/plans/[\w-]+\.md)")
PLAN = "# Plan\n\n1. Do it.\n2. Check it.\n"


def bash(command, **more):
    return call("Bash", command=command, description="Run it", **more)


def question(*questions):
    return call("AskUserQuestion", questions=list(questions or [COLOR]))


def plan_steps(lab, *beside):
    """The steps up to a plan's approval; `beside`: calls in the same message, before it."""
    write = [answer("Writing it down.", call("Write", file_path=PLAN_FILE, content=PLAN))]
    ask = answer("Here is the plan.", *beside, call("ExitPlanMode", plan=PLAN))
    return (write if lab.version >= (2, 0, 60) else []) + [ask]


def agent(lab, script, background=None):
    """The call that starts a subagent which plays a script."""
    name = "Agent" if lab.version >= (2, 1, 60) else "Task"
    more = {} if background is None or lab.version < (2, 1, 60) else {"run_in_background": background}
    return call(name, description=f"Do {script}", prompt=f"Do it (script {script})", subagent_type="general-purpose", **more)


def hook(command, **more):
    """One entry of settings.json's hooks."""
    return [{"matcher": "*", "hooks": [{"type": "command", "command": command, **more}]}]


def repository(lab, folder="~/proj"):
    lab.shell(f"cd {folder} && git init -q && git commit -q --allow-empty -m begin")


SCRIPTS = {"one": lambda lab: [answer("First answer.")], "ask": lambda lab: [answer(bash(ASK)), answer("Asked.")],
           "question": lambda lab: [answer(question()), answer("Chosen.")], "long": lambda lab: [answer(bash(LONG)), answer("Long is over.")],
           "plan": plan_steps}
"""What the model does, by the name of the script."""


def scripts(lab, *names, **more):
    return {name: SCRIPTS[name](lab) for name in names} | more


def to_yes(text):
    """The keys that move the choice of a trust dialog on a screen to Yes; some versions begin on No."""
    chosen = re.search(r"❯ (?:(\d)\. )?No", text)
    return [] if not chosen else ["Up"] if chosen[1] == "2" else ["Down"]


def trusts(session):
    """The trust dialog is answered with Yes."""
    # A dialog that has just been drawn may not take keys yet.
    for _ in range(20):
        keys = to_yes(session.screen())
        if not keys:
            break
        session.press(*keys)
        time.sleep(0.5)
    session.press("Enter")


def turn(lab, session, script, words):
    """A turn, which ends with these words."""
    session.submit("go", script)
    session.sees(words)
    session.shows(IDLE)


def one_of_each(lab):
    """F has had a turn (script one), W works (long), and A asks (ask)."""
    turn(lab, lab.sessions["F"], "one", "First answer")
    lab.sessions["W"].submit("go", "long")
    lab.sessions["W"].sees("until-file")
    lab.sessions["A"].submit("go", "ask")
    lab.sessions["A"].shows(PERMISSION)
    time.sleep(2)


def asks(lab, session, label="asks"):
    """The session asks for a permission."""
    session.submit("go", "ask")
    session.shows(PERMISSION)
    time.sleep(1)
    lab.look(label, A=PERMISSION)


def declines(lab, session):
    """The permission is refused, and the turn is over."""
    session.decline()
    session.shows(IDLE)
    lab.look("declined", A=IDLE)


def see(lab, label, name="A"):
    """Looks at a session of which the screen alone tells what it does."""
    shown = lab.sessions[name].shown()
    lab.look(label, **{name: {"menu": MENU, "nothing": UNTOLD}.get(shown, shown)})
    return shown
