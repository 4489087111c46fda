"""Answers and texts that meet: two doors at once, the user at the terminal, sessions and vmuxd that end in between."""

import fcntl
import json
import os
import pty
import random
import signal
import struct
import termios
import threading
import time

from ...api.answers import answer, call
from ...pod import machine, proc, screen
from ...pod.truth import IDLE, PERMISSION, WORKING
from .. import scenario
from .answers import SINCE, asked, done, hooks_of, installed, pending
from ..common import ASK, bash
from .keys import allowed, keyed
from ..asking.teams import TEAMS, new_pane

ROUNDS = 8


def together(*jobs):
    """Runs functions at once; returns what they return."""
    results = [None] * len(jobs)

    def run(number, job):
        results[number] = job()
    threads = [threading.Thread(target=run, args=it) for it in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def log(lab):
    """The answers that vmux has written down."""
    path = lab.home / ".vmux/answers.log"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@scenario("race-doors", since=SINCE)
def race_doors(lab):
    """Six answers to one prompt at once: one is told, the others are refused, and one line is logged."""
    session, prompts = asked(lab)
    words = [("allow",), ("deny",), ("answer",), ("allow",), ("deny",), ("answer",)]
    ask = [[*it, prompts[0]["id"], *(["allow"] if it == ("answer",) else [])] for it in words]
    codes = [code for code, _ in together(*[lambda it=it: lab.vmux.run(*it) for it in ask])]
    lab.check("one is told, all others are refused", sorted(codes) == [0] + [7] * 5, codes)
    lines = log(lab)
    lab.check("one line is logged", len(lines) == 1 and lines[0]["taken"], lines)
    is_allowed = ask[codes.index(0)][0] != "deny"
    lab.check("what was told is what counts", lines[0]["answer"] == ("allow" if is_allowed else "deny"), (lines, codes))
    session.shows(WORKING if is_allowed else IDLE)
    lab.end_command("go")
    session.shows(IDLE)


def alternating(lab, answered):
    """Prompts in pairs; to the first of a pair come an answer and the user's own key at once. The second of the pair
    must never be answered by either. `answered(session, prompt)`: sends the answer, returns its exit code."""
    steps = [answer("Now.", bash("perl -e 'print 1'"), bash("perl -e 'print 2'")), answer("All done.")]
    codes = []
    session = lab.start()
    for number in range(ROUNDS):
        lab.api.scripts[f"r{number}"] = steps
        session.submit("go", f"r{number}")
        session.shows(PERMISSION)
        prompts = pending(lab, 1)
        lab.check("the first asks", prompts[0]["input"]["command"].endswith("1'"), prompts)

        def key():
            # Only where the dialog of the first is still there, as a person would.
            time.sleep(random.random() * 0.35)
            if not asks_second(session.screen()):
                session.press("Escape")
        code, _ = together(lambda: answered(session, prompts[0]), key)
        codes.append(code)
        over = session.until(lambda text: screen.shown(text) == IDLE or asks_second(text), "a free prompt, or the second", 30)
        # The user's own key may have come when the second was there already.
        time.sleep(0.5)
        if asks_second(over) and asks_second(session.screen()):
            left = pending(lab, 1)
            lab.check("the second still asks", left and left[0]["input"]["command"].endswith("2'"), left)
            lab.check("the answer to the first is refused for it", answered(session, prompts[0]) in (7, 8), left)
            session.shows(PERMISSION)
            session.press("Escape")
        session.shows(IDLE, for_seconds=0.6)
        if screen.prompt_box(session.screen()).strip("❯> \xa0"):
            session.wipe("1")
    lab.note(f"exit codes of the answers: {codes}")
    lab.check("each answer counted or was refused", all(it in (0, 7, 8, 12) for it in codes), codes)


def asks_second(text):
    return "Do you want" in text and "print 2" in text.split("Do you want")[0][-300:]


@scenario("race-user-hook", since=SINCE)
def race_user_hook(lab):
    """The user presses Esc while an answer comes by the hook: never is the next prompt answered."""
    installed(lab, {})
    alternating(lab, lambda session, prompt: lab.vmux.run("allow", prompt["id"])[0])


@scenario("race-user-key", since=SINCE)
def race_user_key(lab):
    """The same by keys."""
    lab.boot({})
    lab.write(lab.home / ".vmux/config.toml", "[answer]\nkeys = true\n")
    alternating(lab, lambda session, prompt: lab.vmux.run("allow", prompt["id"])[0])


@scenario("race-storm", since=SINCE)
def race_storm(lab):
    """Four sessions ask the very same thing; each is answered by its id, from the last to the first."""
    installed(lab, {"ask": [answer("I need this.", bash("perl -e 'print 7'")), answer("All done.")]})
    sessions = [lab.start(name) for name in "ABCD"]
    for session in sessions:
        session.submit("go", "ask")
    for session in sessions:
        session.shows(PERMISSION)
    lab.look("asked", A=PERMISSION, B=PERMISSION, C=PERMISSION, D=PERMISSION)
    prompts = {it["pid"]: it["id"] for it in pending(lab, 4)}
    lab.check("each has its own id", len(set(prompts.values())) == 4, prompts)
    for number, session in enumerate(reversed(sessions)):
        done(lab, "allow" if number % 2 else "deny", prompts[session.pid])
        session.shows(IDLE)
        others = list(reversed(sessions))[number + 1:]
        lab.check("no other was answered", all(it.shown() == PERMISSION for it in others), [it.shown() for it in others])
    lab.look("over", A=IDLE, B=IDLE, C=IDLE, D=IDLE)


@scenario("race-killed", since=SINCE)
def race_killed(lab):
    """The session is killed while it asks; what comes then is refused, and no hook stays."""
    session, prompts = asked(lab)
    waiting = hooks_of(session)
    os.kill(session.pid, signal.SIGKILL)
    # Until it has ended, its hook can still tell it something.
    while (line := proc.stat(session.pid)) and line[1][0] != "Z":
        time.sleep(0.01)
    code, said = lab.vmux.run("allow", prompts[0]["id"])
    lab.check("the answer is refused", code in (7, 1), (code, said))
    deadline = time.monotonic() + 6
    while any(proc.stat(it) for it in waiting) and time.monotonic() < deadline:
        time.sleep(0.05)
    lab.check("no hook stays", not any(proc.stat(it) for it in waiting), waiting)
    pending(lab, 0)
    session.gone()
    lab.look("gone", A="gone")


@scenario("race-vmuxd-killed", since=SINCE)
def race_vmuxd_killed(lab):
    """vmuxd is killed (-9) while a hook waits: the dialog stays, and prompts after it are answered by the next vmuxd."""
    session, prompts = asked(lab, bash("perl -e 'print 1'"), bash("perl -e 'print 2'"))
    pid = int(lab.shell("pgrep -x vmuxd").split()[0])
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while hooks_of(session) and time.monotonic() < deadline:
        time.sleep(0.05)
    lab.check("no hook waits", not hooks_of(session), hooks_of(session))
    session.shows(PERMISSION, for_seconds=1)
    done(lab, "list")
    done(lab, "allow", prompts[0]["id"], code=1)
    session.press("1")
    session.until(lambda text: "print 2" in text.split("Do you want")[0][-300:], "the second", 20)
    left = pending(lab, 1)
    done(lab, "allow", left[0]["id"])
    session.sees("All done")
    session.shows(IDLE)


@scenario("race-slow-vmuxd", since=SINCE)
def race_slow_vmuxd(lab):
    """vmuxd gets no time for seconds while it asks: the dialog is usable, and the hook is answered later, or is over."""
    installed(lab, {"one": [answer("I need this.", bash("perl -e 'print 1'")), answer("All done.")],
                    "two": [answer("I need this.", bash("perl -e 'print 2'")), answer("Done again.")]})
    session = lab.start()
    pid = int(lab.shell("pgrep -x vmuxd").split()[0])
    os.kill(pid, signal.SIGSTOP)
    session.submit("go", "one")
    session.shows(PERMISSION)
    time.sleep(5)
    os.kill(pid, signal.SIGCONT)
    prompts = pending(lab, 1)
    lab.look("asks", A=PERMISSION)
    done(lab, "allow", prompts[0]["id"])
    session.sees("All done")
    session.shows(IDLE)
    os.kill(pid, signal.SIGSTOP)
    session.submit("go", "two")
    session.shows(PERMISSION)
    time.sleep(3)
    session.press("1")
    session.sees("Done again")
    session.shows(IDLE)
    os.kill(pid, signal.SIGCONT)
    pending(lab, 0)
    time.sleep(3)
    lab.check("no hook waits", not hooks_of(session), hooks_of(session))
    lab.look("over", A=IDLE)


@scenario("race-ends", since=SINCE)
def race_ends(lab):
    """`vmux end` of a session that asks: it ends, with its hook; a late answer is refused."""
    session, prompts = asked(lab)
    waiting = hooks_of(session)
    done(lab, "end", str(session.pid), "--yes")
    session.gone()
    done(lab, "allow", prompts[0]["id"], code=7)
    deadline = time.monotonic() + 6
    while any(proc.stat(it) for it in waiting) and time.monotonic() < deadline:
        time.sleep(0.05)
    lab.check("no hook stays", not any(proc.stat(it) for it in waiting), waiting)
    said = done(lab, "restore", "--json")
    lab.check("it was not cut off", json.loads(said) == [], said)


@scenario("race-suspended", since=SINCE)
def race_suspended(lab):
    """Ctrl-Z while it asks: the answer waits for `fg`, or is refused; nothing else is answered."""
    session, prompts = asked(lab, bash("perl -e 'print 1'"))
    session.press("C-z")
    time.sleep(1.5)
    code, said = lab.vmux.run("allow", prompts[0]["id"])
    lab.check("it is told, or refused", code in (0, 7, 8), (code, said))
    session.line("fg")
    session.sees("All done" if code == 0 else "Do you want", 20)
    if code:
        session.press("1")
    session.shows(IDLE)


@scenario("race-typing", since=SINCE)
def race_typing(lab):
    """The user types in the terminal while texts are sent: no text goes out together with the user's words."""
    session = allowed(lab, {})
    lab.tmux.run("select-window", "-t", session.pane)
    client = Client(lab)
    sent = 0
    for number in range(ROUNDS):
        def type_words():
            time.sleep(random.random() * 0.5)
            for letter in "half a word":
                client.type(letter)
                time.sleep(0.03)
        session.shows(IDLE)
        time.sleep(2.5)
        (code, said), _ = together(lambda n=number: lab.vmux.run("send", str(session.pid), f"text number {n} of the race"), type_words)
        sent += code == 0
        lab.check("sent, refused, or left in the box", code in (0, 11, 12), (code, said))
        time.sleep(0.5)
        session.shows(IDLE, for_seconds=0.6)
        if screen.prompt_box(session.screen()).strip("❯> \xa0"):
            session.wipe("half")
    records = " ".join(it.read_text() for it in lab.config.glob("projects/*/*.jsonl"))
    both = [line[:300] for line in records.splitlines() if '"type":"user"' in line and "of the race" in line and "half" in line]
    lab.note(f"{sent} of {ROUNDS} texts were sent")
    lab.check("nothing of the user's was sent", not both, both)


class Client:
    """A terminal that shows the lab's tmux, with somebody who types into it."""

    def __init__(self, lab):
        words = machine.as_user(["tmux", "-L", "lab", "attach"])
        pid, self.terminal = pty.fork()
        if pid == 0:
            os.execvpe(words[0], words, lab.environment)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 150, 0, 0))
        threading.Thread(target=self.read, daemon=True).start()
        time.sleep(1)

    def read(self):
        try:
            while os.read(self.terminal, 65536):
                pass
        except OSError:
            pass

    def type(self, words):
        os.write(self.terminal, words.encode())


