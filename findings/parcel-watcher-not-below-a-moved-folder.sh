#!/usr/bin/env bash
# @parcel/watcher 2.6.0 (npm), subscribe() on Linux (inotify); chokidar 5.0.0 and node's own fs.watch beside it.
#
# Guess: "it works recursively, so changes in sub-directories will also be emitted" (README), wherever the file is, and
# however its folder came there.
# Seen: of what comes with subfolders in one go, only the uppermost folder is watched. A tree that was moved in is told
# as one "create" of its top, and no change below its subfolders is ever told after that, neither a changed file nor
# a new one. It is the same after a folder was only renamed within the watched one: what was told before is told no
# more. So it is for a `mkdir -p one/two` that is quicker than the watcher, about a third of them here.
# There is no error. chokidar and fs.watch tell all of it.
#
# Why it matters here: a project folder that is moved, renamed, unpacked or checked out is silent from then on, at
# some depth: sessions, settings and sources in it change unseen. @parcel/watcher is what editors and build tools use.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --silent --no-audit --no-fund --prefix "$work" @parcel/watcher@2.6.0 chokidar@5.0.0 > /dev/null 2>&1

cat > "$work/watch.mjs" <<'JS'
import fs from "node:fs";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import parcel from "@parcel/watcher";
import { watch } from "chokidar";

const folder = join(process.argv[2], "watched"), outside = join(process.argv[2], "outside");
const told = { parcel: new Set(), chokidar: new Set(), "fs.watch": new Set() };
const tell = (who, path) => told[who].add(relative(folder, path));

fs.mkdirSync(join(folder, "here/sub"), { recursive: true });
fs.writeFileSync(join(folder, "here/sub/file"), "");
fs.mkdirSync(join(outside, "sub"), { recursive: true });
fs.writeFileSync(join(outside, "sub/file"), "");
await parcel.subscribe(folder, (error, events) => {
  if (error) throw error;
  for (const event of events) tell("parcel", event.path);
});
await new Promise((ready) => watch(folder, { ignoreInitial: true }).on("all", (_, path) => tell("chokidar", path)).on("ready", ready));
fs.watch(folder, { recursive: true }, (_, name) => tell("fs.watch", join(folder, name)));

// A file beside the folders is told once everything before it has been.
let marks = 0;
async function settled() {
  for (const who of Object.keys(told)) {
    for (;;) {
      const mark = `mark${marks++}`;
      fs.writeFileSync(join(folder, mark), "");
      for (let wait = 0; wait < 20 && !told[who].has(mark); wait++) await sleep(100);
      if (told[who].has(mark)) break;
      if (marks > 100) throw new Error(`${who} tells nothing any more`);
    }
  }
  await sleep(1000);
}
async function change(what, ...paths) {
  await settled();
  for (const who of Object.keys(told)) told[who].clear();
  for (const path of paths) fs.appendFileSync(join(folder, path), "changed");
  await settled();
  for (const who of Object.keys(told))
    console.log(`${what}: ${who} told of ${paths.filter((path) => told[who].has(path)).length} of ${paths.length}`);
}

await change("a folder that was there", "here/sub/file", "here/sub/new");
fs.renameSync(join(folder, "here"), join(folder, "there"));
await change("the same folder, renamed", "there/sub/file", "there/sub/newer");
fs.renameSync(outside, join(folder, "moved"));
await change("a folder that was moved in", "moved/sub/file", "moved/sub/new");
await change("a file directly in it", "moved/new");
process.exit();
JS
node "$work/watch.mjs" "$work" | tee "$work/seen"

expected='a folder that was there: parcel told of 2 of 2
a folder that was there: chokidar told of 2 of 2
a folder that was there: fs.watch told of 2 of 2
the same folder, renamed: parcel told of 0 of 2
the same folder, renamed: chokidar told of 2 of 2
the same folder, renamed: fs.watch told of 2 of 2
a folder that was moved in: parcel told of 0 of 2
a folder that was moved in: chokidar told of 2 of 2
a folder that was moved in: fs.watch told of 2 of 2
a file directly in it: parcel told of 1 of 1
a file directly in it: chokidar told of 1 of 1
a file directly in it: fs.watch told of 1 of 1'
[ "$(cat "$work/seen")" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
