"""How many sessions a list has, and how many of them in the right state."""

import collections
import dataclasses

from peers import WORDS


@dataclasses.dataclass
class Score:
    right: collections.Counter = dataclasses.field(default_factory=collections.Counter)
    all: collections.Counter = dataclasses.field(default_factory=collections.Counter)
    missing: int = 0
    # Titles of what is listed and is no session.
    extra: list = dataclasses.field(default_factory=list)
    # Scenario → what was said instead of the truth.
    said: dict = dataclasses.field(default_factory=lambda: collections.defaultdict(collections.Counter))

    def total(self):
        return f"{sum(self.right.values())}/{sum(self.all.values())}"


def judge(world, rows, program):
    words, score, rest = WORDS[program], Score(), list(rows)
    for session in world.sessions:
        title = session.scenario.title
        score.all[title] += 1
        row = next((it for it in rest if it.is_of(session)), None)
        if row is None:
            score.missing += 1
            score.said[title]["not listed"] += 1
            continue
        rest.remove(row)
        means = words.get(row.word, set())
        if means & {session.want, *session.scenario.also}:
            score.right[title] += 1
        else:
            score.said[title][row.word] += 1
    for row in rest:
        other = next((it for it in world.others if row.is_of(it)), None)
        score.extra.append(other.title if other else "something else")
    return score
