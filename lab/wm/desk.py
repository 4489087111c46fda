"""A world with vmuxd in it, and sessions that show in colours where they are.

A session paints its terminal in a colour of its own. So the picture of the screen says what is in
view, whatever titles, window ids and tabs say.
"""

import colorsys
import json
import os
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from .world import World, wait

BINARIES = Path(os.environ.get("VMUX_BIN") or Path(__file__).resolve().parents[2] / "target/release")
# The number of the colour for a terminal (of the cube, which themes leave alone), and its hue. The
# blue in which i3 frames windows has the hue 206.
COLOURS = [(196, 0), (46, 120), (201, 300), (226, 60), (51, 180), (21, 240)]
HUE_SLACK = 14
PAINTED_WITHIN = 2
MARKER = """#!/bin/bash
[ -n "{title}" ] && printf '\\033]2;%s\\007' '{title}'
fill=$(printf 'x%.0s' $(seq 70))
for _ in $(seq 20); do printf '\\033[38;5;{colour}m\\033[48;5;{colour}m%s\\033[0m\\r\\n' "$fill"; done
cd {cwd}
echo $$ > {told}
exec -a {argv0} {program} 86400
"""


@dataclass
class Session:
    """One session of a layout, and what is true of it."""

    label: str
    hue: int
    script: Path
    cwd: Path
    name: str | None
    pid: int = 0
    window: int | None = None
    expect: set = field(default_factory=lambda: {"right"})
    argv: list = field(default_factory=list)


