"""What lay on disk and in /proc at an instant, kept beside what the screen showed."""

import json
import os
import shutil

from . import machine, proc

KEPT = (".json", ".jsonl", ".txt")
FOLDERS = ("sessions", "projects", "teams", "debug", "todos", "jobs")


def session_files():
    """Name -> what the session file says, of all that are there."""
    found = {}
    folder = machine.HOME / ".claude/sessions"
    for path in sorted(folder.glob("*.json")):
        words = proc.read(path).decode("utf8", "replace")
        try:
            said = json.loads(words)
            found[path.name] = {key: it for key, it in said.items() if "oken" not in key}
        except (ValueError, AttributeError):
            found[path.name] = {"unreadable": words}
    return found


def keep(label, sessions, screens):
    """Writes RESULT/instants/LABEL: the files of ~/.claude, the processes, the screens."""
    folder = machine.clear(machine.RESULT / "instants" / label)
    names = sorted(it.name for it in (machine.HOME / ".claude/sessions").glob("*"))
    (folder / "session-file-names.txt").write_text("".join(f"{it}\n" for it in names))
    for name in FOLDERS:
        for root, _, files in os.walk(machine.HOME / ".claude" / name):
            for file in files:
                if file.endswith(KEPT):
                    copy(os.path.join(root, file), folder)
    copy(machine.HOME / ".claude/history.jsonl", folder)
    facts = {name: [it for it in map(proc.facts, [pid, *proc.descendants(pid)]) if it] for name, pid in sessions.items()}
    (folder / "processes.json").write_text(json.dumps(facts, indent=1))
    for name, text in screens.items():
        (folder / f"screen-{name}.txt").write_text(text)


def copy(source, folder):
    target = folder / os.path.relpath(source, machine.HOME)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copy2(source, target)
    except OSError:
        pass  # It was removed meanwhile.
