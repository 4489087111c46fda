#!/usr/bin/env python3
"""vmux beside other programs for the same job, in one run on one machine: see README.md."""

import argparse
import pathlib
import subprocess
import sys
import time

import delay
import install
import listing
import peers
import pod
import resident
import score
import table
import watchers
from world import World, stop

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
PORT = 7777
# More than twice the longest interval of any program here.
SETTLE = 15


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("/var/tmp/vmux-peers"))
    parser.add_argument("--vmux", type=pathlib.Path, default=REPOSITORY / "target/release", help="folder of vmux and vmuxd")
    parser.add_argument("--sessions", type=int, nargs="+", default=[5, 50, 200])
    parser.add_argument("--rounds", type=int, default=15, help="lists of each program")
    parser.add_argument("--seconds", type=int, default=60, help="how long what stays is watched; 0 for not at all")
    parser.add_argument("--edges", type=int, default=50, help="waits that begin; vmux gets four times as many")
    return parser.parse_args()


class Bench:
    def __init__(self, options, root):
        self.options, self.root = options, root
        self.tools = peers.Tools(options.work, options.vmux)

    def world(self, number):
        self.say(f"a world of {number} sessions")
        world = World(self.root, self.options.work / "claude", number)
        self.env = world.env()
        return world

    def say(self, what):
        print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)

    def start(self, *command):
        return subprocess.Popen(
            command, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True)

    def serve(self, world):
        """cctop as it is meant to run: its hooks installed, and every session's told."""
        listing.output([self.tools.cctop, "--install-hooks"], self.env)
        server = self.start(self.tools.cctop, "serve", "--no-token", "--port", str(PORT))
        time.sleep(5)
        world.fire_hooks(self.settings(world))
        return server

    def settings(self, world):
        return world.claude / "settings.json"

    def accuracy_and_lists(self, number):
        """Scores, what a list costs, and what the programs that stay cost."""
        world = self.world(number)
        daemon, server = self.start(self.tools.vmuxd), self.serve(world)
        time.sleep(SETTLE)
        scores = {}
        world.keep_busy()
        for name, (command, parse) in self.tools.listings().items():
            scores[name] = score.judge(world, parse(listing.output(command, self.env)), name)
        scores["cctop serve + hooks"] = score.judge(world, peers.cctop(watchers.fetch(PORT, "/api/sessions")), "cctop")
        stop(server)
        self.say("lists")
        commands = {name: command for name, (command, _) in self.tools.listings().items()}
        costs = listing.costs(commands, self.env, self.tools.measure, self.options.rounds)
        usage = self.residents(daemon) if self.options.seconds else {}
        stop(daemon)
        world.end()
        return scores, costs, usage

    def residents(self, daemon):
        usage = {"vmuxd": self.watch("vmuxd", [daemon.pid])}
        follower = watchers.Bar(self.tools.follow(), self.env)
        usage["vmuxd + vmux status --follow"] = self.watch("follower", [daemon.pid, follower.process.pid])
        follower.end()
        for name, (command, change) in self.tools.screens().items():
            terminal = watchers.Terminal(command, self.env | change)
            usage[name] = self.watch(name, [terminal.process.pid], terminal)
            terminal.end()
        server = self.start(self.tools.cctop, "serve", "--no-token", "--port", str(PORT))
        usage["cctop serve"] = self.watch("cctop serve", [server.pid])
        stop(server)
        return usage

    def watch(self, name, pids, terminal=None):
        self.say(f"{name} for {self.options.seconds} s")
        pause = terminal.drain if terminal else time.sleep
        # Its start does not count.
        pause(10)
        return resident.over(self.options.seconds, pids, pause)

    def delays(self):
        """What stays → {0: seconds until a prompt was shown, …, 1: until a question was}."""
        world = self.world(50)
        prompting = next(it for it in world.sessions if it.scenario.title == "permission prompt")
        silent = next(it for it in world.sessions if it.scenario.title == "SDK, idle")
        prompt, question = delay.Prompt(world, prompting), delay.Question(world, silent)
        daemon = self.start(self.tools.vmuxd)
        time.sleep(SETTLE)
        bar = watchers.Bar(self.tools.follow(), self.env)
        result = {"vmuxd": {0: self.edges(prompt, bar, 4, 0.5), 1: self.edges(question, bar, 4, 0.5)}}
        bar.end()
        stop(daemon)
        for name, word in self.tools.waits().items():
            result[name] = {}
            for index, change in enumerate((prompt, question)):
                command, more = self.tools.screens()[name]
                line = pathlib.Path(change.session.recording.cwd).name
                screen = watchers.Terminal(command, self.env | more, line, word)
                result[name][index] = self.edges(change, screen)
                screen.end()
        # Without hooks first: what it has been told stays true for it until it is told otherwise.
        server = self.start(self.tools.cctop, "serve", "--no-token", "--port", str(PORT))
        time.sleep(SETTLE)
        result["cctop"] = self.streams(prompt, question, ("waiting", "asking"))
        stop(server)
        server = self.serve(world)
        time.sleep(SETTLE)
        settings = self.settings(world)
        prompt, question = delay.Prompt(world, prompting, settings), delay.Question(world, silent, settings)
        result["cctop serve"] = self.streams(prompt, question, ("asking",))
        stop(server)
        world.end()
        return result

    def streams(self, prompt, question, words):
        stream = lambda it: watchers.Stream(PORT, it.session.session_id, words)
        return {0: self.edges(prompt, stream(prompt)), 1: self.edges(question, stream(question))}

    def edges(self, change, watcher, times=1, interval=2.5):
        self.say(f"{type(change).__name__.lower()}s before {' '.join(watcher.process.args) if watcher.process else 'cctop serve'}")
        watcher.drain(3)
        return delay.edges(change, watcher, self.options.edges * times, interval)


def main():
    options = arguments()
    options.work = options.work.absolute()
    if options.work.is_relative_to("/tmp") or options.vmux.absolute().is_relative_to("/tmp"):
        sys.exit("run.py: nothing below /tmp: the programs get a /tmp of their own")
    options.work.mkdir(parents=True, exist_ok=True)
    if not pod.is_inside():
        install.install(options.work)
    bench = Bench(options, pod.enter(options.work))
    results = {number: bench.accuracy_and_lists(number) for number in options.sessions}
    delays = bench.delays() if options.edges else {}
    table.show(bench.tools, results, delays)


if __name__ == "__main__":
    main()