class Desk(World):
    """`folder` is HOME. Layouts start programs with `open`, then `judge` goes to each session."""

    def __init__(self, folder, manager, config="", i3=""):
        super().__init__(folder, manager, i3)
        self.sessions, self.config, self.rows, self.daemon = {}, config, [], None
        self.environment |= {"VMUX_HOME": str(self.folder / "vmux"), "NO_COLOR": "1"}
        for path in ("vmux", ".claude/sessions", ".claude/projects"):
            (self.folder / path).mkdir(parents=True, exist_ok=True)

    # --- sessions

    def session(self, label, title="own", name="own", cwd=None, claude=True):
        """The script of a session. `title` is what it gives its terminal ("own": as Claude Code
        does for its name), `name` what vmux knows it by. Not `claude`: any other program."""
        colour, hue = COLOURS[len(self.sessions)]
        if name == "own":
            name = f"Fix {label}"
        if title == "own":
            title = f"✳ {name or 'Claude Code'}"
        place = Path(cwd or self.folder / "src" / label)
        place.mkdir(parents=True, exist_ok=True)
        script = self.folder / f"{label}.sh"
        script.write_text(MARKER.format(title=title or "", colour=colour, cwd=place, told=self.folder / f"{label}.pid",
                                        argv0="claude" if claude else "other",
                                        program=self.folder / ("claude" if claude else "other")))
        script.chmod(0o755)
        self.sessions[label] = Session(label, hue, script, place, name)
        return str(script)

    def open(self, workspace, *words, shows=None, windows=1, **environment):
        """Starts a program on a workspace, and waits for its new windows, and for the sessions that
        are shown there. Their window is the (first) new one. Returns the new container ids."""
        self.go(workspace)
        before = set(self.ipc.windows())
        process = self.spawn(*words, **environment)
        new = []
        if windows:
            new = wait(lambda: (got := sorted(set(self.ipc.windows()) - before)) and len(got) >= windows and got,
                       f"{windows} windows of {words[0]}")
        for label in shows or []:
            self.started(label)
        if windows and shows:
            # konsole may have made its window again.
            new = wait(lambda: sorted(set(self.ipc.windows()) - before), f"the window of {words[0]}")
            for label in shows:
                self.moved(label, new[0])
        self.last = process
        return new

    def started(self, label, window=None):
        """Waits for a session, which is in this window."""
        session = self.sessions[label]
        told = self.folder / f"{label}.pid"
        wait(lambda: told.exists() and told.read_text().strip(), f"the session {label}")
        session.pid = int(told.read_text())
        session.window = window
        wait(lambda: Path(f"/proc/{session.pid}/cmdline").read_bytes().startswith((b"claude", b"other")), label)

    def moved(self, label, window):
        self.sessions[label].window = window

    def knows(self, label, *verdicts):
        """What vmux may say of a session besides `right`, or instead of it."""
        self.sessions[label].expect = set(verdicts)

    def go(self, workspace):
        self.ipc.run(f'workspace --no-auto-back-and-forth "{workspace}"')

    def focus(self, window):
        self.ipc.run(f"[con_id={window}] focus")

    def key(self, *keys):
        """Presses keys in the window with the focus."""
        time.sleep(0.3)
        for key in keys:
            self.run("xdotool", "key", "--clearmodifiers", key)
            time.sleep(0.5)

    def run(self, *words, check=False, **environment):
        """Runs a program of the world to its end; returns what it printed and its exit code."""
        own = self.as_user([str(it) for it in words])
        done = subprocess.run(own, env=self.environment | environment, cwd=self.folder, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60, check=False)
        if check and done.returncode:
            raise RuntimeError(f"{words}: {done.stdout}{done.stderr}")
        return done

    def as_user(self, words):
        if not self.user:
            return words
        return ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups", "--", *words]

    # --- vmux

    def write_session(self, session):
        """The session's file, as Claude Code 2.1.332 writes it."""
        now = int(time.time() * 1000)
        start = Path(f"/proc/{session.pid}/stat").read_text().rsplit(") ", 1)[1].split()[19]
        data = {"pid": session.pid, "sessionId": f"00000000-0000-4000-8000-{session.pid:012}", "cwd": str(session.cwd),
                "startedAt": now - 60000, "procStart": start, "version": "2.1.332", "kind": "interactive",
                "entrypoint": "cli", "status": "waiting", "waitingFor": "permission prompt",
                "statusUpdatedAt": now - 30000, "updatedAt": now - 30000}
        if session.name:
            data |= {"name": session.name, "nameSource": "user"}
        (self.folder / f".claude/sessions/{session.pid}.json").write_text(json.dumps(data))

    def vmuxd(self):
        """Starts vmuxd, if it does not run, and waits until it knows where the sessions are."""
        for session in self.claudes():
            self.write_session(session)
        if self.config:
            (self.folder / "vmux/config.toml").write_text(self.config)
        if self.daemon is None:
            self.daemon = self.spawn(BINARIES / "vmuxd")
        wait(lambda: not self.run(BINARIES / "vmux", "list", "--json", "--no-start").returncode, "vmuxd")
        wait(lambda: len(self.list()) >= len(self.claudes()), "all sessions")
        time.sleep(1)

    def claudes(self):
        return [it for it in self.sessions.values() if it.pid and b"claude" in Path(f"/proc/{it.pid}/cmdline").read_bytes()]

    def list(self):
        said = self.run(BINARIES / "vmux", "list", "--json", "--no-start").stdout
        return {row["pid"]: row for row in json.loads(said or "[]")}

    def binary(self, name):
        return BINARIES / name

    def judge(self, *labels, before=None, start=None, args=()):
        """Goes to each session from an empty workspace, or from where `start` leads. `before` is
        called first (to put another tab in front). Adds a row for each to `rows`."""
        if self.daemon is None:
            self.vmuxd()
        for session in [self.sessions[it] for it in labels] or self.claudes():
            if before:
                before()
            (start or (lambda: self.go("home")))()
            place = (self.list().get(session.pid) or {}).get("place") or {}
            named = (place.get("window") or {}).get("con_id")
            done = self.run(BINARIES / "vmux", "switch", str(session.pid), "--no-start", *args)
            time.sleep(0.15)
            where = next((id for id, it in self.ipc.focused().items()), None)
            view = self.in_view(session.hue, where)
            # A window that got another size is painted again, which takes as long as the machine is busy.
            deadline = time.monotonic() + PAINTED_WITHIN
            while done.returncode == 0 and not view and time.monotonic() < deadline:
                view = self.in_view(session.hue, where)
            workspace = self.ipc.windows().get(session.window)
            verdict = self.verdict(session, done.returncode, where, view, named, workspace)
            said = " ".join((done.stdout + done.stderr).split())
            good = verdict in session.expect or verdict == "right"
            self.rows.append({"label": session.label, "verdict": verdict, "good": good, "exit": done.returncode,
                              "how": place.get("how"), "said": said})

    def verdict(self, session, code, where, view, named, workspace):
        if named is not None and session.window is not None and named != session.window:
            return "WRONG place"
        there = where is not None and where == session.window
        if code == 0:
            return "right" if there and view else "WRONG, done"
        if where is None or there:
            # The workspace of several windows has the focus, or nothing has moved.
            return {5: "unsure" if view else "told"}.get(code, "refused") if there else "refused"
        same = workspace is not None and self.ipc.windows().get(where) == workspace
        return "workspace" if code == 5 and same else "WRONG focus"

    # --- the screen

    def pixels(self):
        """The screen as (width, height, bytes of red, green, blue)."""
        words = ["grim", "-t", "ppm", "-"] if "WAYLAND_DISPLAY" in self.environment else \
            ["import", "-window", "root", "-depth", "8", "ppm:-"]
        data = subprocess.run(self.as_user(words), env=self.environment, capture_output=True, check=True).stdout
        _, size, _, body = data.split(b"\n", 3)
        width, height = (int(it) for it in size.split())
        return width, height, body

    def in_view(self, hue, window):
        """Whether much of a window has this hue."""
        rect = self.ipc.focused().get(window)
        if not rect:
            return False
        width, height, body = self.pixels()
        hits = seen = 0
        for y in range(rect["y"] + 2, rect["y"] + rect["height"], 6):
            for x in range(rect["x"] + 2, rect["x"] + rect["width"], 6):
                seen += 1
                if not (0 <= x < width and 0 <= y < height):  # Off the screen.
                    continue
                at = 3 * (y * width + x)
                h, s, v = colorsys.rgb_to_hsv(*(it / 255 for it in body[at:at + 3]))
                away = abs((h * 360 - hue + 180) % 360 - 180)
                hits += s > 0.4 and v > 0.3 and away < HUE_SLACK
        return seen > 0 and hits / seen > 0.06
