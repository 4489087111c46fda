"""MCP servers: their forms, and their tools beside others."""

import time

from ..api.answers import answer, call
from ..pod import machine
from ..pod.truth import ELICITATION, IDLE, PERMISSION, WORKING
from . import scenario
from .common import ASK, agent, bash

TOOLS = ["mcp__lab__ask", "mcp__lab__wait"]


def with_server(lab, scripts):
    """A session with a server of two tools: one asks through a form, one waits for `until-file go`."""
    lab.boot(scripts, allow=TOOLS)
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
