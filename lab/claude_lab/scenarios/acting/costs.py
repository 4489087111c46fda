"""What answering costs: the time until a dialog is gone, and what hooks that wait cost vmuxd."""

import json
import os
import statistics
import subprocess
import time

from ...api.answers import answer
from ...pod import machine
from ...pod.truth import IDLE, PERMISSION
from .. import scenario
from .answers import SINCE, asked, hooks_of, installed, pending
from ..common import bash

ROUNDS = 20
HOOKS = 20
SECONDS = 60


@scenario("answer-speed", since=SINCE, slow=True)
def answer_speed(lab):
    """From the command to the dialog that is gone, by `vmux answer` and by the same key of tmux, in turns."""
    installed(lab, {"ask": [answer(bash(f"perl -e 'print {number}'")) for number in range(2 * ROUNDS)] + [answer("All done.")]})
    session = lab.start()
    session.submit("go", "ask")
    seconds = {"vmux": [], "key": []}
    for number in range(2 * ROUNDS):
        command = f"print {number}'"
        session.until(lambda text, it=command: it in text.split("Do you want")[0][-400:] and "Do you want" in text, command, 30)
        session.shows(PERMISSION, for_seconds=1)
        prompts = pending(lab, 1)
        how = ("vmux", "key")[number % 2]
        words = {"vmux": [machine.VMUX / "vmux", "answer", prompts[0]["id"], "allow"],
                 "key": ["tmux", "-L", "lab", "send-keys", "-t", session.pane, "1"]}[how]
        began = time.monotonic()
        sent = subprocess.Popen(machine.as_user(words), env=lab.vmux.environment, cwd=machine.HOME, stdout=subprocess.DEVNULL)
        while "Do you want" in session.screen() and time.monotonic() < began + 30:
            time.sleep(0.005)
        seconds[how].append(time.monotonic() - began)
        sent.wait()
    session.shows(IDLE)
    middle = {how: round(statistics.median(it), 3) for how, it in seconds.items()}
    ratio = round(middle["vmux"] / middle["key"], 3)
    lab.note(json.dumps({"median": middle, "ratio": ratio, "least": {how: round(min(it), 3) for how, it in seconds.items()}}))
    lab.check("vmux takes at most half as long again", ratio <= 1.5, (middle, seconds))


def vmuxd(lab):
    """Its resident memory in KiB, and how often its threads have been woken."""
    pid = int(lab.shell("pgrep -x vmuxd").split()[0])
    memory = int(next(line.split()[1] for line in open(f"/proc/{pid}/status") if line.startswith("VmRSS")))
    woken = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        woken += sum(int(line.split()[1]) for line in open(f"/proc/{pid}/task/{task}/status") if line.startswith("voluntary"))
    return memory, woken


@scenario("answer-cost", since=SINCE, slow=True)
def answer_cost(lab):
    """Twenty hooks more that wait: the memory of vmuxd, and its wake-ups in a minute, with and without them."""
    session, _ = asked(lab)
    time.sleep(10)

    def minute():
        before = vmuxd(lab)[1]
        time.sleep(SECONDS)
        return vmuxd(lab)[1] - before
    without = minute()
    memory = vmuxd(lab)[0]
    payload = {"session_id": lab.vmux.rows()[session.pid]["session_id"], "hook_event_name": "PermissionRequest", "tool_name": "Bash",
               "cwd": str(machine.PROJECT), "permission_suggestions": []}
    environment = lab.vmux.environment | {"CLAUDE_PID": str(session.pid), "CLAUDE_CODE_ENTRYPOINT": "cli"}
    hooks = []
    for number in range(HOOKS):
        hook = subprocess.Popen(machine.as_user([machine.VMUX / "vmux", "hook", "--answer"]), env=environment, cwd=machine.HOME,
                                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        hook.stdin.write(json.dumps(payload | {"tool_input": {"command": f"perl -e 'print {number}'"}}).encode())
        hook.stdin.close()
        hooks.append(hook)
    pending(lab, HOOKS + 1)
    time.sleep(5)
    grown = vmuxd(lab)[0] - memory
    beside = minute()
    pending(lab, HOOKS + 1)
    lab.note(json.dumps({"KiB a hook": round(grown / HOOKS, 1), "wake-ups in a minute": {"without": without, "with": beside}}))
    lab.check("at most 30 KiB a hook", grown <= 30 * HOOKS, grown)
    lab.check("no wake-ups of its own", beside <= without + 3, (without, beside))
    for hook in hooks:
        hook.terminate()
    lab.check("the session's own hook still waits", len(hooks_of(session)) == 1, hooks_of(session))
