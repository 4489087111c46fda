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
    """state -> seconds, of every change that vmux told before the next one."""
    changes, told, found = {}, {}, {}
    for line in lines(folder / "statuses.jsonl"):
        state = STATES.get(line["status"])
        mine = changes.setdefault(line["pid"], [])
        if state and (not mine or mine[-1][1] != state):
            mine.append((line["at"], state))
    for line in lines(folder / "events.jsonl"):
        row = line["event"].get("session") or {}
        told.setdefault(row.get("pid"), []).append((line["at"], row.get("state")))
    for pid, mine in changes.items():
        for (at, state), (end, _) in zip(mine, mine[1:] + [(float("inf"), "")]):
            first = next((t for t, said in told.get(pid, []) if said == state and at - EARLY <= t < end), None)
            if first is not None:
                found.setdefault(state, []).append(max(0.0, first - at))
    return found


def summary(values):
    """Number, median, 99th percentile and maximum, in milliseconds."""
    ordered = sorted(values)
    at = lambda share: round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))])  # noqa: E731
    return {"n": len(ordered), "p50": at(0.5), "p99": at(0.99), "max": at(1.0)}
