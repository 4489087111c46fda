#!/usr/bin/env bash
# node-pty 1.1.0 (npm; here as @lydell/node-pty 1.1.0, which is the same with the program for Linux compiled), and
# ptyprocess 0.7.0 (PyPI) beside it. node-pty 1.1.0 compiled on the spot did the same.
#
# Guess: onData tells all that a program wrote, as reading the terminal to its end does: its last chunk may come after
# onExit, so one waits a little, or keeps the two apart.
# Seen: what the kernel still holds when the program ends is lost, for good: of a program that writes 6000 bytes and
# ends, often only the first 4095 are ever told (what a terminal gives in one read), of 24 kB anything from a third to
# all. No later event brings it, the exit code is 0, and there is no error. ptyprocess reads all of it each time.
#
# Why it matters here: the output of a command that prints and ends, such as a list, a version, a JSON answer, the last
# words of a program that fails, is cut at some place, now and then. It parses as "not JSON", or as less than there is.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --silent --no-audit --no-fund --prefix "$work" @lydell/node-pty@1.1.0 > /dev/null 2>&1
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target "$work/py" ptyprocess==0.7.0

# Prints how many of the runs told less than the whole, and the shortest. Data has a second after the exit.
cat > "$work/short.mjs" <<'JS'
import { spawn } from "@lydell/node-pty";

for (const lines of [1000, 4000]) {
  const whole = lines * 6, runs = 25;
  const told = await Promise.all(Array.from({ length: runs }, (_, at) => new Promise((done) => setTimeout(() => {
    let length = 0;
    const terminal = spawn("seq", ["-w", "1", String(lines)], { cols: 80, rows: 24 });
    terminal.onData((data) => { length += data.length; });
    terminal.onExit(({ exitCode }) => setTimeout(() => done({ length, exitCode }), 1000));
  }, at * 100))));
  const short = told.filter(({ length }) => length < whole);
  const least = Math.min(...told.map(({ length }) => length));
  console.log(`node-pty: ${short.length} of ${runs} runs were told less than ${whole} bytes, one of them ${least};`,
    `exit codes: ${[...new Set(told.map(({ exitCode }) => exitCode))]}`);
  if (short.length === 0) process.exitCode = 1;
}
JS
cat > "$work/whole.py" <<'PY'
import sys
from ptyprocess import PtyProcess

for lines in 1000, 4000:
    whole, runs, short = lines * 6, 25, 0
    for _ in range(runs):
        process, length = PtyProcess.spawn(["seq", "-w", "1", str(lines)]), 0
        try:
            while True:
                length += len(process.read())
        except EOFError:
            short += length < whole
        process.wait()
    print(f"ptyprocess: {short} of {runs} runs were told less than {whole} bytes")
    if short:
        sys.exit(1)
PY
PYTHONPATH=$work/py python3 "$work/whole.py"
node "$work/short.mjs" || { echo 'CHANGED: node-pty told the whole each time' >&2; exit 1; }
