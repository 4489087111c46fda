"""Editors with several windows of one process, and a terminal inside."""

import json
import time

from . import layout

EDITOR = """import json, os, pty, sys, time
from Xlib import X, display
plan = json.load(open(sys.argv[1])); d = display.Display()
for index, it in enumerate(plan):
    while not os.path.exists(f"go{index}"): time.sleep(0.05)
    w = d.screen().root.create_window(0, 0, 400, 300, 0, X.CopyFromParent, background_pixel=0x808080)
    w.set_wm_class(it["class"].lower(), it["class"])
    w.change_property(d.intern_atom("_NET_WM_NAME"), d.intern_atom("UTF8_STRING"), 8, it["title"].encode())
    w.map(); d.sync()
if os.fork() == 0:  # The host of all terminals.
    os.setsid()
    for it in plan:
        for script in it["scripts"]:
            if pty.fork()[0] == 0:
                if it["port"]: os.environ["CLAUDE_CODE_SSE_PORT"] = str(it["port"])
                os.execv(script, [script])
    while True: time.sleep(100)
while True: time.sleep(100)
"""


def editor(desk, *windows, kind="Code", folders=None):
    """An editor with these windows: title, then the sessions in each. It draws no terminals, so a
    session counts as in view if its window has the focus. `folders`: what each window has open, as the
    extension of Claude Code says."""
    (desk.folder / "editor.py").write_text(EDITOR)
    plan = [{"class": kind, "title": title, "scripts": [str(desk.sessions[it].script) for it in labels],
             "port": folders and 4711 + index} for index, (title, *labels) in enumerate(windows)]
    (desk.folder / "plan.json").write_text(json.dumps(plan))
    desk.in_view = lambda hue, window: window is not None
    for index, (_, *labels) in enumerate(windows):
        if index == 0:
            (desk.folder / "go0").touch()
            [window] = desk.open(1, "/usr/bin/python3", "editor.py", "plan.json")
            desk.editor = desk.last
        else:
            [window] = desk.open(index + 1, "touch", f"go{index}")
        for label in labels:
            desk.moved(label, window)
    for _, *labels in windows:
        for label in labels:
            desk.started(label, desk.sessions[label].window)
    for index, folder in enumerate(folders or ()):
        lock = {"pid": desk.editor.pid, "workspaceFolders": [str(desk.folder / folder)], "ideName": "Visual Studio Code",
                "transport": "ws", "authToken": "secret"}
        file = desk.folder / f".claude/ide/{4711 + index}.lock"
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(lock))
    time.sleep(0.3)


def sessions(desk, **places):
    for label, place in places.items():
        desk.session(label, title=None, name=None, cwd=desk.folder / place)


@layout("python3")
def code_two_windows(desk):
    """Two windows with two folders; a session deep in one."""
    sessions(desk, alpha="src/api", beta="src/web/lib/deep")
    editor(desk, ("main.rs - api - Visual Studio Code", "alpha"), ("● index.ts - web (Workspace) - Visual Studio Code", "beta"))
    desk.judge()


@layout("python3")
def code_went_to_the_other_folder(desk):
    """The extension of Claude Code tells the window; the session went to the folder of the other one, or to any other."""
    sessions(desk, alpha="src/web", beta="src/web", gamma="elsewhere")
    editor(desk, ("a.rs - api - Visual Studio Code", "alpha", "gamma"), ("b.rs - web - Visual Studio Code", "beta"),
           folders=("src/api", "src/web"))
    for label in ("alpha", "beta", "gamma"):
        desk.knows(label, "unsure")  # Three terminals in two windows.
    desk.judge()


@layout("python3")
def code_folder_twice(desk):
    """Two folders of one name: not known which."""
    sessions(desk, alpha="one/api", beta="two/api")
    editor(desk, ("a.rs - api - Visual Studio Code", "alpha"), ("b.rs - api - Visual Studio Code", "beta"))
    for label in ("alpha", "beta"):
        desk.knows(label, "refused")
    desk.judge()


@layout("python3")
def code_nested_folders(desk):
    """A window with a folder, one with a folder in it."""
    sessions(desk, alpha="src/mono", beta="src/mono/packages/ui", gamma="src/mono/packages/core")
    editor(desk, ("a - mono - Visual Studio Code", "alpha", "gamma"), ("b - ui - Visual Studio Code", "beta"))
    for label in ("alpha", "beta", "gamma"):
        desk.knows(label, "unsure")
    desk.judge()


@layout("python3")
def code_other_folder(desk):
    """A session in a folder that no window has open."""
    sessions(desk, alpha="tmp/elsewhere")
    editor(desk, ("a - api - Visual Studio Code", "alpha"), ("b - web - Visual Studio Code",))
    desk.knows("alpha", "refused")
    desk.judge()


@layout("python3")
def code_file_called_like_the_folder(desk):
    """A file in the other window is called like the folder."""
    sessions(desk, alpha="src/api", beta="src/web")
    editor(desk, ("README - api - Cursor", "alpha"), ("api - web - Cursor", "beta"), kind="Cursor")
    desk.judge()


@layout("python3")
def code_folder_with_separator(desk):
    """A folder whose name has the separator in it."""
    sessions(desk, alpha="src/my - app", beta="src/app")
    editor(desk, ("x.ts - my - app - Visual Studio Code", "alpha"), ("y.ts - app - Visual Studio Code", "beta"))
    for label in ("alpha", "beta"):
        desk.knows(label, "refused")
    desk.judge()


@layout("python3")
def code_remote_and_profile(desk):
    """Marks after the folder, and a profile before the program."""
    sessions(desk, alpha="src/api", beta="src/web")
    editor(desk, ("a.rs - api [Dev Container: x] - Visual Studio Code", "alpha"), ("b.rs - web - Work - Visual Studio Code", "beta"))
    desk.knows("beta", "refused")
    desk.judge()


@layout("python3")
def jetbrains(desk):
    """An IDE of JetBrains, with folders first."""
    sessions(desk, alpha="src/api", beta="src/web")
    editor(desk, ("api – Main.kt", "alpha"), ("web – Main.kt [web.main]", "beta"), kind="jetbrains-idea")
    desk.judge()


@layout("python3")
def zed(desk):
    """Zed."""
    sessions(desk, alpha="src/api", beta="src/web")
    editor(desk, ("api — main.rs", "alpha"), ("web — api", "beta"), kind="dev.zed.Zed")
    desk.judge()


@layout("python3")
def emacs_frames(desk):
    """Frames of an Emacs with terminals: nothing in its titles counts."""
    sessions(desk, alpha="src/api", beta="src/web")
    editor(desk, ("api", "alpha"), ("web", "beta"), kind="Emacs")
    for label in ("alpha", "beta"):
        desk.knows(label, "refused")
    desk.judge()


@layout("python3")
def code_home(desk):
    """A window with the home directory, and a session in a project below it."""
    sessions(desk, alpha="src/api")
    editor(desk, (f"x - {desk.folder.name} - Visual Studio Code",), ("b - web - Visual Studio Code", "alpha"))
    desk.knows("alpha", "refused")
    desk.judge()


@layout("python3")
def code_two_terminals(desk):
    """Two terminals in one window of an editor: only one of them is in front."""
    sessions(desk, alpha="src/api", beta="src/api")
    editor(desk, ("a.rs - api - Visual Studio Code", "alpha", "beta"))
    for label in ("alpha", "beta"):
        desk.knows(label, "unsure")
    desk.judge()
