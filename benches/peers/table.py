"""The one table, and what was wrong below it."""

import delay
from scenarios import SCENARIOS

COLUMNS = ["vmux", "abtop", "claude-busy-monitor", "cctop", "cctop serve + hooks"]
# Where the cost of what stays belongs.
STAYS = {
    "vmux": "vmuxd", "abtop": "abtop", "claude-busy-monitor": "watch claude-busy-monitor", "cctop": "cctop",
    "cctop serve + hooks": "cctop serve",
}


def show(tools, results, delays):
    print(", ".join(tools.versions()), end="\n\n")
    row("", COLUMNS)
    row("---", ["---"] * len(COLUMNS))
    largest = max(results)
    for number, (scores, _, _) in results.items():
        row(f"**right, {number} sessions**", [f"**{scores[it].total()}**" for it in COLUMNS])
    for scenario in SCENARIOS:
        scores = results[largest][0]
        if scores["vmux"].all[scenario.title]:
            row(scenario.title, [cell(scores[it], scenario.title) for it in COLUMNS])
    for number, (scores, _, _) in results.items():
        row(f"sessions not listed, of {number}", [scores[it].missing for it in COLUMNS])
    row("listed and no session", [len(results[largest][0][it].extra) for it in COLUMNS])
    for number, (_, costs, _) in results.items():
        row(f"one list of {number}: wall / CPU / peak memory", [costs.get(it, "") for it in COLUMNS])
    for number, (_, costs, usage) in results.items():
        if usage:
            stays = [str(usage[STAYS[it]]) for it in COLUMNS]
            # It starts a list every two seconds, which lives too briefly to be met.
            stays[COLUMNS.index("claude-busy-monitor")] += f" + {costs['claude-busy-monitor'].peak:.1f} MB at times"
            row(f"what stays, {number} sessions: CPU / memory (its own)", stays)
            row("the same with `vmux status --follow`", [usage["vmuxd + vmux status --follow"], "", "", "", ""])
    for index, what in enumerate(("permission prompt", "question in a transcript")):
        if delays:
            row(f"{what} → shown: p50 / p99", [times(delays, STAYS[it], index) for it in COLUMNS])
    print()
    for name in COLUMNS:
        notes(name, results[largest][0][name])


def row(head, cells):
    print(f"| {head} | " + " | ".join(str(it) for it in cells) + " |", flush=True)


def cell(score, title):
    return f"{score.right[title]}/{score.all[title]}"


def times(delays, name, index):
    found = delays.get(name, {}).get(index)
    return delay.summary(found) if found else ""


def notes(name, score):
    wrong = [
        f"{title}: " + ", ".join(f"{word} {count}×" for word, count in said.items())
        for title, said in score.said.items()
    ]
    if wrong or score.extra:
        print(f"- **{name}**, wrong: {'; '.join(wrong) or 'nothing'}. Listed and no session: {', '.join(sorted(score.extra)) or 'nothing'}.")
