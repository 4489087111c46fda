#!/usr/bin/env bash
# fastmcp 4.2.3 (PyPI), tools, prompts and resources that are added and removed while a client is connected.
#
# Guess: it declares `listChanged: true` for all three, and so it sends notifications/tools/list_changed and the like when
# its lists change: "Servers that declared the listChanged capability SHOULD send a notification" (specification). It
# knows when they do: they change by its own methods, add_tool() and the decorators.
# Seen: no notification is ever sent for them. A client that trusts the declaration, and asks again only when it is told
# to, as Claude Code does, has the first list until its session ends. Only enable_components() and disable_components()
# of a Context tell, and what one sends oneself, with Context.send_notification(). The package mcp 2.3.0, under it,
# declares `listChanged: false` for a server of its own.
#
# Why it matters here: a server whose tools depend on what runs (a tool for each session, each host, each plugin) is
# stale in every client, and nothing says so: a removed tool is called, a new one never.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target "$work/py" fastmcp==4.2.3 fastmcp-slim==4.2.3 mcp==2.3.0 mcp-types==2.3.0 2> /dev/null

cat > "$work/server.py" <<'PY'
import mcp_types
from fastmcp import Context, FastMCP

server = FastMCP("changes")

@server.tool
async def change(what: str, context: Context) -> str:
    if what == "add a tool":
        @server.tool
        def later() -> str:
            return "x"
    if what == "add a prompt":
        @server.prompt
        def ask() -> str:
            return "x"
    if what == "add a resource":
        @server.resource("later://it")
        def it() -> str:
            return "x"
    if what == "remove the tool":
        server.local_provider.remove_tool("later")
    if what == "send it oneself":
        await context.send_notification(mcp_types.ToolListChangedNotification())
    return what

server.run(show_banner=False)
PY
cat > "$work/client.py" <<'PY'
import json, subprocess, sys

process = subprocess.Popen([sys.executable, sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
number = 0

def say(**message):
    process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
    process.stdin.flush()

def ask(method, **params):
    """The answer, and the notifications that came before it."""
    global number
    number += 1
    say(id=number, method=method, params=params)
    told = []
    for line in process.stdout:
        message = json.loads(line)
        if message.get("id") == number:
            return message["result"], told
        told.append(message["method"])

start = ask("initialize", protocolVersion="2025-06-18", capabilities={}, clientInfo={"name": "finding", "version": "1"})[0]
say(method="notifications/initialized")
print("declared:", ", ".join(f"{name} {start['capabilities'][name]['listChanged']}" for name in ("tools", "prompts", "resources")))

def lists():
    return [[it["name"] for it in ask(f"{what}/list")[0][what]] for what in ("tools", "prompts", "resources")]

before = lists()
for what in "add a tool", "add a prompt", "add a resource", "remove the tool", "send it oneself":
    told = ask("tools/call", name="change", arguments={"what": what})[1]
    # What comes late comes before the answers to these.
    for _ in range(20):
        told += ask("ping")[1]
    after = lists()
    print(f"{what}: the list is {'the same' if after == before else 'another'}; told: {', '.join(told) or 'nothing'}")
    before = after
process.stdin.close()
process.wait()
PY
PYTHONPATH=$work/py python3 "$work/client.py" "$work/server.py" | tee "$work/seen"
expected='declared: tools True, prompts True, resources True
add a tool: the list is another; told: nothing
add a prompt: the list is another; told: nothing
add a resource: the list is another; told: nothing
remove the tool: the list is another; told: nothing
send it oneself: the list is the same; told: notifications/tools/list_changed'
[ "$(cat "$work/seen")" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
