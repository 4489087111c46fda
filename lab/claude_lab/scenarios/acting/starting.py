"""Sessions that vmux starts, ends and takes up again: `vmux new`, `vmux end`, `vmux restore`."""

import json
import statistics
import subprocess
import time

from ...api.answers import answer
from ...pod import machine
from ...pod.truth import IDLE, PERMISSION, TRUST
from .. import scenario
from ..common import ASK, bash, repository

ROUNDS = 10


def vmux(lab, *words, cwd=None, code=0):
    """`vmux WORDS` in the shell of the user; returns what it prints."""
    environment = lab.environment | {"XDG_RUNTIME_DIR": "/run/user/1000"}
    done = subprocess.run(machine.as_user([machine.VMUX / "vmux", *words]), env=environment, cwd=cwd or lab.project,
                          capture_output=True, text=True, errors="replace", timeout=90, stdin=subprocess.DEVNULL, check=False)
    said = done.stdout + done.stderr
    lab.check(f"vmux {' '.join(words[:2])} ends with {code}", done.returncode == code, (words, done.returncode, said))
    return said


def labelled(lab):
    """Label -> what `vmux list` says of it."""
    return {row.get("label"): row for row in lab.vmux.rows().values()}


def screen(lab, name):
    return lab.shell(f"tmux capture-pane -p -t '={name}:'")


@scenario("new-tmux")
def new_tmux(lab):
    """In tmux: the name and the label from the first moment; trust, a prompt, a question; again, taken, wrong."""
    lab.boot({"ask": [answer("I need this.", bash(ASK)), answer("All done.")], "say": [answer("Hello there.")]})
    lab.shell("mkdir ~/fresh")
    said = vmux(lab, "new", "web", "--in", "tmux", "--wait")
    lab.check("its prompt is free", "ready      its prompt is free" in said, said)
    row = labelled(lab).get("web", {})
    lab.adopt("W", row.get("pid", 0))
    lab.look("free", W=IDLE)
    if lab.version >= (2, 1, 220):  # 2.1.119 takes it, and does not write it into its file.
        lab.check("Claude Code has the name, too", row.get("name") == "web", row)
    vmux(lab, "new", "web", code=4)
    lab.check("there is one", lab.shell("tmux ls").count("\n") == 1, lab.shell("tmux ls"))
    said = vmux(lab, "new", "trusty", "--in", "tmux", "--wait", cwd=lab.home / "fresh", code=10)
    row = labelled(lab).get("trusty", {})
    if lab.version >= (2, 1, 100):  # Older ones do not say which session they are about to begin.
        lab.check("it has its label while it asks for trust", row.get("reason") == "trust", (said, lab.vmux.rows()))
        lab.adopt("T", row.get("pid", 0))
        lab.look("asks-trust", T=TRUST)
    said = vmux(lab, "new", "say1", "--in", "tmux", "--prompt", "-say; (script say);", "--wait")
    lab.check("the prompt arrived whole", "-say; (script say);" in screen(lab, "say1"), screen(lab, "say1"))
    said = vmux(lab, "new", "word", "--in", "tmux", "--prompt", "update", "--wait")
    lab.check("a word is a prompt", " update" in screen(lab, "word"), screen(lab, "word"))
    vmux(lab, "new", "asker", "--in", "tmux", "--prompt", "go (script ask)", "--wait", "--", "--allowedTools", "Read", code=10)
    for name, label in (("A", "asker"), ("S", "say1"), ("U", "word")):
        lab.adopt(name, labelled(lab).get(label, {}).get("pid", 0))
    lab.look("asks", A=PERMISSION)
    said = vmux(lab, "new", "dies", "--in", "tmux", "--", "--no-such-option", code=4)
    lab.check("it says why", "no-such-option" in said, said)
    lab.check("nothing stays", "dies" not in lab.shell("tmux ls"), lab.shell("tmux ls"))


@scenario("new-worktree")
def new_worktree(lab):
    """A worktree of its own; the end with it, unless something would be lost."""
    lab.boot()
    repository(lab)
    vmux(lab, "new", "tree", "--in", "tmux", "--worktree", code=0)
    folder = lab.project / ".claude/worktrees/tree"
    lab.check("it is there", folder.is_dir(), lab.shell("git worktree list"))
    lab.shell("touch .claude/worktrees/tree/new")
    said = vmux(lab, "end", "tree", "--worktree", "--yes", code=4)
    lab.check("it says what would be lost", "1 file is not committed" in said and "tree" in labelled(lab), said)
    lab.shell("rm .claude/worktrees/tree/new")
    vmux(lab, "end", "tree", "--worktree", "--yes")
    lab.check("it is gone, its branch is not", not folder.exists() and "tree" in lab.shell("git branch"), lab.shell("git branch"))
    lab.check("the session is gone", "tree" not in labelled(lab), labelled(lab))


