"""Directories, branches and worktrees."""

import time

from ...api.answers import answer
from ...pod import proc
from ...pod.truth import IDLE, MENU
from .. import scenario
from ..common import bash, repository, turn

ODD = ["my.proj", "my_proj", "my proj", "naïve café", "日本語", "emoji🙂x", "A-B+C@d~e#f%g,(h)", ".hidden/x",
       "/".join(f"averylongdirectoryname{number:02d}" for number in range(10))]


@scenario("place-cd")
def place_cd(lab):
    """A command changes the directory, another the branch; a folder is added."""
    lab.boot({"cd": [answer(bash("cd sub && pwd")), answer("Moved.")], "pwd": [answer(bash("pwd")), answer("Still here.")],
              "branch": [answer(bash("git checkout -q -b feature/x")), answer("Branched.")]}, allow=["Bash"])
    lab.shell("mkdir sub ~/other")
    repository(lab)
    session = lab.start()
    for script, words in (("cd", "Moved"), ("pwd", "Still here"), ("branch", "Branched")):
        turn(lab, session, script, words)
        lab.look(script, A=IDLE)
    row = lab.vmux.rows().get(session.pid) or {}
    lab.check("the branch is known", row.get("git_branch") == "feature/x", row.get("git_branch"))
    session.submit(f"/add-dir {lab.home}/other")
    session.shows("menu", for_seconds=0.7)
    lab.look("adding", A=MENU)
    session.press("Escape")
    session.shows(IDLE)
    lab.look("not-added", A=IDLE)


@scenario("place-worktree")
def place_worktree(lab):
    """A session in a linked worktree, and one that makes its own."""
    lab.boot({"one": [answer("First answer.")]}, trusted=["/home/dev/wt"])
    lab.shell("rmdir ~/wt")
    repository(lab)
    lab.shell("git worktree add -q -b wt ~/wt")
    turn(lab, lab.start("W", cwd=lab.home / "wt"), "one", "First answer")
    lab.look("linked", W=IDLE)
    if lab.version >= (2, 1, 50):
        turn(lab, lab.start("M", "--worktree feature"), "one", "First answer")
        lab.look("made", M=IDLE)


@scenario("place-odd-names", since="2.0.0")
def place_odd_names(lab):
    """Folders whose names the CLI writes in another way: the transcript is found all the same.
    Versions 1.0 write it only with the first answer."""
    lab.boot({"one": [answer("Answer.", until="send")]}, trusted=[lab.home / it for it in ODD])
    for number, folder in enumerate(ODD):
        session = lab.start(f"F{number}", "-p 'one (script one)'", cwd=lab.home / folder, headless=True)
        deadline = time.monotonic() + 30
        row = {}
        while time.monotonic() < deadline and not row.get("transcript") and proc.stat(session.pid):
            time.sleep(0.2)
            row = lab.vmux.rows().get(session.pid) or {}
        if not proc.stat(session.pid):
            lab.note(f"{folder[:40]}: ended by itself: {session.screen().strip()[-200:]}")
            continue
        found = row.get("transcript")
        there = found and (lab.home / found.replace("~/", "")).exists()
        lab.check(f"the transcript of {folder[:40]} is found", there, row.get("transcript"))
    lab.api.open("send")
