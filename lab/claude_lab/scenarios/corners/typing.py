"""What the user types while something else happens: a dialog that is held back, a queue, a task that ends."""

import time

from ...api.answers import answer
from ...pod.truth import IDLE, MENU, PERMISSION, PLAN, QUESTION
from .. import scenario
from ..common import ASK, COLOR, LONG, SIZE, agent, bash, plan_steps, question, scripts, see
from .bykey import told

BEHIND = {"run_in_background": True}


def behind(lab):
    return {"main": [answer(agent(lab, "sub", background=True)), answer("Main turn over."), answer("Reported."), answer("Reported.")],
            "sub": [answer(bash("perl -e 'print 41'"), until="sub"), answer("Sub report.")]}


@scenario("type-while-held", since="2.1.100")
def type_while_held(lab):
    """An agent asks while the user types: the words become a prompt, then a command; then the dialog comes."""
    lab.boot(scripts(lab, "one", **behind(lab)))
    session = lab.start()
    session.submit("go", "main")
    session.sees("Main turn over")
    session.type("tell me ")
    lab.api.open("sub")
    for _ in range(12):
        session.type("a")
        time.sleep(0.25)
    lab.check("the dialog is held back", session.shown() == PERMISSION and "print 41" not in session.screen(), session.shown())
    told(lab, "it waits while the user types", ["needs_input"])
    session.type(" (script one)")
    session.press("Enter")
    time.sleep(0.5)
    see(lab, "sent")
    time.sleep(2.5)
    see(lab, "after")
    if session.shown() == PERMISSION:
        session.press("1")
    session.sees("First answer")
    session.shows(IDLE, 40, for_seconds=2.5)
    lab.look("over", A=IDLE)


@scenario("type-menu-held", since="2.1.300")
def type_menu_held(lab):
    """The same with /model, whose menu and the dialog of the agent come together."""
    lab.boot(scripts(lab, "one", **behind(lab)))
    session = lab.start()
    session.submit("go", "main")
    session.sees("Main turn over")
    session.type("/mod")
    lab.api.open("sub")
    for letter in ("e", "l", "x", "BSpace", "x", "BSpace", "x", "BSpace"):
        session.press(letter)
        time.sleep(0.3)
    session.press("Enter")
    time.sleep(2.5)
    told(lab, "the agent waits beside the menu", ["needs_input"])
    for _ in range(3):
        if session.shown() == PERMISSION:
            break
        session.press("Escape")
        time.sleep(2)
    if see(lab, "left") == PERMISSION:
        session.press("1")
    session.shows(IDLE, 40, for_seconds=2.5)
    lab.look("over", A=IDLE)


@scenario("type-queue-edit", since="2.1.75")
def type_queue_edit(lab):
    """A prompt is queued, taken back with Up, and stands in the box while a permission comes and goes."""
    lab.boot(scripts(lab, "one", work=[answer(bash(LONG)), answer(bash(ASK)), answer("Worked.")]))
    session = lab.start()
    session.submit("go", "work")
    session.sees("until-file")
    session.type("later (script one)")
    time.sleep(0.4)
    session.press("Enter")
    time.sleep(1)
    see(lab, "queued")
    session.press("Up")
    time.sleep(1)
    see(lab, "taken-back")
    lab.end_command("go")
    session.shows(PERMISSION)
    lab.look("asks", A=PERMISSION)
    session.press("Escape")
    session.shows(IDLE, for_seconds=1)
    lab.look("left", A=IDLE)


