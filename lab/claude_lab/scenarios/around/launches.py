"""By which programs a session is started, and under which name its own program lies."""

import shutil
import subprocess
import time

from ...api.answers import answer
from ...pod import machine, proc
from ...pod.truth import GONE, IDLE, PERMISSION, TRUST, WORKING
from .. import scenario
from ..common import scripts, trusts
from .wrappers import KEEP, several

NICE = {"nice": "nice -n 5 claude", "ionice": "ionice -c 3 claude", "stdbuf": "stdbuf -oL claude", "shebang": "~/bin/ask", "wrapped": "~/bin/wrapped",
        "npx": "npx claude", "homeless": f"env -i {KEEP.replace(chr(34), '').replace('HOME=$HOME ', '')} claude", "named": "bash -c 'exec -a other-name claude'"}
TERMINALS = {"script": "setsid -w script -qec claude /dev/null", "nested": "nice script -qec 'nice timeout --foreground 500 claude' /dev/null", "limited": "prlimit --nofile=4096 claude",
             "sh": "sh -c 'sh -c \"claude; true\"; true'", "unshared": "unshare -r --map-current-user claude", "titled": "bash -c 'exec -a \"vim notes\" claude'"}
COPIES = {"copy": "~/bin/agent", "hardlink": "~/bin/other", "copy-named": "bash -c 'exec -a claude ~/bin/agent'", "copy-args": "~/bin/agent --model opus"}


def programs(lab):
    """Wrappers of the user's in ~/bin, and a package of the project."""
    for name, words in {"ask": '#!/bin/sh\nexec claude "$@"\n', "wrapped": '#!/usr/bin/env bash\ntrap true INT\nclaude "$@"\ntrue\n'}.items():
        lab.write(lab.home / "bin" / name, words)
    lab.shell("chmod +x ~/bin/*; mkdir -p node_modules/.bin && ln -s $(readlink -f ~/.local/bin/claude) node_modules/.bin/claude")


@scenario("launch-wrapped", since="2.0.77")
def launch_wrapped(lab):
    """Started by eight programs that start it in turn; each asks."""
    several(lab, NICE, lambda: programs(lab))


@scenario("launch-terminals", since="2.0.77")
def launch_terminals(lab):
    """Started in terminals of other programs, in a user namespace, under another title; each asks."""
    several(lab, TERMINALS)


@scenario("launch-copies", since="2.1.119")
def launch_copies(lab):
    """The native program lies under other names, as a copy and as a hard link; each asks."""
    several(lab, COPIES, lambda: lab.shell("mkdir -p ~/bin && cp $(readlink -f ~/.local/bin/claude) ~/bin/agent && ln ~/bin/agent ~/bin/other"))


@scenario("launch-copy-trust", since="2.1.119")
def launch_copy_trust(lab):
    """A copy under another name asks whether to trust its folder, then for a permission."""
    lab.boot(scripts(lab, "ask"))
    lab.shell("mkdir -p ~/bin ~/new && cp $(readlink -f ~/.local/bin/claude) ~/bin/agent")
    session = lab.pane("A", cwd=lab.home / "new")
    session.line("~/bin/agent")
    session.shows(TRUST, 40, for_seconds=1)
    session.pid = next(it for it in proc.descendants(lab.tmux.pid(session.pane)) if (proc.link(f"/proc/{it}/exe") or "").endswith("/agent"))
    time.sleep(2)
    lab.look("trust", A=TRUST)
    trusts(session)
    session.shows(IDLE, 40, for_seconds=1)
    lab.look("free", A=IDLE)
    session.submit("go", "ask")
    session.shows(PERMISSION)
    time.sleep(1)
    lab.look("asks", A=PERMISSION)
    session.press("Escape")
    session.shows(IDLE)
    session.exit()
    lab.look("gone", A=GONE)


@scenario("launch-copy-replaced", since="2.1.119")
def launch_copy_replaced(lab):
    """Another program has the pid that the file of a killed copy names, or a copy is no session."""
    lab.boot(scripts(lab, "one"))
    lab.shell("mkdir -p ~/bin && cp $(readlink -f ~/.local/bin/claude) ~/bin/agent")
    session = lab.pane("A")
    session.line("~/bin/agent --version; ~/bin/agent mcp serve < <(sleep 1000) > /dev/null")
    time.sleep(5)
    known = [row for row in lab.vmux.rows().values()]
    lab.check("no session is listed", not known, known)


