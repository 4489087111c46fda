"""What another program has left on the screen, or draws there, is not what the session shows."""

import os
import signal
import time

from ...api.answers import answer
from ...pod import machine
from ...pod.truth import GONE, IDLE, PERMISSION, PLAN, TRUST, UNTOLD, WORKING
from .. import scenario
from ..common import ASK, LONG, bash, plan_steps, trusts
from .starts import Starve, row

QUOTED = "Do you want to proceed?\n❯ 1. Yes\n  2. No\n\nEsc to cancel\n"


def crowded(lab, before):
    """The CLI is killed while its screen shows `before`, and started again in the same pane. A shell
    without job control is between: it does not notice that its child is stopped."""
    session = lab.pane()
    session.line("sh -c 'claude; true'")
    session.find()
    session.ready()
    session.submit("go", before)
    session.shows(PERMISSION if before == "ask" else IDLE, for_seconds=1)
    first = session.pid
    os.kill(first, signal.SIGKILL)
    session.gone()
    session.line("cd ~/fresh; sh -c 'claude; true'")
    session.find(apart_from=[first])
    return session


def starved(lab, before):
    lab.boot({"ask": [answer(bash(ASK)), answer("no")], "say": [answer("First answer.")]})
    lab.shell("mkdir ~/fresh")
    session = crowded(lab, before)
    starve = Starve(session.pid, 0.003)
    for number in range(3):
        time.sleep(1.5)
        left = session.screen()
        said = row(lab, session).get("state")
        if "Quick safety check" not in left and "trust the files" not in left:
            lab.look(f"starts-{number}", A=UNTOLD)
            lab.check("what is left on the screen is not read", said == "unknown", said)
    starve.over()
    session.shows(TRUST, 90, for_seconds=1)
    lab.look("asks", A=TRUST)
    trusts(session)
    drawn_anew(lab, session)
    lab.look("free", A=IDLE)


def drawn_anew(lab, session):
    """Waits until the session has begun, and has it draw the whole screen: it draws over what is left there,
    line by line, and a prompt may be left as well."""
    session.until(lambda text: session.shown() != TRUST, "the end of the dialog", 60)
    deadline = time.monotonic() + 60
    while not (lab.config / f"sessions/{session.pid}.json").exists() and lab.version >= (2, 1, 75) and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(2)
    for size in (("-x", "120", "-y", "40"), ("-x", "150", "-y", "50")):
        lab.tmux.run("resize-window", "-t", session.pane, *size)
        time.sleep(1)
    session.ready()


@scenario("leftover-dialog")
def leftover_dialog(lab):
    """A session is killed while it asks; the next in the same pane starts slowly."""
    starved(lab, "ask")


@scenario("leftover-prompt")
def leftover_prompt(lab):
    """The same with a free prompt left on the screen."""
    starved(lab, "say")


@scenario("leftover-print")
def leftover_print(lab):
    """The words of a dialog and of a prompt are on the screen of a session that has none."""
    lab.boot({"work": [answer(bash(LONG)), answer("Worked.")], "ask": [answer(bash(ASK)), answer("no")]})
    session = lab.start()
    session.submit("go", "ask")
    session.shows(PERMISSION)
    lab.look("asks", A=PERMISSION)
    lab.write(lab.home / "kept", session.screen())
    os.kill(session.pid, signal.SIGKILL)
    session.gone()
    session.headless = True
    session.line("clear; cat ~/kept")
    time.sleep(1)
    lab.look("left", A=GONE)
    session.line("claude -p 'work (script work)'")
    session.find(apart_from=[session.pid])
    time.sleep(5)
    lab.look("prints", A=WORKING)
    lab.end_command("go")
    session.gone(30)


@scenario("leftover-suspended")
def leftover_suspended(lab):
    """A session is stopped by Ctrl-Z; another starts and asks in the same pane; then the first goes on."""
    lab.boot({"say": [answer("First answer.")], "ask": [answer(bash(ASK)), answer("Asked.")]})
    session = lab.start()
    session.submit("go", "say")
    session.sees("First answer")
    session.shows(IDLE)
    session.press("C-z")
    session.sees("fg")
    time.sleep(1)
    first = session.pid
    lab.adopt("F", first)
    session.line("clear; claude")
    session.find(apart_from=[first])
    session.ready()
    lab.look("second-free", A=IDLE, F=UNTOLD)
    session.submit("go", "ask")
    session.shows(PERMISSION)
    time.sleep(1.5)
    lab.look("second-asks", A=PERMISSION, F=UNTOLD)
    stopped = lab.vmux.rows().get(first) or {}
    lab.check("the stopped one is idle", stopped.get("suspended") and stopped.get("state") in ("idle", "unknown"), stopped)
    session.press("C-z")
    session.sees("Stopped")
    time.sleep(1)
    lab.sessions["S"], lab.sessions["A"] = session, lab.sessions.pop("F")
    session.line("clear; fg %1")
    session.sees("First answer|❯|>")
    session.shows(IDLE, for_seconds=1)
    lab.look("first-again", A=IDLE)


