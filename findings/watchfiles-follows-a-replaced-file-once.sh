#!/usr/bin/env bash
# watchfiles 1.3.0 (PyPI), watch() and awatch() of one file; chokidar 5.0.0 (npm) beside it.
#
# Guess: watch("settings.json") tells each change of that file: it takes "filesystem paths to watch", files as well as
# folders, and hides what inotify makes hard. Programs write such a file anew beside it and rename it over the old one,
# as Claude Code, git and most editors do.
# Seen: the first such change is told, as "modified" and "deleted" although the file is there, and no other after it,
# for good: the file that is watched is the one that is gone. The loop waits on, without an error; neither a later
# rename nor a plain write to the file of that name wakes it. To watch the folder, with a filter for the name, tells
# all of them; so does chokidar with the file.
#
# Why it matters here: a program that reads its settings again when they change does so once. In a test, where a file is
# written once, or is written in place, it works.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --silent --no-audit --no-fund --prefix "$work" chokidar@5.0.0 > /dev/null 2>&1
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target "$work/py" watchfiles==1.3.0

cat > "$work/watch.py" <<'PY'
import os, subprocess, sys, threading, time
from watchfiles import watch

children = []

def of_watchfiles(path, told, ready):
    # A first, empty answer says that it watches.
    for changes in watch(path, yield_on_timeout=True, rust_timeout=300):
        told.extend(change.name for change, changed in changes if changed.endswith("settings.json"))
        ready.set()

def of_chokidar(path, told, ready):
    code = """import { watch } from "chokidar";
    watch(process.argv[1], { ignoreInitial: true }).on("all", (kind) => console.log(kind)).on("ready", () => console.log("ready"))"""
    node = subprocess.Popen(["node", "--input-type=module", "-e", code, path], stdout=subprocess.PIPE, text=True)
    children.append(node)
    for line in node.stdout:
        ready.set() if line == "ready\n" else told.append(line.strip())

for name, watcher, of_folder in (("watchfiles", of_watchfiles, False), ("watchfiles, the folder", of_watchfiles, True),
                                 ("chokidar", of_chokidar, False)):
    folder = os.path.join(sys.argv[1], name)
    os.mkdir(folder)
    path = os.path.join(folder, "settings.json")
    told, ready = [], threading.Event()
    open(path, "w").close()
    threading.Thread(target=watcher, args=(folder if of_folder else path, told, ready), daemon=True).start()
    assert ready.wait(60)
    seen = []
    for number in range(1, 5):
        if number < 4: # anew, and renamed over it
            with open(path + ".new", "w") as file:
                file.write(str(number))
            os.rename(path + ".new", path)
        else: # in place
            with open(path, "a") as file:
                file.write(str(number))
        deadline = time.monotonic() + 6
        while not told and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.5) # what belongs to it
        seen.append("told" if told else "nothing")
        told.clear()
    print(f"{name}: renamed over it three times: {', '.join(seen[:3])}; written in place: {seen[3]}", flush=True)
for child in children:
    child.kill()
PY
(cd "$work" && PYTHONPATH=$work/py python3 "$work/watch.py" "$work") | tee "$work/seen"
expected='watchfiles: renamed over it three times: told, nothing, nothing; written in place: nothing
watchfiles, the folder: renamed over it three times: told, told, told; written in place: told
chokidar: renamed over it three times: told, told, told; written in place: told'
[ "$(cat "$work/seen")" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
