"""The lab as a scenario sees it: set things up, start sessions, and look at a named instant."""

import json
import subprocess
import time

from ..api.server import PORT, Api
from . import evidence, machine, screen
from .session import Session
from .tmux import Tmux
from .truth import agrees, asks_words, verdict
from .vmux import Vmux

ALLOWED = ["Bash(sleep:*)", "Bash(python3:*)", "Bash(cd:*)", "Bash(pwd)", "Bash(until-file:*)"]
PLAIN = """() { if [ -t 0 ] && [ -t 1 ]; then
 env -u TMUX -u TMUX_PANE -u 'BASH_FUNC_claude%%' script -qefc "exec claude ${*@Q}" /dev/null; else command claude "$@"; fi; }"""
"""A function of the user's shells that runs `claude` in a terminal of its own, inside of the pane."""
SETTLE = 0.4
RIGHT_WITHIN = 4.0


class Lab:
    """One scenario's machine. `patience` multiplies how long the screen is waited for."""

    def __init__(self, task):
        self.task = task
        self.version = tuple(int(it) for it in task["version"].split("."))
        self.patience = task["patience"]
        self.environment = machine.environment(PORT)
        self.api = Api(open(machine.RESULT / "requests.jsonl", "w", encoding="utf8"))
        self.home, self.project, self.config = machine.HOME, machine.PROJECT, machine.HOME / ".claude"
        self.sessions, self.instants, self.checks, self.notes = {}, [], [], []
        self.tmux = self.vmux = None

    # Setting up.

    def boot(self, scripts=None, allow=(), settings=None, environment=None, trusted=(), state=None, key=True):
        """Writes what the CLI finds on its disk, and starts the API, tmux and vmuxd.

        `allow`: permission rules beside the usual ones; `settings` and `state` go into
        settings.json and .claude.json; `key`: whether an API key is in the environment.
        """
        self.api.scripts = scripts or {}
        self.environment |= environment or {}
        if not key:
            del self.environment["ANTHROPIC_API_KEY"]
        permissions = {"defaultMode": "default", "disableAutoMode": "disable", "allow": ALLOWED + list(allow)}
        settings = {"permissions": permissions} | (settings or {})
        self.write(self.config / "settings.json", settings)
        known = {"hasTrustDialogAccepted": True, "hasCompletedProjectOnboarding": True, "projectOnboardingSeenCount": 5,
                 "allowedTools": []}  # Versions 1.0 do not start without it.
        node = self.task["program"].endswith(".js")
        self.write(self.home / ".claude.json", {
            "hasCompletedOnboarding": True, "lastOnboardingVersion": self.task["version"], "theme": "dark",
            "numStartups": 5, "installMethod": "global" if node else "native", "autoUpdates": False,
            "bypassPermissionsModeAccepted": True, "lastReleaseNotesSeen": self.task["version"],
            "customApiKeyResponses": {"approved": [machine.API_KEY[-20:]], "rejected": []},
            "projects": {str(path): known for path in [self.project, *trusted]}, **(state or {}),
        })
        self.write(self.home / ".gitconfig", "[user]\n\tname = Dev\n\temail = dev@localhost\n[init]\n\tdefaultBranch = main\n")
        # `until-file NAME` is a command that runs until the scenario lets it end.
        self.write(self.home / ".local/bin/until-file", '#!/bin/sh\nwhile [ ! -e "$HOME/.$1" ]; do sleep 0.1; done\n')
        (self.home / ".local/bin/until-file").chmod(0o755)
        if self.task["plain"]:
            self.environment["BASH_FUNC_claude%%"] = PLAIN
        for path in trusted:
            machine.Path(path).mkdir(parents=True, exist_ok=True)
        machine.own(self.home)
        self.api.serve()
        self.tmux = Tmux(self.environment)
        self.watch()
        self.vmux = Vmux(self.environment)
        if self.task["hooks"] and self.vmux.there:
            self.vmux.run("hooks", "install")

    def watch(self):
        """Writes down what a bare reader of session files sees, and when: what vmux's lag is measured against."""
        words = ["python3", "-u", machine.TOOLS / "sessions.py", self.home / ".claude/sessions"]
        reader = subprocess.Popen(machine.as_user(words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        machine.stamp(reader.stdout, "statuses.jsonl")

    def write(self, path, words):
        """A file of the user; what is not a string is written as JSON."""
        path = machine.Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(words if isinstance(words, str) else json.dumps(words, indent=1))
        machine.own(path)

    def end_command(self, name):
        """Lets `until-file NAME` end."""
        self.write(self.home / f".{name}", "")

    def shell(self, command, cwd=None, seconds=60):
        """Runs a command of the user's, and returns what it prints."""
        done = subprocess.run(machine.as_user(["bash", "-c", command]), cwd=cwd or self.project, env=self.environment,
                              capture_output=True, text=True, errors="replace", timeout=seconds, stdin=subprocess.DEVNULL, check=False)
        return done.stdout + done.stderr

    # Sessions.

    def pane(self, name="A", cwd=None, **more):
        """A pane with a shell, in which nothing runs yet."""
        self.sessions[name] = Session(self, name, self.tmux.pane(name, cwd or self.project, **more))
        return self.sessions[name]

    def start(self, name="A", arguments="", cwd=None, ready=True, headless=False, **more):
        """Starts `claude ARGUMENTS` in a pane, new or of an ended session; `ready`: waits for its prompt."""
        session = self.sessions.get(name)
        if session and session.pid:
            session.blank()
        session = session or self.pane(name, cwd, **more)
        session.headless = headless
        session.line(f"claude {arguments}".strip())
        session.find()
        if ready and not headless:
            session.ready()
        return session

    def adopt(self, name, pid):
        """A session that the scenario did not start in a pane of its own: no screen shows it."""
        self.sessions[name] = Session(self, name, pid=pid)

    # Looking.

    def look(self, label, **truth):
        """Writes down one instant: what the screens show, what vmux says, what is on disk.

        `truth`: session name -> what a person sees, of truth.py. A session whose screen shows
        something else is disputed and does not count.
        """
        time.sleep(SETTLE)
        label = f"{len(self.instants) + 1:02d}-{label}"
        screens = {name: it.screen() for name, it in self.sessions.items() if not it.headless}
        said, began = self.vmux.rows() if self.vmux.there else {}, time.time()
        # What has changed meanwhile may be said either way.
        moved = {name for name, text in screens.items() if self.sessions[name].shown() != screen.shown(text)}
        evidence.keep(label, {name: it.pid for name, it in self.sessions.items() if it.pid}, screens)
        instant = {"label": label, "at": began, "session_files": evidence.session_files(), "sessions": {}}
        for name, true in truth.items():
            instant["sessions"][name] = self.judge(name, true, said, screens.get(name), began, name in moved)
        known = {it.pid for it in self.sessions.values()}
        instant["others"] = [row for pid, row in said.items() if pid not in known]
        self.instants.append(instant)

    def judge(self, name, true, said, text, began, moved):
        """What is written down of one session. What is not right at once is asked again for a while."""
        session = self.sessions[name]
        shown = screen.shown(text) if text is not None else None
        row = said.get(session.pid)
        found = {"truth": true, "pid": session.pid, "shown": shown, "row": row, "verdict": verdict(true, row)}
        if text is not None:
            found |= {"title": self.tmux.title(session.pane), "cursor": self.tmux.has_cursor(session.pane)}
            found["asks"] = asks_words(true, row, text)
        if not agrees(true, shown) or (moved and found["verdict"] != "right"):
            found["verdict"] = "disputed"
        if self.vmux.there and found["verdict"] not in ("right", None):
            found["why"] = self.vmux.why(session.pid)
        while found["verdict"] in ("wrong", "unknown", "missing") and time.time() - began < RIGHT_WITHIN:
            time.sleep(0.05)
            later = self.vmux.rows().get(session.pid) if self.vmux.there else None
            if text is not None and session.shown() != shown:
                break
            if verdict(true, later) == "right":
                found |= {"verdict": "late", "late": round(time.time() - began, 3), "later": later}
        return found

    def check(self, what, holds, got=None):
        """A statement about vmux that is not a state."""
        self.checks.append({"what": what, "holds": bool(holds), "got": got})

    def note(self, words):
        self.notes.append(words)

    def result(self):
        return {"instants": self.instants, "checks": self.checks, "notes": self.notes}

