#!/usr/bin/env python3
"""table.py WORK: the table of docs/accuracy.md, from what a lab run left in WORK.

WORK/<version>/<scenario>/truth.json holds, for each named instant, what was on the screen of each
session ("truth") and what `vmux list --json` said at that moment ("vmux").
"""

import json
import pathlib
import sys

SCORED = {"working", "needs_input", "idle"}


def verdict(truth, row, error):
    """right, wrong, unknown or missing; None where the truth is not scored."""
    want = truth.split(":")[0]
    if want == "dead":
        return "right" if row is None else "wrong"
    if want not in SCORED:
        return None
    if error or row is None:
        return "missing"
    if row["state"] == "unknown":
        return "unknown"
    return "right" if row["state"] == want else "wrong"


def scenario(path):
    """Counts of one scenario, and a line for each instant that is not right."""
    counts, lines = {}, []
    for instant in json.loads(path.read_text())["instants"]:
        said = instant.get("vmux") or {"_error": "not asked"}
        for name, truth in instant["truth"].items():
            row = said.get(name)
            result = verdict(truth, row, said.get("_error"))
            if result is None:
                continue
            counts[result] = counts.get(result, 0) + 1
            if result != "right":
                says = row["state"] if row else "nothing"
                lines.append(f"{path.parent.name} {instant['label']} {name}: {truth}, vmux says {says}")
    return counts, lines


def main(work):
    versions = sorted(path.name for path in work.iterdir() if path.is_dir())
    table, wrong, total = {}, [], {}
    for version in versions:
        for path in sorted((work / version).glob("*/truth.json")):
            counts, lines = scenario(path)
            table.setdefault(path.parent.name, {})[version] = counts
            wrong += [f"- {version} {line}" for line in lines]
            for key, count in counts.items():
                total.setdefault(version, {}).setdefault(key, 0)
                total[version][key] += count
    print("| scenario | " + " | ".join(versions) + " |")
    print("|---|" + "---|" * len(versions))
    cell = lambda counts: f"{counts.get('right', 0)}/{sum(counts.values())}" if counts else ""
    for name, row in sorted(table.items()):
        print(f"| {name} | " + " | ".join(cell(row.get(version)) for version in versions) + " |")
    print("| **all** | " + " | ".join(f"**{cell(total.get(version))}**" for version in versions) + " |")
    print("\nNot right:\n")
    print("\n".join(wrong) or "- nothing")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
