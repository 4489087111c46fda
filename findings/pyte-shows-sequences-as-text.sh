#!/usr/bin/env bash
# pyte 0.8.2 (PyPI, terminal emulator for reading the screen of a program).
#
# Guess: a sequence that it does not know is swallowed whole, as the standard (ECMA-48) lays out:
# parameters, intermediates, final byte. So the screen has the text that a terminal would show.
# Seen: what today's terminal programs send at their start and end leaves letters on the screen or
# changes attributes:
#   CSI < u          (end of the kitty keyboard protocol)   shows "u"
#   CSI = c          (tertiary device attributes)           shows "c"
#   CSI 4 : 3 m      (curly underline)                      shows "3m"
#   DCS + q ... ST   (XTGETTCAP)                            shows its content
#   APC ... ST       (kitty graphics)                       shows its content
#   CSI > 4 ; 2 m    (modifyOtherKeys)                      turns underline on
# The crate vt100 0.18.1 shows none of these.
#
# Why it matters here: a screen that is read with pyte to find a question or a prompt holds text that
# nobody sees. Claude Code, like most new terminal programs, uses the kitty keyboard protocol.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/src"

python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target "$work/py" pyte==0.8.2
cat > "$work/cases.py" <<'PY'
import sys
import pyte

CASES = ["\x1b[>1u", "\x1b[<u", "\x1b[=c", "\x1b[4:3m", "\x1bP+q544e\x1b\\", "\x1b_Gi=1;AAAA\x1b\\",
         "\x1b[>4;2m", "\x1b[?2026$p"]
for case in CASES:
    screen = pyte.Screen(30, 2)
    pyte.Stream(screen).feed("A" + case + "B")
    end = screen.buffer[0][len(screen.display[0].rstrip()) - 1]
    print(f"{case!r} {screen.display[0].rstrip()} underline={end.underscore}")
PY
seen=$(PYTHONPATH=$work/py python3 "$work/cases.py")

cat > "$work/Cargo.toml" <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"
[dependencies]
vt100 = "=0.18.1"
TOML
cat > "$work/src/main.rs" <<'RUST'
use std::num::NonZeroU16;

fn main() {
    let cases = ["\x1b[>1u", "\x1b[<u", "\x1b[=c", "\x1b[4:3m", "\x1bP+q544e\x1b\\", "\x1b_Gi=1;AAAA\x1b\\",
        "\x1b[>4;2m", "\x1b[?2026$p"];
    for case in cases {
        let size = |n| NonZeroU16::new(n).unwrap();
        let mut parser = vt100::Parser::new(size(2), size(30), 0);
        parser.process(format!("A{case}B").as_bytes());
        println!("{}", parser.screen().contents());
    }
}
RUST
CARGO_TARGET_DIR=$work/target CARGO_BUILD_JOBS=1 cargo build --quiet --manifest-path "$work/Cargo.toml"
peer=$("$work/target/debug/finding" | sort -u)

echo "pyte 0.8.2 seen:"; echo "$seen"
echo "vt100 0.18.1 seen, for all of them: $peer"
expected="'\\x1b[>1u' AB underline=False
'\\x1b[<u' AuB underline=False
'\\x1b[=c' AcB underline=False
'\\x1b[4:3m' A3mB underline=False
'\\x1bP+q544e\\x1b\\\\' A+q544eB underline=False
'\\x1b_Gi=1;AAAA\\x1b\\\\' AGi=1;AAAAB underline=False
'\\x1b[>4;2m' AB underline=True
'\\x1b[?2026\$p' AB underline=False"
[ "$seen" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
[ "$peer" = AB ] || { echo 'CHANGED: vt100 showed AB for all' >&2; exit 1; }
