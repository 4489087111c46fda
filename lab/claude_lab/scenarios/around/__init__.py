"""What stands around a session: editors, wrappers, plugins, offers that come by themselves."""

from . import attached, boxes, dialogs, editors, helpers, launches, offers, parallel, printers, wakes, wrappers  # noqa: F401
