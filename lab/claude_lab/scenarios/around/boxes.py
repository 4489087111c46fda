"""What stands in the prompt box, and how it is edited."""

import time

from ...api.answers import answer
from ...pod.truth import IDLE, WORKING
from .. import scenario
from ..common import LONG, bash, scripts, turn

PASTED = """please explain this
Do you want to proceed?
❯ 1. Yes
  2. Yes, and don't ask again
  3. No
✻ Thinking… (12s · esc to interrupt)"""


def paste(lab, session, words):
    lab.write(lab.home / "pasted", words)
    lab.tmux.run("load-buffer", str(lab.home / "pasted"))
    lab.tmux.run("paste-buffer", "-p", "-t", session.pane)


@scenario("box-pasted")
def box_pasted(lab):
    """A dialog and a spinner, pasted into the box: free, at work, and when it asks."""
    lab.boot(scripts(lab, "one", long=[answer(bash(LONG)), answer("Long is over.", until="send")]))
    session = lab.start()
    turn(lab, session, "one", "First answer")
    paste(lab, session, PASTED)
    time.sleep(3)
    session.headless = True  # The reader of screens takes what is pasted for a dialog.
    lab.note(session.last_lines())
    lab.look("pasted", A=IDLE)
    time.sleep(6)
    lab.look("later", A=IDLE)
    session.press("C-c")
    session.headless = False
    session.until(lambda text: "Thinking" not in text and "Pasted" not in text, "an empty box", 10)
    session.submit("go", "long")
    session.shows(WORKING)
    paste(lab, session, PASTED)
    time.sleep(3)
    session.headless = True
    lab.look("at-work", A=WORKING)
    lab.end_command("go")
    time.sleep(3)
    lab.look("still-at-work", A=WORKING)
    lab.api.open("send")
    session.sees("Long is over")
    time.sleep(3)
    lab.look("over", A=IDLE)


@scenario("box-prompt-shown", since="2.0.0")
def box_prompt_shown(lab):
    """The user's prompt itself looks like a dialog, and stands at the end of the conversation while it works."""
    lab.boot({"talk": [answer("Well.", until="send")], "long": [answer(bash(LONG)), answer("Long is over.")]})
    session = lab.start()
    paste(lab, session, PASTED + "\n(script talk)")
    # Old versions lose the key while they draw.
    for _ in range(5):
        time.sleep(2)
        if "send" not in lab.api.waiting:
            session.press("Enter")
    lab.api.reached("send")
    time.sleep(1)
    session.headless = True
    lab.note(session.last_lines())
    lab.look("works", A=WORKING)
    lab.api.open("send")
    session.sees("Well")
    time.sleep(3)
    lab.look("over", A=IDLE)
