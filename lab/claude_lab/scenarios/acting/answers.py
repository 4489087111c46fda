"""Prompts that are answered from outside: `vmux hooks install --answer`, `vmux pending`, `vmux answer`."""

import json
import time

from ...api.answers import answer, call
from ...pod import proc
from ...pod.truth import IDLE, PERMISSION, PLAN, QUESTION, WORKING
from .. import scenario
from ..common import ASK, COLOR, SIZE, agent, bash, plan_steps, question

SINCE = "2.0.45"
SEVERAL = {**SIZE, "question": "Which of these?", "multiSelect": True}


def installed(lab, scripts, **boot):
    """The machine with the hooks that answer; returns nothing."""
    lab.boot(scripts, **boot)
    code, said = lab.vmux.run("hooks", "install", "--answer")
    lab.check("the hooks are installed", code == 0, said)


def asked(lab, *calls, shows=PERMISSION, then="All done.", script=None, arguments=""):
    """A session that waits in the dialog of these calls, and its prompts."""
    installed(lab, {"ask": script or [answer("I need this.", *(calls or [bash(ASK)])), answer(then)]})
    session = lab.start(arguments=arguments)
    session.submit("go", "ask")
    session.shows(shows)
    lab.look("asked", A=shows)
    return session, pending(lab, 1)


def pending(lab, count, seconds=6):
    """The prompts that can be answered, as soon as there are so many."""
    deadline = time.monotonic() + seconds * lab.patience
    while True:
        code, said = lab.vmux.run("pending", "--json")
        prompts = [it for it in json.loads(said) if it["way"] != "terminal"] if code == 0 else []
        if len(prompts) == count or time.monotonic() > deadline:
            lab.check(f"{count} prompts are open", len(prompts) == count, said)
            return prompts
        time.sleep(0.05)


def hooks_of(session):
    """The hooks below a session that wait."""
    words = ((pid, proc.arguments(pid)) for pid in proc.descendants(session.pid))
    return [pid for pid, it in words if it[1:] == ["hook", "--answer"]]


def done(lab, *words, code=0):
    """`vmux WORDS` ends with this exit code; returns what it says."""
    got, said = lab.vmux.run(*words)
    lab.check(" ".join(map(str, words[:1])) + f" ends with {code}", got == code, (words, got, said))
    return said


@scenario("answer-allow", since=SINCE)
def answer_allow(lab):
    """A command is allowed with `vmux answer`; how long until the dialog is gone?"""
    session, prompts = asked(lab)
    shown = prompts[0]
    lab.check("the prompt is whole", (shown["tool"], shown["input"]["command"], shown["pid"]) == ("Bash", ASK, session.pid), shown)
    began = time.monotonic()
    done(lab, "answer", str(session.pid), "allow")
    told = time.monotonic() - began
    session.until(lambda screen: "Do you want" not in screen, "no dialog", 10)
    gone = time.monotonic() - began
    lab.note(f"vmux answer took {told * 1000:.0f} ms, the dialog was gone after {gone * 1000:.0f} ms")
    session.shows(WORKING)
    lab.look("allowed", A=WORKING)
    pending(lab, 0)
    lab.end_command("go")
    session.sees("All done")
    session.shows(IDLE)
    lab.look("over", A=IDLE)
    log = [json.loads(it) for it in (lab.home / ".vmux/answers.log").read_text().splitlines()]
    lab.check("the log has it", [(it["answer"], it["door"], it["taken"]) for it in log] == [("allow", "vmux answer", True)], log)


@scenario("answer-by-key", since=SINCE)
def answer_by_key(lab):
    """The same with the key of the dialog, to compare the time."""
    session, _ = asked(lab)
    began = time.monotonic()
    session.press("1")
    session.until(lambda screen: "Do you want" not in screen, "no dialog", 10)
    lab.note(f"with a key the dialog was gone after {(time.monotonic() - began) * 1000:.0f} ms")


@scenario("answer-deny", since=SINCE)
def answer_deny(lab):
    """Denied without a word: the turn ends."""
    session, _ = asked(lab)
    done(lab, "deny", str(session.pid))
    session.shows(IDLE)
    lab.look("denied", A=IDLE)
    lab.check("Claude did not go on", "All done" not in session.screen(), session.screen()[-600:])
    pending(lab, 0)


