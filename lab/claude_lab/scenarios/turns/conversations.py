"""Which conversation a process is in, and what is neither prompt nor answer."""

import time

from ...api.answers import answer
from ...pod.truth import GONE, IDLE, MENU, PERMISSION, WORKING
from .. import scenario
from ..common import ASK, LONG, bash, turn


@scenario("conversation-clear")
def conversation_clear(lab):
    """/clear: another session id in the same process."""
    lab.boot({"one": [answer("First answer.")], "two": [answer("Second answer.")]})
    session = lab.start()
    turn(lab, session, "one", "First answer")
    lab.look("before", A=IDLE)
    session.submit("/clear")
    session.shows(IDLE, for_seconds=1.5)
    lab.look("cleared", A=IDLE)
    turn(lab, session, "two", "Second answer")
    lab.look("next", A=IDLE)


@scenario("conversation-resume")
def conversation_resume(lab):
    """--resume, --continue and --fork-session, each idle and after a turn."""
    lab.boot({name: [answer(f"Answer {name}.")] for name in ("one", "two", "three", "four")})
    session = lab.start()
    turn(lab, session, "one", "Answer one")
    time.sleep(1)
    session.exit()
    lab.look("ended", A=GONE)
    transcripts = sorted(lab.config.glob("projects/*/*.jsonl"), key=lambda it: "agent-" in it.name)
    for arguments, script in ((f"--resume {transcripts[0].stem}", "two"), ("--continue", "three"), ("--continue --fork-session", "four")):
        session = lab.start("A", arguments)
        lab.look(f"{script}-begun", A=IDLE)
        turn(lab, session, script, f"Answer {script}")
        time.sleep(0.5)
        lab.look(f"{script}-over", A=IDLE)
        session.exit()


@scenario("conversation-compact")
def conversation_compact(lab):
    """/compact takes some seconds, in which nothing is written."""
    lab.boot({"one": [answer("First answer.")], "two": [answer("Second answer.")], "three": [answer("After it.")]})
    session = lab.start()
    turn(lab, session, "one", "First answer")
    turn(lab, session, "two", "Second answer")
    session.submit("/compact")
    session.shows(WORKING, for_seconds=0.6)
    lab.look("compacts", A=WORKING)
    session.shows(IDLE, for_seconds=1.5)
    lab.look("compacted", A=IDLE)
    turn(lab, session, "three", "After it")
    lab.look("next", A=IDLE)


@scenario("conversation-shared", since="2.1.75")
def conversation_shared(lab):
    """Two processes hold one conversation: one asks, the other is idle."""
    lab.boot({"one": [answer("First answer.")], "ask": [answer(bash(ASK)), answer("Done.")]})
    session = lab.start("A")
    turn(lab, session, "one", "First answer")
    time.sleep(1)
    transcript = next(iter(lab.config.glob("projects/*/*.jsonl")))
    other = lab.start("B", f"--resume {transcript.stem}")
    lab.look("both-idle", A=IDLE, B=IDLE)
    other.submit("ask", "ask")
    other.shows(PERMISSION)
    time.sleep(2)
    lab.look("one-asks", A=IDLE, B=PERMISSION)


@scenario("conversation-slash-unknown")
def conversation_slash_unknown(lab):
    """A mistyped slash command after a turn."""
    lab.boot({"one": [answer("First answer.")]})
    session = lab.start()
    turn(lab, session, "one", "First answer")
    session.type("/foobar")
    session.sees("/foobar")
    time.sleep(0.5)
    session.press("Escape")
    time.sleep(0.5)
    session.press("Enter")
    session.sees("(?i)unknown")
    session.shows(IDLE)
    lab.look("mistyped", A=IDLE)
    time.sleep(4)
    lab.look("later", A=IDLE)


@scenario("conversation-bang")
def conversation_bang(lab):
    """A `!` command of the user's: it runs, it ends, and the prompt is free."""
    lab.boot({"one": [answer("First answer.")]})
    session = lab.start()
    turn(lab, session, "one", "First answer")
    session.type("!")
    time.sleep(0.3)
    session.type("until-file bang")
    time.sleep(0.3)
    session.press("Enter")
    time.sleep(2.5)
    # What the screen shows meanwhile is the version's choice.
    lab.look("runs", A=session.shown())
    lab.end_command("bang")
    time.sleep(1)
    session.shows(IDLE)
    lab.look("ended", A=IDLE)
    time.sleep(4)
    lab.look("later", A=IDLE)


@scenario("conversation-queued")
def conversation_queued(lab):
    """A second prompt is typed while the first is worked on."""
    lab.boot({"one": [answer(bash(LONG)), answer("First answer.")], "two": [answer("Second answer.", until="send")]})
    session = lab.start()
    session.submit("first", "one")
    session.sees("until-file")
    session.submit("second", "two")
    time.sleep(1)
    lab.look("queued", A=WORKING)
    lab.end_command("go")
    time.sleep(3)
    lab.look("second-is-worked-on", A=session.shown())
    lab.api.open("send")
    # Some versions fold the second prompt into the first turn, and it gets no answer of its own.
    session.shows(IDLE, for_seconds=2)
    lab.look("over", A=IDLE)


