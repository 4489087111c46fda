"""Wrong, hostile and clumsy: what prompts say, answers that do not fit, disks, names, programs that are missing."""

import json
import os
import random
import signal
import stat
import subprocess
import time

from ...api.answers import answer, call
from ...pod import machine
from ...pod.truth import IDLE, PERMISSION, QUESTION
from .. import scenario
from .answers import SEVERAL, SINCE, asked, done, installed, pending
from ..common import ASK, COLOR, bash, question, repository, to_yes
from .starting import labelled, screen, vmux

HOSTILE = "echo 'a\x1b[2J\x1b]0;t\x07 \u202e b' \\\n&& rm -rf ~/x\r # <b>&amp;</b> %{F#f00} \u200b $(x)"


@scenario("break-words", since=SINCE)
def break_words(lab):
    """A file with escape sequences, line breaks and markup is told whole and harmless, and can be answered."""
    session, prompts = asked(lab, call("Write", file_path=f"{lab.project}/<b>&x %{{F#f00}}.txt", content=HOSTILE))
    lab.check("the input is whole", prompts[0]["input"]["content"] == HOSTILE.replace("\x1b", "\\u{1b}")
              .replace("\x07", "\\u{7}").replace("\u202e", "\\u{202e}").replace("\r", "\\u{d}").replace("\u200b", "\\u{200b}"),
              prompts[0]["input"])
    for words in (["pending"], ["list"], ["status"], ["show", str(session.pid)], ["why", str(session.pid)], ["rofi"]):
        said = lab.vmux.run(*words)[1]
        bad = [it for it in said if (ord(it) < 32 and it not in "\n\t\x00\x1f") or it in "\u202e\u200b"]
        lab.check(f"{words[0]} controls nothing", not bad, (words, said))
    said = done(lab, "pending")
    lab.check("each line stands behind its mark", all("rm -rf" not in it or it.lstrip().startswith("│") for it in said.splitlines()), said)
    rows = lab.vmux.rows()
    lab.check("no button for what does not fit a line", not (rows[session.pid].get("prompt") or {}).get("call"), rows[session.pid])
    done(lab, "deny", prompts[0]["id"], "--message", "no\x1b[2J\u202e thanks\nreally")
    session.shows(IDLE)
    lab.check("the message came clean", "\x1b[2J" not in session.screen())


@scenario("break-long", since=SINCE)
def break_long(lab):
    """A file of 200 KB: the prompt says where it is cut, and its end is not hidden without a sign."""
    content = "".join(f"line {number} of a long file\n" for number in range(8000)) + "THE END\n"
    session, prompts = asked(lab, call("Write", file_path=f"{lab.project}/long.txt", content=content))
    shown = prompts[0]["input"]["content"]
    lab.check("it says that it is cut", prompts[0]["cut"] is True and "more characters" in shown, shown[-200:])
    said = done(lab, "pending")
    lab.check("so does its text", "more characters" in said, said[-400:])
    done(lab, "allow", prompts[0]["id"])
    session.shows(IDLE)
    lab.check("the file is whole", (lab.project / "long.txt").read_text() == content)


@scenario("break-answers", since=SINCE)
def break_answers(lab):
    """Answers that do not fit are refused with a line each, and the prompt stays."""
    session, prompts = asked(lab, question(COLOR, SEVERAL), shows=QUESTION)
    one = prompts[0]["id"]
    for words, code in [(("always",), 9), (("9", "1"), 9), (("1",), 9), (("1", "2", "3"), 9), (("0", "1"), 9), (("1,2", "1"), 9),
                        (("", "1"), 9), (("1", "x" * 60_000), (4, 9)), (("allow",), 9), (("-1", "1"), (2, 9)), (("1", "1,1,9"), 9)]:
        got, said = lab.vmux.run("answer", one, *words)
        wanted = code if isinstance(code, tuple) else (code,)
        lab.check(f"{words[0][:10]!r}… is refused", got in wanted and said.count("error:") == 1, (words[0][:20], got, said[:300]))
    for words, code in [(("allow", one, "--accept-edits"), 9), (("answer", "nothing-like-it", "allow"), 1), (("allow", "zzzzzzz"), 1),
                        (("answer", one), 2), (("allow",), 2), (("deny", one, "--prompt", "khw4z2m"), 4), (("allow", one, "--message", "x"), 2)]:
        got, said = lab.vmux.run(*words)
        lab.check(f"{' '.join(words)[:30]} ends with {code}", got == code, (got, said))
    session.shows(QUESTION, for_seconds=0.5)
    pending(lab, 1)
    done(lab, "answer", one, "2", "1,2")
    session.shows(IDLE)


