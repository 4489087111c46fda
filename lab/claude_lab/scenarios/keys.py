"""What vmux types into a terminal: `vmux send`, and answers by a key."""

import time

from ..api.answers import answer
from ..pod.truth import IDLE, PERMISSION, WORKING
from . import scenario
from .answers import done
from .common import ASK, LONG, bash

SINCE = "2.0.45"
ALLOWED = '[send]\nallow = ["user"]\n'


def allowed(lab, scripts, **boot):
    """The machine, on which the user may send; returns a session with a free prompt."""
    lab.boot(scripts, **boot)
    lab.write(lab.home / ".vmux/config.toml", ALLOWED)
    session = lab.start()
    # The configuration is taken when vmuxd sees it.
    deadline = time.monotonic() + 5
    while lab.vmux.run("send", "nothing-of-the-kind", "x")[0] == 10 and time.monotonic() < deadline:
        time.sleep(0.05)
    return session


def box_is(lab, session, words):
    from ..pod import screen
    lab.check(f"the prompt box has {words!r}", words in screen.prompt_box(session.screen()), session.screen()[-600:])


@scenario("send-free", since=SINCE)
def send_free(lab):
    """A text is sent to a free prompt, of one line, of several, and long; the answer is printed."""
    session = allowed(lab, {"one": [answer("First done.")], "two": [answer("Second done.")], "three": [answer("Third done.")]})
    pid = str(session.pid)
    began = time.monotonic()
    done(lab, "send", pid, "go (script one);")
    lab.note(f"vmux send took {(time.monotonic() - began) * 1000:.0f} ms")
    session.sees("First done")
    session.shows(IDLE, for_seconds=1)
    said = done(lab, "send", pid, "--print", "--timeout", "20s", "a\n\nb; $(c) 'd' \\; (script two)")
    lab.check("the answer is printed", said == "Second done.\n", said)
    session.shows(IDLE)
    long = "\n".join(f"line {number}" for number in range(400)) + "\n(script three)"
    said = done(lab, "send", pid, "--print", "--timeout", "20s", long)
    lab.check("the answer to the long one is printed", said == "Third done.\n", said)
    prompts = " ".join(it.read_text() for it in lab.config.glob("projects/*/*.jsonl"))
    lab.check("the lines came whole", "a\\n\\nb; $(c) 'd' \\\\; (script two)" in prompts)
    lab.check("all lines came", all(f"line {number}\\n" in prompts for number in range(400)))
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("send-command", since=SINCE)
def send_command(lab):
    """A command of Claude Code is sent by the user."""
    session = allowed(lab, {"one": [answer("First done.")]})
    done(lab, "send", str(session.pid), "go (script one)", "--wait", "--timeout", "20s")
    done(lab, "send", str(session.pid), "/clear")
    session.until(lambda text: "First done" not in text, "a cleared screen", 10)
    session.shows(IDLE)


@scenario("send-refused", since=SINCE)
def send_refused(lab):
    """Nothing is typed where the box holds words, in copy mode, into synchronized panes, or to one that works."""
    session = allowed(lab, {"work": [answer("Working.", bash(LONG)), answer("All done.")]})
    pid, tmux = str(session.pid), lab.tmux
    session.type("half typed")
    session.sees("half typed")
    done(lab, "send", pid, "secret", code=11)
    box_is(lab, session, "half typed")
    session.press("Home")
    time.sleep(0.3)
    done(lab, "send", pid, "secret", code=11)
    session.press("C-e")
    session.wipe("half typed")
    session.type("!")
    time.sleep(0.5)
    done(lab, "send", pid, "secret", code=11)
    session.press("BSpace")
    session.press("Escape")
    time.sleep(0.5)
    tmux.run("copy-mode", "-t", session.pane)
    done(lab, "send", pid, "secret", code=11)
    tmux.run("send-keys", "-t", session.pane, "-X", "cancel")
    tmux.run("set-option", "-w", "-t", session.pane, "synchronize-panes", "on")
    tmux.run("split-window", "-d", "-t", session.pane, "sleep 1000")
    done(lab, "send", pid, "secret", code=11)
    tmux.run("set-option", "-w", "-t", session.pane, "synchronize-panes", "off")
    session.press("C-z")
    time.sleep(1)
    done(lab, "send", pid, "secret", code=11)
    session.line("fg")
    session.ready()
    session.submit("go", "work")
    session.shows(WORKING)
    lab.look("works", A=WORKING)
    done(lab, "send", pid, "secret", code=11)
    lab.check("nothing was typed", "secret" not in session.screen(), session.screen()[-900:])
    done(lab, "send", pid, "one more thing", "--queue")
    session.sees("one more thing")
    lab.end_command("go")
    session.sees("All done")
    session.shows(IDLE)


@scenario("send-vim", since=SINCE)
def send_vim(lab):
    """In Vim mode, where letters may be commands."""
    session = allowed(lab, {"one": [answer("First done.")]}, state={"editorMode": "vim"}, settings={"editorMode": "vim"})
    pid = str(session.pid)
    session.press("Escape")
    time.sleep(0.8)
    code, said = lab.vmux.run("send", pid, "go (script one)")
    lab.note(f"in normal mode it ends with {code}")
    if code == 0:
        session.sees("First done")
    else:
        lab.check("vmux does not say that it was sent", code in (11, 12), said)
        session.press("i")
        time.sleep(0.8)
        done(lab, "send", pid, "go (script one)")
        session.sees("First done")


@scenario("send-to-dialog", since=SINCE)
def send_to_dialog(lab):
    """Nothing is typed while a dialog is open."""
    session = allowed(lab, {"ask": [answer("I need this.", bash(ASK)), answer("All done.")]})
    session.submit("go", "ask")
    session.shows(PERMISSION)
    lab.look("asked", A=PERMISSION)
    done(lab, "send", str(session.pid), "1", code=11)
    done(lab, "send", str(session.pid), "1", "--queue", code=11)
    session.shows(PERMISSION, for_seconds=1)
    lab.check("its command does not run", "Running" not in session.screen().split("Do you want")[-1])


@scenario("send-off", since=SINCE)
def send_off(lab):
    """Without a configuration nothing is sent."""
    lab.boot({})
    session = lab.start()
    said = done(lab, "send", str(session.pid), "secret", code=10)
    lab.check("it says what allows it", 'allow = ["user"]' in said, said)
    lab.check("nothing was typed", "secret" not in session.screen())
