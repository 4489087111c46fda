"""MCP servers: their forms, and their tools beside others."""

import time

from ...api.answers import answer, call
from ...pod import machine
from ...pod.truth import ELICITATION, IDLE, PERMISSION, WORKING
from .. import scenario
from ..common import ASK, agent, bash

TOOLS = ["mcp__lab__ask", "mcp__lab__visit", "mcp__lab__wait"]


def with_server(lab, scripts, allow=tuple(TOOLS)):
    """A session with a server of two tools: one asks through a form, one waits for `until-file go`."""
    lab.boot(scripts, allow=allow)
    server = {"command": "python3", "args": [str(machine.TOOLS / "mcp_server.py")]}
    lab.write(lab.home / "mcp.json", {"mcpServers": {"lab": server}})
    session = lab.start(arguments="--mcp-config ~/mcp.json")
    time.sleep(1.5)
    return session


@scenario("server-form", since="2.1.100")
def server_form(lab):
    """A server asks the user through a form."""
    session = with_server(lab, {"ask": [answer("Asking.", call("mcp__lab__ask")), answer("Asked.")]})
    session.submit("ask", "ask")
    session.sees("which branch")
    lab.look("asked", A=ELICITATION)
    session.press("Escape")
    session.shows(IDLE, 20, for_seconds=1)
    lab.look("left", A=IDLE)


@scenario("server-tool")
def server_tool(lab):
    """A server's tool takes long."""
    session = with_server(lab, {"wait": [answer(call("mcp__lab__wait")), answer("Waited.")]})
    session.submit("wait", "wait")
    session.shows(WORKING)
    time.sleep(4)
    lab.look("runs", A=WORKING)
    lab.end_command("go")
    session.sees("Waited")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("server-tool-and-command", since="2.1.100")
def server_tool_and_command(lab):
    """A server's tool runs while an agent's command asks: which one is named?"""
    session = with_server(lab, {
        "main": [answer(agent(lab, "waits"), agent(lab, "asker")), answer("Launched."), answer("One over."), answer("Both over.")],
        "waits": [answer(call("mcp__lab__wait")), answer("Waited.")],
        "asker": [answer(bash(ASK), delay=2), answer("Asked.")]})
    session.submit("both", "main")
    session.shows(PERMISSION)
    time.sleep(1)
    lab.look("command-asks", A=PERMISSION)
    session.press("1")
    session.shows(WORKING, for_seconds=0.8)
    lab.look("both-run", A=WORKING)


@scenario("server-tool-asks")
def server_tool_asks(lab):
    """A server's tool that no rule allows asks for permission; then it runs."""
    lab.boot({"wait": [answer(call("mcp__lab__wait")), answer("Waited.")]})
    server = {"command": "python3", "args": [str(machine.TOOLS / "mcp_server.py")]}
    lab.write(lab.home / "mcp.json", {"mcpServers": {"lab": server}})
    session = lab.start(arguments="--mcp-config ~/mcp.json")
    time.sleep(1.5)
    session.submit("wait", "wait")
    session.shows(PERMISSION)
    time.sleep(2)
    lab.look("asked", A=PERMISSION)
    session.press("1")
    session.shows(WORKING, for_seconds=0.8)
    time.sleep(2)
    lab.look("runs", A=WORKING)


@scenario("server-tool-before-command", since="2.1.75")
def server_tool_before_command(lab):
    """One message with a server's tool that runs long and a command that asks behind it."""
    session = with_server(lab, {"both": [answer(call("mcp__lab__wait"), bash("perl -e 'print 9'")), answer("Both done.")]})
    session.submit("both", "both")
    session.shows(f"{WORKING}|{PERMISSION}")
    time.sleep(3)
    lab.look("first", A=session.shown())
    lab.end_command("go")
    session.shows(PERMISSION)
    time.sleep(1)
    lab.look("command-asks", A=PERMISSION)
    session.press("1")
    session.sees("Both done")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("server-tools-one-asks", since="2.1.100")
def server_tools_one_asks(lab):
    """An allowed tool of a server runs in one agent, another of its tools asks in a second."""
    session = with_server(lab, {
        "main": [answer(agent(lab, "waits"), agent(lab, "asker")), answer("Launched."), answer("One over."), answer("Both over.")],
        "waits": [answer(call("mcp__lab__wait")), answer("Waited.")],
        "asker": [answer(call("mcp__lab__ask"), delay=2), answer("Asked.")]}, allow=TOOLS[2:])
    session.submit("both", "main")
    session.shows(PERMISSION)
    time.sleep(1)
    lab.look("tool-asks", A=PERMISSION)


@scenario("server-form-and-command", since="2.1.220")
def server_form_and_command(lab):
    """A server's form is on the screen while an agent's command waits behind it."""
    session = with_server(lab, {
        "main": [answer(agent(lab, "asker")), answer(call("mcp__lab__ask"), until="form"), answer("Asked."), answer("All over.")],
        "asker": [answer(bash("perl -e 'print 3'"), until="agent"), answer("Report.")]})
    session.submit("both", "main")
    session.shows(WORKING)
    lab.api.open("form")
    session.sees("which branch")
    lab.api.open("agent")
    time.sleep(2)
    lab.look("form-first", A=session.shown())
    session.press("Escape")
    time.sleep(1)
    session.shows(f"{PERMISSION}|{IDLE}|{WORKING}", for_seconds=1)
    lab.look("then", A=session.shown())


@scenario("server-visit", since="2.1.220")
def server_visit(lab):
    """A server sends the user to an address: it asks first, and waits until it is told."""
    session = with_server(lab, {"visit": [answer("Asking.", call("mcp__lab__visit")), answer("Visited.")]})
    session.submit("visit", "visit")
    session.sees("log in there|Visited")
    time.sleep(1)
    if "Visited" in session.screen():
        lab.note("it does not ask: " + session.last_lines())
        return
    lab.look("asked", A=ELICITATION)
    session.press("Enter")
    time.sleep(3)
    lab.note("after Enter: " + session.last_lines())
    lab.look("accepted", A=session.shown())
    session.press("Escape")
    session.shows(IDLE, 20, for_seconds=1)
    lab.look("left", A=IDLE)
