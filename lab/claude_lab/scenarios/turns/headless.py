"""Sessions without a screen: -p, hosts that speak stream-json, and processes that are no sessions."""

import json
import os
import time

from ...api.answers import answer
from ...pod.truth import GONE, IDLE, NO_SESSION, PERMISSION, QUESTION, WORKING
from .. import scenario
from ..common import ASK, LONG, bash, question

STREAM = "-p --input-format stream-json --output-format stream-json --verbose"


@scenario("headless-print")
def headless_print(lab):
    """claude -p in its output formats; it works, and it is gone when it is done."""
    lab.boot({"work": [answer(bash(LONG)), answer("Worked.")], "denied": [answer(bash(ASK)), answer("Denied.", until="send")]})
    for name, format_ in (("T", "text"), ("S", "stream-json --verbose")):
        session = lab.start(name, f"-p --output-format {format_} 'work (script work)'", headless=True)
        time.sleep(5)
        lab.look(f"{name}-works", **{name: WORKING})
        lab.end_command("go")
        session.gone(30)
        lab.look(f"{name}-is-over", **{name: GONE})
        (lab.home / ".go").unlink()
    session = lab.start("D", "-p --output-format json 'ask (script denied)'", headless=True)
    time.sleep(5)
    lab.look("denied-by-itself", D=WORKING)
    lab.api.open("send")
    session.gone(30)


class Host:
    """A program that runs the CLI as an SDK does: prompts and answers go through a pipe."""

    def __init__(self, lab, name, arguments):
        self.path = lab.home / f"input-{name}"
        os.mkfifo(self.path)
        os.chown(self.path, 1000, 1000)
        self.pipe = os.fdopen(os.open(self.path, os.O_RDWR), "w")
        self.session = lab.start(name, f"{STREAM} {arguments} < {self.path} > ~/output-{name}", headless=True)
        self.output = lab.home / f"output-{name}"

    def send(self, **message):
        self.pipe.write(json.dumps(message) + "\n")
        self.pipe.flush()

    def prompt(self, words):
        self.send(type="user", message={"role": "user", "content": words})

    def hears(self, words, seconds=20):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.output.exists() and words in self.output.read_text():
                return True
            time.sleep(0.05)
        return False


@scenario("headless-turns")
def headless_turns(lab):
    """stream-json in and out: the process stays between turns."""
    lab.boot({"work": [answer(bash(LONG)), answer("Worked.")]})
    host = Host(lab, "H", "")
    time.sleep(4)
    lab.look("before", H=IDLE)
    host.prompt("work (script work)")
    host.hears("until-file")
    time.sleep(1)
    lab.look("works", H=WORKING)
    lab.end_command("go")
    host.hears('"result"')
    time.sleep(1)
    lab.look("between-turns", H=IDLE)


@scenario("headless-asked", since="2.0.20")
def headless_asked(lab):
    """An SDK's host is asked for permission, then a question: it answers through the pipe."""
    lab.boot({"ask": [answer(bash("perl -e 'print 1'")), answer(question()), answer("Done.")]})
    host = Host(lab, "H", "--permission-prompt-tool stdio")
    time.sleep(3)
    host.prompt("ask (script ask)")
    if not host.hears("can_use_tool"):
        lab.note("the host was not asked: " + host.output.read_text()[-400:])
        return
    time.sleep(1.5)
    lab.look("asked", H=PERMISSION)
    host.allow = requests(host)[-1]
    host.send(type="control_response", response={"subtype": "success", "request_id": host.allow["request_id"], "response": {
        "behavior": "allow", "updatedInput": host.allow["request"]["input"]}})
    deadline = time.monotonic() + 10
    while len(requests(host)) < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    if len(requests(host)) > 1:
        time.sleep(1.5)
        lab.look("question", H=QUESTION)


def requests(host):
    found = [json.loads(line) for line in host.output.read_text().splitlines() if '"can_use_tool"' in line]
    return [it for it in found if it.get("type") == "control_request"]


@scenario("headless-nested")
def headless_nested(lab):
    """A command of the session's runs `claude -p`: a session of its own, below the other."""
    lab.boot({"outer": [answer(bash("claude -p 'work (script inner)'")), answer("Outer done.")],
              "inner": [answer("Inner done.", until="send")]}, allow=["Bash"])
    session = lab.start()
    session.submit("go", "outer")
    session.shows(WORKING)
    time.sleep(6)
    inner = next((pid for pid in lab.vmux.rows() if pid != session.pid), 0)
    lab.check("the inner session is listed", inner, inner)
    lab.adopt("I", inner)
    lab.look("both-work", A=WORKING, I=WORKING)
    lab.api.open("send")
    session.sees("Outer done")
    session.shows(IDLE)
    lab.look("over", A=IDLE, I=GONE)


@scenario("headless-no-sessions")
def headless_no_sessions(lab):
    """Processes of the CLI that are no sessions."""
    lab.boot()
    commands = {"mcp": "claude mcp serve < <(sleep 60) > /dev/null"}
    if lab.version >= (2, 1, 220):
        commands |= {"agents": "claude agents", "doctor": "claude doctor", "chrome": "claude --chrome-native-host", "help": "claude --help | sleep 20"}
    for name, command in commands.items():
        session = lab.pane(name)
        session.line(command)
        time.sleep(3.5)
        try:
            session.find(1)
        except Exception:
            lab.note(f"`{command}` ended by itself")
            continue
        lab.look(name, **{name: NO_SESSION})
        session.press("C-c")
        session.press("C-c")


@scenario("headless-asked-again", since="2.0.20")
def headless_asked_again(lab):
    """An SDK's host refuses one call and is asked for the next; nobody can look at its end."""
    lab.boot({"ask": [answer(bash("perl -e 'print 1'")), answer(bash("perl -e 'print 2'")), answer("Done.")]})
    host = Host(lab, "H", "--permission-prompt-tool stdio")
    time.sleep(3)
    host.prompt("ask (script ask)")
    for number, decision in enumerate(({"behavior": "deny", "message": "no"}, {"behavior": "allow"})):
        deadline = time.monotonic() + 15
        while len(requests(host)) <= number and time.monotonic() < deadline:
            time.sleep(0.1)
        if len(requests(host)) <= number:
            lab.note("the host was not asked: " + host.output.read_text()[-400:])
            return
        time.sleep(1.5)
        lab.look(f"asked-{number + 1}", H=PERMISSION)
        asked = requests(host)[number]
        response = {"updatedInput": asked["request"]["input"], **decision}
        host.send(type="control_response", response={"subtype": "success", "request_id": asked["request_id"], "response": response})
    host.hears('"type":"result"')
    time.sleep(1)
    lab.look("over", H=IDLE)
    row = lab.vmux.rows().get(host.session.pid) or {}
    lab.check("the end of a turn that nobody can look at is not unseen", not row.get("unseen"), row.get("unseen"))
