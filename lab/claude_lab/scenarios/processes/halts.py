"""All processes of a session stand still for a while, and times in session files that cannot be."""

import json
import os
import signal
import time
from datetime import datetime

from ...pod import proc
from ...pod.truth import IDLE, PERMISSION, UNTOLD, WORKING
from .. import scenario
from ..common import one_of_each, scripts, turn
from .odd_files import file_of
from .starts import row


def halt(session, sign):
    for pid in [session.pid, *proc.descendants(session.pid)]:
        try:
            os.kill(pid, sign)
        except ProcessLookupError:
            pass


@scenario("halt-all")
def halt_all(lab):
    """One is free, one works, one asks; all stand still for 20 s, as if the machine slept, and go on."""
    lab.boot(scripts(lab, "one", "ask", "long"))
    for name in "FWA":
        lab.start(name)
    one_of_each(lab)
    truth = {"F": IDLE, "W": WORKING, "A": PERMISSION}
    lab.look("before", **truth)
    before = {name: row(lab, it) for name, it in lab.sessions.items()}
    for it in lab.sessions.values():
        halt(it, signal.SIGSTOP)
    time.sleep(20)
    lab.look("halted", F=UNTOLD, W=UNTOLD, A=UNTOLD)
    for name, it in lab.sessions.items():
        now = row(lab, it)
        lab.check(f"{name} is suspended", now.get("suspended"), now.get("suspended"))
        lab.check(f"{name} keeps its state", now.get("state") == before[name].get("state"), now.get("state"))
    for it in lab.sessions.values():
        halt(it, signal.SIGCONT)
    time.sleep(2)
    lab.look("goes-on", **truth)
    for name, it in lab.sessions.items():
        now = row(lab, it)
        lab.check(f"{name} is not suspended", not now.get("suspended"), now.get("suspended"))
        same = [now.get(it) == before[name].get(it) for it in ("since", "waiting_since", "detail", "session_id")]
        lab.check(f"{name} keeps its times", all(same), (before[name].get("since"), now.get("since")))
    lab.end_command("go")
    lab.sessions["W"].sees("Long is over")
    lab.sessions["W"].shows(IDLE)
    lab.look("over", F=IDLE, W=IDLE, A=PERMISSION)


@scenario("halt-times", since="2.1.119")
def halt_times(lab):
    """The time of the status is 0, in the future, or no number, in a session that asks and in one that is free."""
    lab.boot(scripts(lab, "one", "ask"))
    for name in "AF":
        turn(lab, lab.start(name), "one", "First answer")
    lab.sessions["A"].submit("go", "ask")
    lab.sessions["A"].shows(PERMISSION)
    time.sleep(1.5)
    lab.look("before", A=PERMISSION, F=IDLE)
    whole = {name: json.loads(file_of(lab, it).read_text()) for name, it in lab.sessions.items()}
    ahead = int(time.time() * 1000) + 3_600_000
    for label, value in (("zero", 0), ("future", ahead), ("text", "soon"), ("negative", -5), ("list", []), ("seconds", 12), ("missing", None)):
        for name, it in lab.sessions.items():
            odd = {key: value if key in ("statusUpdatedAt", "updatedAt") else its for key, its in whole[name].items()}
            file_of(lab, it).write_text(json.dumps(odd))
        time.sleep(1)
        lab.look(label, A=PERMISSION, F=IDLE)
        now = time.time()
        for name, it in lab.sessions.items():
            age = now - stamp(row(lab, it).get("since"))
            lab.check(f"{label} {name}: the state began within this scenario", -1 < age < 120, age)


def stamp(text):
    return datetime.fromisoformat(text[:19] + "+00:00").timestamp() if text else 0
