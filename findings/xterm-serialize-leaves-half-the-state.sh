#!/usr/bin/env bash
# @xterm/addon-serialize 0.14.0 with @xterm/headless 6.0.0 (npm).
#
# Guess: serialize() gives "a string that can be written back to the terminal to restore the state. The cursor will also
# be positioned to the correct cell" (its documentation), with the modes (`excludeModes` is off): a program that runs on
# can go on drawing into the rebuilt terminal. What "experimental" (README) leaves open are speed and rare attributes.
# Seen: of what decides where the next output goes, several things are missing, each without a word: the scroll region,
# the saved cursor, the tab stops, the line drawing set, the encoding of the mouse (1006), the hidden cursor. And the
# cursor itself comes one column too far left when it is on a blank line below a full one, such as a rule or a frame.
# What a program draws next is then at other places in the rebuilt terminal than in the one that was serialized.
#
# Why it matters here: it is how web terminals and daemons bring a session back to a client that comes later. Programs
# with a status line at the bottom (apt, less, a shell in a split) scroll over it, clicks are told in a form that the
# program does not read, and a prompt under a rule is typed one column beside it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --silent --no-audit --no-fund --prefix "$work" \
    @xterm/headless@6.0.0 @xterm/addon-serialize@0.14.0 > /dev/null 2>&1

cat > "$work/rebuild.mjs" <<'JS'
import headless from "@xterm/headless";
import serialize from "@xterm/addon-serialize";

const write = (terminal, data) => new Promise((done) => terminal.write(data, done));
function terminal() {
  const made = new headless.Terminal({ cols: 20, rows: 6, allowProposedApi: true });
  made.addon = new serialize.SerializeAddon();
  made.loadAddon(made.addon);
  return made;
}
function shows({ buffer: { active }, rows }) {
  const lines = Array.from({ length: rows }, (_, row) => active.getLine(active.baseY + row).translateToString(true));
  return `${lines.join("/")} cursor ${active.cursorX},${active.cursorY}`;
}
const lines = "1\r\n2\r\n3\r\n4\r\n5\r\nstatus";
for (const [what, before, after] of [
  ["insert mode, for comparison", "abc\x1b[4h", "\rX"],
  ["scroll region", `${lines}\x1b[1;5r\x1b[5;1H`, "\r\n6"],
  ["saved cursor", "ab\x1b7\r\n\r\n", "\x1b8X"],
  ["tab stops", "\x1b[3g\x1b[5G\x1bH\r", "\tX"],
  ["line drawing set", "\x1b(0", "lqk"],
  ["cursor under a rule", `${"-".repeat(20)}\r\n\x1b[3C`, "X"],
]) {
  const first = terminal(), second = terminal();
  await write(first, before);
  await write(second, first.addon.serialize());
  const same = shows(first) === shows(second) ? "the same" : "another";
  await write(first, after);
  await write(second, after);
  console.log(`${what}: rebuilt ${same}; then ${shows(first) === shows(second) ? "the same" : `${shows(first)} is ${shows(second)}`}`);
}
for (const [what, before] of [["mouse", "\x1b[?1003h\x1b[?1006h"], ["hidden cursor", "\x1b[?25l"]]) {
  const first = terminal();
  await write(first, before);
  console.log(`${what}, ${JSON.stringify(before)} gives ${JSON.stringify(first.addon.serialize())}`);
}
JS
node "$work/rebuild.mjs" | tee "$work/seen"
expected='insert mode, for comparison: rebuilt the same; then the same
scroll region: rebuilt the same; then 2/3/4/5/6/status cursor 1,4 is 1/2/3/4/5/6tatus cursor 1,5
saved cursor: rebuilt the same; then abX///// cursor 3,0 is Xb///// cursor 1,0
tab stops: rebuilt the same; then     X///// cursor 5,0 is         X///// cursor 9,0
line drawing set: rebuilt the same; then ┌─┐///// cursor 3,0 is lqk///// cursor 3,0
cursor under a rule: rebuilt another; then --------------------/   X//// cursor 4,1 is --------------------/  X//// cursor 3,1
mouse, "\u001b[?1003h\u001b[?1006h" gives "\u001b[?1003h"
hidden cursor, "\u001b[?25l" gives ""'
[ "$(cat "$work/seen")" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