@scenario("break-worktree")
def break_worktree(lab):
    """The end with a worktree that holds something: nothing is lost that is nowhere else."""
    lab.boot()
    repository(lab)
    lab.shell("printf 'out/\\n' > .gitignore; git add .gitignore; git commit -qm ignore")
    tree = lab.project / ".claude/worktrees/tree"
    vmux(lab, "new", "tree", "--in", "tmux", "--worktree")

    def refused(what, words):
        said = vmux(lab, "end", "tree", "--worktree", "--yes", code=4)
        lab.check(f"{what} is named", words in said and "tree" in labelled(lab) and tree.is_dir(), said)

    def git(words):
        return lab.shell(f"cd {tree} && git {words}")
    (tree / "new").write_text("x")
    machine.own(tree)
    refused("a new file", "not committed")
    git("update-index --skip-worktree .gitignore && echo more >> .gitignore")
    lab.shell(f"mv {tree}/new ~/new")
    refused("a change that git is told not to see", "not to look for changes of 1 file")
    git("update-index --no-skip-worktree .gitignore && git checkout -q .gitignore")
    lab.shell(f"mv ~/new {tree}/new")
    git("add new")
    refused("a file that is added", "not committed")
    git("commit -qm own")
    refused("a commit of its own", "commit")
    git("branch keep")
    git("checkout -q --detach && git commit -q --allow-empty -m loose")
    refused("a commit on no branch", "commit")
    git("checkout -q tree")
    (tree / ".git-rebase").mkdir()
    (tree / "README").write_text("y")
    machine.own(tree)
    git("stash -u -q")
    lab.shell(f"mkdir -p {tree}/out {tree}/sub && touch {tree}/out/made")
    lab.shell(f"git init -q {tree}/out/own")
    refused("a repository in a folder that is ignored", "a repository of its own: out/own")
    lab.shell(f"rm -rf {tree}/out/own")
    other = lab.start("O", cwd=tree / "sub", ready=False)
    other.press("Enter")
    other.ready()
    refused("another session in it", "in this worktree, too")
    other.exit()
    vmux(lab, "end", "tree", "--worktree", "--yes")
    lab.check("it is gone", not tree.exists(), lab.shell("git worktree list"))
    lab.check("its branch and the stash stay", "keep" in lab.shell("git branch") and lab.shell("git stash list").strip(), lab.shell("git stash list"))


@scenario("break-names")
def break_names(lab):
    """Names that are taken by something else: a tmux session, a folder, a branch, a label, the beginning of another."""
    lab.boot()
    repository(lab)
    lab.shell("tmux new-session -d -s mine 'sleep 1000'; mkdir -p .claude/worktrees/there && touch .claude/worktrees/there/x; git branch old")
    said = vmux(lab, "new", "mine", "--in", "tmux", "--worktree", code=4)
    lab.check("a tmux session of the user's is left alone", "mine already" in said and "mine" in lab.shell("tmux ls"), said)
    lab.check("its worktree was taken back", "worktrees/mine" not in lab.shell("git worktree list"), lab.shell("git worktree list; git branch"))
    said = vmux(lab, "new", "there", "--in", "tmux", "--worktree", code=4)
    lab.check("a folder of the user's is left alone", (lab.project / ".claude/worktrees/there/x").exists(), said)
    lab.check("no branch stays", "there" not in lab.shell("git branch"), lab.shell("git branch"))
    vmux(lab, "new", "old", "--in", "tmux", "--worktree")
    vmux(lab, "new", "web-2", "--in", "tmux")
    vmux(lab, "new", "webber", "--in", "tmux")
    for words, code in [(("end", "web", "--yes"), 1), (("end", "web-", "--yes"), 1), (("end", "WEB-2", "--yes"), 0)]:
        vmux(lab, *words, code=code)
    lab.check("only the whole name ended one", {"webber", "old"} <= set(labelled(lab)) and "web-2" not in labelled(lab), list(labelled(lab)))
    vmux(lab, "label", "webber", "docs")
    for name, code in [("docs", 1), ("DOCS", 1), ("webber", 0), ("web-2", 0), ("4711", 1), ("idle", 1), ("a", 1), ("x" * 41, 1), ("a/b/c", 1), ("../x", 1)]:
        vmux(lab, "new", "--check", name, code=code)
    for words in [("--worktree", "../x"), ("--worktree", "-x"), ("--worktree=a b",), ("--worktree=x..y",), ("--dir", "/nowhere"), ("--dir", "/etc/passwd")]:
        code = lab.vmux.run("new", "odd-one", "--in", "tmux", *words)[0]
        lab.check(f"{words} is refused", code in (2, 4), code)
    for words in [("--session-id", "11111111-2222-4333-8444-555555555555"), ("-p",), ("--bg",), ("--continue",), ("--resume", "x")]:
        said = vmux(lab, "new", "odd-one", "--in", "tmux", "--worktree", "--", *words, code=2)
        lab.check(f"{words} contradicts a start", "does not go with" in said, said)
    lab.check("nothing stays of them", "odd" not in lab.shell("tmux ls; git branch; git worktree list"), lab.shell("tmux ls; git branch; git worktree list"))


