#!/usr/bin/env python3
"""Why only tmux: how many keys reach another dialog than the one that was read, by terminal and way.

    benches/keys/race.py [--rounds 1000] [WAY...]

A program draws one of two dialogs and changes it at random, every 0.3 s on average. A driver reads the screen and
sends the key of the dialog that it has read, as soon as it can; the program notes which dialog it shows when the key
comes. The ways: tmux-two-calls, tmux-one-command, kitty-two-calls, kitty-kitten, screen, zellij, wezterm. Those whose
programs are missing are left out. kitty runs on an X server of its own (Xvfb). docs/answering.md has the figures.
"""

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

EVERY = 0.3
KEYS = {"one": "a", "two": "b"}
KITTEN = """
import sys
def main(args): pass
from kittens.tui.handler import result_handler
@result_handler(no_ui=True)
def handle_result(args, answer, target_window_id, boss):
    for window in boss.all_windows:
        text = window.as_text()
        for name, key in (("one", b"a"), ("two", b"b")):
            if "Bash " + name in text:
                window.write_to_child(key)
                return
"""


def program(log):
    """Draws the dialogs, and writes a line for each key: the one that is shown, and the key."""
    import select
    import termios
    import tty
    before = termios.tcgetattr(0)
    tty.setraw(0)
    shown, count, out = "one", 0, open(log, "a", buffering=1, encoding="utf8")
    until = 0.0
    try:
        while True:
            if time.monotonic() >= until:
                shown = random.choice(list(KEYS))
                count += 1
                os.write(1, f"\x1b[H\x1b[2J Bash {shown}\r\n\r\n Do you want to proceed?\r\n 1. Yes\r\n 2. No\r\n [{count}]\r\n".encode())
                until = time.monotonic() + random.expovariate(1 / EVERY)
            if select.select([0], [], [], max(0, until - time.monotonic()))[0]:
                for key in os.read(0, 64).decode("ascii", "replace"):
                    if key == "q":
                        return
                    out.write(f"{shown} {key}\n")
    finally:
        termios.tcsetattr(0, termios.TCSANOW, before)


def run(*words, **more):
    """What a program says; nothing, and no success, if it hangs."""
    words = [str(it) for it in words]
    try:
        return subprocess.run(words, capture_output=True, text=True, errors="replace", timeout=20, check=False, **more)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(words, 124, "", "")


def read(text):
    found = re.findall(r"Bash (one|two)", text)
    return found[-1] if found and "2. No" in text else None