@scenario("conversation-menu")
def conversation_menu(lab):
    """Menus that the user opens over the free prompt."""
    lab.boot({"one": [answer("First answer.")]})
    session = lab.start()
    turn(lab, session, "one", "First answer")
    for command in ("/model", "/config", "/permissions"):
        session.submit(command)
        session.shows("menu", 15, for_seconds=0.7)
        lab.look(command[1:], A=MENU)
        for _ in range(3):
            if session.shown() == "menu":
                session.press("Escape")
                time.sleep(1)
        session.shows(IDLE)
    lab.look("closed", A=IDLE)


@scenario("conversation-slash-first")
def conversation_slash_first(lab):
    """A mistyped slash command is the first thing that is typed; then a command of the CLI."""
    lab.boot({})
    session = lab.start()
    mistype(session)
    session.sees("(?i)unknown")
    session.shows(IDLE)
    lab.look("mistyped", A=IDLE)
    time.sleep(4)
    lab.look("later", A=IDLE)


def mistype(session):
    """With words after it the list of commands is closed, and takes no key."""
    session.type("/foobar now")
    session.sees("/foobar now")
    time.sleep(0.7)
    session.press("Enter")


@scenario("conversation-slash-queued")
def conversation_slash_queued(lab):
    """Commands of the CLI are typed while it works: they are no prompts that are due."""
    lab.boot({"one": [answer(bash(LONG)), answer("First answer.")]})
    session = lab.start()
    session.submit("first", "one")
    session.sees("until-file")
    mistype(session)
    time.sleep(1.5)
    lab.look("works", A=session.shown())
    lab.end_command("go")
    session.sees("First answer")
    session.shows(IDLE, for_seconds=1.5)
    lab.look("over", A=IDLE)
    time.sleep(5)
    lab.look("later", A=IDLE)


@scenario("conversation-queued-left")
def conversation_queued_left(lab):
    """A prompt is queued and taken back, then the turn is interrupted."""
    lab.boot({"one": [answer(bash(LONG)), answer("First answer.")], "two": [answer("Second answer.")]})
    session = lab.start()
    session.submit("first", "one")
    session.sees("until-file")
    session.submit("second", "two")
    time.sleep(1)
    session.press("Up")
    time.sleep(1)
    session.press("Escape")
    time.sleep(1)
    if session.shown() == "working":
        session.press("Escape")
    session.shows(IDLE, for_seconds=2)
    lab.look("left", A=IDLE)
    time.sleep(5)
    lab.look("later", A=IDLE)


@scenario("conversation-bang-first")
def conversation_bang_first(lab):
    """`!` commands before any prompt: one changes the directory, one fails, one is left with Esc."""
    lab.boot({})
    lab.shell("mkdir sub")
    session = lab.start()
    for label, command in (("moved", "cd sub"), ("failed", "false"), ("left", "until-file bang")):
        session.type("!")
        time.sleep(0.3)
        session.type(command)
        time.sleep(0.3)
        session.press("Enter")
        time.sleep(2)
        if label == "left":
            shown = session.shown()
            # A line that still begins with `!` was put back into the box.
            lab.look("runs", A=shown if shown != "nothing" else IDLE)
            session.press("Escape")
            time.sleep(1)
            session.press("C-u", "Escape", "BSpace")
        session.shows(IDLE, for_seconds=1)
        lab.look(label, A=IDLE)
    time.sleep(4)
    lab.look("later", A=IDLE)


@scenario("conversation-branch", since="2.1.220")
def conversation_branch(lab):
    """/branch and /rename: another session id, another name."""
    lab.boot({"one": [answer("First answer.")], "two": [answer("Second answer.")]})
    session = lab.start()
    turn(lab, session, "one", "First answer")
    session.submit("/rename other name")
    session.shows(IDLE, for_seconds=1)
    lab.look("renamed", A=IDLE)
    session.submit("/branch")
    session.shows(IDLE, for_seconds=1.5)
    lab.look("branched", A=IDLE)
    turn(lab, session, "two", "Second answer")
    lab.look("next", A=IDLE)


@scenario("conversation-shared-works", since="2.1.75")
def conversation_shared_works(lab):
    """Two processes hold one conversation: first the one works, then the other."""
    lab.boot({"one": [answer("First answer.")], "work": [answer(bash(LONG)), answer("Worked.")], "more": [answer(bash("until-file more")), answer("More.")]})
    session = lab.start("A")
    turn(lab, session, "one", "First answer")
    time.sleep(1)
    transcript = next(iter(lab.config.glob("projects/*/*.jsonl")))
    other = lab.start("B", f"--resume {transcript.stem}")
    other.submit("work", "work")
    other.sees("until-file")
    time.sleep(2)
    lab.look("resumed-works", A=IDLE, B=WORKING)
    lab.end_command("go")
    other.sees("Worked")
    other.shows(IDLE)
    lab.look("resumed-is-done", A=IDLE, B=IDLE)
    session.submit("more", "more")
    session.sees("until-file more")
    time.sleep(2)
    lab.look("first-works", A=WORKING, B=IDLE)
