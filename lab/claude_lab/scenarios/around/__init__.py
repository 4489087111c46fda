"""What stands around a session: editors, wrappers, plugins, offers that come by themselves."""

from . import boxes, dialogs, editors, helpers, offers, parallel, printers, wakes, wrappers  # noqa: F401