@scenario("task-ends-menu", since="2.1.75")
def task_ends_menu(lab):
    """A command behind the prompt ends while a menu is open, and wakes the session, which asks; then while words stand in the box."""
    wake = [answer(bash(f"until-file {it}", **BEHIND)) for it in ("one",)]
    lab.boot({"serve": [*wake, answer("Serving."), answer(bash("perl -e 'print 51'")), answer("Woken.")],
              "two": [answer(bash("until-file two", **BEHIND)), answer("Serving two."), answer(bash("perl -e 'print 52'")), answer("Woken twice.")]})
    session = lab.start()
    session.submit("go", "serve")
    session.sees("Serving")
    session.shows(IDLE, for_seconds=1)
    session.submit("/model")
    session.shows("menu")
    lab.look("menu", A=MENU)
    lab.end_command("one")
    time.sleep(4)
    if session.shown() == "menu":
        session.press("Escape")
        time.sleep(2)
    see(lab, "left")
    if session.shown() == PERMISSION:
        session.press("1")
    session.shows(IDLE, 40, for_seconds=2)
    lab.look("over", A=IDLE)
    session.submit("go", "two")
    session.sees("Serving two")
    session.shows(IDLE, for_seconds=1)
    session.type("half a prompt")
    time.sleep(1)
    lab.end_command("two")
    time.sleep(4)
    see(lab, "typed")
    session.shows(f"{PERMISSION}|{IDLE}", 40, for_seconds=1)
    if see(lab, "typed-still") == PERMISSION:
        session.press("1")
    session.shows(IDLE, 40, for_seconds=2)
    lab.look("typed-over", A=IDLE)


@scenario("answers-partly", since="2.1.75")
def answers_partly(lab):
    """Of three questions one is answered, then Esc; then "Chat about this"; a plan is sent back twice."""
    lab.boot(scripts(lab, "one", many=[answer(question(COLOR, SIZE, {**COLOR, "question": "Which shape?", "header": "Shape"})), answer("Many over.")],
                     plan=[*plan_steps(lab), plan_steps(lab)[-1], plan_steps(lab)[-1], answer("Planned.")]))
    session = lab.start()
    session.submit("go", "many")
    session.shows(QUESTION)
    session.press("Enter")
    session.sees("Which size")
    session.shows(QUESTION)
    lab.look("second", A=QUESTION)
    session.press("Left")
    time.sleep(1)
    see(lab, "back")
    session.press("Escape")
    time.sleep(2)
    see(lab, "left")
    session.shows(IDLE, 30, for_seconds=1)
    session.submit("go", "many")
    session.shows(QUESTION)
    found = [it for it in session.screen().splitlines() if "Chat about this" in it]
    if found:
        session.press(*["Down"] * 4)
        time.sleep(1)
        see(lab, "chat-chosen")
        session.press("Enter")
        time.sleep(2)
        see(lab, "chat")
    session.shows(f"{IDLE}|{QUESTION}", 30, for_seconds=1)
    if session.shown() == QUESTION:
        session.press("Escape")
        session.shows(IDLE, 30, for_seconds=1)
    session.press("BTab")
    time.sleep(0.5)
    session.press("BTab")
    time.sleep(1)
    session.submit("go", "plan")
    for number in range(2):
        session.shows(PLAN)
        time.sleep(1)
        lab.look(f"plan-{number}", A=PLAN)
        options = [it for it in session.screen().splitlines() if "Tell Claude" in it or "keep planning" in it]
        if not options:
            break
        session.press(options[-1].strip(" ❯│")[0])
        time.sleep(0.7)
        session.type("not yet")
        time.sleep(0.4)
        lab.look(f"plan-typed-{number}", A=PLAN)
        session.press("Enter")
        time.sleep(1)
    session.shows(f"{PLAN}|{IDLE}", 30, for_seconds=1)
    see(lab, "plan-last")


def held(lab, session, gate, expected):
    """Types while a dialog comes: what vmux says meanwhile, each time that the screen shows that it is held back."""
    lab.api.open(gate)
    said = []
    for _ in range(24):
        session.type("x")
        time.sleep(0.25)
        if "Waiting for permission" in session.screen():
            row = lab.vmux.rows().get(session.pid) or {}
            said.append((row.get("state"), row.get("reason"), row.get("detail")))
        if "Enter to select" in session.screen() or "Would you like to proceed" in session.screen():
            break
    lab.note(f"held back: {said}")
    wrong = [it for it in said[1:] if it[:2] not in [("needs_input", expected), ("needs_input", "permission")]]
    lab.check("a wait while it is held back", not wrong, wrong)
    lab.check("its kind", all(it[1] == expected for it in said[1:]), said)


@scenario("type-question-held", since="2.0.77")
def type_question_held(lab):
    """A question comes while the user types."""
    lab.boot({"ask": [answer("Soon.", question(), until="ask"), answer("Chosen.")]})
    session = lab.start()
    session.submit("go", "ask")
    session.shows("working")
    held(lab, session, "ask", "question")
    session.shows(QUESTION, 20)
    lab.look("question", A=QUESTION)
