#!/usr/bin/env bash
# Claude Code 2.1.332 (npm), claude -p, with MCP servers on stdio, against a model of our own on loopback.
#
# Guess: each tool of each server can be called, and where two would get one name (`mcp__SERVER__TOOL`) one of them is
# renamed, or there is an error. `tools/list` is read to its last page: a server chooses the size of its pages, and
# may choose a small one.
# Seen: it reads 20 pages of tools, prompts and resources, whatever is on a page, and leaves out the rest. In both
# halves of a name all but letters, digits, `_` and `-` becomes `_`, dots for example, which the specification allows
# in names of tools. Then the first of two with one name is there, and the other one is not. Of two servers, `dev.api`
# and `dev_api`, the first is the one that was faster to connect: the same call goes to the one in one session and to
# the other in the next; tools that only one of them has are there of both. All servers are "connected"; neither
# stderr nor the output (stream-json) says a word. A line in the log of --debug tells of the pages, nothing of the
# names.
#
# Why it matters here: a gateway with small pages, or with names like `db.query`, lacks tools for no visible reason;
# and a server for tests beside one that is live, told apart by a dot, is called at random. Names should differ in
# letters.
set -euo pipefail

work=$(mktemp -d)
model=
finish() {
    [ -z "$model" ] || kill "$model" 2> /dev/null || true
    wait
    # Claude Code writes on for a moment.
    until rm -rf "$work" 2> /dev/null; do sleep 0.1; done
}
trap finish EXIT
mkdir -p "$work/home/.claude" "$work/project"
# The newest version's `engines` may exclude this Node; the program is native and runs all the same.
npm install --silent --no-audit --no-fund --prefix "$work/npm" @anthropic-ai/claude-code@2.1.332 > /dev/null 2>&1
claude=$(echo "$work"/npm/node_modules/@anthropic-ai/claude-code-linux-*/claude)
[ "$(HOME=$work/home "$claude" --version)" = '2.1.332 (Claude Code)' ]

cat > "$work/model.py" <<'PY'
"""A model that calls the tools of its arguments, one in each turn, and writes down the results."""
import json, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CALLS = sys.argv[2:]

class Model(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *_):
        pass
    def answer(self, kind, body):
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        self.answer("application/json", b"{}")
    def do_HEAD(self):
        self.answer("application/json", b"")
    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["content-length"])) or b"{}")
        if not self.path.startswith("/v1/messages") or "messages" not in request:
            return self.answer("application/json", b"{}")
        results = [block for message in request["messages"] if isinstance(message["content"], list)
                   for block in message["content"] if block.get("type") == "tool_result"]
        asks = bool(request.get("tools")) and len(results) < len(CALLS)
        if asks:
            block = {"type": "tool_use", "id": f"toolu_{len(results)}", "name": CALLS[len(results)], "input": {}}
            delta = {"type": "input_json_delta", "partial_json": "{}"}
        else:
            block = {"type": "text", "text": ""}
            delta = {"type": "text_delta", "text": "done"}
            if request.get("tools"):
                with open(sys.argv[1], "w") as out:
                    json.dump([it["content"] for it in results], out)
        stop = "tool_use" if asks else "end_turn"
        usage = {"input_tokens": 1, "output_tokens": 1}
        message = {"id": f"msg_{len(results)}", "type": "message", "role": "assistant", "model": request.get("model", "m"),
                   "stop_sequence": None, "usage": usage}
        if not request.get("stream"):
            return self.answer("application/json", json.dumps({**message, "content": [{"type": "text", "text": "done"}],
                                                               "stop_reason": "end_turn"}).encode())
        events = [("message_start", {"message": {**message, "content": [], "stop_reason": None}}),
                  ("content_block_start", {"index": 0, "content_block": block}),
                  ("content_block_delta", {"index": 0, "delta": delta}),
                  ("content_block_stop", {"index": 0}),
                  ("message_delta", {"delta": {"stop_reason": stop, "stop_sequence": None}, "usage": usage}),
                  ("message_stop", {})]
        self.answer("text/event-stream", "".join(f"event: {name}\ndata: {json.dumps({'type': name, **data})}\n\n"
                                                 for name, data in events).encode())

server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
print(server.server_port, flush=True)
server.serve_forever()
PY
cat > "$work/server.py" <<'PY'
"""FOLDER NAME WAIT_FOR TOOLS...: a server; a number instead of tools is that of pages with one thing on each."""
import json, os, sys, time

folder, name, wait_for, *tools = sys.argv[1:]
pages = int(tools[0]) if tools[0].isdigit() else 0
if wait_for:
    while not os.path.exists(f"{folder}/{wait_for}.listed"):
        time.sleep(0.05)
    time.sleep(2)

def tool(it):
    return {"name": it, "description": f"{it} of {name}", "inputSchema": {"type": "object"}}

