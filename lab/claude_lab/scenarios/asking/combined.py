"""Dialogs and menus that meet something else: agents, a kill, another conversation, another mode."""

import os
import signal
import time

from ...api.answers import answer, call
from ...pod.truth import GONE, IDLE, MENU, PERMISSION, PLAN, QUESTION, UNTOLD, WORKING
from .. import scenario
from ..common import ASK, COLOR, LONG, agent, asks, bash, plan_steps, question, see, turn


@scenario("meet-amend", since="2.1.75")
def meet_amend(lab):
    """Words are typed in a permission dialog (Tab), and in a question (its last option)."""
    lab.boot({"ask": [answer(bash(ASK)), answer("As you say.")], "question": [answer(question()), answer("Chosen.")]})
    session = lab.start()
    session.submit("go", "ask")
    session.shows(PERMISSION)
    session.press("Tab")
    time.sleep(0.7)
    session.type("but be quick")
    time.sleep(1)
    lab.look("amends", A=PERMISSION)
    session.press("Escape")
    time.sleep(1.5)
    see(lab, "after-escape")
    if session.shown() == PERMISSION:
        session.decline()
    session.shows(IDLE, for_seconds=1)
    session.submit("go", "question")
    session.shows(QUESTION)
    session.press("3")
    time.sleep(0.7)
    session.type("green")
    time.sleep(1)
    see(lab, "types")
    session.press("Enter")
    session.sees("Chosen")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("meet-many-select", since="2.1.75")
def meet_many_select(lab):
    """A question with several answers, whose page stays open while they are chosen."""
    many = {**COLOR, "multiSelect": True}
    lab.boot({"question": [answer(question(many)), answer("Chosen.")]})
    session = lab.start()
    session.submit("go", "question")
    session.shows(QUESTION)
    lab.look("asks", A=QUESTION)
    session.press("Enter")
    time.sleep(1)
    lab.look("one-chosen", A=QUESTION)
    session.press("Escape")
    time.sleep(1)
    session.shows(IDLE, for_seconds=1)
    lab.look("left", A=IDLE)


@scenario("meet-ended-while-asked")
def meet_ended_while_asked(lab):
    """The terminal of a session that asks is closed, another is left with Ctrl-C, a third is killed."""
    lab.boot({"ask": [answer(bash(ASK)), answer("no")]})
    for name in "CKP":
        lab.start(name).submit("go", "ask")
        lab.sessions[name].shows(PERMISSION)
    lab.look("all-ask", C=PERMISSION, K=PERMISSION, P=PERMISSION)
    session = lab.sessions["C"]
    session.press("C-c")
    time.sleep(1)
    see(lab, "interrupted", "C")
    session.press("C-c")
    time.sleep(0.3)
    session.press("C-c")
    os.kill(lab.sessions["K"].pid, signal.SIGKILL)
    lab.tmux.run("kill-pane", "-t", lab.sessions["P"].pane)
    lab.sessions["P"].headless = True
    for name in "KP":
        lab.sessions[name].gone()
    time.sleep(0.3)
    lab.look("two-gone", K=GONE, P=GONE)


@scenario("meet-rewind", since="2.1.75")
def meet_rewind(lab):
    """The conversation goes back to an earlier prompt, which stands in the box again."""
    lab.boot({"one": [answer("First answer.")], "two": [answer(bash(LONG)), answer("Second answer.")], "three": [answer(bash("until-file more")), answer("Third.")]})
    lab.end_command("go")
    session = lab.start()
    turn(lab, session, "one", "First answer")
    turn(lab, session, "two", "Second answer")
    session.submit("/rewind")
    session.shows("menu", 15, for_seconds=0.7)
    lab.look("chooses", A=MENU)
    session.press("Up")
    time.sleep(0.5)
    session.press("Enter")
    time.sleep(1.5)
    see(lab, "how")
    if session.shown() == "menu":
        session.press("Enter")
        time.sleep(2)
    see(lab, "back")
    for _ in range(3):
        if session.shown() != IDLE:
            session.press("Escape")
            time.sleep(1)
    session.press("C-u")
    time.sleep(0.5)
    session.press("C-u")
    time.sleep(0.5)
    session.submit("go", "three")
    session.sees("until-file more")
    time.sleep(1)
    lab.look("works", A=WORKING)
    lab.end_command("more")
    session.sees("Third")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("meet-resume-menu", since="2.1.75")
