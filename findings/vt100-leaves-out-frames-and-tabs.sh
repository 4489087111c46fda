#!/usr/bin/env bash
# vt100 0.18.1 (crates.io, a terminal for reading the screen of a program) and avt 0.19.0 (crates.io, asciinema's).
#
# Guess: a crate of this name, which "parses a terminal byte stream and provides an in-memory representation of the
# rendered contents" (README), does what a VT100 did, and so all that terminfo's xterm-256color has programs use.
# Seen: several of them do nothing, and what is on its screen is not what a terminal shows:
#   smacs (ESC ( 0)     frames are the letters l q k x m j
#   nel (ESC E)         the line goes on instead of a new one
#   smir (CSI 4 h)      what is inserted overwrites
#   rmam (CSI ? 7 l)    a line that is too long wraps, and pushes the rest down
#   cbt, hts, tbc       tabs go to columns of eight, and only forward
# avt shows all of them as xterm, tmux and xterm.js do.
#
# Why it matters here: programs on curses with this TERM draw their frames so, with UTF-8 as well, and use the others to
# move and insert: a dialog that is found by its frame, or a row that is looked for, is not there, and what is shown of
# such a screen is shown wrongly.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/src"
command -v tput > /dev/null || { echo 'needs tput: apt-get install ncurses-bin' >&2; exit 1; }

has() { tput -T xterm-256color "$@"; }
# A name and what a program prints, on a line each, as terminfo says.
case_of() { printf '%s\t' "$1"; printf '%b' "$2" | od -An -v -tx1 | tr -d ' \n'; echo; }
{
    case_of 'a frame' "$(has smacs)lqqk$(has rmacs) ok"
    case_of 'a new line' "ab$(has nel)c"
    case_of 'an insertion' "bc\r$(has smir)a$(has rmir)"
    case_of 'no wrapping' "$(has rmam)123456789012345678901234567890abc$(has smam)"
    case_of 'a tab back' "a\tb$(has cbt)c"
    case_of 'a tab stop' "$(has tbc)$(has cup 0 4)$(has hts)\r\tx"
} > "$work/cases"

cat > "$work/Cargo.toml" <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"
[dependencies]
vt100 = "=0.18.1"
avt = "=0.19.0"
TOML
cat > "$work/src/main.rs" <<'RUST'
use std::num::NonZeroU16;

fn main() {
    for line in std::io::stdin().lines().map(Result::unwrap) {
        let (name, hex) = line.split_once('\t').unwrap();
        let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        let bytes: Vec<u8> = (0..hex.len()).step_by(2).map(byte).collect();
        let size = |n| NonZeroU16::new(n).unwrap();
        let mut parser = vt100::Parser::new(size(3), size(30), 0);
        parser.process(&bytes);
        let vt100: Vec<String> = parser.screen().rows(0, 30).collect();
        let mut terminal = avt::Terminal::new(30, 3).unwrap();
        terminal.feed(std::str::from_utf8(&bytes).unwrap());
        let avt: Vec<String> = terminal.screen().visible_lines().map(|line| line.text()).collect();
        let shown = |rows: &[String]| {
            let rows: Vec<&str> = rows.iter().map(|row| row.trim_end()).collect();
            rows.join("/").trim_end_matches('/').to_owned()
        };
        println!("{name}: vt100 {:?}, avt {:?}", shown(&vt100), shown(&avt));
    }
}
RUST
CARGO_TARGET_DIR=$work/target CARGO_BUILD_JOBS=1 cargo build --quiet --manifest-path "$work/Cargo.toml"
"$work/target/debug/finding" < "$work/cases" | tee "$work/seen"
expected='a frame: vt100 "lqqk ok", avt "┌──┐ ok"
a new line: vt100 "abc", avt "ab/c"
an insertion: vt100 "ac", avt "abc"
no wrapping: vt100 "123456789012345678901234567890/abc", avt "12345678901234567890123456789c"
a tab back: vt100 "a       bc", avt "a       c"
a tab stop: vt100 "        x", avt "    x"'
[ "$(cat "$work/seen")" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
