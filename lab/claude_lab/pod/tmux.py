"""The terminals of the machine: a tmux server with a pane for each session."""

import shlex
import subprocess
import time

from . import machine

CONFIG = """set -g remain-on-exit on
set -g history-limit 5000
set -g default-terminal tmux-256color
set -g allow-passthrough on
set -g focus-events on
set -s escape-time 0
"""


class Tmux:
    """The server, run as the user."""

    def __init__(self, environment):
        self.environment = environment
        config = machine.HOME / ".tmux-lab.conf"
        config.write_text(CONFIG)
        self.run("-f", config, "new-session", "-d", "-s", "lab", "-x", "150", "-y", "50", "sleep 100000")

    def run(self, *words, check=True):
        """What a tmux command prints."""
        words = machine.as_user(["tmux", "-L", "lab", *words])
        done = subprocess.run(words, env=self.environment, cwd=machine.HOME, capture_output=True, text=True,
                              errors="replace", stdin=subprocess.DEVNULL, check=False)
        if check and done.returncode:
            raise RuntimeError(f"tmux {words[9:]}: {done.stderr.strip()}")
        return done.stdout

    def pane(self, name, cwd, environment=None, without=(), command=None):
        """A new pane with an interactive shell, or with `command`; returns its id."""
        words = ["env"] + [part for it in without for part in ("-u", it)]
        words += [f"{key}={value}" for key, value in (environment or {}).items()]
        words += command or ["bash", "--noprofile", "--norc", "-i"]
        pane = self.run("new-window", "-d", "-n", name, "-c", cwd, "-P", "-F", "#{pane_id}", shlex.join(map(str, words)))
        deadline = time.monotonic() + 10
        while not command and not self.screen(pane.strip()).strip() and time.monotonic() < deadline:
            time.sleep(0.03)
        return pane.strip()

    def pid(self, pane):
        return int(self.run("display-message", "-p", "-t", pane, "#{pane_pid}"))

    def title(self, pane):
        return self.run("display-message", "-p", "-t", pane, "#{pane_title}", check=False).strip()

    def has_cursor(self, pane):
        return self.run("display-message", "-p", "-t", pane, "#{cursor_flag}", check=False).strip() == "1"

    def screen(self, pane):
        return self.run("capture-pane", "-p", "-t", pane, check=False)

    def type(self, pane, words):
        self.run("send-keys", "-t", pane, "-l", words)

    def press(self, pane, *keys):
        self.run("send-keys", "-t", pane, *keys)
