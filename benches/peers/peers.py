"""Each program: how it lists sessions, what its words mean, and how it runs for a day."""

import dataclasses
import json
import re
import subprocess

WORKING, ASKS, IDLE = "working", "needs_input", "idle"

# Word → the truths it is right about. A word that a program's own documentation gives two meanings
# counts for both.
WORDS = {
    "vmux": {WORKING: {WORKING}, ASKS: {ASKS}, IDLE: {IDLE}},
    # "Idle, waiting for user input or permission prompt".
    "abtop": {"Thinking": {WORKING}, "Executing": {WORKING}, "Waiting": {IDLE, ASKS}, "RateLimited": {IDLE}},
    "claude-busy-monitor": {"busy": {WORKING}, "asking": {ASKS}, "idle": {IDLE}},
    # "waiting" is its word for a finished turn, and without hooks for an open question.
    "cctop": {"working": {WORKING}, "waiting": {IDLE, ASKS}, "asking": {ASKS}, "error": {IDLE}},
}


@dataclasses.dataclass
class Row:
    """One line of a program's list. What names it: a pid, an id, or the end of an id."""

    word: str
    pid: int = 0
    session_id: str = ""

    def is_of(self, session):
        if self.pid:
            return self.pid == session.pid
        return any(it and it.endswith(self.session_id) for it in session.ids)


def vmux(output):
    return [Row(it["state"], pid=it["pid"]) for it in json.loads(output)]


def abtop(output):
    return [Row(it["status"], pid=it["pid"]) for it in json.loads(output)["sessions"]]


def monitor(output):
    plain = re.sub(r"\x1b\[[0-9;]*m", "", output)
    lines = (line.split() for line in plain.splitlines()[2:])
    return [Row(line[1], session_id=line[0]) for line in lines if len(line) > 1]


def cctop(output):
    """It also lists sessions of the past, which do not run."""
    sessions = json.loads(output)
    sessions = sessions["sessions"] if isinstance(sessions, dict) else sessions
    return [cctop_row(it) for it in sessions if it["running"]]


def cctop_row(it):
    name = it["session_id"]
    if name.startswith("_pid_"):
        return Row(it["state"], pid=int(name.removeprefix("_pid_")))
    return Row(it["state"], session_id=name)


class Tools:
    """Where the programs are."""

    def __init__(self, work, vmux):
        self.work, self.vmux = work, vmux
        self.vmuxd, self.measure = f"{vmux}/vmuxd", str(work / "measure")
        self.abtop, self.cctop = str(work / "cargo/bin/abtop"), str(work / "cargo/bin/cctop")
        self.monitor = str(work / "venv/bin/claude-busy-monitor")

    def listings(self):
        """Name → (command, parser of what it prints)."""
        return {
            "vmux": ([f"{self.vmux}/vmux", "list", "--json", "--no-start"], vmux),
            "abtop": ([self.abtop, "--json"], abtop),
            "claude-busy-monitor": ([self.monitor], monitor),
            "cctop": ([self.cctop, "--json"], cctop),
        }

    def follow(self):
        return [f"{self.vmux}/vmux", "status", "--format", "plain", "--follow", "--no-start"]

    def screens(self):
        """Name → (command, environment) of what stays in a terminal."""
        return {
            "abtop": ([self.abtop], {}),
            # Its documentation: "watch claude-busy-monitor". A terminal that only places and prints.
            "watch claude-busy-monitor": (["watch", self.monitor], {"TERM": "vt100"}),
            "cctop": ([self.cctop], {}),
        }

    def waits(self):
        """Name → the word in a session's line while it waits, as near as the program comes to it.
        abtop calls an open question work. (cctop has a coloured dot: its events are read instead.)"""
        return {"abtop": "Exec", "watch claude-busy-monitor": "asking"}

    def versions(self):
        first = [f"{self.vmux}/vmux", self.abtop, self.monitor, self.cctop]
        said = (subprocess.run([it, "--version"], capture_output=True, text=True).stdout for it in first)
        return [it.splitlines()[0] for it in said]
