"""A prompt, its answer, and tools that need no permission."""

import time

from ...api.answers import answer, call, text, thinking
from ...pod.truth import IDLE, WORKING
from .. import scenario
from ..common import LONG, bash


@scenario("turn-text")
def turn_text(lab):
    """A prompt and its answer: before the first byte, at the end, later."""
    lab.boot({"hello": [answer("Hello from the mock.", until="send")]})
    session = lab.start()
    session.submit("say hello", "hello")
    session.shows(WORKING)
    lab.look("before-the-first-byte", A=WORKING)
    lab.api.open("send")
    session.sees("Hello from the mock")
    session.shows(IDLE)
    lab.look("over", A=IDLE)
    time.sleep(3)
    lab.look("still-over", A=IDLE)


@scenario("turn-slow-stream")
def turn_slow_stream(lab):
    """Thinking that goes on for long, then a long text: nothing is written meanwhile."""
    lab.boot({"slow": [answer(thinking("Let me think.", until="text"), text("It begins.", until="end"))]})
    session = lab.start()
    session.submit("take your time", "slow")
    session.shows(WORKING)
    time.sleep(5)
    lab.look("thinking", A=WORKING)
    lab.api.open("text")
    lab.api.reached("end")
    time.sleep(6)
    lab.look("streaming", A=WORKING)
    lab.api.open("end")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("turn-tool")
def turn_tool(lab):
    """An allowed command runs for a while."""
    lab.boot({"wait": [answer("I wait.", bash(LONG)), answer("I waited.")]})
    session = lab.start()
    session.submit("wait", "wait")
    session.sees("until-file")
    lab.look("runs", A=WORKING)
    time.sleep(6)
    lab.look("still-runs", A=WORKING)
    lab.end_command("go")
    session.sees("I waited")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("turn-output")
def turn_output(lab):
    """An allowed command that prints all the time."""
    loop = "for i in 1 2 3 4 5 6 7 8; do echo line $i; sleep 1; done"
    lab.boot({"print": [answer(bash(loop)), answer("It printed.")]}, allow=["Bash"])
    session = lab.start()
    session.submit("print", "print")
    session.shows(WORKING)
    time.sleep(3)
    lab.look("prints", A=WORKING)
    session.sees("It printed")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("turn-todo")
def turn_todo(lab):
    """Lists of what is to do, while a command runs."""
    todos = [{"content": "One", "status": "in_progress", "activeForm": "Doing one"}]
    task = call("TaskCreate", subject="One", description="Do one", activeForm="Doing one")
    lab.boot({"list": [answer(call("TodoWrite", todos=todos)), answer(task), answer(bash(LONG)), answer("Listed.")]})
    session = lab.start()
    session.submit("list", "list")
    session.sees("until-file")
    lab.look("works", A=WORKING)
    lab.end_command("go")
    session.sees("Listed")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("turn-idle-long", slow=True)
def turn_idle_long(lab):
    """Six minutes at the free prompt after a turn."""
    lab.boot({"hello": [answer("Hello.")]})
    session = lab.start()
    session.submit("hello", "hello")
    session.sees("Hello")
    session.shows(IDLE)
    lab.look("over", A=IDLE)
    time.sleep(75)
    lab.look("a-minute-later", A=IDLE)
    time.sleep(260)
    lab.look("much-later", A=IDLE)


@scenario("turn-wakes-up", since="2.1.220", slow=True)
def turn_wakes_up(lab):
    """The model goes to sleep for a minute and wakes up by itself."""
    sleep = call("ScheduleWakeup", delaySeconds=60, reason="lab", prompt="wake (script wake)", noop=False)
    lab.boot({"loop": [answer(sleep), answer("Sleeping.")], "wake": [answer("Awake.", delay=4)]})
    session = lab.start()
    session.submit("/loop check things", "loop")
    session.sees("Sleeping")
    session.shows(IDLE)
    lab.look("asleep", A=IDLE)
    session.sees("Awake", 130)
    session.shows(IDLE)
    lab.look("over", A=IDLE)
