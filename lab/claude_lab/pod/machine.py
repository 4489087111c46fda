"""The throw-away machine: mounts, network and users, made inside fresh namespaces.

It has its own processes, its own loopback and nothing else of a network, and the user `dev` with a
fresh HOME that is seen as /home/dev. Folders in which this machine's users keep things are hidden.
"""

import os
import shutil
import subprocess
from pathlib import Path

USER_ID = 1000
HOME = Path("/home/dev")
PROJECT = HOME / "proj"
RESULT = Path("/opt/result")
VMUX = Path("/opt/vmux")
TOOLS = Path("/opt/lab/claude_lab/tools")
NPM = Path("/opt/npm")
NODE = Path("/opt/node")
CLI = Path("/opt/cli")
HIDDEN = ["/home", "/root", "/tmp", "/mnt", "/media", "/srv", "/run"]
API_KEY = "sk-ant-api03-of-the-lab-0000"
FILES = {
    "passwd": "root:x:0:0:root:/root:/bin/bash\ndev:x:1000:1000:Dev:/home/dev:/bin/bash\n",
    "group": "root:x:0:\ndev:x:1000:\n",
    "hosts": "127.0.0.1 localhost devbox\n",
    "machine-id": "0123456789abcdef0123456789abcdef\n",
}


def run(*words):
    subprocess.run(words, check=True)


def bind(source, target):
    """Shows `source`, a file or a folder, at `target` as well."""
    target = Path(target)
    if Path(source).is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    run("mount", "--bind", str(source), str(target))


def empty(path, mode="755"):
    run("mount", "-t", "tmpfs", "-o", f"mode={mode}", "tmpfs", str(path))


def enter(task):
    """Turns the fresh namespaces into the machine. `task` is described in host/runner.py."""
    run("mount", "--make-rprivate", "/")
    run("ip", "link", "set", "lo", "up")
    run("hostname", "devbox")
    # What is needed from this machine is bound below /opt before the rest is hidden.
    empty("/opt")
    for source, target in [(task["lab"], "/opt/lab"), (task["result"], RESULT), (task["home"], "/opt/home"),
                           (task["vmux"], VMUX), (task["npm"], NPM), (task["node"], NODE), (task["program"], CLI)]:
        if source:
            bind(source, target)
    for path in HIDDEN:
        if os.path.isdir(path):
            empty(path, "1777" if path == "/tmp" else "755")
    HOME.mkdir()
    run("mount", "--bind", "/opt/home", str(HOME))
    install_cli(task)
    for name, words in FILES.items():
        if os.path.exists(f"/etc/{name}"):
            Path("/opt", name).write_text(words)
            bind(f"/opt/{name}", f"/etc/{name}")
    runtime = Path("/run/user/1000")
    runtime.mkdir(parents=True)
    runtime.chmod(0o700)
    PROJECT.mkdir()
    own(runtime, HOME)


def install_cli(task):
    """`claude`, as its installers leave it: a link to a version, or to npm's cli.js."""
    program = Path(task["program"])
    link = HOME / ".local/bin/claude"
    link.parent.mkdir(parents=True)
    if task["node"] or program.suffix == ".js":
        link.symlink_to(NPM / program.relative_to(task["npm"]))
    else:
        versions = HOME / ".local/share/claude/versions"
        bind(CLI, versions / task["version"])
        link.symlink_to(versions / task["version"])


def own(*paths):
    """Gives everything below the paths to the user."""
    for path in paths:
        run("find", str(path), "-xdev", "!", "-user", str(USER_ID), "!", "-path", "*/versions/*",
            "-exec", "chown", "-h", f"{USER_ID}:{USER_ID}", "{}", "+")


def as_user(words):
    """The command that runs `words` as the user of the machine."""
    return ["setpriv", f"--reuid={USER_ID}", f"--regid={USER_ID}", "--clear-groups", "--inh-caps=-all",
            "--bounding-set=-all", "--", *map(str, words)]


def as_observer(words):
    """The command that runs `words` before all others, where the kernel allows it (sched(7)), and its children as usual.

    What observes is no part of what is measured, so it must not wait for a processor.
    """
    first = ["chrt", "--reset-on-fork", "--fifo", "1"]
    allowed = subprocess.run([*first, "true"], capture_output=True, check=False).returncode == 0
    return [*(first if allowed else []), *map(str, words)]


def stamp(lines, name):
    """Writes each line of JSON, and when it came, to a file of the result."""
    out = open(RESULT / name, "w", encoding="utf8")
    subprocess.Popen(as_observer(["python3", "-u", TOOLS / "stamp.py"]), stdin=lines, stdout=out)


def environment(port):
    """What the user's shells have in their environment."""
    quiet = ["CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "DISABLE_TELEMETRY", "DISABLE_AUTOUPDATER", "DISABLE_ERROR_REPORTING"]
    node = f"{NODE}/bin:" if NODE.exists() else ""
    return {
        "HOME": str(HOME), "USER": "dev", "LOGNAME": "dev", "SHELL": "/bin/bash", "LANG": "C.UTF-8",
        "PATH": f"{HOME}/.local/bin:{node}/usr/local/bin:/usr/bin:/bin", "TERM": "xterm-256color",
        "ANTHROPIC_BASE_URL": f"http://127.0.0.1:{port}", "ANTHROPIC_API_KEY": API_KEY,
        **dict.fromkeys(quiet, "1"),
    }


def clear(folder):
    """An empty folder, whatever was there."""
    shutil.rmtree(folder, ignore_errors=True)
    Path(folder).mkdir(parents=True)
    return Path(folder)