@scenario("answer-deny-message", since=SINCE)
def answer_deny_message(lab):
    """Denied with a message: the model reads it and goes on."""
    session, _ = asked(lab)
    done(lab, "deny", str(session.pid), "--message", "use ripgrep instead")
    session.sees("All done")
    session.shows(IDLE)
    lab.look("denied", A=IDLE)
    lab.check("the message is in the conversation", any("use ripgrep instead" in it.read_text() for it in lab.config.glob("projects/*/*.jsonl")))


@scenario("answer-always", since=SINCE)
def answer_always(lab):
    """Allowed always: the same command is not asked for again."""
    command = "perl -e 'print 1'"
    session, prompts = asked(lab, script=[answer(bash(command)), answer("Once.", bash(command)), answer("All done.")])
    lab.check("it says what always allows", prompts and any("perl" in it for it in prompts[0].get("always", [])), prompts)
    done(lab, "answer", str(session.pid), "always")
    session.sees("All done")
    session.shows(IDLE)
    lab.look("over", A=IDLE)
    for path in sorted(lab.project.glob(".claude/settings*.json")):
        lab.note(f"{path.name}: {path.read_text()}")


@scenario("answer-write", since=SINCE)
def answer_write(lab):
    """A new file is allowed."""
    session, prompts = asked(lab, call("Write", file_path=f"{lab.project}/new.txt", content="hello\nworld\n"))
    lab.check("its content is whole", prompts[0]["input"]["content"] == "hello\nworld\n", prompts)
    done(lab, "allow", str(session.pid))
    session.sees("All done")
    lab.check("it is written", (lab.project / "new.txt").read_text() == "hello\nworld\n")


@scenario("answer-question", since=SINCE)
def answer_question(lab):
    """A question, answered with the number of an option."""
    session, prompts = asked(lab, question(), shows=QUESTION)
    lab.check("it is a question", prompts[0]["kind"] == "question", prompts)
    done(lab, "allow", str(session.pid), code=9)
    done(lab, "answer", str(session.pid), "3", code=9)
    done(lab, "answer", str(session.pid), "2")
    session.sees("All done")
    session.shows(IDLE)
    lab.look("over", A=IDLE)
    lab.check("the answer is on the screen", "Blue" in session.screen(), session.screen()[-900:])


@scenario("answer-questions", since=SINCE)
def answer_questions(lab):
    """Two questions: own words, and several options."""
    session, _ = asked(lab, question(COLOR, SEVERAL), shows=QUESTION)
    done(lab, "answer", str(session.pid), "1", code=9)
    done(lab, "answer", str(session.pid), "a deep green", "1,2")
    session.sees("All done")
    session.shows(IDLE)
    screen = session.screen()
    lab.check("both answers are on the screen", "a deep green" in screen and "Red, Blue" in screen, screen[-900:])


@scenario("answer-question-deny", since=SINCE)
def answer_question_deny(lab):
    """A question, denied with a message."""
    session, _ = asked(lab, question(), shows=QUESTION)
    done(lab, "deny", str(session.pid), "--message", "choose yourself")
    session.sees("All done")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


def planned(lab):
    return asked(lab, shows=PLAN, script=plan_steps(lab) + [
        answer("Editing.", call("Write", file_path=f"{lab.project}/new.txt", content="x\n")), answer("All done.")],
        arguments="--permission-mode plan")


@scenario("answer-plan", since=SINCE)
def answer_plan(lab):
    """A plan is approved; edits ask as before."""
    session, prompts = planned(lab)
    lab.check("it is a plan", prompts[0]["kind"] == "plan", prompts)
    done(lab, "answer", str(session.pid), "always", code=9)
    done(lab, "allow", str(session.pid))
    session.shows(PERMISSION)
    lab.look("asks-for-edit", A=PERMISSION)
    pending(lab, 1)
    done(lab, "allow", str(session.pid))
    session.sees("All done")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("answer-plan-edits", since=SINCE)
def answer_plan_edits(lab):
    """A plan is approved, and edits pass from then on."""
    session, _ = planned(lab)
    done(lab, "allow", str(session.pid), "--accept-edits")
    session.sees("All done")
    session.shows(IDLE)
    lab.look("over", A=IDLE)
    lab.check("the edit passed", (lab.project / "new.txt").exists())


