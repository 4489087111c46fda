"""A desktop in the machine: windows of `vmux new`, and prompts that are answered from a notification, a menu and the bar.

These run i3 on an X server without a screen, or sway without one, and leave pictures beside the results."""

import json
import subprocess
import time

from ...api.answers import answer
from ...pod import machine
from ...pod.truth import IDLE, PERMISSION
from .. import scenario
from .answers import done, pending
from ..common import bash
from .starting import labelled

I3 = """# i3 config file (v4)
font pango:monospace 11
default_border normal
bar {{
    font pango:monospace 12
    status_command {vmux} status --format i3bar --follow
}}
"""
SWAY = """font monospace 11
default_border normal
output * resolution 1280x800
"""
DUNST = """[global]
width = 520
font = Monospace 12
dmenu = /usr/bin/rofi -dmenu -p dunst
"""
ASK = "perl -e 'print 7'"


class Desk:
    """The programs of a desktop, and vmuxd among them."""

    def __init__(self, lab, manager):
        self.lab, self.manager = lab, manager
        self.environment = lab.environment | {"XDG_RUNTIME_DIR": "/run/user/1000", "LIBGL_ALWAYS_SOFTWARE": "1"}
        bus = "unix:path=/run/user/1000/bus"
        if manager == "i3":
            self.begin("Xvfb", ":7", "-screen", "0", "1280x800x24", "-nolisten", "tcp")
            self.environment["DISPLAY"] = ":7"
            self.until("the X server", lambda: machine.Path("/tmp/.X11-unix/X7").exists())
            lab.write(lab.home / ".i3", I3.format(vmux=machine.VMUX / "vmux"))
            self.begin("i3", "-c", lab.home / ".i3")
            self.environment["I3SOCK"] = str(self.until("i3", lambda: next(machine.Path("/run/user/1000/i3").glob("ipc-socket.*"), None)))
        else:
            self.environment |= {"WLR_BACKENDS": "headless", "WLR_LIBINPUT_NO_DEVICES": "1", "WLR_RENDERER": "pixman"}
            lab.write(lab.home / ".sway", SWAY)
            self.begin("sway", "-c", lab.home / ".sway")
            run = machine.Path("/run/user/1000")
            self.environment["SWAYSOCK"] = str(self.until("sway", lambda: next(run.glob("sway-ipc.*.sock"), None)))
            self.environment["WAYLAND_DISPLAY"] = self.until("its display", lambda: next((it.name for it in run.glob("wayland-?")), None))
        # What the bus starts gets its environment.
        self.begin("dbus-daemon", "--session", "--nofork", f"--address={bus}")
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = bus
        lab.vmux.run("stop")
        lab.vmux.environment |= self.environment
        done(lab, "list")

    def begin(self, *words):
        log = open(machine.RESULT / "desktop.log", "ab")
        return subprocess.Popen(machine.as_user(words), env=self.environment, cwd=machine.HOME, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def until(self, what, look, seconds=15):
        deadline = time.monotonic() + seconds * self.lab.patience
        while time.monotonic() < deadline:
            found = look()
            if found:
                return found
            time.sleep(0.1)
        raise RuntimeError(f"{what} did not come")

    def run(self, *words, seconds=60, **more):
        done = subprocess.run(machine.as_user(words), env=self.environment | more, cwd=machine.PROJECT, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=seconds * self.lab.patience, check=False)
        return done.returncode, done.stdout + done.stderr

    def picture(self, name):
        """Leaves a picture of the screen."""
        path = machine.HOME / f"{name}.png"
        self.run(*(["import", "-window", "root", path] if self.manager == "i3" else ["grim", path]))
        if path.exists():
            (machine.RESULT / path.name).write_bytes(path.read_bytes())

    def message(self, *words):
        return json.loads(self.run("i3-msg" if self.manager == "i3" else "swaymsg", *words)[1])

    def windows(self):
        """(workspace, title) of each window."""
        found = []

        def walk(node, workspace):
            workspace = node["name"] if node["type"] == "workspace" else workspace
            if workspace and (node.get("window") or node.get("app_id")):
                found.append((workspace, node["name"] or ""))
            for child in node["nodes"] + node["floating_nodes"]:
                walk(child, workspace)
        walk(self.message("-t", "get_tree"), None)
        return found


def in_windows(lab, manager, terminals):
    """A session in a window of each terminal, on a workspace that has not the focus; and in tmux, with a window."""
    lab.boot({"say": [answer("Hello there.")]})
    desk = Desk(lab, manager)
    for number, (terminal, command) in enumerate(terminals.items(), 2):
        name = f"in-{terminal}"
        lab.write(lab.home / ".vmux/config.toml", f"[switch]\nattach = {json.dumps(command)}\n")
        before = desk.windows()
        words = ["new", name, "--in", "window", "--workspace", str(number), "--prompt", "it's \"$HOME\" -- %d (script say)", "--wait", "--timeout", "90s"]
        code, said = desk.run(machine.VMUX / "vmux", *words, seconds=100)
        lab.check(f"{terminal}: it begins", code == 0, said)
        row = labelled(lab).get(name, {})
        new = [it for it in desk.windows() if it not in before]
        lab.check(f"{terminal}: its window is on the workspace", [it[0] for it in new] == [str(number)], (new, said))
        lab.check(f"{terminal}: vmux knows where", row.get("workspace") == str(number), row.get("place"))
        lab.check(f"{terminal}: the prompt came whole", row.get("last_prompt", "").startswith("it's \"$HOME\" -- %d"), row.get("last_prompt"))
        code, said = desk.run(machine.VMUX / "vmux", "switch", name)
        lab.check(f"{terminal}: it is gone to", code == 0 and focused(desk) == str(number), said)
        desk.picture(f"{manager}-{terminal}")
        code, said = desk.run(machine.VMUX / "vmux", "new", f"bad-{terminal}", "--in", "window", "--", "--no-such-option", seconds=90)
        lab.check(f"{terminal}: what ends at once is told", code == 4 and "ended at once" in said, (code, said))
        code, said = desk.run(machine.VMUX / "vmux", "end", name, "--yes")
        lab.check(f"{terminal}: it ends", code == 0, said)
        desk.until("the end of the window", lambda n=number: not [it for it in desk.windows() if it[0] == str(n)])
    terminal, command = next(iter(terminals.items()))
    lab.write(lab.home / ".vmux/config.toml", f"[switch]\nattach = {json.dumps(command)}\n")
    code, said = desk.run(machine.VMUX / "vmux", "new", "muxed", "--in", "tmux", "--workspace", "9", "--wait", seconds=100)
    lab.check("in tmux, with a window", code == 0 and [it[0] for it in desk.windows()] == ["9"], (said, desk.windows()))


def focused(desk):
    return next(it["name"] for it in desk.message("-t", "get_workspaces") if it["focused"])


@scenario("new-window-i3", since="2.1.100", slow=True)
def new_window_i3(lab):
    """Under i3: xterm, kitty, alacritty, gnome-terminal."""
    in_windows(lab, "i3", {"xterm": ["xterm", "-e"], "kitty": ["kitty", "-e"], "alacritty": ["alacritty", "-e"],
                           "gnome-terminal": ["gnome-terminal", "--"]})


@scenario("new-window-sway", since="2.1.100", slow=True)
def new_window_sway(lab):
    """Under sway: foot, and a terminal that hands over to its server."""
    in_windows(lab, "sway", {"foot": ["foot", "-e"], "footclient": ["sh", "-c", "pgrep -x foot >/dev/null || { foot --server & sleep 1; }; footclient -N \"$@\"", "sh"]})


def asking(lab):
    """A session that asks, whose notification shows it."""
    session = lab.start()
    session.submit("go", "ask")
    session.shows(PERMISSION)
    return session, pending(lab, 1)


CONFIG = '[notify]\ndesktop = true\n'


@scenario("desktop-dunst", since="2.1.100", slow=True)
def desktop_dunst(lab):
    """A notification of dunst under i3: its buttons allow and deny the prompt that it shows, and no other."""
    lab.boot({"ask": [answer("I need this.", bash(ASK)), answer("All done.")]})
    lab.write(lab.home / ".vmux/config.toml", CONFIG)
    done(lab, "hooks", "install", "--answer")
    desk = Desk(lab, "i3")
    lab.write(lab.home / ".dunst", DUNST)
    desk.begin("dunst", "-conf", lab.home / ".dunst")
    desk.until("dunst", lambda: desk.run("dbus-send", "--print-reply", "--dest=org.freedesktop.DBus", "/", "org.freedesktop.DBus.GetNameOwner",
                                         "string:org.freedesktop.Notifications")[0] == 0)
    session = None
    for letters, end in (("allow", "All done"), ("deny", "interrupted|Interrupted")):
        if session is None:
            session, _ = asking(lab)
        else:
            session.submit("go", "ask")
            session.shows(PERMISSION)
            pending(lab, 1)
        desk.until("a notification", lambda: displayed(desk) > 0)
        time.sleep(1)
        desk.picture(f"dunst-{letters}")
        menu = desk.begin("dunstctl", "context")
        time.sleep(2)
        desk.picture(f"dunst-{letters}-menu")
        desk.run("xdotool", "type", "--delay", "60", letters)
        time.sleep(0.5)
        desk.run("xdotool", "key", "Return")
        menu.wait(10)
        session.sees(end, 20)
        session.shows(IDLE)
    lines = [json.loads(line) for line in (lab.home / ".vmux/answers.log").read_text().splitlines()]
    lab.check("by the notification", [(it["answer"], it["door"]) for it in lines] == [("allow", "notification"), ("deny", "notification")], lines)


def displayed(desk):
    said = desk.run("dunstctl", "count", "displayed")[1].strip()
    return int(said) if said.isdigit() else 0


@scenario("desktop-mako", since="2.1.100", slow=True)
def desktop_mako(lab):
    """The same with mako under sway, whose menu of actions is a launcher."""
    lab.boot({"ask": [answer("I need this.", bash(ASK)), answer("All done.")]})
    lab.write(lab.home / ".vmux/config.toml", CONFIG)
    done(lab, "hooks", "install", "--answer")
    desk = Desk(lab, "sway")
    desk.begin("mako", "--font", "monospace 12", "--width", "520")
    desk.until("mako", lambda: desk.run("makoctl", "list")[0] == 0)
    session = None
    for choice in ("Allow", "Deny"):
        if session is None:
            session, _ = asking(lab)
        else:
            session.submit("go", "ask")
            session.shows(PERMISSION)
            pending(lab, 1)
        desk.until("a notification", lambda: ASK[:8] in desk.run("makoctl", "list")[1])
        time.sleep(1)
        desk.picture(f"mako-{choice.lower()}")
        lab.write(lab.home / "choose", f"#!/bin/sh\ntee -a ~/offered | grep -m1 {choice}\n")
        (lab.home / "choose").chmod(0o755)
        code, said = desk.run("makoctl", "menu", str(lab.home / "choose"))
        lab.check(f"mako offers {choice}", code == 0, said)
        session.sees("All done" if choice == "Allow" else "interrupted|Interrupted", 20)
        session.shows(IDLE)
    lab.note("offered: " + (lab.home / "offered").read_text())
    lines = [json.loads(line) for line in (lab.home / ".vmux/answers.log").read_text().splitlines()]
    lab.check("by the notification", [(it["answer"], it["door"]) for it in lines] == [("allow", "notification"), ("deny", "notification")], lines)


@scenario("desktop-rofi", since="2.1.100", slow=True)
def desktop_rofi(lab):
    """rofi under i3: its rows, its menu of a prompt (Alt+1), and the menu of a right click on the bar."""
    lab.boot({"ask": [answer("I need this.", bash(ASK)), answer("All done.")]})
    lab.write(lab.home / ".vmux/config.toml", '[switch]\nlauncher = ["rofi", "-dmenu", "-i"]\n')
    done(lab, "hooks", "install", "--answer")
    desk = Desk(lab, "i3")
    session, _ = asking(lab)
    rofi = desk.begin("rofi", "-show", "vmux", "-modi", f"vmux:{machine.VMUX}/vmux rofi", "-font", "monospace 13")
    time.sleep(3)
    desk.picture("rofi-rows")
    desk.run("xdotool", "key", "alt+1")
    time.sleep(3)
    desk.picture("rofi-answer")
    desk.run("xdotool", "type", "--delay", "60", "Deny")
    time.sleep(0.5)
    desk.run("xdotool", "key", "Return")
    session.sees("interrupted|Interrupted", 20)
    session.shows(IDLE)
    rofi.wait(10)
    session.submit("go", "ask")
    session.shows(PERMISSION)
    pending(lab, 1)
    time.sleep(1)
    desk.picture("bar")
    # A right click on the bar's first block.
    position = desk.run("xdotool", "search", "--class", "i3bar", "getwindowgeometry")[1]
    lab.note(position)
    desk.run("xdotool", "mousemove", "1200", "790", "click", "3")
    time.sleep(3)
    desk.picture("bar-menu")
    desk.run("xdotool", "key", "Return")
    time.sleep(3)
    desk.picture("bar-menu-session")
    desk.run("xdotool", "type", "--delay", "60", "Allow")
    time.sleep(0.5)
    desk.run("xdotool", "key", "Return")
    session.sees("All done", 20)
    session.shows(IDLE)
    doors = [json.loads(line)["door"] for line in (lab.home / ".vmux/answers.log").read_text().splitlines()]
    lab.check("by rofi, and by the bar", len(doors) == 2, doors)
    lab.note(str(doors))
