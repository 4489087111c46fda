"""`claude -p` and hosts at their limits, and programs that decide for the user."""

import time

from ...api.answers import answer
from ...pod import machine
from ...pod.truth import GONE, IDLE, PERMISSION, UNTOLD, WORKING
from .. import scenario
from ..common import LONG, bash, scripts
from ..turns.headless import Host

SERVER = {"mcpServers": {"lab": {"command": "python3", "args": [str(machine.TOOLS / "mcp_server.py")]}}}


@scenario("print-decider", since="2.0.20")
def print_decider(lab):
    """`claude -p` has a server's tool decide on permissions, which takes its time: a program decides, nobody is asked."""
    lab.boot({"ask": [answer(bash("perl -e 'print 1'")), answer("Over.", until="send")]})
    lab.write(lab.home / "servers.json", SERVER)
    session = lab.start("P", "-p --mcp-config ~/servers.json --permission-prompt-tool mcp__lab__wait 'go (script ask)'", headless=True)
    time.sleep(8)
    lab.look("decides", P=UNTOLD)
    row = lab.vmux.rows().get(session.pid) or {}
    lab.note(f"vmux says {[row.get(it) for it in ('state', 'reason', 'detail')]}; {lab.vmux.why(session.pid)}")
    lab.end_command("go")
    time.sleep(3)
    lab.look("decided", P=WORKING)
    lab.api.open("send")
    session.gone(40)
    lab.look("over", P=GONE)


@scenario("print-limits", since="2.0.20")
def print_limits(lab):
    """`claude -p` that may take two turns only."""
    lab.boot({"many": [answer(bash("pwd")), answer(bash(LONG)), answer("Over.")]})
    session = lab.start("P", "-p --max-turns 2 'go (script many)'", headless=True)
    time.sleep(6)
    lab.look("works", P=WORKING)
    lab.end_command("go")
    session.gone(40)
    lab.look("limit", P=GONE)


@scenario("print-host-mode", since="2.0.20")
def print_host_mode(lab):
    """A host changes the mode and the model between turns, is asked, and interrupts while it is asked."""
    lab.boot(scripts(lab, "one", ask=[answer(bash("perl -e 'print 1'")), answer("Over.")]))
    host = Host(lab, "H", "--permission-prompt-tool stdio")
    time.sleep(3)
    for number, request in enumerate(({"subtype": "set_permission_mode", "mode": "plan"}, {"subtype": "set_permission_mode", "mode": "default"},
                                      {"subtype": "set_model", "model": "opus"})):
        host.send(type="control_request", request_id=f"c{number}", request=request)
        time.sleep(1)
    lab.look("changed", H=IDLE)
    host.prompt("ask (script ask)")
    if not host.hears("can_use_tool"):
        lab.note("the host was not asked: " + host.output.read_text()[-400:])
        return
    time.sleep(1.5)
    lab.look("asked", H=PERMISSION)
    host.send(type="control_request", request_id="stop", request={"subtype": "interrupt"})
    host.hears('"stop"')
    time.sleep(2)
    lab.look("interrupted", H=IDLE)
    host.prompt("go (script one)")
    host.hears("First answer")
    time.sleep(1.5)
    lab.look("next", H=IDLE)
