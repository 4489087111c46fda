"""Programs that stay, and what they show at any moment: a screen, lines, or a stream of events."""

import fcntl
import json
import os
import pty
import re
import select
import socket
import struct
import subprocess
import termios
import time
import urllib.request

from screen import Screen

ROWS, COLUMNS = 150, 200


class Watcher:
    """A program whose output is read. `shows` is set by those below: whether it shows a wait."""

    process = None

    def until(self, wanted, timeout):
        """When what it shows became as wanted; none if it did not."""
        deadline = time.monotonic() + timeout
        while bool(self.shows()) != wanted:
            left = deadline - time.monotonic()
            if left <= 0 or not self.read(left):
                return None
        return time.monotonic()

    def read(self, timeout):
        """Take in what comes within the time; false if nothing does."""
        if not select.select([self.source], [], [], timeout)[0]:
            return False
        self.take(self.source.recv(1 << 16) if isinstance(self.source, socket.socket) else os.read(self.source, 1 << 16))
        return True

    def drain(self, seconds):
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self.read(left)

    def end(self):
        if self.process:
            self.process.kill()
            self.process.wait()


class Terminal(Watcher):
    """A program in a terminal of its own. A line with `name` and `word` shows the wait."""

    def __init__(self, command, env, name="", word=""):
        self.name, self.word = name, word
        self.screen = Screen(ROWS, COLUMNS)
        self.source, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.process = subprocess.Popen(
            command, env=env, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(theirs)

    def take(self, data):
        self.screen.feed(data.decode(errors="replace"))

    def shows(self):
        return any(self.name in line and self.word in line for line in self.screen.text())

    def end(self):
        super().end()
        os.close(self.source)


class Bar(Watcher):
    """`vmux status --follow`: its line counts those that wait."""

    def __init__(self, command, env):
        self.process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self.source, self.waiting, self.rest, self.usual = self.process.stdout.fileno(), None, "", None

    def take(self, data):
        *lines, self.rest = (self.rest + data.decode()).split("\n")
        if lines:
            found = re.search(r"(\d+) waiting", lines[-1])
            self.waiting = int(found[1]) if found else 0
            self.usual = self.waiting if self.usual is None else min(self.usual, self.waiting)

    def shows(self):
        return self.waiting is not None and self.waiting > self.usual


class Stream(Watcher):
    """The events of `cctop serve` for one session; its page in a browser gets the same."""

    def __init__(self, port, session_id, words):
        self.words = words
        self.source = socket.create_connection(("127.0.0.1", port))
        request = f"GET /api/events?session={session_id} HTTP/1.1\r\nHost: localhost\r\n\r\n"
        self.source.sendall(request.encode())
        self.rest, self.state = b"", None

    def take(self, data):
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            if line.startswith(b"data: [{"):
                self.state = json.loads(line.removeprefix(b"data: "))[0]["state"]

    def shows(self):
        return self.state in self.words

    def end(self):
        self.source.close()


def fetch(port, path):
    """A page of `cctop serve`."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
        return answer.read().decode()
