#!/usr/bin/env bash
# strip-ansi-escapes 0.2.1 (crate).
#
# Guess: it takes out escape sequences and leaves everything else, as the npm package strip-ansi does.
# Seen: every control character but the line feed goes as well. "a\tb" becomes "ab", in text without
# a single escape sequence. The npm package of the same purpose (7.1.2) keeps the tab.
#
# Why it matters here: columns separated by tabs (output of tools, `git`, launchers) run into each
# other when text is cleaned with this crate before it is split.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/src"

cat > "$work/Cargo.toml" <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"
[dependencies]
strip-ansi-escapes = "=0.2.1"
TOML
cat > "$work/src/main.rs" <<'RUST'
fn main() {
    println!("{:?}", strip_ansi_escapes::strip_str("plain\ttext\r\n"));
    println!("{:?}", strip_ansi_escapes::strip_str("\x1b[1mname\x1b[0m\tstate"));
}
RUST
CARGO_TARGET_DIR=$work/target CARGO_BUILD_JOBS=1 cargo build --quiet --manifest-path "$work/Cargo.toml"
seen=$("$work/target/debug/finding")

npm install --silent --no-audit --no-fund --prefix "$work/npm" strip-ansi@7.1.2 > /dev/null
peer=$(cd "$work/npm" && node --input-type=module -e '
  import strip from "strip-ansi";
  console.log(JSON.stringify(strip("\u001b[1mname\u001b[0m\tstate")));')

echo "strip-ansi-escapes 0.2.1 seen:"; echo "$seen"
echo "strip-ansi 7.1.2 seen: $peer"
expected='"plaintext\n"
"namestate"'
[ "$seen" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
[ "$peer" = '"name\tstate"' ] || { echo 'CHANGED: strip-ansi kept the tab' >&2; exit 1; }
