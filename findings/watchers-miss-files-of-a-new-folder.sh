#!/usr/bin/env bash
# notify 8.2.0 and notify-debouncer-full 0.6.0 (crates.io), watchfiles 1.3.0 (PyPI) and @parcel/watcher 2.6.0 (npm);
# watchdog 7.1.0 (PyPI) and chokidar 6.0.0 (npm) beside them.
#
# Guess: a recursive watcher tells each file that comes below its folder. "Watch all sub-directories as well,
# including directories created after installing the watch" (notify). inotify knows one folder at a time, so a library
# looks into a new one after it has begun to watch it; all know that, as it is what they are for.
# Seen: notify does look, but only for folders to watch. What was in a new folder before that is not told, and never
# will be until it changes again. notify-debouncer-full and watchfiles, which are built on it, are the same, and so is
# @parcel/watcher. Of a tree that is copied, checked out or unpacked most files are missing; of `mkdir` with a file
# made in it at once, that file is. The next change of each file is told. watchdog and chokidar tell all of them.
#
# Why it matters here: a session file in the folder of a new project is such a file, and so is a new package of
# sources. What was written once is not there for the watcher, and the larger the tree the more is missing; a test
# with a pause behind its mkdir passes. After a new folder one has to look into it oneself.
set -euo pipefail

work=$(mktemp -d)
watcher=
finish() {
    [ -z "$watcher" ] || kill "$watcher" 2> /dev/null || true
    wait
    rm -rf "$work"
}
trap finish EXIT
npm install --silent --no-audit --no-fund --prefix "$work" chokidar@6.0.0 @parcel/watcher@2.6.0 > /dev/null 2>&1
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target "$work/py" watchfiles==1.3.0 watchdog==7.1.0
export PYTHONPATH=$work/py

# Each takes its library and a folder, and writes "ready", and then the path of each event.
cat > "$work/watch.mjs" <<'JS'
import { watch } from "chokidar";
import parcel from "@parcel/watcher";

const [library, folder] = process.argv.slice(2);
if (library === "chokidar") {
  watch(folder, { ignoreInitial: true }).on("all", (_, path) => console.log(path)).on("ready", () => console.log("ready"));
} else {
  await parcel.subscribe(folder, (_, events) => events.forEach((event) => console.log(event.path)));
  console.log("ready");
}
JS
cat > "$work/watch.py" <<'PY'
import sys

library, folder = sys.argv[1:]
if library == "watchfiles":
    from watchfiles import watch
    # A first, empty answer says that it watches.
    for changes in watch(folder, yield_on_timeout=True, rust_timeout=300):
        for _, path in changes:
            print(path, flush=True)
        if not changes:
            print("ready", flush=True)
else:
    from watchdog.events import FileSystemEventHandler
    from watchdog.observers import Observer

    class Tell(FileSystemEventHandler):
        def on_any_event(self, event):
            print(event.src_path, flush=True)

    observer = Observer()
    observer.schedule(Tell(), folder, recursive=True)
    observer.start()
    print("ready", flush=True)
    observer.join()
PY
mkdir "$work/src"
cat > "$work/Cargo.toml" <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"
[dependencies]
notify = "=8.2.0"
notify-debouncer-full = "=0.6.0"
TOML
cat > "$work/src/main.rs" <<'RUST'
use notify::{recommended_watcher, Event, RecursiveMode::Recursive, Watcher};
use notify_debouncer_full::new_debouncer;
use std::{path::Path, sync::mpsc::channel, time::Duration};

fn tell(event: &Event) {
    event.paths.iter().for_each(|path| println!("{}", path.display()));
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let folder = Path::new(&arguments[2]);
    if arguments[1] == "notify" {
        let (sender, events) = channel();
        let mut watcher = recommended_watcher(sender).unwrap();
        watcher.watch(folder, Recursive).unwrap();
        println!("ready");
        events.iter().for_each(|event| tell(&event.unwrap()));
    } else {
        let (sender, events) = channel();
        let mut watcher = new_debouncer(Duration::from_millis(200), None, sender).unwrap();
        watcher.watch(folder, Recursive).unwrap();
        println!("ready");
        events.iter().for_each(|them| them.unwrap().iter().for_each(|event| tell(event)));
    }
}
RUST
CARGO_TARGET_DIR=$work/target CARGO_BUILD_JOBS=1 cargo build --quiet --manifest-path "$work/Cargo.toml"

mkdir "$work/tree"
for number in $(seq 100); do
    mkdir "$work/tree/folder$number"
    echo one > "$work/tree/folder$number/file"
done
lines=0 # of what was written before that counts
told() { tail -n "+$((lines + 1))" "$work/out" | grep -o "$1/folder[0-9]*/file" | sort -u | wc -l || true; }
# How many of a hundred are not told: when all are, or nothing has been for 5 s.
missing() {
    local before=0 now=0 quiet=0
    while [ "$now" -lt 100 ] && [ "$quiet" -lt 50 ]; do
        sleep 0.1
        now=$(told "$1")
        quiet=$((now == before ? quiet + 1 : 0))
        before=$now
    done
    echo $((100 - now))
}
try() { # NAME PROGRAM...: what is told of a tree that is copied there, the worst of at most five, and of changes in it
    local name=$1 copy some=all
    shift
    mkdir "$work/$name"
    lines=0
    "$@" "$name" "$work/$name" > "$work/out" 2> "$work/said" & watcher=$!
    for _ in $(seq 300); do grep -q ready "$work/out" && break; sleep 0.1; done
    for copy in copy1 copy2 copy3 copy4 copy5; do
        cp -r "$work/tree" "$work/$name/$copy"
        [ "$(missing "$copy")" = 0 ] || { some='not all'; break; }
    done
    lines=$(wc -l < "$work/out")
    for number in $(seq 100); do echo two > "$work/$name/$copy/folder$number/file"; done
    echo "$name: $some of the new files are told, $([ "$(missing "$copy")" = 0 ] && echo all || echo 'not all') of their changes"
    kill "$watcher"
    wait "$watcher" 2> /dev/null || true
    watcher=
}
{
    try notify "$work/target/debug/finding"
    try notify-debouncer-full "$work/target/debug/finding"
    try watchfiles python3 "$work/watch.py"
    try parcel node "$work/watch.mjs"
    try watchdog python3 "$work/watch.py"
    try chokidar node "$work/watch.mjs"
} | tee "$work/seen"
expected='notify: not all of the new files are told, all of their changes
notify-debouncer-full: not all of the new files are told, all of their changes
watchfiles: not all of the new files are told, all of their changes
parcel: not all of the new files are told, all of their changes
watchdog: all of the new files are told, all of their changes
chokidar: all of the new files are told, all of their changes'
[ "$(cat "$work/seen")" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
