"""vmux's own lag: from the change of a session file to the event that tells it. Pure but for reading.

Only versions that write a status can be measured so. Idle after work is told a moment late on
purpose: vmux waits whether the session goes on.
"""

import json

STATES = {"busy": "working", "waiting": "needs_input", "idle": "idle", "shell": "idle"}
EARLY = 0.02


def lines(path):
    try:
        return [json.loads(line) for line in path.read_text().splitlines() if line]
    except (OSError, ValueError):
        return []


def lags(folder):
    """state -> (seconds after the change, seconds after a bare reader) of every change told before the next.

    The bare reader (`tools/sessions.py`) waits for the same file on the same machine at the same load, and what it
    writes goes the same way: what it needs is the machine's, and only the rest is vmux's own. Below 0, vmux was first.
    """
    changes, told, found = {}, {}, {}
    for line in lines(folder / "statuses.jsonl"):
        read = line["event"]
        state = STATES.get(read["status"])
        mine = changes.setdefault(read["pid"], [])
        if state and (not mine or mine[-1][1] != state):
            mine.append((read["changed"], state, line["at"]))
    for line in lines(folder / "events.jsonl"):
        row = line["event"].get("session") or {}
        told.setdefault(row.get("pid"), []).append((line["at"], row.get("state")))
    for pid, mine in changes.items():
        events = told.get(pid, [])
        for (at, state, read), (end, *_) in zip(mine, mine[1:] + [(float("inf"),)]):
            before = next((said for t, said in reversed(events) if t < at - EARLY), None)
            first = next((t for t, said in events if said == state and at - EARLY <= t < end), None)
            # An idle between the two that was over again before it was told leaves nothing to tell.
            if first is not None and before != state:
                found.setdefault(state, []).append((max(0.0, first - at), first - read))
    return found


def summary(values):
    """Number, median, 99th percentile and maximum, in milliseconds."""
    ordered = sorted(values)
    at = lambda share: round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))])  # noqa: E731
    return {"n": len(ordered), "p50": at(0.5), "p99": at(0.99), "max": at(1.0)}
