"""Dialogs that follow each other quickly, and keys of other meanings while one is open."""

import time

from ...api.answers import answer, call
from ...pod.session import Stuck
from ...pod.truth import GONE, IDLE, MENU, PERMISSION, PLAN, WORKING
from .. import scenario
from ..common import LONG, agent, bash, plan_steps, scripts, see, turn


def perl(number):
    return bash(f"perl -e 'print {number}'")


def press_through(session, key, is_over):
    """Presses a key in a dialog that may be too new to take it, until the dialog is over."""
    for seconds in (3, 20):
        session.press(key)
        try:
            return session.until(is_over, "the next dialog", seconds)
        except Stuck as stuck:
            last = stuck
    raise last


@scenario("quick-answers", since="1.0.128")
def quick_answers(lab):
    """Four commands of one message are allowed as fast as their dialogs come; the fifth stays."""
    lab.boot({"many": [answer(*[perl(number) for number in range(11, 16)]), answer("All over.")]})
    session = lab.start()
    session.submit("go", "many")
    for number in range(11, 15):
        session.sees(rf"(?s)print {number}'.*Do you want to proceed", 30)
        time.sleep(0.12)
        press_through(session, "1", lambda text: "Do you want to proceed" not in text or f"print {number}" not in text.split("Do you want")[0][-400:])
    session.sees(r"(?s)print 15'.*Do you want to proceed", 30)
    lab.look("fifth", A=PERMISSION)
    time.sleep(1)
    lab.look("still", A=PERMISSION)
    session.decline()
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("quick-replaced", since="2.1.119")
def quick_replaced(lab):
    """The dialog of a command is followed at once by that of an agent's edit, that by a question of the main turn."""
    write = call("Write", file_path="/home/dev/proj/new.txt", content="x\n")
    lab.boot(scripts(lab, "question", main=[answer(agent(lab, "sub", background=True)), answer(perl(1), until="main"), answer("Main over.")],
                     sub=[answer(write, until="sub"), answer("Sub report.")]))
    session = lab.start()
    session.submit("go", "main")
    lab.api.reached("main")
    lab.api.reached("sub")
    lab.api.open("main")
    session.shows(PERMISSION)
    lab.look("command", A=PERMISSION)
    lab.api.open("sub")
    time.sleep(2)
    lab.look("both", A=PERMISSION)
    session.press("1")
    session.sees("new.txt\\?|create new.txt|Create file", 20)
    session.shows(PERMISSION)
    lab.look("edit", A=PERMISSION)
    session.press("Escape")
    time.sleep(3)
    # The list of agents below the box keeps one that was ended, so that it seems to work.
    lab.note("refused: " + session.last_lines())
    row = lab.vmux.rows().get(session.pid) or {}
    lab.check("what was refused waits no more", row.get("state") in (IDLE, WORKING), row.get("state"))


@scenario("quick-keys", since="1.0.128")
def quick_keys(lab):
    """While a permission is open: shift-tab, ctrl-e, ctrl-o, ctrl-t, a resize, ctrl-z and back, ctrl-c."""
    lab.boot(scripts(lab, "one", "ask"))
    session = lab.start()
    turn(lab, session, "one", "First answer")
    session.submit("go", "ask")
    session.shows(PERMISSION)
    time.sleep(1)
    for keys in ("BTab", "C-e", "C-o", "C-t", "C-l"):
        session.press(keys)
        time.sleep(1.5)
        if "detailed transcript" in session.screen():  # It hides the dialog, which waits.
            row = lab.vmux.rows().get(session.pid) or {}
            lab.check("the transcript over a dialog leaves the wait", row.get("state") == "needs_input", row.get("state"))
            session.press(keys)
            time.sleep(1.5)
        if see(lab, keys) != PERMISSION:
            lab.note(f"{keys}: " + session.last_lines())
        if session.shown() == IDLE:
            (lab.home / ".go").unlink(missing_ok=True)
            session.submit("go", "ask")
            session.shows(PERMISSION)
    if session.shown() != PERMISSION:
        lab.note("it is not back: " + session.last_lines())
        return
    session.press("C-z")
    time.sleep(2)
    if "fg" in session.screen()[-300:] or "Stopped" in session.screen():
        row = lab.vmux.rows().get(session.pid) or {}
        lab.check("suspended", row.get("suspended"), row.get("suspended"))
        lab.check("a suspended session keeps its wait", row.get("state") == "needs_input", row.get("state"))
        session.line("fg")
    session.shows(PERMISSION, 20, for_seconds=1)
    lab.look("back", A=PERMISSION)
    session.press("C-c")
    time.sleep(1.5)
    if see(lab, "ctrl-c") == PERMISSION:  # 2.1.220 keeps it.
        session.press("Escape")
        session.shows(IDLE, 20, for_seconds=1)
    session.press("C-c")
    time.sleep(0.2)
    see(lab, "once")
    time.sleep(2)
    session.press("C-c")
    session.press("C-c")
    session.gone(10)
    lab.look("twice", A=GONE)