@scenario("answer-plan-deny", since=SINCE)
def answer_plan_deny(lab):
    """A plan is sent back with a message."""
    session, _ = asked(lab, shows=PLAN, script=plan_steps(lab) + [answer("Another plan follows.")], arguments="--permission-mode plan")
    done(lab, "deny", str(session.pid), "--message", "smaller steps")
    session.sees("Another plan follows")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("answer-in-a-row", since=SINCE)
def answer_in_a_row(lab):
    """Two commands of one message ask one after the other: the answer to the first never reaches the second."""
    first, second = "perl -e 'print 1'", "perl -e 'print 2'"
    session, prompts = asked(lab, bash(first), bash(second))
    one = prompts[0]
    lab.check("the first asks", one["input"]["command"] == first, one)
    done(lab, "answer", one["id"], "allow")
    session.until(lambda screen: "print 2" in screen.split("Do you want")[0][-900:] and "Do you want" in screen, "the second", 20)
    prompts = pending(lab, 1)
    lab.check("the second asks", prompts[0]["input"]["command"] == second, prompts)
    done(lab, "answer", one["id"], "allow", code=7)
    done(lab, "allow", str(session.pid), "--prompt", one["id"], code=7)
    session.shows(PERMISSION)
    lab.look("second", A=PERMISSION)
    done(lab, "allow", str(session.pid), "--prompt", prompts[0]["id"])
    session.sees("All done")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("answer-user-first", since=SINCE)
def answer_user_first(lab):
    """The user says Yes in the terminal: the prompt is over, its hook ends, and a late answer is refused."""
    session, prompts = asked(lab)
    lab.check("a hook waits", len(hooks_of(session)) == 1, hooks_of(session))
    session.press("1")
    session.shows(WORKING)
    pending(lab, 0)
    time.sleep(0.5)
    lab.check("no hook waits", not hooks_of(session), hooks_of(session))
    done(lab, "deny", prompts[0]["id"], code=7)
    done(lab, "deny", str(session.pid), code=8)
    lab.look("runs", A=WORKING)
    lab.end_command("go")
    session.sees("All done")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("answer-escape-first", since=SINCE)
def answer_escape_first(lab):
    """The user leaves the dialog with Esc: the prompt is over."""
    session, prompts = asked(lab)
    session.press("Escape")
    session.shows(IDLE)
    pending(lab, 0)
    lab.check("no hook waits", not hooks_of(session), hooks_of(session))
    done(lab, "allow", prompts[0]["id"], code=7)
    lab.look("left", A=IDLE)


@scenario("answer-no-first", since=SINCE)
def answer_no_first(lab):
    """The user chooses No in the dialog: the prompt is over, its hook ends."""
    session, prompts = asked(lab)
    session.decline()
    session.shows(IDLE)
    pending(lab, 0)
    lab.check("no hook waits", not hooks_of(session), hooks_of(session))
    done(lab, "allow", prompts[0]["id"], code=7)
    lab.look("refused", A=IDLE)


@scenario("answer-timeout", since=SINCE)
def answer_timeout(lab):
    """Claude Code ends the hook when its time is over: the prompt is over for vmux, and its dialog stays."""
    installed(lab, {"ask": [answer(bash(ASK)), answer("All done.")]})
    settings = json.loads((lab.config / "settings.json").read_text())
    for entry in settings["hooks"]["PermissionRequest"]:
        for hook in entry["hooks"]:
            hook["timeout"] = 3
    lab.write(lab.config / "settings.json", settings)
    session = lab.start()
    session.submit("go", "ask")
    session.shows(PERMISSION)
    prompts = pending(lab, 1)
    pending(lab, 0)
    session.shows(PERMISSION, for_seconds=2)
    lab.look("its time is over", A=PERMISSION)
    done(lab, "allow", prompts[0]["id"], code=7)
    done(lab, "allow", str(session.pid), code=8)
    session.press("1")
    session.shows(WORKING)
    lab.end_command("go")
    session.sees("All done")