@scenario("race-queue", since=SINCE)
def race_queue(lab):
    """A text is queued while a permission is about to be asked: it never answers the dialog."""
    session = allowed(lab, {})
    for number in range(ROUNDS // 2):
        lab.api.scripts[f"q{number}"] = [answer("Soon.", bash(f"perl -e 'print {number}'"), until=f"g{number}"), answer("Done.")]
        session.shows(IDLE)
        session.submit("go", f"q{number}")
        session.shows(WORKING)

        def opened(n=number):
            time.sleep(random.random() * 1.2)
            lab.api.open(f"g{n}")
        (code, said), _ = together(lambda n=number: lab.vmux.run("send", str(session.pid), "--queue", f"1 queued {n}"), opened)
        lab.check("queued, or refused", code in (0, 11, 12), (code, said))
        session.shows(PERMISSION)
        session.shows(PERMISSION, for_seconds=1)
        session.press("Escape")
        session.shows(IDLE, for_seconds=1)
        if "queued" in screen.prompt_box(session.screen()):
            session.wipe("queued")


@scenario("race-config", since=SINCE)
def race_config(lab):
    """Keys are forbidden again while a prompt is listed: the answer by its id is refused."""
    session = keyed(lab, [answer("I need this.", bash(ASK)), answer("All done.")])
    prompts = pending(lab, 1)
    lab.write(lab.home / ".vmux/config.toml", "[answer]\nkeys = false\n")
    deadline = time.monotonic() + 5
    while pending_ways(lab) != ["terminal"] and time.monotonic() < deadline:
        time.sleep(0.1)
    done(lab, "allow", prompts[0]["id"], code=8)
    session.shows(PERMISSION, for_seconds=1)
    session.press("Escape")
    session.shows(IDLE)


def pending_ways(lab):
    code, said = lab.vmux.run("pending", "--json")
    return [it["way"] for it in json.loads(said)] if code == 0 else []


@scenario("race-mate", since="2.1.300")
def race_mate(lab):
    """A teammate asks through its leader: what vmux offers for it can be answered, or says why not."""
    mate = call("Agent", description="mate", prompt="Do it (script mate)", subagent_type="general-purpose", name="bob")
    installed(lab, {"main": [answer(mate), answer("Team runs."), answer("Team reported."), answer("Team reported.")],
                    "mate": [answer(bash("perl -e 'print 3'"), until="ask"), answer("Mate over.")]},
              settings={"teammateMode": "tmux", "permissions": {"defaultMode": "default", "disableAutoMode": "disable", "allow": []}},
              state={"teammateMode": "tmux"}, environment=TEAMS)
    leader = lab.start("L")
    leader.submit("go", "main")
    leader.sees("Team runs")
    lab.sessions["B"] = type(leader)(lab, "B", new_pane(lab))
    lab.api.open("ask")
    leader.shows(PERMISSION)
    time.sleep(2)
    code, said = lab.vmux.run("pending", "--json")
    prompts = json.loads(said) if code == 0 else []
    lab.note("offered: " + json.dumps([(it["way"], it.get("tool"), it.get("why")) for it in prompts]))
    answerable = [it for it in prompts if it["way"] != "terminal"]
    if answerable:
        done(lab, "allow", answerable[0]["id"])
    else:
        code, said = lab.vmux.run("allow", str(leader.pid))
        lab.check("it is refused, and says why", code in (8, 9), (code, said))
        leader.shows(PERMISSION)
        leader.press("1")
    leader.until(lambda text: screen.shown(text) != "permission", "no dialog", 20)
    leader.sees("Team reported")
