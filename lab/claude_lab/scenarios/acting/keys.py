"""What vmux types into a terminal: `vmux send`, and answers by a key."""

import json
import time

from ...api.answers import answer, call
from ...pod import screen
from ...pod.truth import IDLE, PERMISSION, PLAN, QUESTION, WORKING
from .. import scenario
from .answers import done, pending
from ..common import ASK, LONG, agent, bash, plan_steps, question

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


@scenario("send-end", since=SINCE)
def send_end(lab):
    """`vmux end` has a session with a free prompt leave by /exit."""
    session = allowed(lab, {})
    session.shows(IDLE)
    done(lab, "end", "--yes", str(session.pid))
    session.gone(10)
    code, past = lab.vmux.run("restore", "--json")
    lab.check("it was not cut off", str(session.pid) not in past and '"session_id"' not in past, (code, past))
    said = (lab.home / ".vmux/answers.log").read_text()
    lab.check("it was told to leave", '"/exit"' in said and '"vmux end"' in said, said)


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


def keyed(lab, script, shows=PERMISSION, arguments="", **more):
    """A session without hooks that waits in a dialog, where keys are allowed."""
    lab.boot({"ask": script, "one": [answer(bash("perl -e 'print 1'")), answer("Worked.")]}, **more)
    lab.write(lab.home / ".vmux/config.toml", "[answer]\nkeys = true\n")
    session = lab.start(arguments=arguments)
    session.submit("go", "ask")
    session.shows(shows)
    lab.look("asked", A=shows)
    return session


@scenario("key-allow", since="2.0.0")
def key_allow(lab):
    """A command is allowed by a key; nothing is left to answer then."""
    session = keyed(lab, [answer("I need this.", bash(ASK)), answer("All done.")])
    prompts = pending(lab, 1)
    lab.check("the prompt is whole", prompts and (prompts[0]["way"], prompts[0]["input"]["command"]) == ("keys", ASK), prompts)
    done(lab, "answer", str(session.pid), "always", code=9)
    done(lab, "deny", str(session.pid), "--message", "no", code=9)
    session.shows(PERMISSION)
    began = time.monotonic()
    done(lab, "allow", prompts[0]["id"])
    lab.note(f"vmux allow took {(time.monotonic() - began) * 1000:.0f} ms")
    session.shows(WORKING)
    done(lab, "allow", prompts[0]["id"], code=7)
    lab.end_command("go")
    session.sees("All done")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("key-named", since="2.1.100")
def key_named(lab):
    """A session with a name, as `vmux new` gives one: its name is drawn below the dialog."""
    session = keyed(lab, [answer("I need this.", bash("perl -e 'print 1'")), answer("All done.")], arguments="--name 'the api'")
    done(lab, "allow", str(session.pid))
    session.sees("All done")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("key-deny", since="2.0.0")
def key_deny(lab):
    """A command is denied by a key: the turn ends."""
    session = keyed(lab, [answer("I need this.", bash(ASK)), answer("All done.")])
    done(lab, "deny", str(session.pid))
    session.shows(IDLE)
    lab.look("denied", A=IDLE)
    lab.check("Claude did not go on", "All done" not in session.screen(), session.screen()[-600:])


@scenario("key-in-a-row", since="2.0.0")
def key_in_a_row(lab):
    """Two commands of one message: the id of the first is refused for the second."""
    first, second = "perl -e 'print 1'", "perl -e 'print 2'"
    session = keyed(lab, [answer("I need this.", bash(first), bash(second)), answer("All done.")])
    one = pending(lab, 1)[0]
    lab.check("the first asks", one["input"]["command"] == first, one)
    done(lab, "allow", one["id"])
    session.until(lambda screen: "print 2" in screen.split("Do you want")[0][-900:] and "Do you want" in screen, "the second", 20)
    time.sleep(0.5)
    done(lab, "allow", one["id"], code=7)
    two = pending(lab, 1)[0]
    lab.check("the second asks", two["input"]["command"] == second, two)
    session.shows(PERMISSION)
    done(lab, "allow", two["id"])
    session.sees("All done")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("key-write", since="2.0.0")
