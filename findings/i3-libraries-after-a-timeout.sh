#!/usr/bin/env bash
# swayipc-async 3.0.0 and tokio-i3ipc 0.16.0 (crates.io), i3ipc 2.2.1 (PyPI, i3ipc.aio), with i3 4.22 (Debian 12:
# i3-wm 4.22-2) that is silent for a while.
#
# Guess: a call of an async library can be given a timeout. When it is over the call is given up, the other tasks have
# gone on meanwhile, and what is asked next on that connection gets its own answer, or an error. Nothing in the three
# documentations says otherwise.
# Seen: the two crates do not give up the answer. It is still to come, and the next call takes it for its own: what
# failed is told as done, what was done as failed, and get_workspaces() is one call behind, for as long as the
# connection lives. (The messages of i3 have no ids. Where calls of two kinds meet, the second fails, and takes one
# answer off.)
# i3ipc.aio leaves its socket blocking, and calls sock_recv() of asyncio on it: wait_for() waits for as long as i3 is
# silent, and nothing else of the program runs until then.
#
# Why it matters here: a window manager is silent while it restarts, loads its configuration or a driver, or is behind
# at a high load. A bar or a switcher that guards itself with a timeout is then wrong for good: it says that it has
# focused a window that is gone, or shows the workspace before the one that one is on. The connection has to be thrown
# away after a timeout.
set -euo pipefail

work=$(mktemp -d)
children=()
finish() {
    for child in "${children[@]}"; do kill -CONT "$child" 2> /dev/null || true; kill "$child" 2> /dev/null || true; done
    wait
    rm -rf "$work"
}
trap finish EXIT
mkdir -p "$work/src"
cat > "$work/Cargo.toml" <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"
[dependencies]
swayipc-async = "=3.0.0"
tokio-i3ipc = "=0.16.0"
tokio = { version = "=1.54.1", features = ["macros", "process", "rt", "time"] }
TOML
cat > "$work/src/main.rs" <<'RUST'
use std::{env::args, process::Command, time::Duration};
use swayipc_async::Connection;
use tokio::time::timeout;
use tokio_i3ipc::I3;

fn signal(name: &str) {
    let to = args().nth(1).unwrap();
    assert!(Command::new("kill").args([name, &to]).status().unwrap().success());
}

/// While i3 does not run, gives up a call after a second.
macro_rules! give_up {
    ($call:expr) => {
        signal("-STOP");
        assert!(timeout(Duration::from_secs(1), $call).await.is_err());
        signal("-CONT");
    };
}

/// Until i3 has read what was written to it before on whichever connection.
macro_rules! settle {
    ($other:ident) => {
        for _ in 0..3 {
            $other.run_command("nop").await.unwrap();
        }
    };
}

macro_rules! library {
    ($name:literal, $connect:expr, $good:expr) => {
        let good = $good;
        let mut other = $connect;
        let mut connection = $connect;
        good(&other.run_command("workspace 1").await.unwrap());
        give_up!(connection.run_command("nop"));
        for what in ["no such command", "nop"] {
            let told = good(&connection.run_command(what).await.unwrap());
            println!("{}: \"{what}\" is told as {}", $name, if told { "done" } else { "failed" });
        }
        let mut connection = $connect;
        give_up!(connection.get_workspaces());
        settle!(other);
        for to in 2..5 {
            assert!(good(&other.run_command(format!("workspace {to}")).await.unwrap()));
            let seen = connection.get_workspaces().await.unwrap();
            settle!(other);
            let on: Vec<&str> = seen.iter().filter(|it| it.focused).map(|it| it.name.as_str()).collect();
            println!("{}: on workspace {to}, get_workspaces() says {}", $name, on.join(" "));
        }
    };
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    library!("swayipc-async", Connection::new().await.unwrap(), |them: &Vec<Result<(), _>>| them.iter().all(Result::is_ok));
    library!("tokio-i3ipc", I3::connect().await.unwrap(), |them: &Vec<tokio_i3ipc::reply::Success>| them.iter().all(|it| it.success));
}
RUST
CARGO_TARGET_DIR=$work/target CARGO_BUILD_JOBS=1 cargo build --quiet --manifest-path "$work/Cargo.toml"
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target "$work/py" i3ipc==2.2.1 python-xlib==0.33 six==1.17.0
cat > "$work/aio.py" <<'PY'
import asyncio, os, signal, sys, threading
import i3ipc.aio

