"""What is printed at the end: a line for each scenario, what was not right, totals and lags."""

import json
from collections import Counter

from . import lag, moments, score

FATAL = ("wrong", "missing", "reason wrong", "detail wrong", "check wrong", "failed")


def read(folder, names):
    """The results below OUT/VERSION; a scenario that left none has failed."""
    for name in names:
        try:
            result = json.loads((folder / name / "result.json").read_text())
            told = [(it["at"], it["event"].get("session") or {}) for it in lag.lines(folder / name / "events.jsonl")]
            yield name, result | {"blips": score.blips(result, told), "moments": moments.moments(told)}
        except (OSError, ValueError):
            failed = f"no result; see {folder / name / 'driver.log'}"
            yield name, {"instants": [], "checks": [], "notes": [], "failed": failed}


def show(folder, names):
    """Prints the report of one version; returns whether nothing was wrong."""
    total, lags, lines = Counter(), {}, []
    print(f"\n{folder.name:28s}" + "".join(f"{it:>9s}" for it in score.VERDICTS) + "   reasons  details   checks")
    for name, result in read(folder, names):
        counts = score.count(result)
        total += counts
        print(row(name, counts) + ("   FAILED" if counts["failed"] else ""))
        lines += [f"{name} {line}" for line in score.faults(result)]
        lines += [f"{name} for {line}" for line in result.get("moments", [])]
        lines += [f"{name} note: {line}" for line in result["notes"]]
        for state, values in lag.lags(folder / name).items():
            lags.setdefault(state, []).extend(values)
    print(row("all", total))
    for state, values in sorted(lags.items()):
        for part, of in enumerate(("the session file", "a bare reader")):
            it = lag.summary([value[part] for value in values])
            print(f"vmux tells {state:12s} n={it['n']:<4d} {it['p50']:4d} / {it['p99']:4d} / {it['max']:4d} ms (median, p99, maximum) after {of}")
    print("\n" + "\n".join(lines or ["Nothing was wrong."]))
    return not any(total[it] for it in FATAL)


def row(name, counts):
    cells = "".join(f"{counts[it] or '':>9}" for it in score.VERDICTS)
    pair = lambda kind: f"{counts[kind + ' ok']}/{counts[kind + ' ok'] + counts[kind + ' wrong']}"  # noqa: E731
    return f"{name:28s}{cells}{pair('reason'):>10s}{pair('detail'):>9s}{pair('check'):>9s}"
