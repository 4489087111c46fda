"""What a program costs that stays: its share of a core, and its memory."""

import dataclasses
import os
import pathlib
import statistics
import time

TICK = os.sysconf("SC_CLK_TCK")


@dataclasses.dataclass
class Usage:
    cpu: float  # percent of one core
    memory: float  # MB
    own: float  # MB of it that no file holds: what the kernel cannot simply drop

    def __str__(self):
        return f"{self.cpu:.3f} % / {self.memory:.1f} MB ({self.own:.1f})"


def over(seconds, pids, pause=time.sleep):
    """Of these processes with all they start, those included that have ended meanwhile."""
    trees = Tree(pids)
    before, begin = trees.cpu(), time.monotonic()
    memory, own = [], []
    while time.monotonic() < begin + seconds:
        pause(1)
        memory.append(trees.memory("VmRSS"))
        own.append(trees.memory("RssAnon"))
    share = (trees.cpu() - before) / (time.monotonic() - begin)
    return Usage(share * 100, statistics.median(memory), statistics.median(own))


class Tree:
    def __init__(self, pids):
        self.roots = pids

    def pids(self):
        parents = {}
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                parents.setdefault(field(entry, 4), []).append(int(entry))
        found, todo = [], list(self.roots)
        while todo:
            pid = todo.pop()
            found.append(pid)
            todo += parents.get(str(pid), [])
        return found

    def cpu(self):
        """Seconds. The clock of a process counts all its threads in nanoseconds; the children that
        it has waited for are known in ticks."""
        total = 0.0
        for pid in self.pids():
            try:
                total += time.clock_gettime((~pid << 3) | 2)
            except OSError:
                continue
            total += (int(field(pid, 16) or 0) + int(field(pid, 17) or 0)) / TICK
        return total

    def memory(self, kind):
        total = 0.0
        for pid in self.pids():
            try:
                status = pathlib.Path(f"/proc/{pid}/status").read_text()
            except OSError:
                continue
            lines = (line for line in status.splitlines() if line.startswith(kind + ":"))
            total += sum(int(line.split()[1]) for line in lines) / 1024
        return total


def field(pid, number):
    """A field of /proc/PID/stat behind the name, by its number in proc(5)."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return text.rpartition(")")[2].split()[number - 3]
