"""Runs scenarios, each in namespaces of its own, some at a time."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from .install import python

LONGEST = 600
LAB = Path(__file__).resolve().parents[2]


class Runner:
    """`out` gets VERSION/SCENARIO with the results, and homes/VERSION-SCENARIO with what the CLI left."""

    def __init__(self, cli, out, vmux, hooks, patience, plain):
        self.cli, self.vmux, self.hooks, self.patience, self.plain = cli, vmux, hooks, patience, plain
        self.results = Path(out).resolve() / (cli.version + ("-hooks" if hooks else "") + ("-plain" if plain else ""))
        self.homes = Path(out).resolve() / "homes"

    def task(self, name):
        """Everything that the program inside is told, as it is sent to it."""
        folder, home = self.results / name, self.homes / f"{self.results.name}-{name}"
        for path in (folder, home):
            shutil.rmtree(path, ignore_errors=True)
            path.mkdir(parents=True)
        return {
            "scenario": name, "version": self.cli.version, "program": str(self.cli.program), "npm": str(self.cli.npm),
            "node": str(self.cli.node or ""), "result": str(folder), "home": str(home), "lab": str(LAB),
            "vmux": str(self.vmux or ""), "hooks": self.hooks, "patience": self.patience, "plain": self.plain,
        }

    def begin(self, name):
        task = self.task(name)
        inside = ["unshare", "--mount", "--pid", "--net", "--uts", "--ipc", "--fork", "--mount-proc", "--kill-child",
                  # A shell is the first process: it takes in the orphans.
                  "sh", "-c", f"cd {LAB} && {python()} -B -m claude_lab.pod.inside; exit $?"]
        environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
        with open(Path(task["result"]) / "driver.log", "wb") as log:
            child = subprocess.Popen(inside, stdin=subprocess.PIPE, stdout=log, stderr=log, env=environment)
        child.stdin.write(json.dumps(task).encode())
        child.stdin.close()
        return child, time.monotonic()

    def run(self, names, jobs):
        """Runs all, and tells on standard error what is done."""
        waiting, running = list(names), {}
        try:
            self.turns(waiting, running, jobs)
        finally:
            for child, _ in running.values():
                child.kill()

    def turns(self, waiting, running, jobs):
        while waiting or running:
            while waiting and len(running) < jobs:
                name = waiting.pop(0)
                running[name] = self.begin(name)
            for name, (child, began) in list(running.items()):
                if child.poll() is None and time.monotonic() - began > LONGEST:
                    child.kill()
                if child.poll() is not None:
                    del running[name]
                    took = time.monotonic() - began
                    print(f"{self.results.name} {name}: {took:.0f} s, {len(waiting) + len(running)} to go", file=sys.stderr, flush=True)
            time.sleep(0.1)


class Busy:
    """Processes that keep the machine busy, politely, while the scenarios run."""

    def __init__(self, number):
        self.number, self.children = number, []

    def __enter__(self):
        for _ in range(self.number):
            self.children.append(subprocess.Popen(["sh", "-c", "while :; do :; done"], preexec_fn=lambda: os.nice(10)))

    def __exit__(self, *_):
        for child in self.children:
            child.kill()