def key_write(lab):
    """A new file is allowed by a key."""
    session = keyed(lab, [answer("Writing.", call("Write", file_path=f"{lab.project}/new.txt", content="hello\nworld\n")), answer("All done.")])
    done(lab, "allow", str(session.pid))
    session.sees("All done")
    lab.check("it is written", (lab.project / "new.txt").read_text() == "hello\nworld\n")


@scenario("key-fetch", since="2.0.0")
def key_fetch(lab):
    """A page is denied by a key."""
    session = keyed(lab, [answer("Reading.", call("WebFetch", url="http://one.invalid/x", prompt="p")), answer("All done.")])
    done(lab, "deny", str(session.pid))
    session.shows(IDLE)
    lab.look("denied", A=IDLE)


@scenario("key-long", since="2.0.0")
def key_long(lab):
    """A command that is broken into rows is allowed; one that has no room on the screen is not."""
    wide = "perl -e 'print 1' " + " ".join(f"word{number}" for number in range(60))
    tall = "perl -e '\n" + "\n".join(f"print {number};" for number in range(90)) + "'"
    session = keyed(lab, [answer("I need this.", bash(wide)), answer("And this.", bash(tall)), answer("All done.")])
    done(lab, "allow", str(session.pid))
    session.until(lambda screen: "print 80" in screen and "Do you want" in screen, "the second", 20)
    time.sleep(0.7)
    done(lab, "allow", str(session.pid), code=8)
    session.shows(PERMISSION, for_seconds=1)


@scenario("key-question", since="2.0.0")
def key_question(lab):
    """Questions and plans are never answered by a key."""
    session = keyed(lab, [answer("Tell me.", question()), answer("All done.")], shows=QUESTION)
    code, said = lab.vmux.run("pending", "--json")
    shown = [(it["way"], it["kind"], "questions" in it["input"]) for it in json.loads(said)] if code == 0 else code
    lab.check("the question is listed", shown == [("terminal", "question", True)], said)
    done(lab, "answer", str(session.pid), "1", code=8)
    done(lab, "allow", str(session.pid), code=8)
    session.shows(QUESTION, for_seconds=1)


@scenario("key-plan", since="2.0.0")
def key_plan(lab):
    """A plan is not approved by a key."""
    lab.boot({"ask": plan_steps(lab) + [answer("All done.")]})
    lab.write(lab.home / ".vmux/config.toml", "[answer]\nkeys = true\n")
    session = lab.start(arguments="--permission-mode plan")
    session.submit("go", "ask")
    session.shows(PLAN)
    lab.look("asked", A=PLAN)
    done(lab, "allow", str(session.pid), code=8)
    session.shows(PLAN, for_seconds=1)


@scenario("key-edit", since="2.0.0")
def key_edit(lab):
    """An edit is not recognised, and refused."""
    lab.boot({"ask": [answer("Look.", call("Read", file_path=f"{lab.project}/e.txt")),
                      answer("Edit.", call("Edit", file_path=f"{lab.project}/e.txt", old_string="a", new_string="b")), answer("All done.")]})
    lab.write(lab.home / ".vmux/config.toml", "[answer]\nkeys = true\n")
    lab.write(lab.project / "e.txt", "a\n")
    session = lab.start()
    session.submit("go", "ask")
    session.shows(PERMISSION)
    done(lab, "allow", str(session.pid), code=8)
    session.shows(PERMISSION, for_seconds=1)


@scenario("key-agent", since="2.1.100")
def key_agent(lab):
    """The permission of a subagent is not in the conversation of its session: refused."""
    session = keyed(lab, [answer(agent(lab, "one")), answer("Launched."), answer("Over.")])
    done(lab, "allow", str(session.pid), code=8)
    session.shows(PERMISSION, for_seconds=1)


@scenario("key-typing", since=SINCE)
def key_typing(lab):
    """While the user types, and in copy mode, no key is sent."""
    session = keyed(lab, [answer("I need this.", bash(ASK)), answer("All done.")])
    lab.tmux.run("copy-mode", "-t", session.pane)
    done(lab, "allow", str(session.pid), code=8)
    lab.tmux.run("send-keys", "-t", session.pane, "-X", "cancel")
    session.shows(PERMISSION)
    lab.tmux.run("resize-window", "-t", session.pane, "-x", "30", "-y", "50")
    time.sleep(1.5)
    code, said = lab.vmux.run("allow", str(session.pid))
    lab.note(f"at 30 columns it ends with {code}: {said}")
