#!/usr/bin/env bash
# chokidar 6.0.0 (npm), watchfiles 1.3.0 and watchdog 7.1.0 (PyPI), when more happens than the queue of inotify
# holds (fs.inotify.max_queued_events, 16384).
#
# Guess: the kernel says that its queue overflowed (IN_Q_OVERFLOW), so a library looks at the folder again or
# tells its user. chokidar promises events that are "verified", watchfiles is built on a crate that passes the
# overflow on ("rescan"), and watchdog logs that it reconciles.
# Seen: a watcher that was held up for a moment (Ctrl-Z, a debugger, an event loop that was busy) while 20000
# files and more were made tells some of them, and neither the rest nor a change that came after them, not even
# when it tells later changes in the same folder. There is no error, no event and no exception. watchdog alone
# writes two lines with `logging`; what it reconciles are its watches, not the files.
#
# Why it matters here: what a watcher of session files knows is then wrong until the same file changes again:
# a session that waits is shown as busy. After a large checkout nothing but a look at the folder, now and then,
# is sure.
set -euo pipefail

queue=$(cat /proc/sys/fs/inotify/max_queued_events)
[ "$queue" -le 32768 ] || { echo "needs the kernel's usual fs.inotify.max_queued_events, not $queue" >&2; exit 1; }
made=$((queue + 8616))
work=$(mktemp -d)
children=()
trap 'for child in "${children[@]}"; do kill -CONT "$child" 2> /dev/null || true; kill "$child" 2> /dev/null || true; done; wait; rm -rf "$work"' EXIT
npm install --silent --no-audit --no-fund --prefix "$work" chokidar@6.0.0 > /dev/null 2>&1
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target "$work/py" watchfiles==1.3.0 watchdog==7.1.0
export PYTHONPATH=$work/py PYTHONUNBUFFERED=1

# Each one writes the name of every file that it is told of, and "ready" or "error" before it.
cat > "$work/with_chokidar.mjs" <<'JS'
import { watch } from "chokidar";
import { basename } from "node:path";

watch(process.argv[2], { ignoreInitial: true })
  .on("all", (_, path) => console.log(basename(path)))
  .on("error", (error) => console.log("error", error))
  .on("ready", () => console.log("ready"));
JS
cat > "$work/with_watchfiles.py" <<'PY'
import os, sys
from watchfiles import watch

# A first, empty answer says that it watches.
for changes in watch(sys.argv[1], yield_on_timeout=True, rust_timeout=500):
    for _, path in changes:
        print(os.path.basename(path))
    if not changes:
        print("ready")
PY
cat > "$work/with_watchdog.py" <<'PY'
import os, sys
from watchdog.events import FileSystemEventHandler
from watchdog.observers import Observer

class Tell(FileSystemEventHandler):
    def on_any_event(self, event):
        if not event.is_directory:
            print(os.path.basename(event.src_path))

observer = Observer()
observer.schedule(Tell(), sys.argv[1], recursive=True)
observer.start()
print("ready")
observer.join()
PY

try() { # NAME PROGRAM: what it told
    local folder=$work/$1.folder told=$work/$1.told pid state before now marker=0
    mkdir "$folder"
    echo busy > "$folder/session.json"
    "${@:2}" "$folder" > "$told" 2> "$work/$1.err" & pid=$!
    children+=($pid)
    for _ in $(seq 600); do grep -q ready "$told" && break; sleep 0.1; done

    kill -STOP $pid
    for _ in $(seq 600); do read -r _ _ state _ < /proc/$pid/stat; [ "$state" = T ] && break; sleep 0.1; done
    perl -e 'for (1 .. $ARGV[1]) { open F, ">", "$ARGV[0]/file$_" or die; close F }' "$folder" "$made"
    echo waits > "$folder/session.json"
    kill -CONT $pid

    # Later changes are told again once the queue has been read.
    until grep -q '^marker' "$told"; do
        marker=$((marker + 1))
        [ "$marker" -le 600 ] || { echo "$1: nothing is told any more" >&2; exit 1; }
        echo > "$folder/marker$marker"
        sleep 0.1
    done
    # Then it may take its time, until five seconds pass without a word.
    now=$(wc -l < "$told") before=
    while [ "$now" != "$before" ]; do before=$now; sleep 5; now=$(grep -vc ready "$told"); done
    files=$(grep '^file' "$told" | sort -u | wc -l)
    echo "$1: told of $files of $made files; of the change after them: $(grep -c '^session' "$told" || true) times; errors: $(grep -c '^error' "$told" || true); lines of stderr: $(wc -l < "$work/$1.err")"
    kill $pid
    rm -rf "$folder"
}
try chokidar node "$work/with_chokidar.mjs" | tee -a "$work/seen"
try watchfiles python3 "$work/with_watchfiles.py" | tee -a "$work/seen"
try watchdog python3 "$work/with_watchdog.py" | tee -a "$work/seen"
cat "$work/watchdog.err"

expected='chokidar: told of SOME of ALL files; of the change after them: 0 times; errors: 0; lines of stderr: 0
watchfiles: told of SOME of ALL files; of the change after them: 0 times; errors: 0; lines of stderr: 0
watchdog: told of SOME of ALL files; of the change after them: 0 times; errors: 0; lines of stderr: 2'
[ "$(sed "/ $made of $made /d; / 0 of /d; s/of [0-9]* of [0-9]* files/of SOME of ALL files/" "$work/seen")" = "$expected" ] ||
    { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