@scenario("quick-plan-keys", since="2.0.77")
def quick_plan_keys(lab):
    """A plan waits for approval: ctrl-e, ctrl-g with an editor that ends at once, shift-tab approves."""
    lab.boot({"plan": [*plan_steps(lab), answer(bash(LONG)), answer("Built.")]}, environment={"EDITOR": "true", "VISUAL": "true"})
    session = lab.start(arguments="--permission-mode plan")
    session.submit("go", "plan")
    session.shows(PLAN)
    time.sleep(1)
    lab.look("plan", A=PLAN)
    for keys in ("C-e", "C-g"):
        session.press(keys)
        time.sleep(2)
        see(lab, keys)
        if session.shown() != PLAN:
            lab.note(f"{keys}: " + session.last_lines())
            session.press("Escape")
            time.sleep(1.5)
    if session.shown() == PLAN:
        session.press("BTab")
        session.sees("until-file", 40)
        lab.look("works", A=WORKING)
        lab.end_command("go")
        session.sees("Built")
        session.shows(IDLE)
    see(lab, "over")


@scenario("quick-clear-agent", since="2.1.119")
def quick_clear_agent(lab):
    """/clear while an agent runs behind the prompt, which then asks; /exit while it runs."""
    lab.boot(scripts(lab, "one", main=[answer(agent(lab, "sub", background=True)), answer("Main turn over.")],
                     sub=[answer(bash(LONG)), answer(perl(8)), answer("Sub report.")]))
    session = lab.start()
    turn(lab, session, "one", "First answer")
    session.submit("go", "main")
    session.sees("Main turn over")
    time.sleep(2)
    session.submit("/clear")
    time.sleep(2.5)
    lab.note("cleared: " + session.last_lines())
    see(lab, "cleared")
    lab.end_command("go")
    time.sleep(4)
    see(lab, "agent-asks")
    if session.shown() == PERMISSION:
        session.press("Escape")
        session.shows(IDLE, 30, for_seconds=2)
        lab.look("refused", A=IDLE)


@scenario("quick-exit-agent", since="2.1.119")
def quick_exit_agent(lab):
    """/exit while an agent and a command run behind the prompt: it may ask whether to."""
    lab.boot(scripts(lab, main=[answer(agent(lab, "sub", background=True)), answer("Main turn over.")], sub=[answer(bash(LONG)), answer("Sub report.")]))
    session = lab.start()
    session.submit("go", "main")
    session.sees("Main turn over")
    time.sleep(2)
    session.type("/exit")
    time.sleep(0.5)
    session.press("Enter")
    time.sleep(2.5)
    lab.note("exit: " + session.last_lines())
    if not lab.vmux.rows():
        lab.look("gone", A=GONE)
        return
    row = lab.vmux.rows().get(session.pid) or {}
    lab.check("what the user opened is no wait", row.get("state") in (IDLE, WORKING), row.get("state"))
    session.press("Escape")
    time.sleep(1.5)
    lab.look("stays", A=WORKING)
    session.submit("/resume")
    time.sleep(2)
    lab.note("resume: " + session.last_lines())
    row = lab.vmux.rows().get(session.pid) or {}
    lab.check("the menu of /resume is no wait", row.get("state") in (IDLE, WORKING), row.get("state"))
    session.press("Escape")
    time.sleep(1.5)
    lab.end_command("go")
    session.shows(IDLE, 40, for_seconds=2)
    lab.look("over", A=IDLE)


