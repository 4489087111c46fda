"""What one list costs: wall time, time on a core, peak memory."""

import dataclasses
import os
import statistics
import subprocess


@dataclasses.dataclass
class Cost:
    wall: float  # milliseconds
    cpu: float  # milliseconds
    peak: float  # MB

    def __str__(self):
        return f"{self.wall:.1f} ms / {self.cpu:.1f} ms / {self.peak:.1f} MB"


def output(command, env):
    return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout


def costs(commands, env, measure, rounds):
    """Medians of each, in turn so that all meet the same load. The first round does not count."""
    taken = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            cost = once(command, env, measure)
            if number:
                taken[name].append(cost)
    return {name: median(them) for name, them in taken.items()}


def once(command, env, measure):
    reader, writer = os.pipe()
    process = subprocess.Popen(
        [measure, str(writer), *command], env=env, pass_fds=[writer],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(writer)
    with open(reader) as result:
        wall, cpu, peak = (int(it) for it in result.read().split())
    process.wait()
    return Cost(wall / 1e3, cpu / 1e3, peak / 1024)


def median(costs):
    middle = [statistics.median(getattr(it, field) for it in costs) for field in ("wall", "cpu", "peak")]
    return Cost(*middle)
