#!/usr/bin/env bash
# sd-notify 0.5.0 (crate).
#
# Guess: it follows sd_notify(3): a NOTIFY_SOCKET that begins with "@" names an abstract socket.
# Seen: it takes "@name" for a file of that name and returns NotFound; the supervisor hears nothing.
# A program that ignores the result, as sd_notify(3) advises, never learns of it. The Python package
# sdnotify 0.3.2 reaches the same socket.
#
# Why it matters here: container managers and supervisors that pass abstract sockets wait in vain for
# READY=1, so a service of Type=notify is ended when its start timeout is over.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/src"

python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target "$work/py" sdnotify==0.3.2 2> "$work/pip.log" || { cat "$work/pip.log" >&2; exit 1; }
cat > "$work/Cargo.toml" <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"
[dependencies]
sd-notify = "=0.5.0"
TOML
cat > "$work/src/main.rs" <<'RUST'
use sd_notify::NotifyState;
fn main() {
    match sd_notify::notify(&[NotifyState::Ready]) {
        Ok(()) => println!("Ok"),
        Err(error) => println!("Err {:?}", error.kind()),
    }
}
RUST
CARGO_TARGET_DIR=$work/target CARGO_BUILD_JOBS=1 cargo build --quiet --manifest-path "$work/Cargo.toml"

cat > "$work/supervisor.py" <<'PY'
import os, socket, subprocess, sys
program, path = sys.argv[1:]
name = f"finding-{os.getpid()}"
for label, address, variable in [("abstract", "\0" + name, "@" + name), ("file", path, path)]:
    supervisor = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    supervisor.bind(address)
    supervisor.setblocking(False)
    for who, command in [("sd-notify", [program]),
                         ("sdnotify", [sys.executable, "-c",
                                       "import sdnotify; sdnotify.SystemdNotifier().notify('READY=1')"])]:
        said = subprocess.run(command, env={**os.environ, "NOTIFY_SOCKET": variable},
                              stdout=subprocess.PIPE, check=True, text=True).stdout.strip()
        try:
            heard = supervisor.recv(100).decode().strip()
        except BlockingIOError:
            heard = "nothing"
        print(f"{label} socket, {who}: {said or 'done'}; heard: {heard}")
PY
seen=$(PYTHONPATH=$work/py python3 "$work/supervisor.py" "$work/target/debug/finding" "$work/socket")
echo "$seen"
expected='abstract socket, sd-notify: Err NotFound; heard: nothing
abstract socket, sdnotify: done; heard: READY=1
file socket, sd-notify: Ok; heard: READY=1
file socket, sdnotify: done; heard: READY=1'
[ "$seen" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