class Way:
    """One terminal: `begin` starts the program in it, `press` reads and sends once, `end` ends what was begun."""

    def __init__(self, folder, begun):
        self.folder, self.begun, self.children = folder, begun, []

    def child(self, *words, **more):
        self.children.append(subprocess.Popen([str(it) for it in words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                              stderr=subprocess.DEVNULL, **more))

    def end(self):
        for child in reversed(self.children):
            child.kill()
            child.wait(10)


class TmuxTwo(Way):
    needs, version = ["tmux"], ["tmux", "-V"]

    def tmux(self, *words):
        return run("tmux", "-S", self.folder / "tmux", *words)

    def begin(self):
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", *self.begun)

    def press(self):
        shown = read(self.tmux("capture-pane", "-p").stdout)
        return bool(shown) and self.tmux("send-keys", "-l", KEYS[shown]).returncode == 0

    def end(self):
        self.tmux("kill-server")


class TmuxOne(TmuxTwo):
    def press(self):
        shown = read(self.tmux("capture-pane", "-p").stdout)
        if not shown:
            return False
        said = self.tmux("if-shell", "-F", f"#{{C/r:^ Bash {shown} *$}}", f"send-keys -l {KEYS[shown]} ; display-message -p sent", "")
        return "sent" in said.stdout


class Kitty(Way):
    needs, version = ["kitty", "Xvfb"], ["kitty", "--version"]

    def begin(self):
        display = f":{random.randrange(100, 900)}"
        self.child("Xvfb", display, "-screen", "0", "800x600x24", "-nolisten", "tcp")
        time.sleep(2)
        self.environment = os.environ | {"DISPLAY": display, "LIBGL_ALWAYS_SOFTWARE": "1"}
        self.environment.pop("WAYLAND_DISPLAY", None)
        self.socket = f"unix:{self.folder}/kitty"
        (self.folder / "press.py").write_text(KITTEN)
        self.child("kitty", "--config", "NONE", "-o", "allow_remote_control=yes", "--listen-on", self.socket, *self.begun, env=self.environment)

    def kitty(self, *words, **more):
        return run("kitty", "@", "--to", self.socket, *words, env=self.environment, **more)

    def press(self):
        shown = read(self.kitty("get-text", "--match", "id:1").stdout)
        return bool(shown) and self.kitty("send-text", "--match", "id:1", KEYS[shown]).returncode == 0


class KittyKitten(Kitty):
    def press(self):
        return self.kitty("kitten", "--match", "id:1", self.folder / "press.py").returncode == 0


class Screen(Way):
    needs, version = ["screen"], ["screen", "--version"]

    def screen(self, *words):
        return run("screen", "-S", "race", "-p", "0", *words, env=os.environ | {"SCREENDIR": str(self.folder / "sockets")})

    def begin(self):
        (self.folder / "sockets").mkdir(mode=0o700)
        run("screen", "-S", "race", "-d", "-m", *self.begun, env=os.environ | {"SCREENDIR": str(self.folder / "sockets"), "TERM": "xterm"})

    def press(self):
        copy = self.folder / "copy"
        copy.unlink(missing_ok=True)
        self.screen("-X", "hardcopy", copy)
        deadline = time.monotonic() + 2
        while not copy.exists() and time.monotonic() < deadline:
            time.sleep(0.001)
        shown = read(copy.read_text(errors="replace")) if copy.exists() else None
        return bool(shown) and self.screen("-X", "stuff", KEYS[shown]).returncode == 0

    def end(self):
        self.screen("-X", "quit")


class Zellij(Way):
    needs, version = ["zellij", "script"], ["zellij", "--version"]

    def zellij(self, *words):
        return run("zellij", "--session", "race", "action", *words, env=self.environment)

    def begin(self):
        self.environment = os.environ | {"ZELLIJ_SOCKET_DIR": str(self.folder), "SHELL": "/bin/sh", "TERM": "xterm-256color"}
        # Without a configuration it asks for one first.
        (self.folder / "config.kdl").write_text("show_startup_tips false\nshow_release_notes false\nsession_serialization false\n")
        self.environment |= {"ZELLIJ_CONFIG_DIR": str(self.folder), "XDG_CACHE_HOME": str(self.folder)}
        layout = self.folder / "layout.kdl"
        command, *arguments = [str(it) for it in self.begun]
        arguments = " ".join(map(json.dumps, arguments))
        layout.write_text(f"layout {{\n pane command={json.dumps(command)} {{\n  args {arguments}\n }}\n}}\n")
        self.child("script", "-qfc", f"stty rows 24 cols 80; zellij --session race --new-session-with-layout {layout}", "/dev/null", env=self.environment)

    def press(self):
        shown = read(self.zellij("dump-screen").stdout)
        return bool(shown) and self.zellij("write-chars", KEYS[shown]).returncode == 0

    def end(self):
        run("zellij", "kill-session", "race", env=self.environment)
        super().end()


class Wezterm(Way):
    needs, version = ["wezterm", "Xvfb"], ["wezterm", "--version"]

    def begin(self):
        self.child("wezterm-mux-server", "--", *self.begun)

    def press(self):
        shown = read(run("wezterm", "cli", "--prefer-mux", "get-text").stdout)
        return bool(shown) and run("wezterm", "cli", "--prefer-mux", "send-text", "--no-paste", KEYS[shown]).returncode == 0


WAYS = {"tmux-two-calls": TmuxTwo, "tmux-one-command": TmuxOne, "kitty-two-calls": Kitty, "kitty-kitten": KittyKitten,
        "screen": Screen, "zellij": Zellij, "wezterm": Wezterm}


def race(name, rounds):
    """Presses so many keys; prints what became of them."""
    way = WAYS[name]
    missing = [it for it in way.needs if not shutil.which(it)]
    if missing:
        print(f"{name:18} left out: no {', '.join(missing)}", flush=True)
        return
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        log = folder / "log"
        terminal = way(folder, [sys.executable, os.path.abspath(__file__), "--program", log])
        terminal.begin()
        time.sleep(3)
        sent, began = 0, time.monotonic()
        try:
            while sent < rounds and time.monotonic() < began + 3 * rounds:
                sent += terminal.press()
                time.sleep(random.random() * 0.1)
            time.sleep(1)
        finally:
            terminal.end()
        came = [line.split() for line in log.read_text().splitlines()] if log.exists() else []
        wrong = sum(KEYS[shown] != key for shown, key in came)
        version = run(*way.version).stdout.strip().splitlines()[0]
        rate = f"{100 * wrong / len(came):.1f} %" if came else "-"
        print(f"{name:18} {version}: {sent} sent, {len(came)} came, {wrong} reached the other dialog ({rate}), load {os.getloadavg()[0]:.0f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ways", nargs="*", metavar="WAY", help=", ".join(WAYS))
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--program", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.program:
        program(given.program)
        return
    for name in given.ways or WAYS:
        race(name, given.rounds)


if __name__ == "__main__":
    main()
