"""A tool waits for permission."""

import time

from ...api.answers import answer, call
from ...pod import screen
from ...pod.truth import IDLE, PERMISSION, UNTOLD, WORKING
from .. import scenario
from ..common import ASK, LONG, bash, hook


def asked(lab, **boot):
    """A session that asks for permission to run ASK."""
    lab.boot({"ask": [answer("I need this.", bash(ASK)), answer("All done.")]}, **boot)
    session = lab.start()
    session.submit("compute", "ask")
    session.shows(PERMISSION)
    return session


@scenario("permission-approve")
def permission_approve(lab):
    """Asked, approved with a key, the command runs, the turn ends."""
    session = asked(lab)
    lab.look("asked", A=PERMISSION)
    time.sleep(8)
    lab.look("still-asked", A=PERMISSION)
    session.press("1")
    session.shows(WORKING, for_seconds=0.8)
    lab.look("approved", A=WORKING)
    lab.end_command("go")
    session.sees("All done")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("permission-deny")
def permission_deny(lab):
    """Asked, and answered with No."""
    session = asked(lab)
    lab.look("asked", A=PERMISSION)
    session.decline()
    session.shows(IDLE)
    lab.look("denied", A=IDLE)


@scenario("permission-escape")
def permission_escape(lab):
    """Asked, and left with Esc."""
    session = asked(lab)
    lab.look("asked", A=PERMISSION)
    session.press("Escape")
    session.shows(IDLE)
    lab.look("left", A=IDLE)
    time.sleep(3)
    lab.look("later", A=IDLE)


@scenario("permission-write")
def permission_write(lab):
    """A new file waits for permission."""
    lab.boot({"new": [answer("Creating.", call("Write", file_path=f"{lab.project}/new.txt", content="hello\n")), answer("Created it.")]})
    session = lab.start()
    session.submit("create it", "new")
    session.shows(PERMISSION)
    time.sleep(1.5)
    lab.look("asked", A=PERMISSION)
    session.press("1")
    session.sees("Created it")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("permission-edit")
def permission_edit(lab):
    """A change of a file waits for permission, and is denied."""
    read, edit = (call(tool, file_path=f"{lab.project}/a.txt", **more) for tool, more in
                  (("Read", {}), ("Edit", {"old_string": "one", "new_string": "two"})))
    lab.boot({"edit": [answer(read), answer("Editing.", edit), answer("Edited it.")]})
    lab.write(lab.project / "a.txt", "one\n")
    session = lab.start()
    session.submit("edit it", "edit")
    session.shows(PERMISSION)
    time.sleep(1.5)
    lab.look("asked", A=PERMISSION)
    session.decline()
    session.shows(IDLE)
    lab.look("denied", A=IDLE)


@scenario("permission-siblings")
def permission_siblings(lab):
    """Two commands of one message: the first is allowed and runs, the second asks."""
    lab.boot({"pair": [answer(bash(LONG), bash(ASK)), answer("All done.")]})
    session = lab.start()
    session.submit("both", "pair")
    session.sees("until-file")
    time.sleep(1)
    # Versions differ in whether the second one asks at once or when the first is over.
    lab.look("first", A=session.shown())
    lab.end_command("go")
    session.shows(PERMISSION)
    lab.look("second-asks", A=PERMISSION)
    time.sleep(4)
    lab.look("second-still-asks", A=PERMISSION)
    session.press("1")
    session.sees("All done")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("permission-in-a-row")
def permission_in_a_row(lab):
    """Two commands ask one after the other: two waits, each with its own start."""
    first, second = "perl -e 'print 1'", "perl -e 'print 2'"
    lab.boot({"two": [answer(bash(first), bash(second)), answer("All done.")]})
    session = lab.start()
    session.submit("both", "two")
    session.sees("print 1'\n|print 1'  ")
    session.shows(PERMISSION)
    lab.look("first", A=PERMISSION)
    time.sleep(1.5)
    session.press("1")
    session.until(lambda screen: "print 2" in screen.split("Do you want")[0][-900:] and "Do you want" in screen, "the second", 20)
    session.shows(PERMISSION, for_seconds=0.8)
    lab.look("second", A=PERMISSION)
    since = [(it["sessions"]["A"]["row"] or {}).get("waiting_since") for it in lab.instants[-2:]]
    lab.check("each wait has its own start", since[0] != since[1], since)
    session.press("1")
    session.sees("All done")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("permission-typing", since="2.1.300")
def permission_typing(lab):
    """The user types when the question comes: the dialog is held back, the session waits all the same."""
    lab.boot({"ask": [answer("Soon.", bash(ASK), until="ask"), answer("All done.")]})
    session = lab.start()
    session.submit("compute", "ask")
    session.shows(WORKING)
    lab.api.open("ask")
    for number in range(24):
        session.type("x")
        time.sleep(0.25)
        if number in (12, 20):
            lab.look(f"typing-{number}", A=PERMISSION)
    session.sees("Do you want", 10)
    lab.look("typed", A=PERMISSION)