@scenario("quick-continue", since="2.0.77")
def quick_continue(lab):
    """--continue with two conversations, with --fork-session, and of one that is old and large."""
    lab.boot({"one": [answer("First answer.", tokens=150_000)], "two": [answer("Second answer.", tokens=150_000)], "three": [answer("Third answer.")]}, settings={"autoCompactEnabled": False}, state={"autoCompactEnabled": False})
    ids = []
    for script, words in (("one", "First answer"), ("two", "Second answer")):
        session = lab.start()
        turn(lab, session, script, words)
        time.sleep(1)
        ids.append(lab.vmux.rows()[session.pid].get("session_id"))
        session.exit()
    lab.check("two conversations", None not in ids and ids[0] != ids[1], ids)

    def begin(label, arguments):
        session = lab.start(arguments=arguments, ready=False)
        session.shows("idle|menu|asks:.*", 60, for_seconds=2)
        time.sleep(1.5)
        lab.note(f"{label}: " + session.last_lines())
        see(lab, label)
        if session.shown() != IDLE:
            session.press("Enter")
            time.sleep(3)
            see(lab, label + "-chosen")
        return session, (lab.vmux.rows().get(session.pid) or {}).get("session_id")
    session, found = begin("continue", "--continue")
    lab.check("--continue takes the last", found in (ids[1], None), found)
    turn(lab, session, "three", "Third answer")
    session.exit()
    session, found = begin("fork", "--continue --fork-session")
    lab.check("--fork-session is no known one", found not in ids, found)
    turn(lab, session, "three", "Third answer")
    session.exit()
    # Both are of the day before yesterday.
    lab.shell("sed -i -E 's/\"timestamp\":\"20[0-9-]{8}T/\"timestamp\":\"2026-11-27T/g' ~/.claude/projects/*/*.jsonl; touch -d '2026-11-27 12:00' ~/.claude/projects/*/*.jsonl")
    session, found = begin("old", f"--resume {ids[0]}")
    lab.check("it is resumed", found in (ids[0], None) or lab.version < (2, 1, 0), found)
    if session.shown() == IDLE:
        turn(lab, session, "three", "Third answer")
        lab.look("over", A=IDLE)


@scenario("quick-pull-request", since="2.1.119")
def quick_pull_request(lab):
    """--from-pr opens a list in which nothing waits; Esc twice and the rewind menu over a free prompt."""
    lab.boot(scripts(lab, "one"))
    session = lab.start()
    turn(lab, session, "one", "First answer")
    session.press("Escape")
    time.sleep(0.1)
    session.press("Escape")
    time.sleep(2)
    see(lab, "escape-twice")
    if session.shown() != IDLE:
        session.press("Escape")
        time.sleep(1)
    session.submit("/rewind")
    session.shows("menu", 10, for_seconds=1)
    lab.look("rewind", A=MENU)
    session.press("Up")
    session.press("Enter")
    time.sleep(2)
    lab.note("rewind: " + session.last_lines())
    see(lab, "rewind-chosen")
    session.press("Enter")
    time.sleep(2)
    see(lab, "rewound")
    session.press("Escape")
    time.sleep(1)
    session.wipe("script one")
    session.exit()
    session = lab.start(arguments="--from-pr", ready=False)
    time.sleep(5)
    lab.note("from-pr: " + session.last_lines())
    row = lab.vmux.rows().get(session.pid) or {}
    lab.note(f"vmux says {[row.get(it) for it in ('state', 'reason', 'detail', 'session_id')]}")


@scenario("quick-tall", since="1.0.128")
def quick_tall(lab):
    """The dialog of the first command is taller than the screen; a short one stands behind it."""
    tall = "cat > ~/notes <<'END'\n" + "\n".join(f"line {number} of the notes" for number in range(70)) + "\nEND"
    lab.boot({"both": [answer(bash(tall), perl(22)), answer("Both over.")]})
    session = lab.start()
    session.submit("go", "both")
    session.shows(PERMISSION)
    time.sleep(1.5)
    # How the command begins is above the screen.
    row = lab.vmux.rows().get(session.pid) or {}
    lab.check("it asks", (row.get("state"), row.get("reason")) == ("needs_input", "permission"), row.get("state"))
    lab.check("the first is named", (row.get("detail") or "").startswith("Bash: cat > ~/notes"), row.get("detail"))
    press_through(session, "1", lambda text: "print 22'" in text)
    session.shows(PERMISSION)
    time.sleep(1.5)
    lab.look("short", A=PERMISSION)
    session.decline()
    session.shows(IDLE)
    lab.look("over", A=IDLE)
