"""What the model says: values from which a scenario writes its script.

A script is a list of steps. The first request after a prompt gets the first step, the next request
of that turn (it carries the results of the tools) the second, and so on. Past the end of the script
the model says "ok.".
"""

from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Block:
    """One content block: `kind` is text, thinking or tool."""

    kind: str
    words: str = ""
    input: dict = field(default_factory=dict)
    seconds: float = 0.0
    until: str | None = None
    silent: bool = False


@dataclass(frozen=True)
class Answer:
    """A whole message. `until` names a gate that must open before its first byte is sent; `stop` is
    why it ends, if not for a tool or because all is said; `tokens` is how full the context is by then."""

    blocks: tuple = ()
    delay: float = 0.0
    until: str | None = None
    cut: bool = False
    stop: str | None = None
    tokens: int = 12
    headers: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Failure:
    """An HTTP error, `times` times (0: always), then the step `then`."""

    status: int
    times: int = 0
    then: object = None
    message: str = ""
    headers: dict = field(default_factory=dict)


@dataclass(frozen=True)
class FromRequest:
    """A tool's argument that is cut out of the request by a pattern (its first group)."""

    pattern: str


def text(words, seconds=0.0, until=None, silent=False):
    """Text, at once, or over `seconds`, or word after word until the gate `until` opens; `silent`: with
    nothing after its first words until then."""
    return Block("text", words, seconds=seconds, until=until, silent=silent)


def thinking(words, seconds=0.0, until=None):
    return Block("thinking", words, seconds=seconds, until=until)


def call(tool, **arguments):
    return Block("tool", tool, input=arguments)


def answer(*blocks, **more):
    return Answer(tuple(text(it) if isinstance(it, str) else it for it in blocks), **more)


def cut_off(*blocks):
    """The connection ends in the middle of the message."""
    return replace(answer(*blocks), cut=True)


def failure(status, times=0, then=None, message="", headers=None):
    return Failure(status, times, then, message, headers or {})
