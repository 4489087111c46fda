"""Hosts and printers: what speaks to the CLI through pipes, and what prints its answer and ends."""

import os
import signal
import time

from ...api.answers import answer, failure
from ...pod.truth import GONE, IDLE, PERMISSION, UNTOLD, WORKING
from .. import scenario
from ..common import ASK, agent, asks, bash, hook, scripts, turn
from ..turns.headless import Host
from ..asking.hooks import plain


@scenario("host-interrupts", since="2.0.20")
def host_interrupts(lab):
    """A host interrupts a command, sends two prompts at once, then one that fails."""
    lab.boot(scripts(lab, "one", "long", fails=[failure(400)]))
    host = Host(lab, "H", "")
    time.sleep(3)
    host.prompt("go (script long)")
    host.hears("until-file")
    time.sleep(1)
    lab.look("works", H=WORKING)
    host.send(type="control_request", request_id="r1", request={"subtype": "interrupt"})
    host.hears("r1")
    time.sleep(2)
    lab.look("interrupted", H=IDLE)
    host.prompt("go (script one)")
    host.prompt("go (script long)")
    time.sleep(4)
    lab.look("second-works", H=WORKING)
    lab.end_command("go")
    host.hears("Long is over")
    time.sleep(1.5)
    lab.look("both-over", H=IDLE)
    host.prompt("go (script fails)")
    time.sleep(5)
    lab.look("failed", H=IDLE)
    host.pipe.close()
    time.sleep(1)
    lab.look("closed", H=UNTOLD)


@scenario("host-print-hooks", since="2.0.0")
def host_print_hooks(lab):
    """`claude -p` with hooks that take their time, before its prompt and at its end."""
    lab.boot(scripts(lab, "one"), settings={"hooks": {"UserPromptSubmit": hook("cat >/dev/null; until-file prompt"), "Stop": hook("cat >/dev/null; until-file stop")}} | plain())
    session = lab.start("P", "-p 'go (script one)'", headless=True)
    time.sleep(4)
    lab.look("prompt-hook", P=WORKING)
    lab.end_command("prompt")
    time.sleep(4)
    lab.look("stop-hook", P=UNTOLD)
    lab.end_command("stop")
    session.gone(30)
    lab.look("over", P=GONE)


@scenario("host-printers")
def host_printers(lab):
    """Three printers and a session that asks, in one folder: one through a pipe, one from a file, one to a file."""
    lab.boot(scripts(lab, "ask", "long"))
    session = lab.start()
    for name, command in (("P", "echo 'go (script long)' | claude -p | cat"), ("Q", "claude -p 'go (script long)' < /dev/null"), ("R", "claude -p 'go (script long)' > ~/out")):
        pane = lab.pane(name)
        pane.headless = True
        pane.line(command)
        pane.find()
    session.submit("go", "ask")
    session.shows(PERMISSION)
    time.sleep(5)
    lab.look("all", A=PERMISSION, P=WORKING, Q=WORKING, R=WORKING)
    session.decline()
    session.shows(IDLE)
    time.sleep(1)
    lab.look("declined", A=IDLE, P=WORKING, Q=WORKING, R=WORKING)
    lab.end_command("go")
    for name in "PQR":
        lab.sessions[name].gone(40)
    lab.look("printed", A=IDLE, P=GONE, Q=GONE, R=GONE)


@scenario("host-bare", since="2.1.220")
def host_bare(lab):
    """`claude --bare`, with a prompt of its own and printing: it asks as any other, without hooks and the rest."""
    lab.boot(scripts(lab, "ask", "long"))
    session = lab.start(arguments="--bare", ready=False)
    session.shows(f"{IDLE}|menu", 60, for_seconds=1)
    if session.shown() != IDLE:
        lab.note("it begins otherwise: " + session.last_lines())
        return
    lab.look("free", A=IDLE)
    asks(lab, session)
    session.decline()
    session.shows(IDLE)
    printer = lab.start("P", "--bare -p 'go (script long)'", headless=True)
    time.sleep(5)
    lab.look("prints", A=IDLE, P=WORKING)
    lab.end_command("go")
    printer.gone(30)
    lab.look("over", A=IDLE, P=GONE)


@scenario("host-nested-asks")
def host_nested_asks(lab):
    """A session's command runs `claude -p` with its own agent and a tool that is refused; the outer one asks after it."""
    lab.boot({"outer": [answer(bash("claude -p 'go (script inner)'")), answer(bash(ASK)), answer("Outer is done.")],
              "inner": [answer(bash("perl -e 'print 101'")), answer(agent(lab, "sub")), answer("Inner is done.", until="send")], "sub": [answer("Sub report.")]},
             allow=["Bash(claude:*)"])
    session = lab.start()
    session.submit("go", "outer")
    session.shows(WORKING)
    time.sleep(7)
    inner = next((pid for pid in lab.vmux.rows() if pid != session.pid), 0)
    if inner:
        lab.adopt("I", inner)
        lab.look("both-work", A=WORKING, I=WORKING)
    lab.api.open("send")
    session.shows(PERMISSION, 60)
    time.sleep(1)
    lab.look("outer-asks", A=PERMISSION)


@scenario("host-killed", since="2.0.20")
def host_killed(lab):
    """A host's session is killed at work, a printer ends by SIGINT; what an interactive one does is not touched."""
    lab.boot(scripts(lab, "one", "long"))
    session = lab.start()
    turn(lab, session, "one", "First answer")
    host = Host(lab, "H", "")
    time.sleep(3)
    host.prompt("go (script long)")
    host.hears("until-file")
    printer = lab.start("P", "-p 'go (script long)'", headless=True)
    time.sleep(5)
    lab.look("all-work", A=IDLE, H=WORKING, P=WORKING)
    os.kill(host.session.pid, signal.SIGKILL)
    os.kill(printer.pid, signal.SIGINT)
    host.session.gone()
    printer.gone(30)
    time.sleep(0.5)
    lab.look("gone", A=IDLE, H=GONE, P=GONE)
