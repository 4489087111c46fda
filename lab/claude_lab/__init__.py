"""The lab: a real Claude Code in a throw-away machine, against a mock of its API."""
