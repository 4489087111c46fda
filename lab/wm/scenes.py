"""Which terminals stand where."""

import shutil

# Each starts the script MARKER in a window of its own. The first word must be installed.
TERMINALS = {
    "xterm": ["xterm", "-e", "MARKER"],
    "urxvt": ["urxvt", "-e", "MARKER"],
    "st": ["st", "-e", "MARKER"],
    "foot": ["foot", "MARKER"],
    "alacritty": ["alacritty", "-e", "MARKER"],
    "kitty": ["kitty", "MARKER"],
    "kitty-single": ["kitty", "--single-instance", "MARKER"],
    "gnome-terminal": ["gnome-terminal", "--", "MARKER"],
    "konsole": ["konsole", "-e", "MARKER"],
    "xfce4-terminal": ["xfce4-terminal", "-x", "MARKER"],
    "terminator": ["terminator", "-x", "MARKER"],
    "tilix": ["tilix", "-e", "MARKER"],
    "sakura": ["sakura", "-e", "MARKER"],
    "lxterminal": ["lxterminal", "-e", "MARKER"],
}
SERVERS = {"urxvtd": (["urxvtd", "-q", "-o"], ["urxvtc", "-e", "MARKER"]),
           "foot-server": (["foot", "--server"], ["footclient", "MARKER"])}
INSIDE = {
    "tmux": ["xterm", "-e", "tmux", "-L", "LABEL", "-f", "/dev/null", "new-session", "MARKER"],
    "screen": ["xterm", "-e", "screen", "-S", "LABEL", "MARKER"],
    "dtach": ["xterm", "-e", "dtach", "-c", "LABEL.dtach", "MARKER"],
}


def wayland_only(name):
    return name.startswith("foot")


def play(world, chosen):
    """Two of each that is installed (or chosen by name), on different workspaces. Returns how many."""
    number, on_wayland = 0, "WAYLAND_DISPLAY" in world.environment
    wanted = lambda name: (not chosen or name in chosen) and (on_wayland or not wayland_only(name))  # noqa: E731
    plans = {name: words for name, words in TERMINALS.items() if wanted(name)}
    for name, (server, client) in SERVERS.items():
        if wanted(name) and shutil.which(server[0]):
            world.spawn(*server)
            plans[name] = client
    plans |= {name: words for name, words in INSIDE.items() if wanted(name) and shutil.which(name)}
    for name, words in plans.items():
        if not shutil.which(words[0]):
            continue
        for copy in (1, 2):
            label = f"{name}-{copy}"
            here = [word.replace("LABEL", label) for word in words]
            number += world.launch(label, f"{number % 7 + 1}", here)
    return number
