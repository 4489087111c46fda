"""Conversations that are taken up again in unusual ways, and configurations that lie elsewhere."""

import time

from ...pod.truth import IDLE, PERMISSION, QUESTION, UNTOLD, WORKING
from .. import scenario
from ..common import asks, declines, scripts, see, turn


def row(lab, session):
    return lab.vmux.rows().get(session.pid) or {}


@scenario("resume-elsewhere", since="2.0.77")
def resume_elsewhere(lab):
    """A conversation of another folder: by its id, from the list of all projects, and in a link to the folder."""
    lab.boot(scripts(lab, "one", "ask"), trusted=["/home/dev/there", "/home/dev/link"])
    lab.shell("rmdir /home/dev/link; ln -s /home/dev/there /home/dev/link")
    session = lab.start("T", cwd="/home/dev/there")
    turn(lab, session, "one", "First answer")
    time.sleep(1)
    found = row(lab, session).get("session_id")
    session.exit()
    link = lab.start("L", f"--resume {found}", cwd="/home/dev/link", ready=False)
    time.sleep(6)
    if link.shown() == IDLE:
        link.submit("go", "ask")
        link.shows(PERMISSION)
        time.sleep(1)
        lab.look("link-asks", L=PERMISSION)
        link.decline()
        link.shows(IDLE)
        link.exit()
    session = lab.start("A", f"--resume {found}", ready=False)
    time.sleep(6)
    if session.shown() == IDLE:
        see(lab, "by-id")
        asks(lab, session)
        declines(lab, session)
        session.exit()
    session = lab.start()
    turn(lab, session, "one", "First answer")
    session.submit("/resume")
    time.sleep(3)
    session.press("C-a")
    time.sleep(2)
    see(lab, "list")
    session.press("Down")
    time.sleep(0.5)
    session.press("Enter")
    time.sleep(4)
    see(lab, "chosen")
    session.press("Escape") if session.shown() == "menu" else None
    time.sleep(1)
    session.shows(IDLE, 30, for_seconds=1)
    asks(lab, session)
    declines(lab, session)


@scenario("config-linked", since="2.0.77")
def config_linked(lab):
    """CLAUDE_CONFIG_DIR is a link with a slash and dots in it, which is turned to another folder while it asks."""
    for name in ("work", "private"):
        lab.shell(f"mkdir -p ~/accounts/{name}")
    lab.boot(scripts(lab, "one", "ask", "question"))
    lab.shell("for it in work private; do cp -r ~/.claude/. ~/accounts/$it/; cp ~/.claude.json ~/accounts/$it/; done; ln -s ~/accounts/work ~/account")
    session = lab.pane(environment={"CLAUDE_CONFIG_DIR": "/home/dev/accounts/../account/"})
    lab.start()
    turn(lab, session, "one", "First answer")
    lab.look("free", A=IDLE)
    session.submit("go", "ask")
    session.shows(PERMISSION)
    time.sleep(1)
    lab.look("asks", A=PERMISSION)
    lab.shell("ln -sfn ~/accounts/private ~/account")
    time.sleep(2)
    lab.look("turned", A=PERMISSION)
    other = lab.pane("B", environment={"CLAUDE_CONFIG_DIR": "/home/dev/account"})
    lab.start("B")
    lab.look("other", A=PERMISSION, B=IDLE)
    session.decline()
    session.shows(IDLE)
    time.sleep(1)
    lab.look("declined", A=IDLE, B=IDLE)
    session.submit("go", "question")
    session.shows(QUESTION)
    time.sleep(1)
    lab.look("question", A=QUESTION, B=IDLE)
    other.submit("go", "ask")
    other.shows(PERMISSION)
    time.sleep(1)
    lab.look("both", A=QUESTION, B=PERMISSION)


@scenario("config-moved", since="2.0.77")
def config_moved(lab):
    """The folder of the configuration is moved away while one asks and one works, and another takes its place, as who
    changes accounts does; then back."""
    lab.boot(scripts(lab, "one", "ask", "long", "question"))
    lab.shell("cp -r ~/.claude ~/.claude-other; rm -rf ~/.claude-other/sessions/*")
    for name in "AW":
        turn(lab, lab.start(name), "one", "First answer")
    session, worker = lab.sessions["A"], lab.sessions["W"]
    session.submit("go", "ask")
    session.shows(PERMISSION)
    worker.submit("go", "long")
    worker.sees("until-file")
    time.sleep(1)
    lab.look("before", A=PERMISSION, W=WORKING)
    lab.shell("mv ~/.claude ~/.claude-first && mv ~/.claude-other ~/.claude")
    time.sleep(8)
    lab.look("moved", A=PERMISSION, W=WORKING)
    session.decline()
    session.shows(IDLE)
    lab.end_command("go")
    worker.sees("Long is over")
    worker.shows(IDLE)
    time.sleep(1)
    lab.look("both-free", A=IDLE, W=IDLE)
    worker.submit("go", "question")
    worker.shows(QUESTION)
    time.sleep(1)
    lab.look("question", A=IDLE, W=QUESTION)
    lab.shell("mv ~/.claude ~/.claude-other && mv ~/.claude-first ~/.claude")
    time.sleep(8)
    worker.press("Enter")
    worker.sees("Chosen")
    worker.shows(IDLE)
    time.sleep(1)
    # Its old file says what was true when it was moved, until its state changes.
    lab.look("back", A=UNTOLD, W=IDLE)
    asks(lab, session)
    declines(lab, session)
