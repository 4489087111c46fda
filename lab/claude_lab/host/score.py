"""Counts what was right, from the results of scenarios. Pure functions."""

from collections import Counter

VERDICTS = ["right", "late", "wrong", "unknown", "missing", "disputed"]


def count(result):
    """Counts of one scenario: verdicts, `reason ok`, `detail wrong` and so on, checks."""
    counts = Counter()
    for instant in result["instants"]:
        for session in instant["sessions"].values():
            if session["verdict"]:
                counts[session["verdict"]] += 1
            asks = session.get("asks") if session["verdict"] != "disputed" else None
            if asks:
                counts["reason " + ("ok" if asks["reason"] else "wrong")] += 1
                counts["detail " + {True: "ok", False: "wrong", None: "none"}[asks["detail"]]] += 1
    for check in result["checks"]:
        counts["check " + ("ok" if check["holds"] else "wrong")] += 1
    counts["check wrong"] += len(result.get("blips", []))
    if result["failed"]:
        counts["failed"] += 1
    return counts


def blips(result, told):
    """Waits for the user that vmux told of although nothing asks in the whole scenario.
    `told`: (time, row of the event) in order."""
    truths = {it["truth"] for instant in result["instants"] for it in instant["sessions"].values()}
    shown = {it["shown"] for instant in result["instants"] for it in instant["sessions"].values()}
    if any(str(it).startswith("asks:") for it in truths | shown) or "untold" in truths or not truths:
        return []
    return [f"{row.get('reason')} of pid {row.get('pid')} at {at:.3f}" for at, row in told if row.get("state") == "needs_input"]


def faults(result):
    """A line for each thing that was not right, and for each that the script has wrong."""
    for instant in result["instants"]:
        for name, it in instant["sessions"].items():
            row = it["row"]
            where = f"{instant['label']} {name}"
            says = "nothing" if row is None else " ".join(str(row.get(key)) for key in ("state", "reason", "detail") if row.get(key))
            if it["verdict"] == "disputed":
                yield f"{where}: the script says {it['truth']}, the screen shows {it['shown']}, vmux says {says}"
            elif it["verdict"] == "late":
                yield f"{where}: {it['truth']} only after {it['late']} s, until then {says}"
            elif it["verdict"] not in ("right", None):
                yield f"{where}: {it['truth']}, vmux says {says}"
            elif it.get("asks") and not it["asks"]["reason"]:
                yield f"{where}: wrong reason: {it['truth']}, vmux says {says}"
            elif it.get("asks") and it["asks"]["detail"] is False:
                yield f"{where}: wrong detail: vmux says {says}"
        for row in instant["others"]:
            yield f"{instant['label']}: pid {row['pid']} ({row.get('state')}) is listed and is not of the scenario"
    for check in result["checks"]:
        if not check["holds"]:
            yield f"{check['what']}: got {check['got']}"
    for blip in result.get("blips", []):
        yield f"nothing asks, but vmux told a wait: {blip}"
    if result["failed"]:
        first, *more = result["failed"].splitlines()
        yield "\n    ".join(["the script failed: " + first, *(line[:120] for line in more[-6:])])
