"""Terminals: their windows, tabs, panes and drop-downs."""
