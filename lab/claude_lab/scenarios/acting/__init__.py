"""What vmux does itself: it answers, writes, starts and ends sessions."""

from . import answers, breaking, costs, desktop, doors, keys, links, races, servers, starting, writing  # noqa: F401
