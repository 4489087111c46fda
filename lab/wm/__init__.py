"""Worlds of windows: an i3 or a sway of their own, with terminals whose sessions' windows are known."""