@scenario("answer-vmuxd-ends", since=SINCE)
def answer_vmuxd_ends(lab):
    """vmuxd ends while a hook waits: the hook ends, the dialog stays, and the next vmuxd answers nothing by the old id."""
    session, prompts = asked(lab)
    done(lab, "stop")
    deadline = time.monotonic() + 5
    while hooks_of(session) and time.monotonic() < deadline:
        time.sleep(0.05)
    lab.check("no hook waits", not hooks_of(session), hooks_of(session))
    session.shows(PERMISSION, for_seconds=2)
    code, said = lab.vmux.run("pending", "--json")  # It starts another vmuxd.
    ways = [(it["way"], it["input"].get("command")) for it in json.loads(said)] if code == 0 else code
    lab.check("only its terminal can answer", ways == [("terminal", ASK)], said)
    done(lab, "allow", prompts[0]["id"], code=1)
    session.shows(PERMISSION, for_seconds=1)
    session.press("1")
    session.shows(WORKING)
    lab.end_command("go")
    session.sees("All done")


@scenario("answer-without-vmuxd", since=SINCE)
def answer_without_vmuxd(lab):
    """No vmuxd runs: the hook ends at once, and the dialog is as usable as without it."""
    installed(lab, {"ask": [answer(bash(ASK)), answer("All done.")]})
    lab.vmux.run("stop")
    session = lab.start()
    session.submit("go", "ask")
    session.shows(PERMISSION, for_seconds=2)
    lab.check("no hook waits", not hooks_of(session), hooks_of(session))
    session.press("1")
    session.shows(WORKING)
    lab.end_command("go")
    session.sees("All done")


@scenario("answer-agents", since="2.1.100")
def answer_agents(lab):
    """Two subagents ask at once. Their dialogs come only when their hooks have ended, so none waits."""
    first, second = "perl -e 'print 1'", "perl -e 'print 2'"
    installed(lab, {"main": [answer(agent(lab, "one"), agent(lab, "two")), answer("Launched."), answer("One over."), answer("Both over.")],
                    "one": [answer(bash(first)), answer("Worked.")],
                    "two": [answer(bash(second), delay=1), answer("Asked.")]})
    session = lab.start()
    session.submit("delegate", "main")
    session.shows(PERMISSION)
    lab.check("no hook waits", not hooks_of(session), hooks_of(session))
    pending(lab, 0)
    lab.look("both-ask", A=PERMISSION)
    done(lab, "allow", str(session.pid), code=8)
    session.press("1")
    session.shows(PERMISSION, for_seconds=1.5)
    lab.look("one-asks", A=PERMISSION)
    session.press("1")
    session.sees("Both over|One over")
    session.shows(IDLE, 60, for_seconds=2)
    lab.look("over", A=IDLE)


@scenario("answer-together", since="2.1.100")
def answer_together(lab):
    """Calls that may run together ask together: the second is answered while the dialog of the first is shown."""
    one, two = (call("WebFetch", url=f"http://{name}.invalid/x", prompt="p") for name in ("one", "two"))
    installed(lab, {"ask": [answer(one, two), answer("All done.")]})
    session = lab.start()
    session.submit("go", "ask")
    session.shows(PERMISSION)
    lab.look("asked", A=PERMISSION)
    prompts = pending(lab, 2)
    by_url = {it["input"]["url"]: it["id"] for it in prompts}
    done(lab, "deny", by_url["http://two.invalid/x"], "--message", "not this one")
    left = pending(lab, 1)
    lab.check("the first still asks", left and left[0]["input"]["url"] == "http://one.invalid/x", left)
    session.shows(PERMISSION, for_seconds=1)
    lab.check("its dialog is on the screen", "one.invalid" in session.screen(), session.screen()[-900:])
    done(lab, "deny", str(session.pid), "--message", "nor this")
    session.sees("All done")
    session.shows(IDLE)


@scenario("answer-headless", since=SINCE)
def answer_headless(lab):
    """`claude -p` has no dialog: it is not held up."""
    installed(lab, {"ask": [answer(bash("perl -e 'print 1'")), answer("All done.")]})
    began = time.monotonic()
    said = lab.shell("claude -p 'go (script ask)'")
    took = time.monotonic() - began
    lab.check("it is not held up", "All done" in said and took < 30, (took, said))
