#!/usr/bin/env bash
# mcp 1.30.0 (PyPI, the official SDK for Python) as a client, against 2.3.0. langchain-mcp-adapters 0.3.2 and
# crewai-tools 1.15.30 allow no 2.x; 1.30.0 is the newest before it.
#
# Guess: a ClientSession has many calls open at a time; that is what the ids are for, and all is async. While
# elicitation_callback waits for the user, other calls go on, the server may take its question back, and the callback
# may call a tool itself, to show the user what it is about. A call that is given up is told to the server
# ("notifications/cancelled"), as the specification says that it should be.
# Seen: 1.30.0 awaits the callback in the loop that reads. Until the user has answered it hears nothing: not the
# answer of another call, which the server gave at once, no ping, and not that the question was taken back. A callback
# that calls a tool waits for itself. A call that is given up, by its own timeout or by cancellation, is told to
# nobody: the tool works on. 2.3.0 does all of it as guessed.
#
# Why it matters here: one question that waits for a human stops all that its session does, for as long as he is away;
# what he is asked may be long over; and a tool that waits for an answer keeps its question open for a call that is
# gone.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work
for version in 1.30.0 2.3.0; do
    python3 -m venv "$work/$version"
    "$work/$version/bin/pip" install --quiet --disable-pip-version-check "mcp==$version"
done

# Its tool "ask" asks the user, "back" does so and takes it back when it is told that the user sees it, "go" answers at
# once, "ping" after a ping, "stay" never. It writes down what it hears.
cat > "$work/server.py" <<'PY'
import json, os, sys, threading, time

def say(**message):
    print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)

def text(number, words):
    say(id=number, result={"content": [{"type": "text", "text": words}]})

def take_back(number):
    while not os.path.exists(sys.argv[1] + ".seen"):
        time.sleep(0.05)
    say(method="notifications/cancelled", params={"requestId": f"question {number}"})
    text(number, "taken back")

asking = {}
for line in sys.stdin:
    message = json.loads(line)
    method, number, params = message.get("method"), message.get("id"), message.get("params") or {}
    with open(sys.argv[1], "a") as heard:
        heard.write(f"{method} {params.get('name', '')}".strip() + "\n")
    if method == "initialize":
        say(id=number, result={"protocolVersion": "2025-06-18", "serverInfo": {"name": "finding", "version": "1"},
                               "capabilities": {"tools": {}}})
    elif method == "tools/list":
        names = "ask", "back", "go", "ping", "stay"
        say(id=number, result={"tools": [{"name": it, "inputSchema": {"type": "object"}} for it in names]})
    elif method == "tools/call":
        name = params["name"]
        if name in ("ask", "back"):
            if name == "ask":
                asking[f"question {number}"] = number
            say(id=f"question {number}", method="elicitation/create", params={
                "message": "Go on?", "requestedSchema": {"type": "object", "properties": {"yes": {"type": "boolean"}}}})
        if name == "back":
            threading.Thread(target=take_back, args=[number], daemon=True).start()
        if name == "ping":
            asking[f"ping {number}"] = number
            say(id=f"ping {number}", method="ping")
        if name == "go":
            text(number, "gone")
    elif number in asking:
        text(asking.pop(number), "answered")
    elif method and number is not None:
        say(id=number, error={"code": -32601, "message": "Method not found"})
PY
cat > "$work/client.py" <<'PY'
import asyncio, datetime, importlib.metadata, sys
from mcp import ClientSession, StdioServerParameters, types
from mcp.client.stdio import stdio_client

LIMIT = 10  # seconds after which the user answers
version = importlib.metadata.version("mcp")
log = sys.argv[2]
heard = lambda: open(log).read().split("\n").count("notifications/cancelled")

async def main():
    shown = asyncio.Event()
    seen = {}
    user = None  # what is done while the user is asked

    async def ask(context, params):
        shown.set()
        await user()
        return types.ElicitResult(action="accept", content={"yes": True})

    async with stdio_client(StdioServerParameters(command=sys.executable, args=[sys.argv[1], log])) as streams:
        async with ClientSession(*streams, elicitation_callback=ask) as session:
            await session.initialize()
            await session.list_tools()

            def begin(tool, **options):
                return asyncio.ensure_future(session.call_tool(tool, {}, **options))

            async def answered(call):
                """Whether that call is answered before the user answers."""
                done, _ = await asyncio.wait([call], timeout=LIMIT)
                return "yes" if done else "no"

            def asked(tool, what_the_user_does):
                nonlocal user
                user = what_the_user_does
                shown.clear()
                return begin(tool)

            for name, tool in ("another call is answered", "go"), ("a ping is answered", "ping"):
                other = asyncio.get_running_loop().create_future()
                async def wait_for_other():
                    seen[name] = await answered(await other)
                question = asked("ask", wait_for_other)
                await shown.wait()
                call = begin(tool)
                other.set_result(call)
                await asyncio.wait([question, call])

            async def wait_for_end(name="a question is taken back"):
                open(log + ".seen", "w").close()
                seen[name] = "no"
                try:
                    await asyncio.sleep(LIMIT)
                except asyncio.CancelledError:
                    seen[name] = "yes"
                    raise
            await asked("back", wait_for_end)

            async def call_a_tool():
                call = begin("go")
                seen["the callback calls a tool"] = await answered(call)
                call.cancel()
            await asked("ask", call_a_tool)

            before = heard()
            limit = datetime.timedelta(seconds=1) if version.startswith("1.") else 1.0
            await asyncio.wait([begin("stay", read_timeout_seconds=limit)])
            await begin("go")
            seen["a timeout is told"] = "yes" if heard() > before else "no"
            before = heard()
            call = begin("stay")
            await asyncio.wait([call], timeout=1)
            call.cancel()
            await asyncio.wait([call])
            await begin("go")
            seen["a cancelled call is told"] = "yes" if heard() > before else "no"
    print(f"mcp {version}:", ", ".join(f"{name}: {what}" for name, what in seen.items()))

asyncio.run(main())
PY
for version in 1.30.0 2.3.0; do
    timeout 300 "$work/$version/bin/python" "$work/client.py" "$work/server.py" "$work/log.$version" 2> "$work/said" ||
        cat "$work/said" >&2
done | tee "$work/seen"
expected='mcp 1.30.0: another call is answered: no, a ping is answered: no, a question is taken back: no, the callback calls a tool: no, a timeout is told: no, a cancelled call is told: no
mcp 2.3.0: another call is answered: yes, a ping is answered: yes, a question is taken back: yes, the callback calls a tool: yes, a timeout is told: yes, a cancelled call is told: yes'
[ "$(cat "$work/seen")" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
