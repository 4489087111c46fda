"""Programs that run the CLI through pipes, as editors and SDKs do, with agents, plans, pages and tasks."""

import time

from ...api.answers import answer, call, failure
from ...pod.truth import IDLE, PERMISSION, PLAN, QUESTION, WORKING
from .. import scenario
from ..common import LONG, agent, bash, plan_steps, scripts
from ..turns.headless import Host, requests

ASKED = "--permission-prompt-tool stdio"


def asked(host, number, seconds=20):
    """The request for a permission of this number, counted from 0; none if it does not come."""
    deadline = time.monotonic() + seconds
    while len(requests(host)) <= number:
        if time.monotonic() > deadline:
            return None
        time.sleep(0.1)
    return requests(host)[number]


def answers(host, request, allow=True):
    said = {"behavior": "allow", "updatedInput": request["request"]["input"]} if allow else {"behavior": "deny", "message": "no"}
    host.send(type="control_response", response={"subtype": "success", "request_id": request["request_id"], "response": said})


def detail(lab, host, what, word):
    row = lab.vmux.rows().get(host.session.pid) or {}
    lab.check(f"{what}: {word} is named", word in (row.get("detail") or ""), row.get("detail"))


@scenario("pipe-agents", since="2.1.100")
def pipe_agents(lab):
    """Two agents of a host's session ask at once, and are answered in the other order."""
    lab.boot({"main": [answer(agent(lab, "first"), agent(lab, "second")), answer("Launched."), answer("One over."), answer("Both over."), answer("Both over.")],
              "first": [answer(bash("perl -e 'sleep 1 until -e \"/home/dev/.first\"'")), answer("First.")],
              "second": [answer(bash("perl -e 'sleep 1 until -e \"/home/dev/.second\"'"), delay=2), answer("Second.")]})
    host = Host(lab, "H", ASKED)
    time.sleep(3)
    host.prompt("go (script main)")
    first = asked(host, 0)
    time.sleep(1)
    lab.look("first", H=PERMISSION)
    second = asked(host, 1)
    time.sleep(1.5)
    lab.look("both", H=PERMISSION)
    answers(host, second)
    time.sleep(3)
    lab.look("second-runs", H=PERMISSION)
    detail(lab, host, "second-runs", ".first")
    answers(host, first)
    time.sleep(2)
    lab.look("both-run", H=WORKING)
    lab.end_command("first")
    lab.end_command("second")
    host.hears("Both over", 30)
    time.sleep(3)
    lab.look("over", H=IDLE)


@scenario("pipe-tools", since="2.0.20")
def pipe_tools(lab):
    """A host is asked for a page, a file, and a plan; then it compacts, and clears."""
    page, file = call("WebFetch", url="http://docs.example/a", prompt="read it"), call("Write", file_path="/home/dev/proj/new.txt", content="x\n")
    lab.boot(scripts(lab, "one", page=[answer(page), answer("Page.")], file=[answer(file), answer("File.")], plan=[*plan_steps(lab), answer("Planned.")],
                     compact=[answer("<summary>\n1. Short.\n</summary>", until="compact")]))
    host = Host(lab, "H", ASKED)
    time.sleep(3)
    for number, (script, truth) in enumerate((("page", PERMISSION), ("file", PERMISSION), ("plan", PLAN))):
        if script == "plan":
            host.send(type="control_request", request_id="mode", request={"subtype": "set_permission_mode", "mode": "plan"})
            time.sleep(1)
        host.prompt(f"go (script {script})")
        request = asked(host, number)
        if not request:
            return
        time.sleep(2.5)
        lab.look(script, H=truth)
        answers(host, request, allow=False)
        host.hears(f'"result":"{script.capitalize()}', 15)
        time.sleep(2.5)
        lab.look(f"{script}-over", H=IDLE)
    host.prompt("/compact")
    time.sleep(3)
    lab.look("compacts", H=WORKING)
    lab.api.open("compact")
    host.hears("compact_boundary")
    time.sleep(2)
    lab.look("compacted", H=IDLE)
    host.prompt("/clear")
    time.sleep(2)
    host.prompt("go (script one)")
    host.hears("First answer")
    time.sleep(2)
    lab.look("cleared", H=IDLE)


@scenario("pipe-behind", since="2.1.100")
def pipe_behind(lab):
    """A command and an agent run behind the end of a host's turn; the agent asks; then both end, and wake the session."""
    lab.boot({"main": [answer(bash("until-file serve", run_in_background=True), agent(lab, "sub", background=True)), answer("Main turn over."), answer("Reported."),
                       answer("Reported."), answer("Reported.")],
              "sub": [answer(bash(LONG)), answer(bash("perl -e 'print 31'")), answer("Sub report.")]})
    host = Host(lab, "H", ASKED)
    time.sleep(3)
    host.prompt("go (script main)")
    host.hears("Main turn over")
    time.sleep(3)
    lab.look("behind", H=WORKING)
    lab.end_command("go")
    request = asked(host, 0)
    time.sleep(2)
    lab.look("asks", H=PERMISSION)
    detail(lab, host, "asks", "print 31")
    answers(host, request)
    host.hears("Reported")
    time.sleep(3)
    lab.look("reported", H=IDLE)
    lab.end_command("serve")
    time.sleep(5)
    lab.look("woken", H=IDLE)


@scenario("pipe-fails", since="2.0.20")
def pipe_fails(lab):
    """A host's request is tried again, fails for good, then a question is asked and refused, then the pipe ends while it works."""
    lab.boot(scripts(lab, "question", "long", tries=[failure(529, 2, answer("Recovered.", until="send"))], fails=[failure(400)]))
    host = Host(lab, "H", ASKED)
    time.sleep(3)
    host.prompt("go (script tries)")
    time.sleep(3)
    lab.look("tries", H=WORKING)
    lab.api.open("send")
    host.hears("Recovered", 40)
    time.sleep(2)
    lab.look("recovered", H=IDLE)
    host.prompt("go (script fails)")
    host.hears("400")
    time.sleep(2)
    lab.look("failed", H=IDLE)
    host.prompt("go (script question)")
    request = asked(host, 0)
    time.sleep(2)
    if request:
        lab.look("question", H=QUESTION)
        answers(host, request, allow=False)
    time.sleep(3)
    lab.look("refused", H=IDLE)
    host.prompt("go (script long)")
    host.hears("until-file")
    host.pipe.close()
    time.sleep(2)
    lab.look("pipe-ended", H=WORKING)