@scenario("launch-packages", since="2.0.77", until="2.1.100")
def launch_packages(lab):
    """The package of a node build lies in another folder, under another name, and is run by node, npx, and bun."""
    commands = {"node": "node ~/tools/cc/cli.js", "link": "~/tools/agent", "code": "node --max-old-space-size=4000 ~/tools/claude-code/cli.js"}
    if shutil.which("bun"):
        commands |= {"bun": "bun ~/tools/claude-code/cli.js", "bun-cc": "bun ~/tools/cc/cli.js", "bun-bun": "bun --bun ~/.local/bin/claude"}
    several(lab, commands, lambda: lab.shell("mkdir -p ~/tools && cp -r $(dirname $(readlink -f ~/.local/bin/claude)) ~/tools/cc && "
                                             "ln -s ~/tools/cc/cli.js ~/tools/agent && cp -r ~/tools/cc ~/tools/claude-code"))


@scenario("launch-print", since="2.0.77")
def launch_print(lab):
    """`claude -p` below nohup, setsid, timeout, and without anything: each works, and is gone."""
    lab.boot({"work": [answer("Done.", until="send")]})
    prompt = "-p 'go (script work)'"
    commands = {"nohup": f"nohup claude {prompt} > ~/out 2>&1 &", "setsid": f"setsid claude {prompt} > ~/out2 2>&1 < /dev/null", "timeout": f"timeout 500 claude {prompt} | cat",
                "cron": f"(cd / && env -i HOME=$HOME PATH=$PATH ANTHROPIC_API_KEY=$ANTHROPIC_API_KEY ANTHROPIC_BASE_URL=$ANTHROPIC_BASE_URL setsid sh -c \"cd ~/proj; claude {prompt}\" > ~/out3 2>&1 < /dev/null)",
                "piped": f"echo more | claude {prompt} | tee ~/out4"}
    for name, command in commands.items():
        session = lab.pane(name)
        before = set(lab.vmux.rows())
        session.line(command)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and not set(lab.vmux.rows()) - before:
            time.sleep(0.2)
        new = set(lab.vmux.rows()) - before
        lab.check(f"{name} is listed once", len(new) == 1, sorted(new))
        session.pid, session.headless = next(iter(new), 0), True
        time.sleep(2)
        lab.look(name, **{name: WORKING})
    lab.look("all", **dict.fromkeys(commands, WORKING))
    lab.api.open("send")
    for name in commands:
        lab.sessions[name].gone(40)
    time.sleep(1)
    lab.look("over", **dict.fromkeys(commands, GONE))


@scenario("launch-group", since="2.0.77")
def launch_group(lab):
    """Started below newgrp, which the kernel lets nobody of another group look into; it works, asks, and is free."""
    lab.boot(scripts(lab, "ask", "one"))
    words = ["tmux", "-L", "group", "-f", str(lab.home / ".tmux-lab.conf"), "new-session", "-d", "-x", "150", "-y", "50", "sh", "-c", "cd ~/proj; exec claude"]
    subprocess.run(["setpriv", "--reuid=1000", "--regid=100", "--clear-groups", *words], env=lab.environment, check=True)
    time.sleep(12)
    lab.check("one is listed", len(lab.vmux.rows()) == 1, sorted(lab.vmux.rows()))
    lab.adopt("G", next(iter(lab.vmux.rows()), 0))

    def keys(*words):
        lab.shell("tmux -L group send-keys " + " ".join(words))
        time.sleep(0.7)
    lab.look("free", G=IDLE)
    keys("-l", "'go (script ask)'")
    keys("Enter")
    time.sleep(4)
    lab.look("asks", G=PERMISSION)
    keys("1")
    time.sleep(2)
    lab.look("allowed", G=WORKING)
    lab.end_command("go")
    time.sleep(3)
    lab.look("over", G=IDLE)
    lab.note(f"{lab.vmux.rows()}")