def page(kind, number):
    if not pages:
        return {"tools": [tool(it) for it in tools]}
    it = f"item_{number}"
    what = {"tools": tool(it), "prompts": {"name": it}, "resources": {"uri": f"item://{number}", "name": it}}[kind]
    return {kind: [what], **({"nextCursor": str(number + 1)} if number < pages else {})}

for line in sys.stdin:
    message = json.loads(line)
    method, number, params = message.get("method"), message.get("id"), message.get("params") or {}
    if method is None or number is None:
        continue
    answer = {"jsonrpc": "2.0", "id": number}
    kind, _, verb = method.partition("/")
    if method == "initialize":
        also = {"prompts": {}, "resources": {}} if pages else {}
        answer["result"] = {"protocolVersion": "2025-11-25", "serverInfo": {"name": name, "version": "1"},
                            "capabilities": {"tools": {}, **also}}
    elif verb == "list":
        with open(f"{folder}/{name}.listed", "a") as asked:
            print(kind, file=asked)
        answer["result"] = page(kind, int(params.get("cursor", 1)))
    elif method == "tools/call":
        answer["result"] = {"content": [{"type": "text", "text": f"{params['name']} of {name}"}]}
    else:
        answer["error"] = {"code": -32601, "message": "Method not found"}
    print(json.dumps(answer), flush=True)
PY
calls=(mcp__pages__item_20 mcp__pages__item_21 mcp__names__db_query mcp__dev_api__who mcp__dev_api__only_live mcp__dev_api__only_test)
variables=("PATH=$PATH" "HOME=$work/home" ANTHROPIC_API_KEY=sk-synthetic CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1
    DISABLE_AUTOUPDATER=1 LANG=C.UTF-8)
config() { # WAIT_FOR of dev.api, and of dev_api
    python3 - "$work" "$1" "$2" <<'PY'
import json, sys
folder, of_live, of_test = sys.argv[1:]
def server(*arguments):
    return {"command": "python3", "args": [folder + "/server.py", folder, *arguments]}
json.dump({"mcpServers": {"pages": server("pages", "", "30"), "names": server("names", "", "db.query", "db_query"),
                          "dev.api": server("dev.api", of_live, "who", "only_live"),
                          "dev_api": server("dev_api", of_test, "who", "only_test")}}, sys.stdout)
PY
}
session() { # WAIT_FOR of dev.api, and of dev_api: a session, and what it made of the calls
    rm -f "$work"/*.listed "$work/port" "$work/results"
    config "$1" "$2" > "$work/mcp.json"
    python3 "$work/model.py" "$work/results" "${calls[@]}" > "$work/port" & model=$!
    for _ in $(seq 300); do [ -s "$work/port" ] && break; sleep 0.1; done
    (cd "$work/project" && timeout 300 env -i "${variables[@]}" "ANTHROPIC_BASE_URL=http://127.0.0.1:$(cat "$work/port")" \
        "$claude" -p 'go on' --mcp-config "$work/mcp.json" --allowedTools mcp__pages,mcp__names,mcp__dev_api \
        --output-format stream-json --verbose > "$work/out" 2> "$work/err" < /dev/null)
    kill "$model"
    python3 - "$work" "${calls[@]}" <<'PY'
import collections, json, sys
folder, *calls = sys.argv[1:]
for call, content in zip(calls, json.load(open(folder + "/results"))):
    words = content if isinstance(content, str) else content[0]["text"]
    print(f"{call}: {'no such tool' if 'No such tool' in words else words}")
listed = collections.Counter(open(folder + "/pages.listed").read().split())
print("pages read:", ", ".join(f"{listed[it]} of 30 of {it}" for it in ("tools", "prompts", "resources")))
start = next(it for it in map(json.loads, open(folder + "/out")) if it.get("subtype") == "init")
print("servers:", ", ".join(f"{it['name']} {it['status']}" for it in start["mcp_servers"]))
print("stderr:", open(folder + "/err").read().strip() or "nothing")
PY
}
{
    echo 'dev.api is faster'
    session '' 'dev.api'
    echo 'dev_api is faster'
    session 'dev_api' ''
} | tee "$work/seen"
common='pages read: 20 of 30 of tools, 20 of 30 of prompts, 20 of 30 of resources
servers: pages connected, names connected, dev.api connected, dev_api connected
stderr: nothing'
expected="dev.api is faster
mcp__pages__item_20: item_20 of pages
mcp__pages__item_21: no such tool
mcp__names__db_query: db.query of names
mcp__dev_api__who: who of dev.api
mcp__dev_api__only_live: only_live of dev.api
mcp__dev_api__only_test: only_test of dev_api
$common
dev_api is faster
mcp__pages__item_20: item_20 of pages
mcp__pages__item_21: no such tool
mcp__names__db_query: db.query of names
mcp__dev_api__who: who of dev_api
mcp__dev_api__only_live: only_live of dev.api
mcp__dev_api__only_test: only_test of dev_api
$common"
[ "$(cat "$work/seen")" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
