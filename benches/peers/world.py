"""A home with N sessions of Claude Code in every state, their processes, and what is none."""

import fcntl
import json
import os
import pathlib
import pty
import shlex
import shutil
import signal
import subprocess
import termios
import time

import recorded
import scenarios

TOOL = "source {home}/.claude/shell-snapshots/snapshot-bash-1.sh 2>/dev/null || true" \
    " && eval 'sleep 100000' < /dev/null && pwd -P >| /tmp/claude-1-cwd"


class Session:
    """A process with its recording. `scenario` is none for what is no session."""

    def __init__(self, recording, scenario=None, title=None):
        self.recording, self.scenario, self.title = recording, scenario, title
        self.process = self.terminal = None

    @property
    def pid(self):
        return self.process.pid

    @property
    def session_id(self):
        return self.recording.new_id(self.recording.session_id) if self.recording.session_id else None

    @property
    def ids(self):
        """Its id, and those it had before /clear."""
        own = self.recording.instant["files"] if self.scenario and not self.scenario.group else {}
        stems = [pathlib.Path(path).stem for path in own if path.count("/") == 2]
        alone = len(self.recording.instant["sessions"]) == 1
        return {self.session_id} | ({self.recording.new_id(it) for it in stems} if alone else set())

    @property
    def want(self):
        return self.recording.session["want"].split(":")[0]

    def run(self, command):
        """Have it run a command as a child."""
        os.write(self.terminal, command.encode() + b"\n")