def meet_resume_menu(lab):
    """An older conversation is chosen from the menu of /resume; then it asks."""
    lab.boot({"one": [answer("First answer.")], "two": [answer("Second answer.")], "ask": [answer(bash(ASK)), answer("Asked.")]})
    session = lab.start()
    turn(lab, session, "one", "First answer")
    time.sleep(1)
    session.exit()
    session = lab.start()
    turn(lab, session, "two", "Second answer")
    session.submit("/resume")
    session.sees("to search|to rename")
    time.sleep(1)
    see(lab, "chooses")
    session.press("Enter")
    time.sleep(1)
    session.until(lambda text: "Resuming" not in text, "the conversation", 30)
    time.sleep(2)
    see(lab, "resumed")
    for _ in range(3):
        if session.shown() != IDLE:
            session.press("Escape")
            time.sleep(1)
    asks(lab, session)
    session.decline()
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("meet-edits-mode", since="2.1.75")
def meet_edits_mode(lab):
    """An edit asks; shift-tab allows all edits; the next ones run; a command still asks."""
    write = lambda name: call("Write", file_path=f"{lab.project}/{name}", content="x\n")  # noqa: E731
    lab.boot({"edit": [answer(write("a")), answer(write("b")), answer(bash(ASK)), answer("Edited.")]})
    session = lab.start()
    session.submit("go", "edit")
    session.shows(PERMISSION)
    time.sleep(1)
    lab.look("edit-asks", A=PERMISSION)
    session.press("2")
    session.sees("sleep 1 until")
    session.shows(PERMISSION, for_seconds=1)
    lab.look("command-asks", A=PERMISSION)
    lab.end_command("go")
    session.press("1")
    session.sees("Edited")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("meet-question-agents", since="2.1.100")
def meet_question_agents(lab):
    """An agent asks, the next one asks, while a command of the user's runs; refused, allowed."""
    lab.boot({"main": [answer(agent(lab, "one", background=True), agent(lab, "two", background=True)), answer("Launched."), answer("A report."), answer("Both reported.")],
              "one": [answer(bash("perl -e 'print 11'"), until="asks"), answer("One.")],
              "two": [answer(call("Write", file_path="/home/dev/proj/two.txt", content="2\n"), until="asks", delay=1), answer("Two.")]})
    session = lab.start()
    session.submit("go", "main")
    session.sees("Launched")
    session.type("!")
    time.sleep(0.3)
    session.type("until-file bang")
    time.sleep(0.3)
    session.press("Enter")
    time.sleep(2)
    see(lab, "bang-runs")
    lab.api.open("asks")
    time.sleep(4)
    if session.shown() != PERMISSION:  # The dialog comes when the command is over.
        lab.look("asks-behind", A=UNTOLD)
        said = (lab.vmux.rows().get(session.pid) or {}).get("detail") or ""
        lab.check("no wrong call is named", "two.txt" not in said, said)
    elif see(lab, "one-asks") == PERMISSION:
        session.decline()
        time.sleep(2)
        if see(lab, "two-asks") == PERMISSION:
            session.press("1")
            time.sleep(2)
    lab.end_command("bang")
    time.sleep(2)
    if session.shown() == PERMISSION:
        see(lab, "asks-late")
        session.decline()
        time.sleep(2)
        if session.shown() == PERMISSION:
            see(lab, "asks-last")
            session.press("1")
    session.shows(IDLE, 60, for_seconds=3)
    lab.look("over", A=IDLE)


