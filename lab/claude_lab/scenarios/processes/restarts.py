"""vmuxd ends and begins again: states, times, what was seen, and what was told stay."""

import time

from ...api.answers import answer
from ...pod import machine
from ...pod.truth import IDLE, PERMISSION, QUESTION, WORKING
from .. import scenario
from ..common import ASK, LONG, agent, bash, one_of_each, question, scripts, turn
from ..asking.messages import CONFIG
from .starts import row


def restart(lab, sign="-TERM"):
    """Ends vmuxd by a signal, and starts another one."""
    lab.shell(f"kill {sign} $(cat ~/.vmux/vmuxd.pid)")
    deadline = time.monotonic() + 20
    while lab.vmux.run("list", "--no-start")[0] == 0 and time.monotonic() < deadline:
        time.sleep(0.05)
    lab.vmux.begin([machine.VMUX / "vmuxd"], machine.RESULT / "vmuxd-again.log")
    while lab.vmux.run("list", "--no-start")[0] and time.monotonic() < deadline:
        time.sleep(0.02)


@scenario("restart-all")
def restart_all(lab):
    """One works, one asks, one has finished, one was never used: killed and begun again, vmuxd says the same."""
    lab.boot(scripts(lab, "one", "ask", "long"))
    for name in "WAFN":
        lab.start(name)
    one_of_each(lab)
    truth = {"W": WORKING, "A": PERMISSION, "F": IDLE, "N": IDLE}
    lab.look("before", **truth)
    before = {name: row(lab, it) for name, it in lab.sessions.items()}
    for sign in ("-TERM", "-KILL"):
        restart(lab, sign)
        lab.look(f"after{sign}", **truth)
        time.sleep(3)
        lab.look(f"later{sign}", **truth)
        for name, it in lab.sessions.items():
            now = row(lab, it)
            for key in ("unseen", "session_id", "reason", "detail"):
                lab.check(f"{sign} {name} {key}", bool(now.get(key)) == bool(before[name].get(key)) and (key == "unseen" or now.get(key) == before[name].get(key)),
                          (before[name].get(key), now.get(key)))
    lab.sessions["A"].decline()
    lab.sessions["A"].shows(IDLE)
    lab.end_command("go")
    lab.sessions["W"].sees("Long is over")
    lab.sessions["W"].shows(IDLE)
    time.sleep(1)
    lab.look("over", W=IDLE, A=IDLE, F=IDLE, N=IDLE)


@scenario("restart-unseen")
def restart_unseen(lab):
    """What was finished and not seen stays so over a restart; what was seen stays seen."""
    lab.boot(scripts(lab, "one"))
    for name in "AB":
        turn(lab, lab.start(name), "one", "First answer")
    time.sleep(1.5)
    one, other = lab.sessions["A"], lab.sessions["B"]
    lab.check("both are unseen", row(lab, one).get("unseen") and row(lab, other).get("unseen"), (row(lab, one).get("unseen"), row(lab, other).get("unseen")))
    lab.vmux.run("ack", str(one.pid))
    time.sleep(0.5)
    for sign in ("-TERM", "-KILL", "-KILL"):
        lab.check(f"before {sign}: one is seen", not row(lab, one).get("unseen"), row(lab, one).get("unseen"))
        restart(lab, sign)
        time.sleep(1)
        lab.check(f"after {sign}: one is seen", not row(lab, one).get("unseen"), row(lab, one).get("unseen"))
        lab.check(f"after {sign}: the other is not", row(lab, other).get("unseen"), row(lab, other).get("unseen"))
        lab.look(f"after{sign}", A=IDLE, B=IDLE)
    turn(lab, one, "one", "First answer")
    time.sleep(1.5)
    lab.check("a new turn is unseen", row(lab, one).get("unseen"), row(lab, one).get("unseen"))


@scenario("restart-message")
def restart_message(lab):
    """One wait is one message, although vmuxd begins again twice while it lasts; the next wait is another."""
    lab.boot(scripts(lab, "one", "ask"))
    lab.write(lab.home / ".vmux/config.toml", CONFIG)
    time.sleep(1)
    session = lab.start()
    turn(lab, session, "one", "First answer")
    for number in range(2):
        session.submit("go", "ask")
        session.shows(PERMISSION)
        time.sleep(5)
        before = len(lab.api.other_posts)
        lab.check(f"wait {number} is told", before == number + 1, before)
        restart(lab, "-KILL" if number else "-TERM")
        time.sleep(6)
        lab.look(f"wait-{number}", A=PERMISSION)
        lab.check(f"wait {number} is told once", len(lab.api.other_posts) == before, len(lab.api.other_posts))
        session.decline()
        session.shows(IDLE)
        time.sleep(1)


@scenario("restart-between")
def restart_between(lab):
    """While no vmuxd runs one begins to ask, one ends its turn: the next one says so, with their times."""
    lab.boot(scripts(lab, "ask", long=[answer(bash(LONG)), answer("Long is over.")]))
    one, other = lab.start("A"), lab.start("B")
    other.submit("go", "long")
    other.sees("until-file")
    time.sleep(1)
    lab.shell("kill $(cat ~/.vmux/vmuxd.pid)")
    time.sleep(1)
    one.submit("go", "ask")
    one.shows(PERMISSION)
    asked = time.time()
    lab.end_command("go")
    other.sees("Long is over")
    other.shows(IDLE)
    time.sleep(8)
    lab.vmux.run("list")
    lab.look("after", A=PERMISSION, B=IDLE)
    since = row(lab, one).get("since") or ""
    late = time.mktime(time.strptime(since[:19], "%Y-%m-%dT%H:%M:%S")) - time.timezone - asked if since else None
    # The screen alone tells of some waits, and nothing their beginning.
    lab.check("it waits since it asked", late is not None and (late < 4 or lab.version < (2, 1, 100)), late)
    lab.check("what ended meanwhile is unseen", row(lab, other).get("unseen"), row(lab, other).get("unseen"))


@scenario("restart-agents", since="2.1.100")
def restart_agents(lab):
    """vmuxd begins again while an agent works behind a free prompt, and while it asks behind a question."""
    lab.boot({"main": [answer(agent(lab, "sub", background=True)), answer(question(), until="question"), answer("Main is over."), answer("Reported.")],
              "sub": [answer(bash(LONG)), answer(bash(ASK)), answer("Sub report.")]})
    session = lab.start()
    session.submit("go", "main")
    session.shows(WORKING)
    time.sleep(3)
    restart(lab)
    lab.look("works", A=WORKING)
    lab.api.open("question")
    session.shows(QUESTION)
    lab.end_command("go")
    time.sleep(3)
    restart(lab, "-KILL")
    lab.look("both-ask", A=session.shown())
    session.press("Enter")
    session.shows(f"{PERMISSION}|{IDLE}", 30, for_seconds=1)
    lab.look("then", A=session.shown())
