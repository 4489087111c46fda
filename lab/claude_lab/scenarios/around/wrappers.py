"""How a session is started: through shells, wrappers, links and copies; and what is deleted while it runs."""

import os
import time

from ...pod import proc
from ...pod.truth import IDLE, PERMISSION
from .. import scenario
from ..common import scripts

KEEP = ' '.join(f'{it}="${it}"' for it in ("HOME", "PATH", "TERM", "LANG", "ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY",
                                            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "DISABLE_AUTOUPDATER"))
PTY = "python3 -c 'import pty; pty.spawn([\"claude\"])'"
COMMANDS = {
    "exec": "exec claude", "bare": f"env -i {KEEP} claude", "sub": "bash -c 'claude; true'", "other": "bash -c 'exec -a anything claude'",
    "script": "script -qc claude /dev/null", "pty": PTY, "link": "~/bin/cc", "timeout": "timeout --foreground 1000 claude",
    "setsid": "setsid -w claude", "renamed": "~/bin/assistant", "subshell": "(cd /tmp && cd ~/proj && claude)", "env": "ANTHROPIC_LOG=info claude --debug", "loop": "while sleep 1; do claude; done", "errors": "claude 2>~/errors",
    "function": "f() { command claude \"$@\"; }; f --model opus"}


def real(lab, pid):
    """The process of Claude Code itself, at or below a process."""
    program = lab.task["program"]
    for it in [pid, *proc.descendants(pid)]:
        exe = proc.link(f"/proc/{it}/exe") or ""
        # A copy of the native program has any name, but is larger than other programs.
        if "/versions/" in exe or os.path.isfile(exe) and os.path.getsize(exe) > 200_000_000:
            return it
        if exe.endswith(("/node", "/bun")) and any("claude" in word or "/cc/" in word for word in proc.arguments(it)) and proc.arguments(it)[0] != "npm exec claude":
            return it
    return pid if program else 0


def begin(lab, name, command):
    session = lab.pane(name)
    session.line(command)
    try:
        session.shows(IDLE, 40, for_seconds=1)
    except Exception:
        lab.note(f"{name} does not come up: {session.last_lines()[-300:]}")
    session.pid = real(lab, lab.tmux.pid(session.pane))
    return session


@scenario("wrap-first", since="2.0.77")
def wrap_first(lab):
    """Started in eight ways; each asks."""
    several(lab, dict(list(COMMANDS.items())[:8]), lambda: links(lab))


@scenario("wrap-second", since="2.0.77")
def wrap_second(lab):
    """Started in eight other ways; each asks."""
    several(lab, dict(list(COMMANDS.items())[8:]), lambda: links(lab))


def links(lab):
    lab.shell("mkdir -p ~/bin && ln -s ~/.local/bin/claude ~/bin/cc && ln -s ~/.local/bin/claude ~/bin/assistant")


def several(lab, commands, prepare=lambda: None):
    """Starts a session by each command; each is free, then asks. `prepare` is called first, with the machine there."""
    lab.boot(scripts(lab, "ask"))
    prepare()
    for name, command in commands.items():
        session = begin(lab, name, command)
        lab.look(name, **{name: IDLE})
        session.submit("go", "ask")
        session.shows(PERMISSION)
        time.sleep(1)
        lab.look(name + "-asks", **{name: PERMISSION})
    lab.look("all", **dict.fromkeys(commands, PERMISSION))


@scenario("wrap-deleted", since="2.1.119")
def wrap_deleted(lab):
    """The executable is deleted while it runs, as an update does; then it asks, and vmuxd begins again."""
    lab.boot(scripts(lab, "ask"))
    lab.shell("cd ~/.local/share/claude/versions && cp $(readlink -f ~/.local/bin/claude) 9.9.9")
    session = begin(lab, "D", "~/.local/share/claude/versions/9.9.9")
    lab.look("free", D=IDLE)
    lab.shell("rm ~/.local/share/claude/versions/9.9.9")
    time.sleep(2)
    lab.look("deleted", D=IDLE)
    session.submit("go", "ask")
    session.shows(PERMISSION)
    time.sleep(1)
    lab.look("asks", D=PERMISSION)
    lab.vmux.run("stop")
    lab.vmux.run("list")
    time.sleep(2)
    lab.look("again", D=PERMISSION)
