"""Sessions that go on by themselves, and commands that run behind them."""

import time

from ...api.answers import answer, call
from ...pod.truth import IDLE, PERMISSION, WORKING
from .. import scenario
from ..common import ASK, LONG, asks, bash, scripts, see, turn


@scenario("wake-monitor", since="2.1.300")
def wake_monitor(lab):
    """A monitor runs behind the prompt, and wakes the session with each line; the turn that it wakes asks."""
    watch = "until-file first; echo it happened; until-file second; echo once more; until-file third"
    lab.boot({"watch": [answer(call("Monitor", command=watch, description="watch it", timeout_ms=300000)), answer("I watch."),
                        answer(bash(LONG)), answer("It was that."), answer(bash(ASK)), answer("It was this.")]}, allow=["Monitor", "Bash"])
    lab.api.scripts["watch"][4] = answer(call("Write", file_path="/home/dev/proj/w.txt", content="w"))
    session = lab.start()
    session.submit("go", "watch")
    session.sees("I watch")
    session.shows(IDLE)
    time.sleep(2)
    lab.look("watches", A=IDLE)
    lab.end_command("first")
    session.shows(WORKING)
    time.sleep(2)
    lab.look("woken", A=WORKING)
    lab.end_command("go")
    session.sees("It was that")
    session.shows(IDLE)
    time.sleep(1)
    lab.look("watches-on", A=IDLE)
    lab.end_command("second")
    session.shows(PERMISSION)
    time.sleep(1)
    lab.look("asks", A=PERMISSION)
    lab.end_command("third")
    time.sleep(3)
    lab.look("asks-still", A=PERMISSION)
    session.press("1")
    session.sees("It was this")
    session.shows(IDLE, for_seconds=2)
    lab.look("over", A=IDLE)


@scenario("wake-cron", since="2.1.119")
def wake_cron(lab):
    """A prompt that comes every minute (CronCreate): free in between, at work when it comes."""
    lab.boot({"cron": [answer(call("CronCreate", cron="* * * * *", prompt="look again (script again)", recurring=True)), answer("Set.")],
              "again": [answer(bash(LONG)), answer("Looked again.")]}, allow=["CronCreate"])
    session = lab.start()
    session.submit("go", "cron")
    session.sees("Set")
    session.shows(IDLE)
    time.sleep(1)
    lab.look("set", A=IDLE)
    session.shows(WORKING, 130)
    time.sleep(2)
    lab.look("came", A=WORKING)
    lab.end_command("go")
    session.sees("Looked again")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("wake-bang", since="2.0.0")
def wake_bang(lab):
    """A `!` command that runs long is sent behind the prompt (Ctrl-B), listed, and killed; a permission meanwhile."""
    lab.boot(scripts(lab, "one", "ask"))
    session = lab.start()
    turn(lab, session, "one", "First answer")
    session.type("!")
    time.sleep(0.3)
    session.type("until-file bang")
    time.sleep(0.3)
    session.press("Enter")
    time.sleep(2)
    see(lab, "runs")
    session.press("C-b")
    time.sleep(0.5)
    session.press("C-b")
    time.sleep(2.5)
    see(lab, "behind")
    if session.shown() != IDLE:
        lab.note(session.last_lines())
        lab.end_command("bang")
        session.shows(IDLE, 30, for_seconds=2)
    asks(lab, session)
    session.decline()
    session.shows(IDLE)
    session.submit("/tasks" if lab.version >= (2, 1, 0) else "/bashes")
    time.sleep(2)
    see(lab, "tasks")
    lab.note(session.last_lines())
    session.press("x")
    time.sleep(1)
    session.press("k")
    time.sleep(1)
    see(lab, "killed")
    session.press("Escape")
    time.sleep(1)
    session.press("Escape")
    time.sleep(2)
    session.shows(IDLE, for_seconds=1)
    lab.look("over", A=IDLE)