@scenario("editor-prompt", since="2.0.77")
def editor_prompt(lab):
    """Ctrl-G: the prompt is written in an editor, whose text looks like a dialog."""
    lab.boot({"say": [answer("First answer.")]}, environment={"EDITOR": "vim", "VISUAL": "vim"})
    session = lab.start()
    session.submit("go", "say")
    session.sees("First answer")
    session.shows(IDLE)
    session.press("C-g")
    session.sees("~\n")
    time.sleep(1)
    session.headless = True
    lab.look("edits", A=IDLE)
    session.press("i")
    for line in QUOTED.splitlines():
        session.line(line)
    time.sleep(1.5)
    for number in range(3):
        lab.look(f"quotes-{number}", A=IDLE)
        time.sleep(2.5)
    session.press("Escape")
    session.line(":%d")
    session.line(":wq")
    session.headless = False
    session.shows(IDLE, for_seconds=1)
    lab.look("back", A=IDLE)


@scenario("editor-works", since="2.0.77")
def editor_works(lab):
    """The same while a command runs, which ends meanwhile."""
    lab.boot({"long": [answer(bash(LONG)), answer("Long is over.")]}, environment={"EDITOR": "vim", "VISUAL": "vim"})
    session = lab.start()
    session.submit("go", "long")
    session.sees("until-file")
    session.shows(WORKING)
    session.press("C-g")
    session.sees("~\n")
    time.sleep(1)
    session.headless = True
    lab.look("works", A=WORKING)
    lab.end_command("go")
    time.sleep(5)
    # While the editor is open some versions stand still, others go on behind it.
    lab.look("over-or-not", A=UNTOLD)
    lab.note(f"behind the editor: {row(lab, session).get('state')}")
    session.press("Escape")
    session.line(":q!")
    session.headless = False
    session.sees("Long is over")
    session.shows(IDLE, for_seconds=1)
    lab.look("back", A=IDLE)


@scenario("editor-plan", since="2.0.77")
def editor_plan(lab):
    """A plan that waits is opened in an editor: it still waits."""
    lab.boot({"plan": plan_steps(lab) + [answer("Carried out.")]}, environment={"EDITOR": "vim", "VISUAL": "vim"})
    session = lab.start(arguments="--permission-mode plan")
    session.submit("plan it", "plan")
    session.shows(PLAN)
    session.press("C-g")
    time.sleep(2)
    if "~\n" not in session.screen():
        lab.note("no editor: " + session.last_lines())
        return
    session.headless = True
    lab.look("edits", A=PLAN)
    time.sleep(4)
    lab.look("still", A=PLAN)
    session.press("Escape")
    session.line(":q!")
    session.headless = False
    session.shows(PLAN)
    lab.look("back", A=PLAN)


@scenario("leftover-page", since="2.1.75")
def leftover_page(lab):
    """The user's own `!` command prints a dialog; the model prints one; a command's output looks like one."""
    lab.boot({"say": [answer(QUOTED)], "run": [answer(bash("cat kept")), answer("Shown.")]}, allow=["Bash(cat:*)"])
    lab.write(machine.PROJECT / "kept", QUOTED)
    session = lab.start()
    session.submit("go", "say")
    session.sees("Do you want to proceed")
    time.sleep(2)
    session.headless = True  # The reader of screens takes the quoted dialog for one.
    for label in ("said", "run", "bang"):
        if label == "run":
            session.submit("go", "run")
            session.sees("Shown")
        elif label == "bang":
            session.type("!")
            time.sleep(0.3)
            session.type("cat kept")
            time.sleep(0.3)
            session.press("Enter")
        time.sleep(6 if label == "bang" else 2)  # Some versions have the model look at the output.
        state = row(lab, session).get("state")
        lab.check(f"{label}: the prompt is free", state == IDLE, (state, session.last_lines()))
        lab.look(label, A=IDLE)
