"""All scenarios, by name. A new file is added to the imports of its folder."""

from dataclasses import dataclass
from typing import Callable

ALL = {}


@dataclass(frozen=True)
class Scenario:
    """`since`, `until`: the versions it can be played on. `slow`: only when it is asked for by name."""

    name: str
    about: str
    play: Callable
    since: tuple
    until: tuple
    slow: bool

    def fits(self, version):
        return self.since <= version and (not self.until or version <= self.until)


def numbers(version):
    return tuple(int(it) for it in version.split(".")) if version else ()


def scenario(name, since="", until="", slow=False):
    """Registers a function that plays on a Lab; its docstring says what it is about."""
    def register(play):
        about = " ".join((play.__doc__ or "").split())
        ALL[name] = Scenario(name, about, play, numbers(since), numbers(until), slow)
        return play
    return register


from . import acting, around, asking, corners, processes, turns  # noqa: E402, F401
