"""What vmux told for a moment only: seldom wrong when it is looked at, but a bar flickers and a message may go out.

Pure. A moment may be Claude Code's own, which writes a gap between two turns late on a busy machine: it is listed, and
not counted as wrong.
"""

MOMENT = 0.4  # seconds


def moments(told):
    """`told`: (seconds, row) of every event. A line for each wait that changed what it is about, and for each time in
    which it did not work that lasted for less than MOMENT.
    """
    spells, found = {}, []
    for at, row in told:
        if row.get("pid"):
            mine = spells.setdefault(row["pid"], [])
            said = (row.get("state"), row.get("reason"), row.get("detail"))
            if not mine or mine[-1][1] != said:
                mine.append((at, said))
    for mine in spells.values():
        for (began, (state, *about)), (ended, (other, *now)) in zip(mine, mine[1:]):
            if state == other == "needs_input" and changes(about, now, ended - began):
                found.append(f"{ended - began:.3f} s: asks {name(about)}, then {name(now)}")
        for (_, (before, *_)), (began, (state, *_)), (ended, (after, *_)) in zip(mine, mine[1:], mine[2:]):
            if before == after == "working" and state in ("idle", "unknown") and ended - began < MOMENT:
                found.append(f"{ended - began:.3f} s: {state}, in the middle of work")
    return found


def changes(about, now, lasted):
    """Whether a wait became one of another kind, or less was known of it, or the next one came at once."""
    (kind, words), (other, later) = about, now
    return kind != other or bool(words and not later) or (words and words != later and lasted < MOMENT)


def name(about):
    kind, words = about
    return f"{kind} {(words or '')[:40]!r}"
