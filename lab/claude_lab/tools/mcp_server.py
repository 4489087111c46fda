"""A small MCP server on stdio. Tools: `ask` sends a form, `visit` sends the user to an address,
`wait` runs until ~/.go is there."""

import json
import os
import sys
import threading
import time

GO = os.path.expanduser("~/.go")
FORM = {"type": "object", "properties": {"branch": {"type": "string", "title": "Branch"}}, "required": ["branch"]}
OUT = threading.Lock()


def send(**message):
    with OUT:
        print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)


def result(number, text):
    send(id=number, result={"content": [{"type": "text", "text": text}]})


def wait(number):
    while not os.path.exists(GO):
        time.sleep(0.1)
    result(number, "waited")


def main():
    asked = {}
    for line in sys.stdin:
        message = json.loads(line)
        method, number = message.get("method"), message.get("id")
        if method == "initialize":
            version = message["params"].get("protocolVersion")
            send(id=number, result={"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": {"name": "lab", "version": "1"}})
        elif method == "tools/list":
            schema = {"type": "object", "properties": {}}
            send(id=number, result={"tools": [{"name": it, "description": it, "inputSchema": schema} for it in ("ask", "visit", "wait")]})
        elif method == "tools/call" and message["params"]["name"] == "wait":
            threading.Thread(target=wait, args=(number,), daemon=True).start()
        elif method == "tools/call":
            mine = f"form-{number}"
            asked[mine] = number
            form = {"message": "Elicitation: which branch?", "requestedSchema": FORM}
            visit = {"mode": "url", "message": "Elicitation: log in there", "url": "https://localhost/login", "elicitationId": mine}
            send(id=mine, method="elicitation/create", params=form if message["params"]["name"] == "ask" else visit)
        elif method is None and number in asked:
            result(asked.pop(number), "answered")
        elif method and number is not None:
            send(id=number, result={})


main()