@scenario("new-background", since="2.1.220")
def new_background(lab):
    """In the background of Claude Code, in a folder that is trusted, and in one that is not."""
    lab.boot({"say": [answer("Hello there.")]})
    lab.shell("mkdir ~/fresh")
    vmux(lab, "new", "backer", "--in", "background", "--prompt", "say (script say)")
    deadline = time.monotonic() + 10
    while backer(lab).get("kind") != "background" and time.monotonic() < deadline:
        time.sleep(0.1)
    lab.check("it is there", backer(lab).get("kind") == "background", lab.vmux.rows())
    if lab.version >= (2, 1, 332):  # 2.1.220 starts it there.
        said = vmux(lab, "new", "fresh", "--in", "background", cwd=lab.home / "fresh", code=4)
        lab.check("it says why", "not trusted" in said, said)
    vmux(lab, "end", "backer", "--yes")
    time.sleep(3)
    lab.check("it does not come back", not backer(lab), lab.vmux.rows())


def backer(lab):
    return next((it for it in lab.vmux.rows().values() if it.get("name") == "backer"), {})


@scenario("new-restore")
def new_restore(lab):
    """tmux is killed with all in it; what was used is taken up again, once."""
    lab.boot({"say": [answer("Hello there.")]})
    for name in ("one", "two"):
        vmux(lab, "new", name, "--in", "tmux", "--prompt", "say (script say)", "--wait")
    before = {name: row["session_id"] for name, row in labelled(lab).items()}
    lab.shell("tmux kill-server")
    deadline = time.monotonic() + 10
    while lab.vmux.rows() and time.monotonic() < deadline:
        time.sleep(0.05)
    said = vmux(lab, "restore")
    lab.check("both are listed", said.count("Hello there.") == 2, said)
    vmux(lab, "restore", "--all", "--in", "tmux")
    deadline = time.monotonic() + 10
    while {name: row["session_id"] for name, row in labelled(lab).items()} != before and time.monotonic() < deadline:
        time.sleep(0.1)
    after = {name: row["session_id"] for name, row in labelled(lab).items()}
    lab.check("they are the same sessions", after == before, (before, after))
    deadline = time.monotonic() + 10
    while "Hello there." not in screen(lab, "one") and time.monotonic() < deadline:
        time.sleep(0.1)
    lab.check("the conversation is there", "Hello there." in screen(lab, "one"), screen(lab, "one"))
    vmux(lab, "restore", "--all", code=1)


@scenario("new-speed", slow=True)
def new_speed(lab):
    """From the command to the free prompt on the screen, by vmux and by hand, in turns."""
    lab.boot()
    seconds = {"vmux": [], "hand": []}
    for number in range(ROUNDS):
        for how in ("vmux", "hand"):
            name = f"{how}{number}"
            began = time.monotonic()
            if how == "vmux":
                start = subprocess.Popen(
                    machine.as_user([machine.VMUX / "vmux", "new", name, "--in", "tmux"]), cwd=lab.project,
                    env=lab.environment | {"XDG_RUNTIME_DIR": "/run/user/1000"}, stdout=subprocess.DEVNULL)
            else:
                start = subprocess.Popen(
                    machine.as_user(["tmux", "new-session", "-d", "-s", name, "claude", "--name", name]), cwd=lab.project,
                    env=lab.environment, stdout=subprocess.DEVNULL)
            deadline = began + 30
            while "❯" not in screen(lab, name) and time.monotonic() < deadline:
                time.sleep(0.01)
            seconds[how].append(time.monotonic() - began)
            start.wait()
            lab.shell(f"tmux kill-session -t '={name}:'")
            time.sleep(0.5)
    middle = {how: round(statistics.median(it), 3) for how, it in seconds.items()}
    lab.note(json.dumps({"median": middle, "ratio": round(middle["vmux"] / middle["hand"], 3), "all": seconds}))
    lab.check("vmux costs no more than a tenth", middle["vmux"] <= 1.1 * middle["hand"], middle)
