"""What is rarely met: keys without words, features that are switched off, agents that move."""

from . import bykey, forks, full, hooked, hosts, limits, movers, private, resume, typing  # noqa: F401
