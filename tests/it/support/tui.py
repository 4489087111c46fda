"""Draws what Claude Code draws, takes keys, and writes down which came while what was shown.

Called `claude`, in a terminal: `claude tui.py FOLDER`. FOLDER/scene says what to draw, as JSON:
{"prompt": WORDS}, {"dialog": COMMAND}, {"text": SCREEN} (perhaps with "cursor", as an editor has it),
or {"race": [COMMAND, …], "every": SECONDS}, in which the dialog changes at random moments.
FOLDER/scene is replaced by others; FOLDER/drawn says which one is drawn.
A line of FOLDER/keys is what was shown, and the bytes that came.
"""

import json
import os
import random
import select
import sys
import termios
import time
import tty

folder = sys.argv[1]
scene, stamp, words, command, change_at, held = {}, None, "", "", 0.0, b""


def rule(columns):
    return "─" * columns


def draw():
    size = os.get_terminal_size()
    if "text" in scene:
        rows = scene["text"].rstrip().split("\n")
    elif "prompt" in scene:
        rows = ["● All done.", "", rule(size.columns), *("❯\u00a0" + words).split("\n"), rule(size.columns), "  ? for shortcuts"]
    else:
        rows = ["● Bash(…)", "", rule(size.columns), " Bash command", " Run it", "╌" * size.columns, " " + command, "╌" * size.columns,
                " This command requires approval", "", " Do you want to proceed?", " ❯ 1. Yes", "   2. Yes, and don’t ask again",
                "   3. No", "", " Esc to cancel · Tab to amend"]
    # A terminal may be read while half of it is there: the cursor comes first.
    cursor = "\x1b[?25h" if scene.get("cursor") else "\x1b[?25l"
    os.write(1, (cursor + "\x1b[H\x1b[2J" + "\r\n".join(rows[-size.lines:])).encode())


def look():
    """Takes a new scene."""
    global scene, stamp, words, command, change_at
    try:
        now = os.stat(folder + "/scene").st_ino
    except FileNotFoundError:
        return
    if now != stamp:
        stamp, scene = now, json.load(open(folder + "/scene"))
        words = scene.get("prompt", "")
        command = scene.get("dialog") or (scene.get("race") or [""])[0]
        change_at = time.monotonic()
        draw()
        open(folder + "/drawn.new", "w").write(json.dumps(scene))
        os.rename(folder + "/drawn.new", folder + "/drawn")


def write_down(keys):
    shown = words if "prompt" in scene else command
    with open(folder + "/keys", "a") as out:
        out.write(json.dumps([shown, keys.decode("utf8", "replace")]) + "\n")


def take(keys):
    """Keys of one read: a paste goes into the box, Enter submits it."""
    global words, held, scene
    held += keys
    if held.startswith(b"\x1b[200~"):
        if b"\x1b[201~" not in held:
            return
        pasted, keys = held[6:].split(b"\x1b[201~", 1)
        words += pasted.decode().replace("\r", "\n")
        held = b""
        write_down(b"\x1b[200~")
        draw()
        if not keys:
            return
    keys, held = held or keys, b""
    write_down(keys)
    if "dialog" in scene and keys in (b"1", b"\x1b"):
        scene, words = {"prompt": ""}, ""
        draw()
        return
    if "prompt" not in scene:
        return
    for key in keys.decode("utf8", "replace"):
        if key == "\r":
            with open(folder + "/submitted", "a") as out:
                out.write(json.dumps(words) + "\n")
            words = ""
        else:
            words += key
    draw()


# A start takes processor time: before that nothing on the screen is a session's own.
while time.process_time() < 0.2:
    pass
tty.setraw(0, termios.TCSANOW)
os.write(1, b"\x1b[?2004h")
open(folder + "/pid", "w").write(str(os.getpid()))
while True:
    look()
    if "race" in scene and time.monotonic() >= change_at:
        command = random.choice([it for it in scene["race"] if it != command])
        change_at = time.monotonic() + random.expovariate(1 / scene["every"])
        draw()
    if select.select([0], [], [], 0.002)[0]:
        read = os.read(0, 65536)
        if not read:
            break
        take(read)
