"""Layouts: functions that put sessions somewhere on a desk, say what is true, and judge.

A layout's doc string says what it is about. `layout(needs=…)` names the programs without which it
is left out, and the window manager.
"""

import importlib

ALL = {}
THEMES = ["emulators.tabs", "emulators.terminals", "emulators.drop_downs", "emulators.konsole", "emulators.moved",
          "emulators.wayland", "emulators.gtk", "titles", "multiplexers", "nested", "wrapped.inner_terminals", "wrapped.embedded", "wrapped.wrappers", "wrapped.remote", "editors",
          "manager.desktop", "manager.arrangements", "manager.covered", "manager.keys", "manager.outputs", "clients",
          "manager.rules", "emulators.names", "emulators.own_titles", "emulators.broken_off", "emulators.numbers", "wrapped.jobs", "tmux_users", "habits"]


def layout(*needs, manager="i3", config="", i3=""):
    """`config` is that of vmux, `i3` has more lines for that of i3."""
    def add(function):
        ALL[function.__name__] = (function, needs, manager, config, i3)
        return function
    return add


for theme in THEMES:
    importlib.import_module(f"{__name__}.{theme}")
