"""Commands in Claude Code's sandbox, which ask when they want to reach the network. They need bubblewrap and socat."""

import time

from ...api.answers import answer
from ...pod.truth import IDLE, PERMISSION, WORKING
from .. import scenario
from ..common import LONG, bash, declines, scripts, see

FETCH = "curl -s -m 60 http://pages.example/one"
SANDBOX = {"sandbox": {"enabled": True, "autoAllowBashIfSandboxed": True, "enableWeakerNestedSandbox": True}}


@scenario("sandbox-network", since="2.0.77")
def sandbox_network(lab):
    """A command in the sandbox wants to reach a host: allowed, then refused (2.0.77 asks nobody); then one asks to leave it."""
    lab.boot({"fetch": [answer("I fetch it.", bash(FETCH)), answer("Fetched.")],
              "again": [answer("I fetch another.", bash("curl -s -m 60 http://other.example/two")), answer("Fetched again.")],
              "out": [answer("Outside.", bash("perl -e 'print 7'", dangerouslyDisableSandbox=True)), answer("It was outside.")],
              **scripts(lab, "long")}, settings=SANDBOX)
    session = lab.start()
    session.submit("go", "long")
    session.sees("until-file")
    time.sleep(1.5)
    lab.look("works", A=WORKING)
    lab.end_command("go")
    session.sees("Long is over")
    session.shows(IDLE)
    session.submit("go", "fetch")
    session.sees("pages.example", 30)
    time.sleep(4)
    if see(lab, "asks") == PERMISSION:
        said = lab.vmux.run("pending")[1]
        lab.check("the host is named, and no call", "Network request: pages.example" in said and "curl" not in said, said)
        code, said = lab.vmux.run("allow", str(session.pid))
        lab.check("it is answered in its terminal", code == 8, (code, said))
        session.press("1")
    session.sees("Fetched")
    session.shows(IDLE)
    lab.look("allowed", A=IDLE)
    session.submit("go", "again")
    session.sees("other.example", 30)
    time.sleep(4)
    if see(lab, "asks-again") == PERMISSION:
        session.press("Escape")
    time.sleep(3)
    session.shows(IDLE, 70)
    lab.look("refused", A=IDLE)
    session.submit("go", "out")
    session.shows(PERMISSION)
    time.sleep(1)
    lab.look("asks-outside", A=PERMISSION)
    declines(lab, session)


@scenario("sandbox-behind", since="2.1.75")
def sandbox_behind(lab):
    """A command that runs behind a free prompt wants to reach two hosts, one after the other."""
    fetch = "until-file go; curl -s -m 60 http://one.example/; curl -s -m 60 http://two.example/; until-file end"
    lab.boot({"main": [answer(bash(fetch, run_in_background=True)), answer("It runs.")]}, settings=SANDBOX)
    session = lab.start()
    session.submit("go", "main")
    session.sees("It runs")
    session.shows(IDLE, for_seconds=1)
    lab.look("runs", A=IDLE)
    lab.end_command("go")
    session.sees("one.example|Host", 30)
    time.sleep(2.5)
    if see(lab, "first") == PERMISSION:
        first = lab.vmux.rows().get(session.pid, {})
        session.press("1")
        session.sees("two.example", 30)
        time.sleep(2.5)
        see(lab, "second")
        second = lab.vmux.rows().get(session.pid, {})
        lab.check("two waits", first.get("waiting_since") != second.get("waiting_since"), (first, second))
        session.press("Escape")
    time.sleep(2.5)
    see(lab, "left")
