"""An editor that Claude Code is connected to (IDE integration), in which diffs are shown."""

import time

from ...api.answers import answer, call
from ...pod import machine
from ...pod.truth import IDLE, PERMISSION
from .. import scenario
from ..common import scripts, see

PORT = 41999
EDIT = call("Edit", file_path="/home/dev/proj/notes.txt", old_string="old", new_string="new", replace_all=False)
READ = call("Read", file_path="/home/dev/proj/notes.txt")


def edits(lab, **more):
    return scripts(lab, "ask", "long", edit=[answer(READ), answer(EDIT), answer("Edited.")], write=[
        answer(call("Write", file_path="/home/dev/proj/fresh.txt", content="fresh\n")), answer("Written.")], **more)


def editor(lab):
    """Starts the editor; a session of the project finds it."""
    lab.write(machine.PROJECT / "notes.txt", "old\n")
    lab.shell(f"nohup python3 /opt/lab/claude_lab/tools/ide_server.py {PORT} {machine.PROJECT} ~/.claude/ide/{PORT}.lock > ~/ide.out 2>&1 &")
    deadline = time.monotonic() + 10
    while not (lab.config / f"ide/{PORT}.lock").exists() and time.monotonic() < deadline:
        time.sleep(0.05)


def decides(lab, number, word):
    """What the user does with the editor's diff of this number."""
    lab.write(lab.home / f".ide-{number}", word)


@scenario("ide-diff")
def ide_diff(lab):
    """An edit is shown as a diff in the editor: accepted there, refused there, answered in the terminal."""
    lab.boot(edits(lab), state={"hasIdeOnboardingBeenShown": {"vscode": True, "Visual Studio Code": True}, "autoConnectIde": True})
    editor(lab)
    session = lab.start(arguments="--ide")
    time.sleep(3)
    lab.look("free", A=IDLE)
    lab.note((lab.home / "ide.log").read_text()[:300] if (lab.home / "ide.log").exists() else "the editor was not asked")
    session.submit("go", "edit")
    session.shows(PERMISSION)
    time.sleep(1)
    lab.look("diff", A=PERMISSION)
    decides(lab, 1, "FILE_SAVED")
    session.sees("Edited")
    session.shows(IDLE)
    lab.look("accepted", A=IDLE)
    session.submit("go", "write")
    session.shows(PERMISSION)
    time.sleep(1)
    lab.look("second-diff", A=PERMISSION)
    decides(lab, 2, "DIFF_REJECTED")
    time.sleep(2)
    session.shows(IDLE)
    lab.look("rejected", A=IDLE)
    session.submit("go", "write")
    session.shows(PERMISSION)
    time.sleep(1)
    lab.look("third-diff", A=PERMISSION)
    session.press("1")
    session.sees("Written")
    session.shows(IDLE)
    lab.look("answered-here", A=IDLE)


@scenario("ide-lost")
def ide_lost(lab):
    """The editor is closed while it shows a diff; /ide."""
    lab.boot(edits(lab), state={"hasIdeOnboardingBeenShown": {"vscode": True, "Visual Studio Code": True}})
    editor(lab)
    session = lab.start(arguments="--ide")
    time.sleep(3)
    session.submit("/ide")
    time.sleep(2)
    see(lab, "ide-menu")
    session.press("Escape")
    session.shows(IDLE, for_seconds=1)
    session.submit("go", "edit")
    session.shows(PERMISSION)
    time.sleep(1)
    lab.look("diff", A=PERMISSION)
    lab.shell(f"kill $(python3 -c \"import json; print(json.load(open('$HOME/.claude/ide/{PORT}.lock'))['pid'])\")")
    time.sleep(4)
    see(lab, "closed")
    session.press("Escape")
    session.shows(IDLE, for_seconds=1)
    lab.look("over", A=IDLE)


@scenario("ide-terminal")
def ide_terminal(lab):
    """In the editor's own terminal, for the first time: the editor is introduced; then an edit."""
    lab.boot(edits(lab), environment={"TERM_PROGRAM": "vscode", "CLAUDE_CODE_SSE_PORT": str(PORT), "ENABLE_IDE_INTEGRATION": "true"})
    editor(lab)
    session = lab.start(ready=False)
    time.sleep(8)
    shown = see(lab, "begins")
    if shown != IDLE:
        session.press("Enter")
    session.shows(IDLE, 60, for_seconds=1)
    lab.look("free", A=IDLE)
    session.submit("go", "edit")
    session.shows(PERMISSION)
    time.sleep(1)
    lab.look("diff", A=PERMISSION)
    decides(lab, 1, "TAB_CLOSED")
    time.sleep(3)
    see(lab, "tab-closed")
