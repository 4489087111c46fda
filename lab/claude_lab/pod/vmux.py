"""vmux in the machine: the daemon, what it says, and when it said it."""

import json
import subprocess
import time

from . import machine


class Vmux:
    """vmuxd runs as the user from the start of the scenario; its log and events go to the result."""

    def __init__(self, environment):
        keep = ("HOME", "USER", "LOGNAME", "SHELL", "LANG", "PATH", "TERM")
        self.environment = {name: environment[name] for name in keep} | {"XDG_RUNTIME_DIR": "/run/user/1000"}
        self.there = machine.VMUX.exists()
        if not self.there:
            return
        self.begin([machine.VMUX / "vmuxd"], machine.RESULT / "vmuxd.log")
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and self.run("list", "--no-start")[0]:
            time.sleep(0.02)
        follow = self.begin([machine.VMUX / "vmux", "events"], subprocess.PIPE, machine.as_observer)
        machine.stamp(follow.stdout, "events.jsonl")

    def begin(self, words, output, run=list):
        """Starts `words` as the user, by what `run` makes of the command."""
        out = open(output, "wb") if not isinstance(output, int) else output
        return subprocess.Popen(run(machine.as_user(words)), env=self.environment, cwd=machine.HOME,
                                stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)

    def run(self, *words):
        """Exit code and output of `vmux WORDS`."""
        done = subprocess.run(machine.as_user([machine.VMUX / "vmux", *words]), env=self.environment, cwd=machine.HOME,
                              capture_output=True, text=True, errors="replace", timeout=20, check=False)
        return done.returncode, done.stdout + (done.stderr if done.returncode else "")

    def rows(self):
        """pid -> what `vmux list --json` says of it."""
        code, out = self.run("list", "--json")
        if code:
            return {}
        rows = json.loads(out)
        # Hosts may be told apart one day; here there is one.
        rows = rows if isinstance(rows, list) else rows.get("sessions", [])
        return {row["pid"]: row for row in rows}

    def why(self, pid):
        return self.run("why", str(pid))[1]
