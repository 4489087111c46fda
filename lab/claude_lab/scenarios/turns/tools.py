"""`vmux mcp`: sessions that see each other, wait for each other and, where that is allowed, answer."""

import json
import time

from ...api.answers import answer, call
from ...pod.truth import IDLE, PERMISSION, WORKING
from .. import scenario
from ..common import ASK, bash

SINCE = "2.0.45"
SERVER = "mcp__vmux"


def installed(lab, scripts, **boot):
    """The machine with the server registered, and its tools allowed."""
    lab.boot(scripts, allow=[SERVER], **boot)
    code, said = lab.vmux.run("mcp", "install")
    lab.check("the server is registered", code == 0, said)


def tool(called, /, **arguments):
    return call(f"{SERVER}__{called}", **arguments)


def results(lab, session, count, seconds=10):
    """What tools have returned to a session so far, as soon as there are so many: (is it an error, its text)."""
    deadline = time.monotonic() + seconds
    while True:
        found = []
        for path in (lab.config / "projects").rglob("*.jsonl"):
            if path.stem == session:
                found = list(returned(path.read_text().splitlines()))
        if len(found) >= count or time.monotonic() > deadline:
            lab.check(f"{count} tools have returned", len(found) >= count, found)
            return (found + [(None, "")] * count)[:count]
        time.sleep(0.1)


def returned(lines):
    """What the records of a transcript say that tools returned, each once."""
    seen = set()
    for line in lines:
        message = json.loads(line).get("message") or {}
        content = message.get("content")
        for block in content if isinstance(content, list) else []:
            if block.get("type") == "tool_result" and block.get("tool_use_id") not in seen:
                seen.add(block.get("tool_use_id"))
                words = block.get("content")
                words = words if isinstance(words, str) else "".join(it.get("text", "") for it in words or [])
                yield bool(block.get("is_error")), words


def id_of(lab, session):
    return lab.vmux.rows()[session.pid]["session_id"]


@scenario("mcp-neighbours", since=SINCE)
def mcp_neighbours(lab):
    """A session asks which sessions there are, about itself, and for a port."""
    installed(lab, {"look": [answer(tool("list_sessions"), tool("get_session", session="self"), tool("free_port")), answer("Seen.")],
                    "ask": [answer("I need this.", bash(ASK)), answer("Done.")]})
    code, said = lab.vmux.run("mcp", "status")
    lab.check("claude says that it is connected", code == 0 and "Connected" in said, said)
    other = lab.start("B")
    other.submit("go", "ask")
    other.shows(PERMISSION)
    session = lab.start("A")
    session.submit("look", "look")
    session.sees("Seen")
    session.shows(IDLE)
    lab.look("seen", A=IDLE, B=PERMISSION)
    told = {}
    # Versions differ in the order in which they write down what came of calls of one message.
    for _, words in results(lab, id_of(lab, session), 3):
        told |= json.loads(words)
    sessions = told["sessions"]
    lab.check("it sees both", [it["session"].split(":")[0] for it in sessions] == [str(other.pid), str(session.pid)], sessions)
    lab.check("it knows itself", told["own"] and told["session_id"] == id_of(lab, session), told)
    lab.check("the other one waits", sessions[0]["waits_for"].startswith("permission"), sessions)
    lab.check("it gets a port", told["port"] >= 3000, told)


@scenario("mcp-wait", since=SINCE)
def mcp_wait(lab):
    """A session waits for another one; while it waits, vmux says that it works."""
    installed(lab, {"wait": [answer(tool("wait_for_session", session="slow-one", until=["idle"])), answer("It is over.")],
                    "slow": [answer(bash("until-file go")), answer("Done.")]})
    other = lab.start("B")
    other.submit("slow", "slow")
    other.shows(WORKING)
    lab.vmux.run("label", str(other.pid), "slow-one")
    session = lab.start("A")
    session.submit("wait", "wait")
    session.shows(WORKING)
    time.sleep(3)
    lab.look("waits", A=WORKING, B=WORKING)
    lab.end_command("go")
    session.sees("It is over")
    session.shows(IDLE)
    lab.look("over", A=IDLE, B=IDLE)
    is_error, words = results(lab, id_of(lab, session), 1)[0]
    lab.check("it is told the state", not is_error and json.loads(words)["state"] in ("idle", "finished"), words)


