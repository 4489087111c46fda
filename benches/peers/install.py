"""Puts the peers and two small helpers of our own into the work directory, unless they are there."""

import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
CRATES = {"abtop": "0.5.5", "cctop": "0.40.0"}
MONITOR = ("claude-busy-monitor", "1.0.6")


def install(work):
    for name, version in CRATES.items():
        if not (work / "cargo/bin" / name).exists():
            env = os.environ | {"CARGO_TARGET_DIR": str(work / "target")}
            root = str(work / "cargo")
            run("nice", "cargo", "install", "--locked", "--root", root, f"{name}@{version}", env=env)
    name, version = MONITOR
    if not (work / "venv/bin" / name).exists():
        run(sys.executable, "-m", "venv", str(work / "venv"))
        run(str(work / "venv/bin/pip"), "install", "--quiet", f"{name}=={version}")
    for name in ("claude", "measure"):
        run("cc", "-O2", "-o", str(work / name), str(HERE / f"{name}.c"))


def run(*command, env=None):
    print("+", *command, file=sys.stderr, flush=True)
    subprocess.run(command, check=True, env=env)
