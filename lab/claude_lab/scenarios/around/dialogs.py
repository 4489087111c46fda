"""Dialogs of Claude Code's own, which no prompt and no command of the user has opened."""

import time

from ...api.answers import answer, call
from ...pod.truth import DIALOG, IDLE, PERMISSION, UNTOLD, WORKING
from .. import scenario
from ..common import bash, see, turn

ACCOUNT = {"oauthAccount": {"organizationRole": "admin", "workspaceRole": "workspace_admin", "emailAddress": "dev@localhost",
                            "accountUuid": "00000000-0000-4000-8000-000000000001", "organizationUuid": "00000000-0000-4000-8000-000000000002"}}


@scenario("dialog-spent", since="2.0.77")
def dialog_spent(lab):
    """More than five dollars were spent: a dialog says so when the turn is over."""
    lab.boot({"one": [answer("First answer.", tokens=3_000_000)]}, settings={"autoCompactEnabled": False}, state={"autoCompactEnabled": False, **ACCOUNT})
    session = lab.start()
    session.submit("go", "one")
    session.sees("First answer")
    session.shows("menu|idle", for_seconds=2)
    if session.shown() == IDLE:
        lab.note("nothing is said: " + session.last_lines())
        return
    lab.look("spent", A=DIALOG)
    time.sleep(12)
    lab.look("still", A=DIALOG)
    session.press("Enter")
    session.shows(IDLE, for_seconds=1)
    lab.look("read", A=IDLE)


def sends(lab, scripts, allow=()):
    """The machine with B, in a mode in which it holds what sessions of another mode send, and A."""
    send = answer(call("SendMessage", to="bob", message="Please look. (script heard)", summary="a message"))
    lab.boot({"send": [send, answer("Was sent.")], "heard": [answer("Heard it.")], **scripts}, allow=["SendMessage", *allow])
    lab.write(lab.home / "servers.json", {"mcpServers": {"lab": {"command": "python3", "args": ["/opt/lab/claude_lab/tools/mcp_server.py"]}}})
    return lab.start("B", "-n bob --mcp-config ~/servers.json --permission-mode bypassPermissions"), lab.start("A")


@scenario("dialog-peer", since="2.1.300")
def dialog_peer(lab):
    """Another session sends a message, which this one holds until the user lets it in."""
    bob, session = sends(lab, {"one": [answer("First answer.")]})
    turn(lab, bob, "one", "First answer")
    session.submit("go", "send")
    bob.shows(PERMISSION, 60)
    session.shows(IDLE)
    time.sleep(1)
    lab.look("held", A=IDLE, B=PERMISSION)
    bob.press("Down")
    time.sleep(0.5)
    bob.press("Enter")
    bob.sees("ok|Heard it")
    bob.shows(IDLE, for_seconds=1)
    lab.look("let-in", A=IDLE, B=IDLE)


@scenario("dialog-peer-works", since="2.1.300")
def dialog_peer_works(lab):
    """The same while a command runs there, and then a server's tool."""
    tool = call("mcp__lab__wait")
    bob, session = sends(lab, {"long": [answer(bash("until-file long")), answer("Long is over.")], "tool": [answer(tool), answer("Waited.")]})
    for script, seen, words in (("long", "until-file long", "Long is over"), ("tool", "(?i)calling|wait", "Waited")):
        bob.submit("go", script)
        bob.sees(seen)
        bob.shows(WORKING)
        session.submit("go", "send")
        session.sees("Was sent", 60)
        session.shows(IDLE)
        time.sleep(4)
        see(lab, script, "B")
        time.sleep(4)
        see(lab, script + "-later", "B")
        lab.end_command("long" if script == "long" else "go")
        time.sleep(4)
        see(lab, script + "-ended", "B")
        if bob.shown() == PERMISSION:
            bob.press("Enter")
        bob.shows(IDLE, for_seconds=1)


@scenario("dialog-list-first", since="2.0.0")
def dialog_list_first(lab):
    """`claude --resume` begins with a list, in which nothing waits; the chosen conversation is the session's."""
    lab.boot({"one": [answer("First answer.")], "two": [answer("Second answer.")]})
    session = lab.start()
    turn(lab, session, "one", "First answer")
    time.sleep(1)
    session.exit()
    session = lab.start(arguments="--resume", ready=False)
    session.sees("(?i)resume", 40)
    time.sleep(3)
    row = lab.vmux.rows().get(session.pid) or {}
    lab.note(f"list: shows {session.shown()}, vmux says {[row.get(it) for it in ('state', 'reason', 'detail', 'session_id')]}")
    lab.look("list", A=UNTOLD)
    time.sleep(12)
    row = lab.vmux.rows().get(session.pid) or {}
    lab.note(f"later: shows {session.shown()}, vmux says {[row.get(it) for it in ('state', 'reason', 'detail', 'session_id')]}")
    lab.look("later", A=UNTOLD)
    session.press("Enter")
    session.shows(IDLE, 60, for_seconds=1)
    lab.look("chosen", A=IDLE)
    turn(lab, session, "two", "Second answer")
    lab.look("over", A=IDLE)