@scenario("mcp-escape", since=SINCE)
def mcp_escape(lab):
    """The user leaves a wait with Esc; the next call works."""
    installed(lab, {"wait": [answer(tool("wait_for_session", session="slow-one", until=["idle"])), answer("It is over.")],
                    "slow": [answer(bash("until-file go")), answer("Done.")],
                    "look": [answer(tool("list_sessions")), answer("Seen.")]})
    other = lab.start("B")
    other.submit("slow", "slow")
    other.shows(WORKING)
    lab.vmux.run("label", str(other.pid), "slow-one")
    session = lab.start("A")
    session.submit("wait", "wait")
    session.shows(WORKING)
    time.sleep(2)
    session.press("Escape")
    session.shows(IDLE)
    session.submit("look", "look")
    session.sees("Seen")
    session.shows(IDLE)
    lab.look("seen", A=IDLE, B=WORKING)
    is_error, words = results(lab, id_of(lab, session), 2)[-1]
    lab.check("the next call works", not is_error and json.loads(words)["total"] == 2, words)


@scenario("mcp-rights", since="2.1.100")
def mcp_rights(lab):
    """The user allows answers in the configuration: a session that runs already answers another, and never itself."""
    scripts = {"ask": [answer("I need this.", bash(ASK)), answer("Done.")], "look": [answer(tool("get_session", session="asker")), answer("Seen.")]}
    installed(lab, scripts)
    code, said = lab.vmux.run("hooks", "install", "--answer")
    lab.check("the hooks are installed", code == 0, said)
    other = lab.start("B")
    other.submit("go", "ask")
    other.shows(PERMISSION)
    lab.vmux.run("label", str(other.pid), "asker")
    session = lab.start("A")
    session.submit("look", "look")
    session.sees("Seen")
    shown = json.loads(results(lab, id_of(lab, session), 1)[0][1])
    prompt = shown["prompts"][0]
    lab.check("the prompt is whole", (prompt["tool"], prompt["input"]["command"]) == ("Bash", ASK), shown)
    allow = answer(tool("answer", prompt=prompt["prompt"], answer="allow"))
    lab.api.scripts |= {"early": [allow, answer("Not allowed.")], "late": [allow, answer("Answered.")]}
    session.submit("early", "early")
    session.sees("Not allowed")
    is_error, words = results(lab, id_of(lab, session), 2)[1]
    lab.check("without the right nothing is answered", is_error, words)
    lab.look("early", A=IDLE, B=PERMISSION)
    lab.write(lab.home / ".vmux/config.toml", '[mcp]\nallow = ["answer"]\n')
    time.sleep(1)
    session.submit("late", "late")
    session.sees("Answered")
    is_error, words = results(lab, id_of(lab, session), 3)[2]
    lab.check("it is answered", not is_error and json.loads(words).get("answered") == prompt["prompt"], words)
    lab.end_command("go")
    other.sees("Done")
    other.shows(IDLE)
    lab.look("over", A=IDLE, B=IDLE)
    log = [json.loads(it) for it in (lab.home / ".vmux/answers.log").read_text().splitlines()]
    lab.check("the log says who", [it["door"] for it in log] == [f"mcp {id_of(lab, session)}"], log)


@scenario("mcp-who", since=SINCE)
def mcp_who(lab):
    """The prompt of the server, as a command."""
    installed(lab, {"": [answer("All of them.")]})
    session = lab.start()
    time.sleep(2)
    session.type("/vmux:who")
    session.sees(r"who.*MCP|vmux:who")
    time.sleep(1)
    lab.note(session.last_lines())
    # The first one completes the name.
    session.press("Enter")
    time.sleep(1)
    session.press("Enter")
    session.sees(r"ok\.|All of them")
    session.shows(IDLE)
    lab.look("over", A=IDLE)


@scenario("mcp-send", since=SINCE)
def mcp_send(lab):
    """A session sends a message to another one, which takes it for what it is."""
    send = answer(tool("send_message", session="receiver", message="The port is 3000. (script heard)"))
    installed(lab, {"early": [send, answer("Not sent.")], "late": [send, answer("Was sent.")], "heard": [answer("Heard it.")]})
    other = lab.start("B")
    lab.vmux.run("label", str(other.pid), "receiver")
    session = lab.start("A")
    session.submit("early", "early")
    session.sees("Not sent")
    is_error, words = results(lab, id_of(lab, session), 1)[0]
    lab.check("without the right nothing is sent", is_error, words)
    lab.write(lab.home / ".vmux/config.toml", '[send]\nallow = ["mcp"]\n')
    time.sleep(1)
    session.submit("late", "late")
    session.sees("Was sent")
    is_error, words = results(lab, id_of(lab, session), 2)[1]
    lab.check("it is sent", not is_error and json.loads(words).get("sent"), words)
    other.sees("Heard it")
    other.sees("not typed by the user")
    other.shows(IDLE)
    lab.look("over", A=IDLE, B=IDLE)
    log = [json.loads(it) for it in (lab.home / ".vmux/answers.log").read_text().splitlines()]
    lab.check("the log says who", [it["door"] for it in log] == [f"mcp {id_of(lab, session)}"], log)


