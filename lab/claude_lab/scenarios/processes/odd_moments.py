"""Commands and keys of the user at odd moments: /clear, /compact, /rewind, modes, Ctrl-B."""

import time

from ...api.answers import answer, call
from ...pod.truth import IDLE, MENU, PERMISSION, QUESTION, WORKING
from .. import scenario
from ..common import ASK, LONG, agent, asks, bash, declines, plan_steps, question, scripts, see, turn


@scenario("odd-clear-thrice")
def odd_clear_thrice(lab):
    """/clear three times with hardly a pause, then a turn that asks: the last conversation counts."""
    lab.boot(scripts(lab, "one", "ask"))
    session = lab.start()
    turn(lab, session, "one", "First answer")
    for _ in range(3):
        session.submit("/clear")
    session.shows(IDLE, for_seconds=1)
    lab.look("cleared", A=IDLE)
    asks(lab, session)
    declines(lab, session)
    session.submit("/clear")
    session.shows(IDLE, for_seconds=1.5)
    lab.look("cleared-again", A=IDLE)


@scenario("odd-clear-queued", since="2.0.77")
def odd_clear_queued(lab):
    """/clear is typed while it works; the command ends; the next prompt works in the new conversation."""
    lab.boot(scripts(lab, "one", "long", more=[answer(bash("until-file more")), answer("More is over.")]))
    session = lab.start()
    session.submit("go", "long")
    session.sees("until-file")
    session.submit("/clear")
    time.sleep(1.5)
    see(lab, "typed")
    lab.end_command("go")
    time.sleep(2)
    session.shows(IDLE, 60, for_seconds=2)
    lab.look("cleared", A=IDLE)
    session.wipe("/clear")
    session.submit("go", "more")
    session.sees("until-file more")
    time.sleep(1)
    lab.look("works", A=WORKING)
    lab.end_command("more")
    session.sees("More is over")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("odd-compact-after-no")
def odd_compact_after_no(lab):
    """A permission is refused, the conversation compacted at once, and the next turn asks."""
    lab.boot(scripts(lab, "one", "ask"))
    session = lab.start()
    turn(lab, session, "one", "First answer")
    session.submit("go", "ask")
    session.shows(PERMISSION)
    session.press("Escape")
    session.shows(IDLE, for_seconds=0.5)
    session.submit("/compact")
    session.shows(WORKING, for_seconds=0.7)
    lab.look("compacts", A=WORKING)
    session.shows(IDLE, 60, for_seconds=1.5)
    lab.look("compacted", A=IDLE)
    asks(lab, session)


@scenario("odd-compact-agent", since="2.1.100")
def odd_compact_agent(lab):
    """/compact while an agent runs behind the prompt, which then asks."""
    lab.boot(scripts(lab, "one", main=[answer(agent(lab, "sub", background=True)), answer("Main turn over."), answer("Reported.")],
                     sub=[answer(bash(LONG)), answer(bash("perl -e 'print 5'")), answer("Sub report.")]))
    session = lab.start()
    turn(lab, session, "one", "First answer")
    session.submit("go", "main")
    session.sees("Main turn over")
    time.sleep(2)
    session.submit("/compact")
    time.sleep(1.5)
    see(lab, "compacts")
    lab.end_command("go")
    session.shows(PERMISSION, 40, for_seconds=0.6)
    time.sleep(1)
    lab.look("agent-asks", A=PERMISSION)
    session.press("1")
    session.shows(IDLE, 60, for_seconds=3)
    lab.look("over", A=IDLE)


@scenario("odd-rewind-asked", since="2.0.77")
def odd_rewind_asked(lab):
    """Esc leaves a question, Esc twice opens the rewind menu, Esc closes it; then a permission."""
    lab.boot(scripts(lab, "one", "question", "ask"))
    session = lab.start()
    turn(lab, session, "one", "First answer")
    session.submit("go", "question")
    session.shows(QUESTION)
    time.sleep(0.6)
    lab.look("asks", A=QUESTION)
    session.press("Escape")
    session.shows(IDLE, for_seconds=1)
    session.press("Escape")
    time.sleep(0.3)
    session.press("Escape")
    time.sleep(1.5)
    if session.shown() == "menu":
        lab.look("rewind", A=MENU)
    for _ in range(3):
        if session.shown() != IDLE:
            session.press("Escape")
            time.sleep(1.5)
    see(lab, "left")
    session.wipe("script question")
    asks(lab, session, "permission")


@scenario("odd-menu-agent", since="2.1.220")
def odd_menu_agent(lab):
    """A menu is open over the prompt when an agent asks behind it; Esc; the permission."""
    lab.boot({"main": [answer(agent(lab, "sub", background=True)), answer("Main turn over."), answer("Reported.")],
              "sub": [answer(bash("perl -e 'print 6'"), until="ask"), answer("Sub report.")]})
    session = lab.start()
    session.submit("go", "main")
    session.sees("Main turn over")
    time.sleep(1)
    session.submit("/model")
    session.sees("(?i)select model")
    time.sleep(0.7)
    # The agent works behind the menu: both are defensible, a wait is not.
    said = (lab.vmux.rows().get(session.pid) or {}).get("state")
    lab.check("a menu over an agent's work is no wait", said in (WORKING, IDLE), said)
    lab.api.open("ask")
    time.sleep(3)
    if session.shown() == PERMISSION:
        see(lab, "asks-behind")
    else:
        lab.note("the menu stays: " + session.last_lines())
    if session.shown() != PERMISSION:
        session.press("Escape")
    session.shows(PERMISSION, 30, for_seconds=0.7)
    lab.look("asks", A=PERMISSION)
    session.press("1")
    session.shows(IDLE, 60, for_seconds=3)
    lab.look("over", A=IDLE)


