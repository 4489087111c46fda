"""The tables of docs/accuracy.md, from the results of several versions. Pure but for reading."""

from . import report, score


def results(out, versions):
    """version -> scenario -> result, of what lies below OUT."""
    names = {version: sorted(it.parent.name for it in (out / version).glob("*/result.json")) for version in versions}
    return {version: dict(report.read(out / version, mine)) for version, mine in names.items()}


def cell(counts):
    scored = sum(counts[it] for it in score.VERDICTS if it != "disputed")
    return f"{counts['right']}/{scored}" if scored else ""


def markdown(found):
    """Scenario by version, right of scored, and a line for each thing that was not right."""
    versions = list(found)
    names = sorted({name for mine in found.values() for name in mine})
    lines = ["| scenario | " + " | ".join(versions) + " |", "|---|" + "---|" * len(versions)]
    total = {version: score.Counter() for version in versions}
    for name in names:
        cells = []
        for version in versions:
            result = found[version].get(name)
            counts = score.count(result) if result else score.Counter()
            total[version] += counts
            cells.append(cell(counts))
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    lines.append("| **all** | " + " | ".join(f"**{cell(total[version])}**" for version in versions) + " |")
    for kind in ("reason", "detail", "check"):
        cells = [f"{total[it][kind + ' ok']}/{total[it][kind + ' ok'] + total[it][kind + ' wrong']}" for it in versions]
        lines.append(f"| {kind}s | " + " | ".join(cells) + " |")
    lines += ["", "Not right:", ""]
    for version in versions:
        for name, result in found[version].items():
            lines += [f"- {version} {name} {line.splitlines()[0]}" for line in score.faults(result)]
    return "\n".join(lines)
