"""Commands and skills of the user's: what they run before the model is asked, and in an agent of their own."""

import time

from ...api.answers import answer, call
from ...pod.truth import IDLE, PERMISSION, WORKING
from .. import scenario
from ..common import LONG, bash, see

COMMAND = "---\ndescription: Looks\nallowed-tools: Bash(until-file:*)\n---\nState: !`until-file look`\n\nGo on (script one)\n"
ASKING = "---\ndescription: Asks\n---\nState: !`perl -e 'print 8'`\n\nGo on (script one)\n"
FORK = "---\nname: apart\ndescription: Works apart\ncontext: fork\n---\nDo it (script sub)\n"


@scenario("skill-command", since="2.0.0")
def skill_command(lab):
    """A command whose text has the output of a shell command in it, which takes its time."""
    lab.boot({"one": [answer("First answer.")]})
    lab.write(lab.home / ".claude/commands/look.md", COMMAND)
    session = lab.start()
    session.submit("/look")
    time.sleep(3)
    see(lab, "prepares")
    time.sleep(3)
    see(lab, "prepares-on")
    lab.end_command("look")
    session.sees("First answer")
    session.shows(IDLE, for_seconds=1)
    lab.look("over", A=IDLE)


@scenario("skill-command-asks", since="2.0.0")
def skill_command_asks(lab):
    """A command whose text wants the output of a shell command that is not allowed."""
    lab.boot({"one": [answer("First answer.")]})
    lab.write(lab.home / ".claude/commands/asks.md", ASKING)
    session = lab.start()
    session.submit("/asks")
    time.sleep(3)
    if see(lab, "asks") == PERMISSION:
        session.decline()
    time.sleep(2)
    see(lab, "after")


@scenario("skill-fork", since="2.1.75")
def skill_fork(lab):
    """A skill that runs in an agent of its own, which runs a command and asks for another."""
    lab.boot({"main": [answer("Using it.", call("Skill", skill="apart")), answer("All done.")],
              "sub": [answer(bash(LONG)), answer(bash("perl -e 'print 9'")), answer("Sub report.")]})
    lab.write(lab.home / ".claude/skills/apart/SKILL.md", FORK)
    session = lab.start()
    session.submit("go", "main")
    time.sleep(4)
    if session.shown() == PERMISSION:
        lab.look("asks-for-skill", A=PERMISSION)
        session.press("1")
        time.sleep(3)
    see(lab, "works")
    lab.end_command("go")
    time.sleep(4)
    if see(lab, "asks") == PERMISSION:
        session.press("1")
    time.sleep(4)
    see(lab, "over")
    session.submit("/apart")
    time.sleep(5)
    if see(lab, "by-user") == WORKING:
        time.sleep(3)
        see(lab, "by-user-on")


@scenario("skill-refusal", since="2.1.75")
def skill_refusal(lab):
    """The model refuses to go on, at once and after a command."""
    lab.boot({"no": [answer("I can", stop="refusal")], "later": [answer(bash("pwd")), answer("", stop="refusal")]})
    session = lab.start()
    for number, script in enumerate(("no", "later")):
        session.submit("go", script)
        time.sleep(5)
        see(lab, f"refused-{number}")
        session.press("Escape")
        time.sleep(1.5)
        session.press("C-u")
        time.sleep(1)
    see(lab, "left")
