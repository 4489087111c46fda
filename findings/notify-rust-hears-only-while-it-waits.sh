#!/usr/bin/env bash
# notify-rust 4.19.0 (crates.io), NotificationHandle::wait_for_action() and on_close(), with dunst 1.9.0 (Debian 12:
# dunst 1.9.0-0.1).
#
# Guess: show() gives a handle that "keeps a connection alive to ensure actions work"; wait_for_action() "waits for the
# user to act on a notification". So what the user did since show() is told, as that of a child is by wait().
# Seen: the handle begins to listen when it is asked to wait, and what came before is lost. If the action was taken before,
# the program waits on; if the notification is closed then, it is told "__closed", as if the user had refused. If it was
# closed before (by the user, or since its time was over), wait_for_action() and on_close() never return.
#
# Why it matters here: a program that shows a notification, does something else and then waits (for the next thread, for
# another notification) takes a click on "Allow" for a dismissal, or keeps a thread for good for each one that was
# dismissed. The wait has to begin before show(), by a match of one's own.
set -euo pipefail

work=$(mktemp -d)
children=()
trap 'for child in "${children[@]}"; do kill "$child" 2> /dev/null || true; done; wait; rm -rf "$work"' EXIT
mkdir -p "$work/src"
cat > "$work/Cargo.toml" <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"
[dependencies]
notify-rust = "=4.19.0"
TOML
cat > "$work/src/main.rs" <<'RUST'
use notify_rust::Notification;

/// Shows a notification, waits for a line, then for the user.
fn main() {
    let handle = Notification::new().summary("Allow?").action("allow", "Allow").timeout(0).show().unwrap();
    println!("shown");
    std::io::stdin().read_line(&mut String::new()).unwrap();
    println!("waits");
    if std::env::args().nth(1).as_deref() == Some("on_close") {
        handle.on_close(|why| println!("told {why:?}"));
    } else {
        handle.wait_for_action(|what| println!("told {what:?}"));
    }
}
RUST
CARGO_TARGET_DIR=$work/target CARGO_BUILD_JOBS=1 cargo build --quiet --manifest-path "$work/Cargo.toml"

export HOME=$work XDG_RUNTIME_DIR=$work
unset WAYLAND_DISPLAY
(cd "$work" && apt-get download -qq -o APT::Sandbox::User=root dunst=1.9.0-0.1 > /dev/null)
dpkg-deb -x "$work"/dunst_*.deb "$work/root"
if ldd "$work/root/usr/bin/dunst" | grep 'not found'; then
    echo 'dunst lacks these libraries: apt-get install dunst' >&2
    exit 1
fi
command -v Xvfb dbus-daemon dbus-monitor > /dev/null || { echo 'needs Xvfb and dbus: apt-get install xvfb dbus' >&2; exit 1; }
mkfifo "$work/display" "$work/address"
Xvfb -displayfd 3 -screen 0 800x600x24 -nolisten tcp 3> "$work/display" 2> /dev/null & children+=($!)
read -r -t 30 number < "$work/display"
export DISPLAY=:$number
dbus-daemon --session --nofork --nopidfile --print-address=4 4> "$work/address" 2> /dev/null & children+=($!)
read -r -t 30 DBUS_SESSION_BUS_ADDRESS < "$work/address"
export DBUS_SESSION_BUS_ADDRESS
"$work/root/usr/bin/dunst" -conf /dev/null > /dev/null 2>&1 & children+=($!)
ctl() { "$work/root/usr/bin/dunstctl" "$@"; }
until_shown() { for _ in $(seq 300); do [ "$(ctl count displayed 2> /dev/null)" = "$1" ] && return; sleep 0.1; done; return 1; }
until_shown 0
# What dunst says, so that nothing here depends on time.
dbus-monitor "interface='org.freedesktop.Notifications'" > "$work/signals" 2> /dev/null & children+=($!)
for _ in $(seq 300); do grep -q NameAcquired "$work/signals" && break; sleep 0.1; done

said() { grep -c "member=$1" "$work/signals" || true; }
user() { # WHAT the user does, and until dunst has said so
    local member=ActionInvoked before
    [ "$1" = action ] || member=NotificationClosed
    before=$(said $member)
    case $1 in action) ctl action 0 ;; close) ctl close ;; *) return 0 ;; esac
    for _ in $(seq 300); do [ "$(said $member)" -gt "$before" ] && return; sleep 0.1; done
    return 1
}
has() { for _ in $(seq "$2"); do grep -q "$1" "$work/out" && return; sleep 0.1; done; return 1; }
try() { # HOW BEFORE AFTER: what the program is told
    local pid
    rm -f "$work/in" "$work/out"; mkfifo "$work/in"
    "$work/target/debug/finding" "$1" < "$work/in" > "$work/out" & pid=$!
    children+=($pid)
    exec 7> "$work/in"
    has shown 300
    until_shown 1
    user "$2"
    echo >&7
    exec 7>&-
    has waits 300
    # Listening begins within a moment; nothing says when.
    sleep 2
    user "$3"
    has told 50 || true
    echo "$1, before: $2, then: $3: $(grep told "$work/out" || echo 'waits on')"
    kill $pid 2> /dev/null || true
    ctl close-all
    until_shown 0
}
{
    try wait_for_action nothing action
    try wait_for_action action nothing
    try wait_for_action action close
    try wait_for_action close nothing
    try on_close close nothing
} > "$work/seen"
echo 'notify-rust 4.19.0 seen:'; cat "$work/seen"
expected='wait_for_action, before: nothing, then: action: told "allow"
wait_for_action, before: action, then: nothing: waits on
wait_for_action, before: action, then: close: told "__closed"
wait_for_action, before: close, then: nothing: waits on
on_close, before: close, then: nothing: waits on'
[ "$(cat "$work/seen")" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