@scenario("meet-aside", since="2.1.119")
def meet_aside(lab):
    """A question beside the work (/btw), while it works and when it is done."""
    lab.boot({"long": [answer(bash(LONG)), answer("Long is over.")]})
    session = lab.start()
    session.submit("go", "long")
    session.sees("until-file")
    session.submit("/btw what is it")
    time.sleep(3)
    state = (lab.vmux.rows().get(session.pid) or {}).get("state")
    lab.check("it works behind it", state == WORKING, (state, session.last_lines()))
    session.press("Escape")
    time.sleep(1)
    see(lab, "works")
    lab.end_command("go")
    session.sees("Long is over")
    session.shows(IDLE)
    session.submit("/btw and now")
    # It works on it, and shows the answer until Esc.
    session.until(lambda text: session.shown() != WORKING and "btw" in text, "the answer", 30)
    time.sleep(1)
    state = (lab.vmux.rows().get(session.pid) or {}).get("state")
    lab.check("an answer that is read is no wait", state == IDLE, (state, session.last_lines()))
    session.press("Escape")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("meet-transcript-asked", since="2.1.75")
def meet_transcript_asked(lab):
    """The transcript is looked at while it asks; the pane is made small and large meanwhile."""
    lab.boot({"ask": [answer(bash(ASK)), answer("Asked.")]})
    session = lab.start()
    session.submit("go", "ask")
    session.shows(PERMISSION)
    session.press("C-o")
    time.sleep(1.5)
    state = (lab.vmux.rows().get(session.pid) or {}).get("state")
    lab.check("it asks behind its transcript", state == "needs_input", (state, session.last_lines()))
    session.press("C-o")
    time.sleep(1)
    for width, height in ((60, 20), (150, 50)):
        lab.tmux.run("resize-window", "-t", session.pane, "-x", str(width), "-y", str(height))
        time.sleep(2)
        state = (lab.vmux.rows().get(session.pid) or {}).get("state")
        lab.check(f"it asks at {width} columns", state == "needs_input", (state, session.last_lines()))
    session.shows(PERMISSION)
    lab.look("asks", A=PERMISSION)
    session.decline()
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("meet-plan-words", since="2.0.77")
def meet_plan_words(lab):
    """A plan is sent back with words typed into its dialog; it plans again and asks again."""
    lab.boot({"plan": plan_steps(lab) + plan_steps(lab)[-1:] + [answer("As you like.")]})
    session = lab.start(arguments="--permission-mode plan")
    session.submit("plan it", "plan")
    session.shows(PLAN)
    time.sleep(1)
    number = [line.split(".")[0][-1] for line in session.screen().splitlines() if "Tell Claude" in line or "Type here" in line or "No, keep" in line]
    session.press(number[-1] if number else "Escape")
    time.sleep(0.7)
    session.type("make it shorter")
    time.sleep(1)
    see(lab, "types")
    session.press("Enter")
    time.sleep(2)
    session.shows(f"{PLAN}|{IDLE}|{WORKING}", for_seconds=1)
    see(lab, "again")


@scenario("meet-question-shared", since="2.1.119")
def meet_question_shared(lab):
    """Two processes on one conversation: a plan waits in one, a question in the other."""
    lab.boot({"one": [answer("First answer.")], "plan": plan_steps(lab) + [answer("Carried out.")], "question": [answer(question()), answer("Chosen.")]})
    session = lab.start("A")
    turn(lab, session, "one", "First answer")
    time.sleep(1)
    session.exit()
    first, second = lab.start("A", "-c --permission-mode plan"), lab.start("B", "-c")
    first.submit("go", "plan")
    first.shows(PLAN)
    second.submit("go", "question")
    second.shows(QUESTION)
    time.sleep(1.5)
    lab.look("both-ask", A=PLAN, B=QUESTION)
