"""A window manager without a screen, and terminals on it. Runs in a PID namespace of its own, which
ends everything when it ends."""

import atexit
import json
import os
import shutil
import subprocess
import time
from pathlib import Path

from .ipc import Ipc

NOBODY = 65534
I3 = """# i3 config file (v4)
font pango:monospace 8
ipc-socket {socket}
focus_follows_mouse no
workspace_auto_back_and_forth no
"""
SWAY = """default_border pixel
workspace_auto_back_and_forth no
xwayland enable
exec sh -c 'echo $DISPLAY $WAYLAND_DISPLAY > {ready}'
"""
HEADLESS = {"WLR_BACKENDS": "headless", "WLR_RENDERER": "pixman", "WLR_LIBINPUT_NO_DEVICES": "1", "WLR_HEADLESS_OUTPUTS": "2"}


class World:
    """`folder` gets `env` and `truth.jsonl`, which tests/it/wm/lab.rs reads."""

    def __init__(self, folder, manager, i3=""):
        """`i3` has more lines for the configuration of i3."""
        self.folder = Path(folder)
        self.user = NOBODY if manager == "sway" and os.geteuid() == 0 else None  # sway refuses root.
        runtime = self.folder / "run"
        shutil.rmtree(runtime, ignore_errors=True)
        runtime.mkdir(parents=True, mode=0o700)
        (self.folder / "truth.jsonl").write_text("")
        for name in ("claude", "other"):
            shutil.copy(shutil.which("sleep"), self.folder / name)
        self.environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(self.folder), "XDG_RUNTIME_DIR": str(runtime), "LANG": "C.UTF-8",
            "SHELL": "/bin/sh", "TMUX_TMPDIR": str(runtime), "SCREENDIR": str(runtime / "screen"),
            "LIBGL_ALWAYS_SOFTWARE": "1", "NO_AT_BRIDGE": "1"}
        self.log = open(self.folder / "log", "ab")
        self.bus()
        self.server = None
        atexit.register(self.end)
        self.i3(i3) if manager == "i3" else self.sway()
        if shutil.which("dbus-update-activation-environment"):
            self.spawn("dbus-update-activation-environment", "DISPLAY", "WAYLAND_DISPLAY").wait(10)
        (self.folder / "env").write_text("".join(f"{name}={value}\n" for name, value in self.environment.items()))

    def spawn(self, *words, **environment):
        """Starts a program of the world."""
        if self.user:
            subprocess.run(["chown", "-R", f"{self.user}:{self.user}", self.folder], check=True)
            words = ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups", "--", *words]
        return subprocess.Popen([str(it) for it in words], env=self.environment | environment, cwd=self.folder,
                                stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, start_new_session=True)

    def bus(self):
        """Terminals that keep one process for all windows find it on the session bus."""
        socket = self.folder / "run/bus"
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={socket}"
        if shutil.which("dbus-daemon"):
            self.spawn("dbus-daemon", "--session", "--nofork", f"--address=unix:path={socket}")
            wait(socket.exists, "the session bus")

    def i3(self, config):
        number = self.folder / "run/display"
        with open(number, "wb") as out:
            self.server = subprocess.Popen(["Xvfb", "-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-noreset"],
                             stdout=out, stderr=self.log)
        wait(lambda: number.read_text().strip(), "Xvfb")
        socket = self.folder / "run/i3.sock"
        (self.folder / "i3.config").write_text(I3.format(socket=socket) + config)
        self.environment |= {"DISPLAY": ":" + number.read_text().strip(), "I3SOCK": str(socket)}
        self.spawn("i3", "-c", self.folder / "i3.config")
        self.connect(socket)

    def sway(self):
        socket, ready = self.folder / "run/sway.sock", self.folder / "run/ready"
        (self.folder / "sway.config").write_text(SWAY.format(ready=ready))
        self.environment["SWAYSOCK"] = str(socket)
        self.server = self.spawn("sway", "-c", self.folder / "sway.config", **HEADLESS)
        wait(lambda: ready.exists() and len(ready.read_text().split()) == 2, "sway")
        display, wayland = ready.read_text().split()
        self.environment |= {"DISPLAY": display, "WAYLAND_DISPLAY": wayland, "I3SOCK": str(socket)}
        self.connect(socket)

    def end(self):
        """Only a display server that is asked to end removes the lock of its display, and sway tries no
        more than 33 displays."""
        if self.server:
            self.server.terminate()
            try:
                self.server.wait(10)
            except subprocess.TimeoutExpired:
                self.server.kill()

    def connect(self, socket):
        def connected():
            try:
                return Ipc(socket)
            except OSError:
                return None
        self.ipc = wait(connected, "the window manager")

    def marker(self, label):
        """The script of a session: it tells its pid, and becomes a process called `claude`."""
        script = self.folder / f"{label}.sh"
        script.write_text(f"#!/bin/sh\necho $$ > {self.folder}/{label}.pid\nexec {self.folder}/claude 86400\n")
        script.chmod(0o755)
        return script

    def launch(self, label, workspace, words, window=True):
        """Starts a terminal on a workspace; the one window that appears there is that of its session.
        Returns whether it came. `words` has MARKER where the script belongs."""
        told = self.folder / f"{label}.pid"
        told.unlink(missing_ok=True)
        self.ipc.run(f'workspace --no-auto-back-and-forth "{workspace}"')
        before = set(self.ipc.windows())
        script = self.marker(label)
        self.spawn(*[script if it == "MARKER" else it for it in words])
        try:
            wait(lambda: told.exists() and told.read_text().strip(), label)
            new = wait(lambda: window is False or set(self.ipc.windows()) - before, f"the window of {label}")
        except TimeoutError as error:
            print(f"left out: {error}")
            return False
        con = None if window is False else new.pop()
        row = {"label": label, "pid": int(told.read_text()), "con": con, "workspace": workspace}
        with open(self.folder / "truth.jsonl", "a", encoding="utf8") as out:
            out.write(json.dumps(row) + "\n")
        return True

    def picture(self, folder, name):
        """The screen as an image, for a person to look at."""
        if "WAYLAND_DISPLAY" not in self.environment and shutil.which("import"):
            subprocess.run(["import", "-window", "root", Path(folder) / f"{name}.png"], env=self.environment, check=False)


def wait(holds, what, seconds=20):
    """What `holds` gives as soon as it is something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        got = holds()
        if got:
            return got
        time.sleep(0.03)
    raise TimeoutError(f"{what} did not come")
