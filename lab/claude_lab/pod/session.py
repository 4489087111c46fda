"""One session of a scenario: a pane, the process in it, what is typed and what is seen."""

import re
import time

from . import machine, proc, screen

POLL = 0.06


class Stuck(Exception):
    """The screen did not become what the script waits for."""


class Session:
    """`pid` is 0 until the process was seen. A session without a pane has no screen; that of a
    headless one shows nothing of what it does."""

    def __init__(self, lab, name, pane=None, pid=0):
        self.lab, self.name, self.pane, self.pid = lab, name, pane, pid
        self.headless = not pane

    # What is seen.

    def screen(self):
        return self.lab.tmux.screen(self.pane) if self.pane else ""

    def shown(self):
        return screen.shown(self.screen())

    def sees(self, pattern, seconds=30):
        """Waits until the pattern is on the screen; returns the screen."""
        return self.until(lambda text: re.search(pattern, text), f"`{pattern}`", seconds)

    def shows(self, what, seconds=30, for_seconds=0.3):
        """Waits until the screen shows it, for so long in one piece."""
        since = None

        def steady(text):
            nonlocal since
            if not re.fullmatch(what, screen.shown(text)):
                since = None
                return False
            since = since or time.monotonic()
            return time.monotonic() - since >= for_seconds
        return self.until(steady, what, seconds)

    def until(self, holds, what, seconds):
        deadline = time.monotonic() + seconds * self.lab.patience
        while time.monotonic() < deadline:
            text = self.screen()
            if holds(text):
                return text
            time.sleep(POLL)
        raise Stuck(f"{self.name} never showed {what}; {self.last_lines()}")

    def last_lines(self):
        return "the end of its screen:\n" + "\n".join(screen.lines_of(self.screen())[-16:])

    # What is typed.

    def type(self, words):
        self.lab.tmux.type(self.pane, words)

    def press(self, *keys):
        self.lab.tmux.press(self.pane, *keys)

    def line(self, words):
        self.type(words)
        time.sleep(0.15)
        self.press("Enter")

    def submit(self, words, script=None):
        """A prompt. Old versions lose keys that come while they draw, so it is seen to arrive."""
        words += f" (script {script})" if script else ""
        self.type(words)
        self.sees(re.escape(words[-20:]), 10)
        time.sleep(0.3)
        self.press("Enter")
        box = re.compile(r"^[\s│]*[>❯]\s.*" + re.escape(words[-20:]) + r"[\s│]*$", re.M)
        deadline = time.monotonic() + 4
        while time.monotonic() < deadline:
            lines = screen.lines_of(self.screen())[-6:]
            if not box.search("\n".join(lines)) or screen.shown(self.screen()) != "idle":
                return
            time.sleep(0.2)
        self.press("Enter")

    def wipe(self, words):
        """Takes typed words out of the box."""
        for _ in range(5):
            self.press("C-u")
            time.sleep(0.4)
            if words not in screen.prompt_box(self.screen()):
                return
        raise Stuck(f"{self.name} keeps what was typed; {self.last_lines()}")

    def decline(self):
        """Presses the number of the option No; versions that have none there take Esc."""
        found = re.search(r"(\d)\. No\b", self.screen())
        self.press(found.group(1) if found else "Escape")

    def exit(self):
        self.submit("/exit")
        for once_more in (lambda: self.press("Enter"), lambda: self.submit("/exit")):
            try:
                return self.gone(8)
            except Stuck:  # Its list of commands took the key, or was not there yet: then it was a prompt.
                once_more()
        self.gone()

    def gone(self, seconds=20):
        """Waits until its process is no more."""
        deadline = time.monotonic() + seconds
        while proc.stat(self.pid) and proc.stat(self.pid)[1][0] != "Z":
            if time.monotonic() > deadline:
                raise Stuck(f"{self.name} does not end; {self.last_lines()}")
            time.sleep(0.05)

    # Its process.

    def find(self, seconds=20, apart_from=()):
        """Waits for the CLI's process below the pane."""
        deadline = time.monotonic() + seconds
        root = self.lab.tmux.pid(self.pane)
        while time.monotonic() < deadline:
            below = [pid for pid in [root, *proc.descendants(root)] if pid not in apart_from and proc.is_claude(pid)]
            if below:
                self.pid = below[0]
                return self.pid
            time.sleep(0.02)
        raise Stuck(f"{self.name} has no process below its pane")

    def blank(self):
        """Clears what an ended session left on the screen."""
        self.line("clear")
        self.until(lambda text: len(screen.lines_of(text)) < 3, "a cleared screen", 10)

    def ready(self, seconds=60):
        """Waits for the free prompt. Versions on node go on loading behind it."""
        self.shows("idle", seconds, for_seconds=0.5)
        time.sleep(0.3 if self.lab.version >= (2, 1, 100) else 2.0)

    @property
    def cwd(self):
        return proc.link(f"/proc/{self.pid}/cwd") or str(machine.PROJECT)
