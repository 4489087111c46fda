"""Layouts: functions that put sessions somewhere on a desk, say what is true, and judge.

A layout's doc string says what it is about. `layout(needs=…)` names the programs without which it
is left out, and the window manager.
"""

import importlib

ALL = {}
THEMES = ["tabs", "terminals", "titles", "multiplexers", "nested", "inner_terminals", "embedded", "editors", "desktop"]


def layout(*needs, manager="i3", config=""):
    def add(function):
        ALL[function.__name__] = (function, needs, manager, config)
        return function
    return add


for theme in THEMES:
    importlib.import_module(f"{__name__}.{theme}")