@scenario("mcp-new", since="2.1.100")
def mcp_new(lab):
    """A session starts another one, and waits for what it does."""
    installed(lab, {
        "start": [answer(tool("check_name", name="helper")), answer(tool("new_session", name="helper", prompt="go (script help)")),
                  answer(tool("wait_for_session", session="helper", until=["idle"])), answer("It is done.")],
        "help": [answer(bash("sleep 2")), answer("Helped.")]})
    lab.write(lab.home / ".vmux/config.toml", '[mcp]\nallow = ["new"]\n')
    session = lab.start("A")
    session.submit("start", "start")
    session.sees("It is done", 60)
    free, begun, done = results(lab, id_of(lab, session), 3)
    lab.check("the name is free", json.loads(free[1])["free"], free)
    lab.check("it begins", not begun[0] and json.loads(begun[1])["title"] == "helper", begun)
    lab.check("its end is told", not done[0] and json.loads(done[1])["state"] in ("idle", "finished"), done)
    rows = [row for row in lab.vmux.rows().values() if row.get("label") == "helper"]
    lab.check("it is listed", len(rows) == 1 and rows[0]["cwd"] == str(lab.project), rows)
    for row in rows:
        lab.adopt("B", row["pid"])
    lab.look("over", A=IDLE, B=IDLE)


@scenario("mcp-wrong", since=SINCE)
def mcp_wrong(lab):
    """The model calls tools with what they do not take, and vmuxd ends while one waits: errors that say why, and the next call works."""
    wrong = [
        ("list_sessions", {"limit": "many"}, "wrong arguments"), ("list_sessions", {"states": "idle"}, "wrong arguments"),
        ("session_status", {"session": "cut \ud83d"}, "no session matches \"cut \ufffd\""), ("get_session", {}, "session"),
        ("get_session", {"session": ["A"]}, "wrong arguments"), ("session_status", {"session": "nobody"}, "no session matches"),
        ("wait_for_session", {"session": "self"}, "itself"), ("peek_session", {"session": "x" * 5000}, "no session matches"),
        ("servers", {"scope": "mine"}, "wrong arguments"), ("free_port", {"from": 70000}, "wrong arguments"),
        ("check_name", {"title": "x"}, "unknown field"), ("answer", {"prompt": "x", "answer": "allow"}, "")]
    installed(lab, {
        "wrong": [*[answer(tool(name, **arguments)) for name, arguments, _ in wrong], answer("All tried.")],
        "wait": [answer(tool("wait_for_session", session="slow-one", until=["idle"])), answer("It is over.")],
        "slow": [answer(bash("until-file go")), answer("Done.")], "look": [answer(tool("list_sessions")), answer("Seen.")]})
    session = lab.start("A")
    session.submit("wrong", "wrong")
    session.sees("All tried", 60)
    session.shows(IDLE)
    told = results(lab, id_of(lab, session), len(wrong))
    for (name, arguments, says), (is_error, words) in zip(wrong, told, strict=True):
        # 2.1.332 adds the schema of a tool that the model had not loaded.
        words = words.split("This tool's input schema")[0]
        lab.check(f"{name} {str(arguments)[:60]}", is_error and says in words and len(words) < 1000, words[:1000])
    other = lab.start("B")
    other.submit("slow", "slow")
    other.shows(WORKING)
    lab.vmux.run("label", str(other.pid), "slow-one")
    session.submit("wait", "wait")
    session.shows(WORKING)
    time.sleep(2)
    lab.check("vmuxd ends", lab.vmux.run("stop")[0] == 0)
    time.sleep(1)
    lab.vmux.run("list")  # It starts another one.
    lab.end_command("go")
    session.sees("It is over")
    other.shows(IDLE)
    session.submit("look", "look")
    session.sees("Seen")
    session.shows(IDLE)
    over, listed = results(lab, id_of(lab, session), len(wrong) + 2)[-2:]
    lab.check("the wait outlives vmuxd", not over[0] and json.loads(over[1])["state"] in ("idle", "finished"), over)
    lab.check("the next call works", not listed[0] and json.loads(listed[1])["total"] == 2, listed)