SILENT = 5  # seconds
pid = int(sys.argv[1])

async def main():
    connection = await i3ipc.aio.Connection(socket_path=os.environ["I3SOCK"]).connect()
    ran, over = 0, False

    async def another_task():
        nonlocal ran
        while not over:
            await asyncio.sleep(0.1)
            ran += 1

    other = asyncio.ensure_future(another_task())
    os.kill(pid, signal.SIGSTOP)
    threading.Timer(SILENT, os.kill, [pid, signal.SIGCONT]).start()
    clock = asyncio.get_running_loop().time
    begin = clock()
    try:
        await asyncio.wait_for(connection.command("nop"), 1)
    except asyncio.TimeoutError:
        pass
    took, over = clock() - begin, True
    print(f"i3ipc.aio: wait_for(command(), 1) takes {'as long as i3 is silent' if took > SILENT - 1 else 'a second'},",
          "another task runs" if ran > 1 else "no other task runs", "meanwhile")
    await other

asyncio.run(main())
PY

export HOME=$work/home XDG_RUNTIME_DIR=$work/run
unset WAYLAND_DISPLAY SWAYSOCK
mkdir -p "$HOME"
mkdir -m 700 "$XDG_RUNTIME_DIR"
(cd "$work" && apt-get download -qq -o APT::Sandbox::User=root i3-wm=4.22-2 > /dev/null)
dpkg-deb -x "$work"/i3-wm_*.deb "$work/root"
command -v Xvfb > /dev/null || { echo 'needs xvfb: apt-get install xvfb' >&2; exit 1; }
if ldd "$work/root/usr/bin/i3" | grep 'not found'; then
    echo 'i3 lacks these libraries: apt-get install i3-wm' >&2
    exit 1
fi
mkfifo "$work/display"
Xvfb -displayfd 3 -screen 0 1280x800x24 3> "$work/display" > /dev/null 2>&1 & children+=($!)
read -r -t 30 number < "$work/display"
export DISPLAY=:$number I3SOCK=$work/i3.sock
printf '# i3 config file (v4)\nipc-socket %s\nfont pango:monospace 8\n' "$I3SOCK" > "$work/i3.conf"
"$work/root/usr/bin/i3" -c "$work/i3.conf" > "$work/i3.log" 2>&1 & i3=$!
children+=("$i3")
for _ in $(seq 300); do [ -S "$I3SOCK" ] && break; sleep 0.1; done

{
    timeout 120 "$work/target/debug/finding" "$i3"
    PYTHONPATH=$work/py timeout 120 python3 "$work/aio.py" "$i3"
} | tee "$work/seen"
expected='swayipc-async: "no such command" is told as done
swayipc-async: "nop" is told as failed
swayipc-async: on workspace 2, get_workspaces() says 1
swayipc-async: on workspace 3, get_workspaces() says 2
swayipc-async: on workspace 4, get_workspaces() says 3
tokio-i3ipc: "no such command" is told as done
tokio-i3ipc: "nop" is told as failed
tokio-i3ipc: on workspace 2, get_workspaces() says 1
tokio-i3ipc: on workspace 3, get_workspaces() says 2
tokio-i3ipc: on workspace 4, get_workspaces() says 3
i3ipc.aio: wait_for(command(), 1) takes as long as i3 is silent, no other task runs meanwhile'
[ "$(cat "$work/seen")" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