class World:
    def __init__(self, root, program, number):
        self.root = root
        for entry in root.iterdir():
            shutil.rmtree(entry)
        self.home, self.run_dir = root / "home", root / "run"
        self.claude = self.home / ".claude"
        for path in (self.claude / "sessions", self.claude / "projects", self.run_dir, root / "w"):
            path.mkdir(parents=True)
        self.run_dir.chmod(0o700)
        versions = self.home / ".local/share/claude/versions"
        self.native, self.launcher = versions / "2.1.329", self.home / ".local/bin/claude"
        for path in (versions, self.launcher.parent):
            path.mkdir(parents=True)
        shutil.copy(program, self.native)
        self.launcher.symlink_to(self.native)
        machine = pathlib.Path("/etc/machine-id")
        machine = machine.read_text().strip() if machine.exists() else "0" * 32
        self.domain = f"linux:{machine}:{os.readlink('/proc/self/ns/pid')}"
        self.sessions, self.fired = [], 0
        for turn, scenario in scenarios.chosen(number):
            recording = recorded.Recording(scenario.folder, scenario.instant, scenario.name)
            self.sessions.append(Session(recording, scenario))
            self.add(self.sessions[-1], self.cwd(turn, scenario))
        self.others = [self.other(*it) for it in scenarios.NOT_SESSIONS]
        self.settle()
        self.leftovers()

    def env(self):
        """What every program of this world gets."""
        return {
            "HOME": str(self.home), "XDG_RUNTIME_DIR": str(self.run_dir), "PATH": "/usr/local/bin:/usr/bin:/bin",
            "TERM": "xterm-256color", "LANG": "C.UTF-8", "USER": "root", "SHELL": "/bin/bash",
            # For cctop, which else reads the homes of all users when it runs as root.
            "CCTOP_ALL_USERS": "0", "DO_NOT_TRACK": "1",
        }

    def cwd(self, turn, scenario):
        name = scenario.group or f"case{scenarios.SCENARIOS.index(scenario):02}"
        return self.root / "w" / f"{name}-{turn}"

    def other(self, title, *instant):
        session = Session(recorded.Recording(*instant), title=title)
        self.add(session, self.root / "w" / title.replace(" ", "-"))
        return session

    def add(self, session, cwd):
        """Start its process; its files come when it is as old as in the recording."""
        recording = session.recording
        recording.move(self.home, cwd, int(time.time() * 1000) + 400)
        directory = pathlib.Path(recording.process_cwd())
        directory.mkdir(parents=True, exist_ok=True)
        program = self.launcher if recording.session["comm"] == "claude" else self.native
        argv = [recording.text(it) for it in recording.argv]
        stdin = subprocess.DEVNULL
        if recording.session["tty"]:
            session.terminal, stdin = terminal()
        session.process = subprocess.Popen(
            argv, executable=program, cwd=directory, env=self.env(), stdin=stdin, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True,
            preexec_fn=lambda: stdin != subprocess.DEVNULL and fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        if stdin != subprocess.DEVNULL:
            os.close(stdin)

    def settle(self):
        """Wait until the youngest is old enough, and write what each leaves on disk."""
        everybody = self.sessions + self.others
        time.sleep(max(it.recording.age() for it in everybody if it.recording.file) + 1)
        trusted = {it.recording.cwd: {"hasTrustDialogAccepted": True} for it in everybody}
        (self.home / ".claude.json").write_text(json.dumps({"projects": trusted}))
        for session in everybody:
            self.write_transcripts(session.recording)
            if session.recording.file:
                self.write_file(session)
            if session.scenario and session.recording.in_tool:
                session.run(TOOL.format(home=self.home))

    def write_transcripts(self, recording):
        for path, text, age in recording.transcripts():
            path = self.claude / path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            then = (recording.instant["now"] + recording.shift) / 1000 - age
            os.utime(path, (then, then))

    def write_file(self, session, **change):
        sdk = bool(session.scenario and session.scenario.sdk)
        content = session.recording.session_file(session.pid, start(session.pid), self.domain, sdk) | change
        (self.claude / f"sessions/{session.pid}.json").write_text(json.dumps(content))
        return content

    def leftovers(self):
        """The file of a session that was killed, the file of one whose pid is another program's now,
        and Claude Code's own ripgrep."""
        killed = self.leftover("a killed session's file")
        self.write_file(killed)
        stop(killed.process)
        reused = self.leftover("a file whose pid is another program's")
        stop(reused.process)
        reused.process = self.start("sleep", "sleep", "100000")
        self.write_file(reused, procStart="1")
        ripgrep = self.leftover("Claude Code's own ripgrep", files=False)
        stop(ripgrep.process)
        ripgrep.process = self.start(self.native, "rg", "--files")

    def leftover(self, title, files=True):
        session = self.other(title, "s04_bash_allowed", "t1_tool_running", "A")
        session.recording.shift -= 3600_000
        if files:
            self.write_transcripts(session.recording)
        self.others.append(session)
        return session

    def start(self, program, *argv):
        return subprocess.Popen(
            argv, executable=program, env=self.env(), stdin=subprocess.DEVNULL, start_new_session=True)

    def fire_hooks(self, settings):
        """Have every session run the hooks of `settings` as Claude Code did in the recording."""
        hooks = json.loads(settings.read_text())["hooks"]
        for session in self.sessions:
            self.fire(session, hooks, *session.recording.hooks())

    def fire(self, session, hooks, *payloads):
        """Have a session run its hooks for these events, one after the other, and wait for them."""
        self.fired += 1
        folder = self.root / "hooks" / str(self.fired)
        folder.mkdir(parents=True)
        script = []
        for count, payload in enumerate(payloads):
            stdin = folder / f"{count}.json"
            stdin.write_text(json.dumps(payload))
            for command in commands(hooks, payload):
                script.append(f"( {command} ) < {shlex.quote(str(stdin))} > /dev/null 2>&1")
        if not script:
            return
        done, path = folder / "done", folder / "script"
        path.write_text("\n".join([*script, f"echo > {shlex.quote(str(done))}"]))
        session.run(f"exec bash {shlex.quote(str(path))}")
        while not done.exists():
            time.sleep(0.002)

    def keep_busy(self):
        """A subagent that works writes now and then; one program goes by that."""
        for path in self.claude.glob("projects/*/*/subagents/*.jsonl"):
            os.utime(path)

    def end(self):
        for session in self.sessions + self.others:
            stop(session.process)
            if session.terminal:
                os.close(session.terminal)


def commands(hooks, payload):
    """What the settings want run for an event."""
    for entry in hooks.get(payload["hook_event_name"], []):
        matcher = entry.get("matcher") or "*"
        names = {payload.get("tool_name"), payload.get("source"), payload.get("reason")}
        if matcher in ("*", ".*") or names & set(matcher.split("|")):
            yield from (hook["command"] for hook in entry["hooks"] if hook.get("type") == "command")


def terminal():
    """A silent terminal: our end and the other one."""
    ours, theirs = pty.openpty()
    modes = termios.tcgetattr(theirs)
    modes[3] &= ~termios.ECHO
    termios.tcsetattr(theirs, termios.TCSANOW, modes)
    return ours, theirs


def start(pid):
    """Field 22 of its stat: when it began, in ticks since boot."""
    text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    return int(text.rpartition(")")[2].split()[19])


def stop(process):
    """Kill it with what it has started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