@scenario("break-interrupted")
def break_interrupted(lab):
    """Ctrl-C at any moment of a start: either it runs, or nothing stays of it."""
    lab.boot()
    repository(lab)
    environment = lab.environment | {"XDG_RUNTIME_DIR": "/run/user/1000"}
    ran = 0
    for number in range(10):
        name = f"cut{number}"
        words = [machine.VMUX / "vmux", "new", name, "--in", "tmux", "--worktree", "--wait"]
        start = subprocess.Popen(machine.as_user(words), cwd=lab.project, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        time.sleep(random.random() * 2.5)
        start.send_signal(random.choice([signal.SIGINT, signal.SIGTERM, signal.SIGHUP]))
        said = start.communicate(timeout=60)[0]
        there = lab.shell("tmux ls; git branch; git worktree list")
        if "runs  " in said or f"{name}:" in there.split("*")[0]:
            ran += 1
            lab.check(f"{name} runs", "runs" in said or name in labelled(lab), (said, there))
        else:
            lab.check(f"nothing stays of {name}", name not in there, (start.returncode, said, there))
            deadline = time.monotonic() + 5
            # vmuxd hears a little later than this script that the process has ended.
            while (checked := lab.vmux.run("new", "--check", name))[0] and time.monotonic() < deadline:
                time.sleep(0.1)
            lab.check("its name is free", checked[0] == 0, (said, checked))
    lab.note(f"{ran} of 10 ran")


def mounted(lab, *words):
    """Mounts something over ~/.vmux."""
    folder = lab.home / ".vmux"
    folder.mkdir(exist_ok=True)
    machine.own(folder)
    subprocess.run(["mount", *words, str(folder)], check=True)
    machine.own(folder)


@scenario("break-full-disk", since=SINCE)
def break_full_disk(lab):
    """The disk of ~/.vmux is full: prompts are answered, sessions begin and end; what cannot be kept is told."""
    # Without it a hook learns from a file there where vmuxd is.
    lab.environment["XDG_RUNTIME_DIR"] = "/run/user/1000"
    session, prompts = asked(lab)
    lab.shell("tmux new-session -d -s x 'sleep 1000'")
    done(lab, "stop")
    mounted(lab, "-t", "tmpfs", "-o", "size=64k,mode=700,uid=1000,gid=1000", "tmpfs")
    lab.shell("head -c 200000 /dev/zero > ~/.vmux/fill")
    done(lab, "list")
    session.press("Escape")
    session.shows(IDLE)
    session.submit("go", "ask")
    session.shows(PERMISSION)
    prompts = pending(lab, 1)
    done(lab, "deny", prompts[0]["id"])
    session.shows(IDLE)
    code, said = lab.vmux.run("label", str(session.pid), "--set", "web")
    code, said = lab.vmux.run("doctor")
    lab.check("it is told", "No space" in said or "full" in said, said)
    vmux(lab, "new", "fuller", "--in", "tmux")
    lab.check("it runs", any("fuller" in str(it) for it in lab.vmux.rows().values()), lab.vmux.rows())


@scenario("break-read-only", since=SINCE)
def break_read_only(lab):
    """~/.vmux cannot be written: vmuxd does not begin and says why; the session's dialogs are as usable as without it."""
    session, prompts = asked(lab)
    done(lab, "stop")
    folder = lab.home / ".vmux"
    subprocess.run(["mount", "--bind", str(folder), str(folder)], check=True)
    subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
    session.press("Escape")
    session.shows(IDLE)
    code, said = lab.vmux.run("list")
    lab.check("it says why", code == 3 and "ead-only" in said and "hint: " in said, (code, said))
    session.submit("go", "ask")
    session.shows(PERMISSION, for_seconds=1)
    session.press("Escape")
    session.shows(IDLE)


@scenario("break-no-tmux")
def break_no_tmux(lab):
    """Without tmux, with one that does not speak to its server, and with one that hangs: a line that says so, nothing stays."""
    lab.boot()
    repository(lab)
    tools = lab.home / "tools"
    tools.mkdir()
    for name in ("git", "bash", "sh", "env", "setpriv", "cat"):
        os.symlink(lab.shell(f"command -v {name}").strip(), tools / name)
    machine.own(tools)
    environment = lab.environment | {"XDG_RUNTIME_DIR": "/run/user/1000", "PATH": f"{lab.home}/.local/bin:{tools}"}

    def new(*words):
        run = subprocess.run(machine.as_user([machine.VMUX / "vmux", "new", "some", *words]), env=environment, cwd=lab.project,
                             capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, check=False)
        there = lab.shell("git branch; git worktree list")
        lab.check(f"nothing stays of {words}", "some" not in there, there)
        return run.returncode, run.stdout + run.stderr
    code, said = new("--in", "tmux", "--worktree")
    lab.check("no tmux", code == 4 and "install tmux" in said, (code, said))
    code, said = new("--worktree")
    lab.check("no tmux, no display", code == 4 and "display" in said, (code, said))
    for script, words in [("echo 'protocol version mismatch (client 8, server 7)' >&2; exit 1", "protocol version mismatch"),
                          ("sleep 1000", "did not answer"), ("exit 0", "did not say"), ("printf '$1 @1 %%1 x\\n'", "did not say")]:
        lab.write(tools / "tmux", f"#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n")
        (tools / "tmux").chmod(0o755)
        code, said = new("--in", "tmux", "--worktree")
        lab.check(f"a tmux that fails: {words}", code == 4 and words in said, (code, said))


@scenario("break-restore")
def break_restore(lab):
    """Everything is killed (-9) at once, as by a loss of power; then all is taken up again, once, except what cannot be."""
    lab.boot({"say": [answer("Hello there.")]})
    for name in ("one", "two", "three"):
        lab.shell(f"mkdir -p ~/src/{name}")
    lab.shell("true")
    known = {"hasTrustDialogAccepted": True, "hasCompletedProjectOnboarding": True, "projectOnboardingSeenCount": 5, "allowedTools": []}
    state = json.loads((lab.home / ".claude.json").read_text())
    state["projects"] |= {str(lab.home / "src" / name): known for name in ("one", "two", "three")}
    lab.write(lab.home / ".claude.json", state)
    for name in ("one", "two", "three"):
        vmux(lab, "new", name, "--in", "tmux", "--dir", str(lab.home / "src" / name), "--prompt", "say (script say)", "--wait")
    time.sleep(1.5)
    pids = [row["pid"] for row in lab.vmux.rows().values()]
    server = [int(it) for it in lab.shell("pgrep -x vmuxd; pgrep -f 'tmux: server|tmux new-session'").split()]
    for pid in [*server, *pids]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    lab.shell("tmux kill-server; rm -rf ~/src/three ~/.claude/projects/*src-two/*.jsonl")
    time.sleep(1)
    said = vmux(lab, "restore")
    lab.check("all are listed", all(name in said for name in ("one", "two", "three")), said)
    said = vmux(lab, "restore", "--all", "--in", "tmux", code=4)
    lab.check("the one without its folder is told", "three: its directory" in said and "gone" in said, said)
    lab.check("the one without its conversation is told", "two: its conversation is gone" in said, said)
    deadline = time.monotonic() + 20
    while "one" not in labelled(lab) and time.monotonic() < deadline:
        time.sleep(0.1)
    lab.check("the other runs", "one" in labelled(lab) and "two" not in lab.shell("tmux ls"), list(labelled(lab)))
    before = len(lab.vmux.rows())
    vmux(lab, "restore", "--all", "--in", "tmux", code=4)
    lab.check("none is started twice", len(lab.vmux.rows()) == before, lab.vmux.rows())


@scenario("break-record")
def break_record(lab):
    """The record of what ran is damaged, huge, a directory, a FIFO: restore says so or lists nothing, vmuxd goes on."""
    lab.boot()
    for how in ("echo '{\"sessions\": [{' > F", "head -c 30000000 /dev/zero > F", "mkdir F", "mkfifo F", "ln -s /dev/zero F",
                "echo '[]' > F", "printf '{\"sessions\":[{\"session_id\":\"../../x\",\"cwd\":\"/\\\\u001b[2J\",\"name\":\"-x\"}]}' > F"):
        done(lab, "stop")
        lab.shell(f"rm -rf ~/.vmux/sessions.json*; cd ~/.vmux && {how.replace('F', 'sessions.json')}")
        done(lab, "list")
        code, said = lab.vmux.run("restore", "--ended")
        lab.check(f"{how[:20]}: nothing is listed", code in (0, 1) and "\x1b" not in said, (code, said))
        code, said = lab.vmux.run("restore", "--ended", "--all", "--in", "tmux")
        lab.check(f"{how[:20]}: nothing begins", code in (1, 4), (code, said))
    lab.check("nothing runs", not lab.vmux.rows(), lab.vmux.rows())


@scenario("break-log", since=SINCE)
def break_log(lab):
    """The log of answers: mode 0600 whatever the umask, bounded, and never written through a link of another's."""
    session, prompts = asked(lab)
    path = lab.home / ".vmux/answers.log"
    done(lab, "deny", prompts[0]["id"])
    session.shows(IDLE)
    mode = stat.S_IMODE(path.stat().st_mode)
    lab.check("only the user reads it", mode == 0o600, oct(mode))
    lab.shell("yes '{\"at\":\"x\",\"door\":\"y\"}' | head -c 1100000 >> ~/.vmux/answers.log")
    session.submit("go", "ask")
    session.shows(PERMISSION)
    prompts = pending(lab, 1)
    done(lab, "deny", prompts[0]["id"])
    session.shows(IDLE)
    deadline = time.monotonic() + 5
    while path.stat().st_size > 700_000 and time.monotonic() < deadline:
        time.sleep(0.1)
    lines = path.read_text().splitlines()
    lab.check("it is bounded, by whole lines", path.stat().st_size < 700_000 and json.loads(lines[0]) and json.loads(lines[-1])["answer"] == "deny",
              (path.stat().st_size, lines[0][:80], lines[-1][:80]))
    lab.check("it is still the user's alone", stat.S_IMODE(path.stat().st_mode) == 0o600)
    lab.shell("rm ~/.vmux/answers.log; mkdir ~/.vmux/answers.log")
    session.submit("go", "ask")
    session.shows(PERMISSION)
    prompts = pending(lab, 1)
    done(lab, "deny", prompts[0]["id"])
    session.shows(IDLE)


@scenario("break-folders", since=SINCE)
def break_folders(lab):
    """A project whose name has blanks, quotes, a dollar and a tab: it begins, asks, is answered, and ends."""
    installed(lab, {"ask": [answer("I need this.", bash(ASK)), answer("All done.")]})
    folder = lab.home / "a 'b' \"c\" $HOME;é\tx"
    folder.mkdir()
    machine.own(folder)
    said = vmux(lab, "new", "odd", "--in", "tmux", "--dir", str(folder), "--wait", code=10)
    row = labelled(lab).get("odd", {})
    lab.check("it asks for trust, under its name", row.get("reason") == "trust", (said, row))
    deadline = time.monotonic() + 20
    # A dialog that has just been drawn may not take keys yet.
    while (keys := to_yes(screen(lab, "odd"))) and time.monotonic() < deadline:
        lab.shell(f"tmux send-keys -t '=odd:' {keys[0]}; sleep 0.5")
    lab.shell("tmux send-keys -t '=odd:' Enter")
    deadline = time.monotonic() + 20
    while labelled(lab).get("odd", {}).get("state") != "idle" and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(2)
    lab.shell("tmux send-keys -t '=odd:' 'go (script ask)'")
    deadline = time.monotonic() + 20
    while "go (script ask)" not in screen(lab, "odd") and time.monotonic() < deadline:
        time.sleep(0.2)
    time.sleep(1)
    lab.shell("tmux send-keys -t '=odd:' Enter")
    prompts = pending(lab, 1, 15)
    lab.check("its directory is one line", prompts and "\t" not in prompts[0]["cwd"], prompts)
    done(lab, "deny", "odd")
    code, said = lab.vmux.run("end", "odd", "--yes")
    lab.check("it has ended, or is ending", code == 0 or "still running" in said, (code, said))
    deadline = time.monotonic() + 20
    while "odd" in labelled(lab) and time.monotonic() < deadline:
        time.sleep(0.2)
    lab.check("it has ended", "odd" not in labelled(lab), list(labelled(lab)))