@scenario("permission-after-hook")
def permission_after_hook(lab):
    """A PreToolUse hook runs for a while before the question comes."""
    slow = hook("cat >/dev/null; until-file hook")
    lab.boot({"ask": [answer(bash(ASK)), answer("All done.")]}, settings={"hooks": {"PreToolUse": slow}} | rules())
    session = lab.start()
    session.submit("compute", "ask")
    session.sees("sleep 1 until")
    time.sleep(2.5)
    lab.look("hook-runs", A=WORKING)
    lab.end_command("hook")
    session.shows(PERMISSION)
    lab.look("asked", A=PERMISSION)
    time.sleep(4)
    lab.look("still-asked", A=PERMISSION)


def rules():
    return {"permissions": {"defaultMode": "default", "disableAutoMode": "disable", "allow": ["Bash(until-file:*)"]}}


@scenario("permission-outside-tmux")
def permission_outside_tmux(lab):
    """A session that does not know of tmux and takes the terminal for ghostty: its title spins."""
    lab.boot({"ask": [answer(bash(ASK)), answer("All done.")]})
    lab.pane("A", environment={"TERM_PROGRAM": "ghostty", "TERM": "xterm-256color"}, without=("TMUX", "TMUX_PANE"))
    session = lab.start("A")
    session.submit("compute", "ask")
    session.shows(PERMISSION)
    time.sleep(2)
    lab.look("asked", A=PERMISSION)
    session.press("1")
    session.shows(WORKING, for_seconds=0.8)
    lab.look("approved", A=WORKING)
    lab.end_command("go")
    session.sees("All done")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("permission-auto-mode", since="2.1.100")
def permission_auto_mode(lab):
    """Auto mode, whose check the mock does not know: versions ask in different ways."""
    lab.boot({"ask": [answer("I need this.", bash(ASK)), answer("All done.")]}, settings={"permissions": {}})
    session = lab.start(arguments="--permission-mode auto", ready=False)
    session.shows("idle|menu", 60, for_seconds=1)
    if session.shown() == "menu":
        lab.note("a dialog stands before auto mode")
        lab.look("dialog", A=UNTOLD)
        return
    session.submit("compute", "ask")
    time.sleep(5)
    shown = session.shown()
    lab.look("asked", A="asks:dialog" if shown == "menu" else shown)


@scenario("permission-again")
def permission_again(lab):
    """The same command asks in two messages, one after the other: two waits."""
    same = "perl -e 'print 8'"
    lab.boot({"two": [answer(bash(same)), answer(bash(same), until="send"), answer("All done.")]})
    session = lab.start()
    session.submit("both", "two")
    session.shows(PERMISSION)
    lab.look("first", A=PERMISSION)
    session.press("1")
    session.shows(WORKING, for_seconds=1)
    lab.look("between", A=WORKING)
    lab.api.open("send")
    session.shows(PERMISSION)
    lab.look("second", A=PERMISSION)
    since = [(it["sessions"]["A"]["row"] or {}).get("waiting_since") for it in (lab.instants[0], lab.instants[2])]
    lab.check("each wait has its own start", since[0] != since[1], since)


@scenario("permission-shapes")
def permission_shapes(lab):
    """Commands of odd shapes run, and the one behind asks: quotes, lines, here-documents, pipes."""
    shapes = ["until-file a; echo \"it's\" 'a \"b\"' \\$HOME", "cat <<'END' | cat\nit's\nEND\nuntil-file b", "until-file c \\\n  && echo 'naïve 日本'",
              "{ until-file d; } 2>&1 | tail -1"]
    lab.boot({str(number): [answer(bash(it), bash(f"perl -e 'print {number}'")), answer(f"Done {number}.")] for number, it in enumerate(shapes)},
             allow=["Bash(echo:*)", "Bash(cat:*)", "Bash(tail:*)"], settings=None)
    session = lab.start()
    for number, name in enumerate("abcd"):
        session.submit("go", str(number))
        session.shows(f"{WORKING}|{PERMISSION}", for_seconds=1.5)
        lab.look(f"{name}-first", A=session.shown())
        lab.end_command(name)
        # Versions differ in which of the shapes they allow.
        for _ in range(30):
            text = session.screen()
            asks = screen.shown(text) == PERMISSION
            if asks and f"print {number}" in screen.dialog(text):
                break
            if asks:
                session.press("1")
            time.sleep(1)
        session.until(lambda text, number=number: f"print {number}" in screen.dialog(text) and "Do you want" in text, "the second", 20)
        session.shows(PERMISSION, for_seconds=0.8)
        lab.look(f"{name}-second-asks", A=PERMISSION)
        session.press("1")
        session.sees(f"Done {number}")
        session.shows(IDLE)