@scenario("odd-plan-then-edits", since="2.0.77")
def odd_plan_then_edits(lab):
    """A plan is approved with edits allowed: a file is written unasked, a command asks, a question asks."""
    write = call("Write", file_path=f"{lab.project}/b.txt", content="x\n")
    lab.boot({"plan": plan_steps(lab) + [answer(write), answer(bash(ASK)), answer(question()), answer("Carried out.")]})
    session = lab.start(arguments="--permission-mode plan")
    session.submit("plan it", "plan")
    session.shows("asks:plan")
    lab.look("plan", A="asks:plan")
    session.press("1")
    session.shows(PERMISSION, 60)
    time.sleep(1)
    see(lab, "asks")
    lab.end_command("go")
    for number in range(2):
        if session.shown() == PERMISSION:
            session.press("1")
            session.shows(f"{QUESTION}|{PERMISSION}|{IDLE}", 60, for_seconds=1)
            see(lab, f"then-{number}")
    if session.shown() == QUESTION:
        session.press("Enter")
        session.sees("Carried out")
        session.shows(IDLE)
        lab.look("over", A=IDLE)


@scenario("odd-modes", since="2.0.77")
def odd_modes(lab):
    """shift-tab through the modes while it works; a bypass session runs what others ask for, and still asks a question."""
    lab.boot(scripts(lab, "long", run=[answer(bash("perl -e 'print 12'")), answer(bash("perl -e 'sleep 1 until -e \"/home/dev/.more\"'")), answer(question()), answer("Chosen.")]),
             environment={"IS_SANDBOX": "1"})
    session = lab.start()
    session.submit("go", "long")
    session.sees("until-file")
    for number in range(3):
        session.press("BTab")
        time.sleep(0.7)
        see(lab, f"mode-{number}")
    lab.end_command("go")
    session.sees("Long is over")
    session.shows(IDLE)
    session.exit()
    session = lab.start(arguments="--dangerously-skip-permissions")
    session.submit("go", "run")
    session.sees("until -e")
    time.sleep(2)
    lab.look("runs-unasked", A=WORKING)
    lab.end_command("more")
    session.shows(QUESTION)
    time.sleep(0.6)
    lab.look("question", A=QUESTION)
    session.press("Escape")
    session.shows(IDLE, for_seconds=1)
    lab.look("left", A=IDLE)


@scenario("odd-send-behind", since="2.0.77")
def odd_send_behind(lab):
    """Ctrl-B sends a running command behind the prompt; another asks while it runs; it ends."""
    lab.boot(scripts(lab, "long", "ask"))
    session = lab.start()
    session.submit("go", "long")
    session.sees("until-file")
    session.shows(WORKING, for_seconds=3)
    session.press("C-b")
    time.sleep(0.5)
    session.press("C-b")
    time.sleep(3)
    see(lab, "behind")
    session.shows(IDLE, 30, for_seconds=1)
    session.wipe("zzz")
    asks(lab, session)
    lab.end_command("go")
    time.sleep(3)
    lab.look("asks-still", A=PERMISSION)
    session.decline()
    time.sleep(2)
    session.shows(IDLE, 60, for_seconds=3)
    lab.look("over", A=IDLE)


@scenario("odd-esc-race", since="2.0.77")
def odd_esc_race(lab):
    """A permission is answered and left with Esc at once, three times; what the screen shows then counts."""
    lab.boot(scripts(lab, "ask"))
    session = lab.start()
    for number in range(3):
        session.submit("go", "ask")
        session.shows(PERMISSION)
        lab.look(f"asks-{number}", A=PERMISSION)
        session.press("1", "Escape")
        time.sleep(2.5)
        shown = see(lab, f"then-{number}")
        if shown != IDLE:
            session.press("Escape")
            session.shows(IDLE, 20, for_seconds=1)
        session.wipe("script ask")
        lab.look(f"free-{number}", A=IDLE)


@scenario("odd-typing-asks", since="2.0.77")
def odd_typing_asks(lab):
    """Half a prompt is in the box while a permission comes and goes; it stands there after."""
    lab.boot(scripts(lab, "one", ask=[answer(bash(ASK), until="ask"), answer("Asked.")]))
    session = lab.start()
    session.submit("go", "ask")
    session.shows(WORKING)
    session.type("and then do")
    time.sleep(2)
    lab.api.open("ask")
    session.shows(PERMISSION, 30, for_seconds=1)
    time.sleep(2)
    lab.look("asks", A=PERMISSION)
    session.decline()
    time.sleep(1)
    session.shows(IDLE, for_seconds=1)
    lab.look("declined", A=IDLE)
