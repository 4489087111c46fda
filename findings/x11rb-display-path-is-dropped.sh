#!/usr/bin/env bash
# x11rb 0.14.0 (crate), DISPLAY with the path of a socket.
#
# Guess: a path of a socket in DISPLAY leads to that socket, or is an error as for Xlib here. (x11rb has code for
# it: it checks that the file exists, and takes a screen behind a dot.)
# Seen: the path is parsed and accepted, and then dropped: x11rb connects to /tmp/.X11-unix/X0, whatever the path
# was. Where no server has that number it fails; where one has, it talks to that one without a word.
#
# Why it matters here: DISPLAY comes from the environment of other programs. With a path in it, windows would be
# looked for on another display than the one that shows them.
set -euo pipefail

work=$(mktemp -d)
children=()
trap 'for child in "${children[@]}"; do kill "$child" 2> /dev/null || true; done; wait; rm -rf "$work"' EXIT
command -v Xvfb > /dev/null || { echo 'needs Xvfb: apt-get install xvfb' >&2; exit 1; }
mkdir -p "$work/src"
cat > "$work/Cargo.toml" <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"
[dependencies]
x11rb = { version = "=0.14.0", default-features = false }
x11rb-protocol = "=0.14.0"
TOML
cat > "$work/src/main.rs" <<'RUST'
use x11rb::connection::Connection;
use x11rb_protocol::parse_display::parse_display;

fn main() {
    let name = std::env::args().nth(1).unwrap();
    let parsed = parse_display(Some(&name)).unwrap();
    let is_path = parsed.host == name;
    println!("parsed, and the path is there: {is_path}");
    for address in parsed.connect_instruction() {
        println!("connects to {address:?}");
    }
    match x11rb::connect(Some(&name)) {
        Ok((connection, _)) => println!("connected: {} wide", connection.setup().roots[0].width_in_pixels),
        Err(_) => println!("not connected"),
    }
}
RUST
cargo build --quiet --manifest-path "$work/Cargo.toml"

mkfifo "$work/display"
start() { # starts an X server of this width; $number is its display
    Xvfb -displayfd 3 -screen 0 "$1x600x24" -nolisten tcp 3> "$work/display" 2> /dev/null & children+=($!)
    read -r -t 30 number < "$work/display"
}
start 4711
if [ "$number" = 0 ]; then
    kill "${children[0]}"
    wait "${children[0]}" || true
    children=()
    # Display 0 is another server, so that it is not the one that is meant.
    start 800
    start 4711
fi
path=/tmp/.X11-unix/X$number

seen=$("$work/target/debug/finding" "$path")
echo "x11rb 0.14.0, DISPLAY=$path, whose server is 4711 wide:"
echo "$seen"
grep -qx 'parsed, and the path is there: true' <<< "$seen" &&
    grep -qxF 'connects to Socket("/tmp/.X11-unix/X0")' <<< "$seen" && ! grep -q '4711 wide' <<< "$seen" ||
    { echo 'CHANGED: it took the path and went to display 0' >&2; exit 1; }
