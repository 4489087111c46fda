"""What a session asks, and who asks in it."""

from . import agents, combined, hooks, messages, permissions, questions, quick, sandboxes, skills, teams  # noqa: F401
