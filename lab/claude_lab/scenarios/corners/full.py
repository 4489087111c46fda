"""Disks that are full, folders that go away, things that are large."""

import subprocess
import time

from ...api.answers import answer, call
from ...pod import machine
from ...pod.truth import IDLE, PERMISSION, QUESTION, WORKING
from .. import scenario
from ..common import bash, scripts, turn


def small_disk(lab, path, size):
    """A file system of its own below `path`."""
    machine.Path(path).mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},uid=1000,gid=1000,mode=755", "none", str(path)], check=True)


def fill(lab, path):
    lab.shell(f"dd if=/dev/zero of={path}/filler bs=4k 2>/dev/null; for i in $(seq 40); do echo x >> {path}/filler-$i; done")


@scenario("disk-full", since="2.1.75")
def disk_full(lab):
    """The disk of the configuration is full: it works, asks, and is free; then there is room again."""
    small_disk(lab, lab.config, "24m")
    lab.boot(scripts(lab, "one", "ask", "long", "question"))
    session = lab.start()
    turn(lab, session, "one", "First answer")
    time.sleep(1)
    fill(lab, lab.config)
    session.submit("go", "long")
    session.sees("until-file")
    session.shows(WORKING, for_seconds=1)
    lab.look("works", A=WORKING)
    lab.end_command("go")
    session.shows(IDLE, 40, for_seconds=1)
    lab.look("free", A=IDLE)
    lab.shell("rm -f ~/.go")
    session.submit("go", "ask")
    session.shows(PERMISSION)
    time.sleep(1)
    lab.look("asks", A=PERMISSION)
    lab.shell(f"rm -f {lab.config}/filler*")
    time.sleep(2)
    lab.look("room-again", A=PERMISSION)
    session.decline()
    session.shows(IDLE)
    lab.look("declined", A=IDLE)


@scenario("folder-gone", since="2.0.77")
def folder_gone(lab):
    """The project's folder is renamed while it works, then removed; it asks, and is free."""
    lab.boot(scripts(lab, "one", "ask", "long", "question"), trusted=["/home/dev/here"])
    session = lab.start(cwd="/home/dev/here")
    turn(lab, session, "one", "First answer")
    before = lab.vmux.rows().get(session.pid) or {}
    session.submit("go", "long")
    session.sees("until-file")
    lab.shell("mv /home/dev/here /home/dev/there")
    time.sleep(2)
    lab.look("renamed", A=WORKING)
    lab.end_command("go")
    session.sees("Long is over")
    session.shows(IDLE)
    lab.look("free", A=IDLE)
    lab.shell("rm -f ~/.go; rm -rf /home/dev/there")
    session.submit("go", "question")
    session.shows(f"{QUESTION}|{IDLE}", for_seconds=1)
    lab.look("question", A=session.shown())
    if session.shown() == QUESTION:
        session.press("Enter")
        session.sees("Chosen")
        session.shows(IDLE)
    session.submit("go", "ask")
    session.shows(f"{PERMISSION}|{IDLE}", for_seconds=1)
    lab.look("asks", A=session.shown())
    row = lab.vmux.rows().get(session.pid) or {}
    lab.check("the same session", all(row.get(it) == before.get(it) for it in ("session_id", "name")), [row.get("session_id"), row.get("name")])


@scenario("large-words", since="2.0.77")
def large_words(lab):
    """A picture of some megabytes is read; then commands ask: of one line of 3 and of 60 KB, and of 3,000 lines."""
    one, huge, many = "perl -e '1' " + "a" * 3000, "perl -e '1' " + "a" * 60_000, "perl -e '" + "\n".join(f"print {it};" for it in range(3000)) + "'"
    lab.boot({"one": [answer(call("Read", file_path="/home/dev/proj/big.png")), answer("Seen it.")],
              "line": [answer(bash(one)), answer("Line.")], "huge": [answer(bash(huge)), answer("Huge.")], "lines": [answer(bash(many)), answer("Lines.")]})
    lab.shell("""python3 -c '
import zlib,struct,os
w=h=1100
raw=b"".join(b"\\0"+os.urandom(w*3) for _ in range(h))
def c(t,d): return struct.pack(">I",len(d))+t+d+struct.pack(">I",zlib.crc32(t+d))
open("/home/dev/proj/big.png","wb").write(b"\\x89PNG\\r\\n\\x1a\\n"+c(b"IHDR",struct.pack(">IIBBBBB",w,h,8,2,0,0,0))+c(b"IDAT",zlib.compress(raw,0))+c(b"IEND",b""))'""")
    session = lab.start()
    session.submit("go", "one")
    session.sees("Seen it", 60)
    session.shows(IDLE, for_seconds=1)
    lab.look("picture", A=IDLE)
    for script in ("line", "huge", "lines"):
        session.submit("go", script)
        if script == "line":
            session.shows(PERMISSION)
            time.sleep(1)
            lab.look(script, A=PERMISSION)
        else:  # Old versions draw it beyond the screen.
            time.sleep(6)
        row = lab.vmux.rows().get(session.pid) or {}
        got = (row.get("state"), row.get("reason"), (row.get("detail") or "Bash: perl")[:10])
        # Of the others nothing of the beginning is on the screen.
        lab.check(f"{script} is told", got == ("needs_input", "permission", "Bash: perl"), got)
        session.press("Escape")
        session.shows(IDLE)
        lab.look(script + "-left", A=IDLE)
