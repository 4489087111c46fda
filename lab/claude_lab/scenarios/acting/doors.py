"""Three sessions, used from the command line, the page of `vmux web` and the MCP server, as on a working day."""

import json
import subprocess
import time
import urllib.error
import urllib.request

from ...api.answers import answer
from ...pod import machine
from ...pod.truth import IDLE, PERMISSION, QUESTION
from .. import scenario
from ..common import bash, question, repository
from .starting import labelled, screen, vmux

CONFIG = """[send]
allow = ["user"]
[web]
allow = ["answer", "send"]
[mcp]
allow = ["answer", "send"]
"""


def program(lab, *words, **more):
    """`vmux WORDS` of the user, which goes on."""
    environment = lab.environment | {"XDG_RUNTIME_DIR": "/run/user/1000"}
    return subprocess.Popen(machine.as_user([str(machine.VMUX / "vmux"), *words]), env=environment, text=True, **more)


class Page:
    """`vmux web`, asked with its token."""

    def __init__(self, lab):
        self.server = program(lab, "web", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        token, deadline = lab.home / ".vmux/web-token", time.monotonic() + 10
        while not token.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        self.token = token.read_text().strip()

    def ask(self, path, body=None):
        """The status and the JSON of the answer."""
        headers = {"Authorization": "Bearer " + self.token, "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request("http://127.0.0.1:8689" + path, data, headers)
        for _ in range(50):
            try:
                with urllib.request.urlopen(request, timeout=10) as got:
                    return got.status, json.load(got)
            except urllib.error.HTTPError as error:
                return error.code, json.load(error)
            except urllib.error.URLError:
                time.sleep(0.1)
        return 0, {}


class Mcp:
    """`vmux mcp`, spoken to as Claude Code does."""

    def __init__(self, lab):
        self.server = program(lab, "mcp", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        about = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "lab", "version": "1"}}
        self.count = 0
        self.ask("initialize", about)
        self.say({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def say(self, message):
        self.server.stdin.write(json.dumps(message) + "\n")
        self.server.stdin.flush()

    def ask(self, method, params):
        self.count += 1
        self.say({"jsonrpc": "2.0", "id": self.count, "method": method, "params": params})
        while True:
            message = json.loads(self.server.stdout.readline())
            if message.get("id") == self.count:
                return message.get("result", message)

    def call(self, tool, **arguments):
        """What the tool tells."""
        result = self.ask("tools/call", {"name": tool, "arguments": arguments})
        return result.get("structuredContent", result)


@scenario("doors", since="2.1.100")
def doors(lab):
    """Started, answered, written to and ended through each door; what was cut off is taken up again, and nothing else."""
    lab.boot({"ask": [answer("I need this.", bash("perl -e 'print 7'")), answer("All done here.")],
              "choose": [answer("Tell me.", question()), answer("Thanks for that.")],
              "again": [answer("Again.", bash("perl -e 'print 8'")), answer("Second done.")],
              "say": [answer("Hello there.")]})
    repository(lab, lab.project)
    lab.write(lab.home / ".vmux/config.toml", CONFIG)
    vmux(lab, "hooks", "install", "--answer")
    vmux(lab, "new", "api", "--in", "tmux", "--prompt", "go (script ask)", "--wait", code=10)
    vmux(lab, "new", "docs", "--in", "tmux", "--prompt", "go (script choose)", "--wait", code=10)
    vmux(lab, "new", "fix-1", "--in", "tmux", "--worktree", "--wait")
    names = {"api": "A", "docs": "D", "fix-1": "F"}
    for label, name in names.items():
        lab.adopt(name, labelled(lab)[label]["pid"])
    lab.look("begun", A=PERMISSION, D=QUESTION, F=IDLE)
    vmux(lab, "allow", "api")
    page = Page(lab)
    status, listed = page.ask(f"/api/pending?session={labelled(lab)['docs']['pid']}")
    asked = listed["prompts"][0]["id"]
    reply = {"prompt": asked, "answer": {"reply": ["2"]}}
    lab.check("the page answers", page.ask("/api/answer", reply)[0] == 200)
    lab.check("once", page.ask("/api/answer", reply)[0] == 410)
    status, said = page.ask("/api/send", {"query": "fix-1", "text": "hello (script say)"})
    lab.check("the page writes", status == 200, said)
    time.sleep(3)
    lab.look("answered", A=IDLE, D=IDLE, F=IDLE)
    lab.check("the answer is that of the page", "Blue" in screen(lab, "docs"), screen(lab, "docs"))
    said = vmux(lab, "send", "api", "--print", "next (script say)", "--timeout", "30s")
    lab.check("what was said is printed", said == "Hello there.\n", said)
    vmux(lab, "send", "api", "once more (script again)")
    time.sleep(3)
    lab.look("asks-again", A=PERMISSION, D=IDLE, F=IDLE)
    mcp = Mcp(lab)
    prompts = mcp.call("get_session", session="api").get("prompts")
    told = mcp.call("answer", prompt=prompts[0]["prompt"], answer="allow")
    lab.check("a session answers another", told.get("answered") == prompts[0]["prompt"], told)
    told = mcp.call("send_message", session="docs", message="please look (script say)")
    lab.check("a session writes to another", told.get("sent") is True, told)
    mcp.server.stdin.close()
    mcp.server.wait()
    time.sleep(3)
    lab.look("all-done", A=IDLE, D=IDLE, F=IDLE)
    lab.check("it says who wrote", "Message from another Claude Code session" in screen(lab, "docs"), screen(lab, "docs"))
    vmux(lab, "end", "fix-1", "--worktree", "--yes")
    said = vmux(lab, "restore", "--json")
    lab.check("what was ended was not cut off", json.loads(said) == [], said)
    lab.shell("tmux kill-server")
    time.sleep(3)
    said = vmux(lab, "restore", "--all")
    lab.check("what was cut off is taken up again", "tmux session api" in said and "tmux session docs" in said and "fix-1" not in said, said)
    doors = [json.loads(line)["door"] for line in (lab.home / ".vmux/answers.log").read_text().splitlines()]
    lab.check("the log names each door", {"vmux allow", "web", "vmux send", "mcp", "vmux end"} <= {it.split(" 0")[0] for it in doors}, doors)
    page.server.terminate()
