"""From nothing to the free prompt: what is asked before, and what a slow machine makes of it."""

import os
import signal
import threading
import time

from ...api.answers import answer
from ...pod import proc
from ...pod.truth import DIALOG, GONE, IDLE, STARTING, TRUST, UNTOLD, WORKING
from .. import scenario
from ..common import bash, repository, to_yes, trusts


@scenario("start-idle")
def start_idle(lab):
    """The empty prompt; half a prompt typed; the end."""
    lab.boot()
    session = lab.start()
    lab.look("empty", A=IDLE)
    lab.check("a session that was never used is not unseen", not row(lab, session).get("unseen"), row(lab, session).get("unseen"))
    session.type("half a prompt")
    session.sees("half a prompt")
    lab.look("typing", A=IDLE)
    session.wipe("half a prompt")
    session.exit()
    lab.look("ended", A=GONE)


@scenario("start-trust")
def start_trust(lab):
    """The trust dialog in a folder that is not known, then the prompt."""
    lab.boot()
    lab.shell("mkdir ~/fresh")
    session = lab.start(cwd=lab.home / "fresh", ready=False)
    session.shows(TRUST)
    lab.look("asked", A=TRUST)
    trusts(session)
    session.ready()
    lab.look("trusted", A=IDLE)


@scenario("start-offer", since="2.1.300")
def start_offer(lab):
    """The CLI offers something over the new prompt (auto mode as a default), unasked."""
    lab.boot(settings={"permissions": {"defaultMode": "default"}})
    session = lab.start(ready=False)
    session.shows("menu")
    lab.look("offered", A=DIALOG)
    session.press("Down")
    time.sleep(0.3)
    session.press("Enter")
    session.ready()
    lab.look("declined", A=IDLE)
    lab.check("a declined offer is not a finished turn", not row(lab, session).get("unseen"), row(lab, session).get("unseen"))


@scenario("start-folders")
def start_folders(lab):
    """Who asks for trust: a linked worktree of a trusted repository, HOME, a folder of an unknown repository."""
    lab.boot()
    repository(lab)
    lab.shell("git worktree add -q -b wt ~/wt && mkdir -p ~/other/sub && cd ~/other && git init -q")
    worktree = lab.start("W", cwd=lab.home / "wt", ready=False)
    worktree.shows(f"idle|{TRUST}", 60, for_seconds=1)
    # Versions differ in whether a worktree is trusted with its repository.
    lab.look("worktree", W=worktree.shown())
    lab.start("H", cwd=lab.home, ready=False).shows(TRUST)
    lab.look("home", H=TRUST)
    lab.start("U", cwd=lab.home / "other/sub", ready=False).shows(TRUST)
    lab.look("unknown-repository", U=TRUST)


@scenario("start-starved")
def start_starved(lab):
    """A process that gets no time, or is stopped, while it starts: nothing is asked yet."""
    lab.boot()
    repository(lab)
    lab.shell("git worktree add -q -b wt ~/wt")
    for name, folder, run in (("S", "proj", 0.0), ("W", "wt", 0.004)):
        # A shell without job control does not notice that its child is stopped.
        session = lab.pane(name, lab.home / folder, command=["sh", "-c", "claude; sleep 1000"])
        starve = Starve(session.find(), run)
        for number in range(3):
            time.sleep(2.5)
            lab.look(f"{name}-{number}", **{name: STARTING})
        starve.over()
        # Old versions ask for trust in a worktree of its own.
        session.shows(f"{IDLE}|{TRUST}", 90, for_seconds=1)
        lab.look(f"{name}-ready", **{name: session.shown()})


class Starve(threading.Thread):
    """Lets a process run for so many seconds of every twentieth of one."""

    def __init__(self, pid, run):
        super().__init__(daemon=True)
        self.pid, self.slice, self.on = pid, run, True
        os.kill(pid, signal.SIGSTOP)
        self.start()

    def run(self):
        while self.on:
            time.sleep(0.05)
            if self.slice:
                os.kill(self.pid, signal.SIGCONT)
                time.sleep(self.slice)
                os.kill(self.pid, signal.SIGSTOP)

    def over(self):
        self.on = False
        self.join()
        os.kill(self.pid, signal.SIGCONT)


def row(lab, session):
    return lab.vmux.rows().get(session.pid) or {}


@scenario("start-own-key")
def start_own_key(lab):
    """An API key in the environment that the user has not been asked about."""
    lab.boot(state={"customApiKeyResponses": {"approved": [], "rejected": []}})
    walk(lab, lab.start(ready=False))


@scenario("start-bypass")
def start_bypass(lab):
    """The warning before a mode without permissions."""
    lab.boot(state={"bypassPermissionsModeAccepted": False}, environment={"IS_SANDBOX": "1"})
    walk(lab, lab.start(arguments="--dangerously-skip-permissions", ready=False))


@scenario("start-servers")
def start_servers(lab):
    """A project that brings MCP servers along: they are asked about."""
    lab.boot()
    lab.write(lab.project / ".mcp.json", {"mcpServers": {"lab": {"command": "true", "args": []}}})
    walk(lab, lab.start(ready=False))


@scenario("start-broken-settings")
def start_broken_settings(lab):
    """Settings that cannot be read: newer versions say so before they start."""
    lab.boot()
    lab.write(lab.config / "settings.json", '{"permissions": {"allow": 7}, "hooks": {"NoSuchEvent": []}}')
    walk(lab, lab.start(ready=False))


@scenario("start-with-prompt")
def start_with_prompt(lab):
    """A prompt in the arguments, in a folder that is not trusted yet."""
    lab.boot({"wait": [answer(bash("until-file go")), answer("Waited.")]})
    lab.shell("mkdir ~/fresh")
    session = lab.start(arguments="'wait (script wait)'", cwd=lab.home / "fresh", ready=False)
    session.shows(TRUST)
    time.sleep(2)
    lab.look("asked", A=TRUST)
    trusts(session)
    session.sees("until-file")
    time.sleep(1)
    lab.look("works", A=WORKING)
    lab.end_command("go")
    session.sees("Waited")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


def walk(lab, session):
    """From dialog to dialog of the start, taking what is offered, to the prompt."""
    for number in range(9):
        session.shows(f"menu|{TRUST}|{IDLE}|nothing", 60, for_seconds=2)
        shown = session.shown()
        if shown == IDLE:
            break
        if not proc.stat(session.pid):
            lab.note("it ended by itself")
            return
        # What the reader of screens does not know is a page that waits for Enter.
        lab.look(f"page-{number}", A=TRUST if shown == TRUST else DIALOG if shown == "menu" else UNTOLD)
        before = session.screen()
        # "Fix with Claude" would begin a turn.
        keys = ["Down", "Down"] if "1. Fix with Claude" in before else to_yes(before)
        if keys:
            session.press(*keys)
            time.sleep(0.3)
        session.press("Enter")
        session.until(lambda text, before=before: text != before, "the next page", 15)
    session.ready()
    lab.look("prompt", A=IDLE)
    lab.check("a session that was never used is not unseen", not row(lab, session).get("unseen"), row(lab, session).get("unseen"))
