"""What a session does: turns, their ends, what is typed meanwhile."""

from . import combined, conversations, failures, headless, interrupts, limits, menus, queues, tools, turns  # noqa: F401
