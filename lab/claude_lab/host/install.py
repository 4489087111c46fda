"""The CLI from npm, and the tools that the lab needs."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "@anthropic-ai/claude-code"
TOOLS = {"unshare": "util-linux", "setpriv": "util-linux", "ip": "iproute2", "tmux": "tmux", "git": "git", "perl": "perl"}
PYTHONS = ("/usr/bin/python3", "/usr/local/bin/python3")


class Unfit(Exception):
    """What is missing, and what to do."""


@dataclass(frozen=True)
class Cli:
    """A version of the CLI. `npm` is the folder it was installed to, `node` that of node, if it
    needs one that the pod would not see."""

    version: str
    program: Path
    npm: Path
    node: Path | None


def check_tools():
    if os.geteuid():
        raise Unfit("the lab makes namespaces and mounts: run it as root")
    missing = sorted({package for tool, package in TOOLS.items() if not shutil.which(tool)})
    if missing:
        raise Unfit(f"needed: {' '.join(missing)} (Debian: apt-get install {' '.join(missing)})")
    python()


def python():
    """A python3 that is still there when home directories are hidden."""
    for path in (*PYTHONS, sys.executable):
        if os.access(path, os.X_OK):
            return path
    raise Unfit("needed: python3")


def install(version, folder):
    """Installs a version below `folder`, unless it is there already."""
    folder = Path(folder).resolve() / version
    if not (folder / "node_modules" / PACKAGE).is_dir():
        if not shutil.which("npm"):
            raise Unfit("needed: npm (Debian: apt-get install npm), or --cli PROGRAM")
        folder.mkdir(parents=True, exist_ok=True)
        print(f"installing {PACKAGE}@{version}", flush=True)
        done = subprocess.run(["npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", folder, f"{PACKAGE}@{version}"],
                              capture_output=True, text=True, check=False)
        if done.returncode:
            raise Unfit(f"npm could not install {PACKAGE}@{version}:\n{done.stderr.strip()}")
    return describe(version, program_in(folder), folder)


def program_in(folder):
    """A native program where the version has one for this machine, else cli.js."""
    scope = folder / "node_modules" / PACKAGE.split("/", maxsplit=1)[0]
    found = [*sorted(scope.glob("claude-code-linux-*/claude")), scope / "claude-code/cli.js"]
    for path in found:
        if path.is_file() and "musl" not in path.parent.name:
            return path
    raise Unfit(f"no program of Claude Code below {scope}")


def describe(version, program, npm):
    node = None
    if program.suffix == ".js":
        path = shutil.which("node")
        if not path:
            raise Unfit(f"{version} needs node (Debian: apt-get install nodejs)")
        path = Path(path).resolve()
        node = None if path.is_relative_to("/usr") else path.parent.parent
    return Cli(version, program, npm, node)


def named(program):
    """A program that is here already; it is asked for its version where nothing of ours is seen."""
    program = Path(program).resolve()
    words = (["node"] if program.suffix == ".js" else []) + [program, "--version"]
    quiet = {"HOME": "/nonexistent", "PATH": os.environ["PATH"], "DISABLE_AUTOUPDATER": "1"}
    done = subprocess.run(["unshare", "--net", *words], capture_output=True, text=True, env=quiet, timeout=60, check=False)
    found = re.search(r"\d+\.\d+\.\d+", done.stdout)
    if not found:
        raise Unfit(f"{program} does not say its version")
    npm = next((it.parent for it in program.parents if it.name == "node_modules"), program.parent)
    return describe(found.group(), program, npm)
