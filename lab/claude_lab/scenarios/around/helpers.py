"""Programs that a session runs for itself: its status line, keys, plugins, language servers."""

import time

from ...api.answers import answer, call
from ...pod.truth import DIALOG, IDLE, PERMISSION, QUESTION, WORKING
from .. import scenario
from ..common import LONG, bash, hook, scripts, see, turn

SERVER = """import sys, subprocess
child = subprocess.Popen(["bash", "-c", "sleep 100000; true"])
exec(open("/opt/lab/claude_lab/tools/mcp_server.py").read())
"""


def day(lab, session):
    """Free, a turn, a command that runs, a permission, a question: each looked at for a while."""
    time.sleep(2)
    lab.look("free", A=IDLE)
    turn(lab, session, "one", "First answer")
    time.sleep(2)
    lab.look("finished", A=IDLE)
    session.submit("go", "long")
    session.sees("until-file")
    time.sleep(3)
    lab.look("works", A=WORKING)
    lab.end_command("go")
    session.sees("Long is over")
    session.shows(IDLE)
    (lab.home / ".go").unlink()
    session.submit("go", "ask")
    session.shows(PERMISSION)
    time.sleep(3)
    lab.look("asks", A=PERMISSION)
    session.press("1")
    session.shows(WORKING, for_seconds=1)
    time.sleep(2)
    lab.look("allowed", A=WORKING)
    lab.end_command("go")
    session.sees("Asked")
    session.shows(IDLE)
    lab.look("over", A=IDLE)
    if lab.version >= (2, 0, 20):
        session.submit("go", "question")
        session.shows(QUESTION)
        time.sleep(2)
        lab.look("question", A=QUESTION)


@scenario("helper-status-line")
def helper_status_line(lab):
    """The command of the status line never ends, and a hook runs on by itself."""
    lab.boot(scripts(lab, "one", "long", "ask", "question"), settings={
        "statusLine": {"type": "command", "command": "cat >/dev/null; sleep 100000; echo line"}})
    day(lab, lab.start())


@scenario("helper-server-children")
def helper_server_children(lab):
    """A server with a shell below it, as wrappers of servers have."""
    lab.write(lab.home / "server.py", SERVER)
    lab.boot(scripts(lab, "one", "long", "ask", "question"))
    lab.write(lab.home / "servers.json", {"mcpServers": {"lab": {"command": "bash", "args": ["-c", "python3 ~/server.py; true"]}}})
    day(lab, lab.start(arguments="--mcp-config ~/servers.json"))


@scenario("helper-plugin", since="2.0.77")
def helper_plugin(lab):
    """A plugin with hooks, a server, a command and a language server."""
    plug = lab.home / "market/plug"
    lab.write(lab.home / "market/.claude-plugin/marketplace.json", {"name": "market", "owner": {"name": "dev"}, "plugins": [{"name": "plug", "source": "./plug", "description": "x"}]})
    lab.write(plug / ".claude-plugin/plugin.json", {"name": "plug", "version": "1.0.0", "description": "x", "author": {"name": "dev"}})
    lab.write(plug / "hooks/hooks.json", {"hooks": {it: [{"hooks": [{"type": "command", "command": "cat >/dev/null; sleep 0.3"}]}] for it in (
        "SessionStart", "UserPromptSubmit", "Stop", "Notification")} | {"PreToolUse": hook("cat >/dev/null; sleep 0.3")}})
    lab.write(plug / ".mcp.json", {"mcpServers": {"own": {"command": "python3", "args": ["/opt/lab/claude_lab/tools/mcp_server.py"]}}})
    lab.write(plug / ".lsp.json", {"text": {"command": "python3", "args": ["-c", "import time; time.sleep(100000)"], "extensionToLanguage": {".txt": "plaintext"}}})
    lab.write(plug / "commands/hello.md", "---\ndescription: says hello\n---\ngo (script one)\n")
    lab.boot(scripts(lab, "one", "long", "ask", "question", server=[answer(call("mcp__plugin_plug_own__wait")), answer("Waited.")]))
    lab.note(lab.shell("claude plugin marketplace add ~/market; claude plugin install plug@market")[-600:])
    session = lab.start()
    day(lab, session)
    session.press("Escape")
    session.shows(IDLE)
    session.submit("go", "server")
    session.shows(PERMISSION)
    time.sleep(1)
    lab.look("server-asks", A=PERMISSION)
    session.press("1")
    time.sleep(3)
    see(lab, "server-runs")


@scenario("helper-project-hooks", since="2.0.0")
def helper_project_hooks(lab):
    """Hooks around everything that take some time each, as people who log have them."""
    slow = hook("cat >/dev/null; sleep 0.8")
    events = ("PreToolUse", "PostToolUse", "UserPromptSubmit", "Stop", "SubagentStop", "SessionStart", "Notification", "PermissionRequest")
    known = events if lab.version >= (2, 0, 45) else events[:-1]
    lab.boot(scripts(lab, "one", "long", "ask", "question"), settings={"hooks": {it: slow for it in known}})
    day(lab, lab.start())


@scenario("helper-language", since="2.1.75")
def helper_language(lab):
    """A language server that a marketplace knows is offered when a file of its kind was edited."""
    plug = {"name": "plug", "source": "./plug", "description": "notes", "lspServers": {"text": {"command": "python3", "args": [], "extensionToLanguage": {".txt": "plaintext"}}}}
    lab.write(lab.home / "market/.claude-plugin/marketplace.json", {"name": "market", "owner": {"name": "dev"}, "plugins": [plug]})
    lab.write(lab.home / "market/plug/.claude-plugin/plugin.json", {"name": "plug", "version": "1.0.0", "description": "notes"})
    lab.write(lab.home / "proj/notes.txt", "old\n")
    edit = call("Edit", file_path="/home/dev/proj/notes.txt", old_string="old", new_string="new", replace_all=False)
    lab.boot(scripts(lab, "one", edit=[answer(call("Read", file_path="/home/dev/proj/notes.txt")), answer(edit), answer(bash(LONG)), answer("Edited.")]))
    lab.note(lab.shell("claude plugin marketplace add ~/market")[-300:])
    session = lab.start(arguments="--permission-mode acceptEdits", without=("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "DISABLE_TELEMETRY"))
    session.submit("go", "edit")
    session.sees("until-file")
    time.sleep(4)
    see(lab, "works")
    lab.end_command("go")
    session.shows("menu|idle", for_seconds=2)
    if session.shown() != "menu":
        lab.note("nothing is offered: " + session.last_lines())
        return
    lab.look("offered", A=DIALOG)
    time.sleep(5)
    lab.look("still", A=DIALOG)
    session.press("Escape")
    session.shows(IDLE, for_seconds=1)
    lab.look("left", A=IDLE)
    turn(lab, session, "one", "First answer")
    lab.look("over", A=IDLE)
