#!/usr/bin/env bash
# clap_complete 4.6.11 (crate, feature unstable-dynamic: candidates computed at run time), bash 5.2.
#
# Guess: a candidate that holds a space is inserted as one word, quoted or escaped for the shell, as
# bash does it for file names; one that holds ":" is completed from "host:o" as from "ho".
# Seen: the space goes in as it is, so after the Tab the command has two arguments, and the program
# refuses the very value it offered. From "host:" on nothing is completed, because bash cuts the word
# at ":" and the program is asked for "o" only.
#
# Why it matters here: labels and titles of sessions have spaces, sessions of other hosts are host:name.
# Dynamic completion of them by clap_complete is of no use in bash without a quoting of one's own.
set -euo pipefail

case ${BASH_VERSION} in 5.2.*) ;; *) echo "seen with bash 5.2, this is $BASH_VERSION" >&2; exit 1 ;; esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/src" "$work/home"

cat > "$work/Cargo.toml" <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"
[dependencies]
clap = { version = "=4.6.9", features = ["derive"] }
clap_complete = { version = "=4.6.11", features = ["unstable-dynamic"] }
TOML
cat > "$work/src/main.rs" <<'RUST'
use clap::{CommandFactory, Parser};
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use clap_complete::CompleteEnv;

#[derive(Parser)]
#[command(name = "finding")]
struct Arguments {
    #[arg(add = ArgValueCandidates::new(|| ["two words", "host:one", "plain"].into_iter().map(CompletionCandidate::new).collect()))]
    label: String,
}

fn main() {
    CompleteEnv::with_factory(Arguments::command).complete();
    println!("<{}>", Arguments::parse().label);
}
RUST
CARGO_TARGET_DIR=$work/target CARGO_BUILD_JOBS=1 cargo build --quiet --manifest-path "$work/Cargo.toml"

cat > "$work/typist.py" <<'PY'
# Types into a real interactive bash: the line, one Tab, and a key that prints what the line is now.
import os, pty, re, select, sys

def typed(line):
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(TERM="dumb", INPUTRC="/dev/null", HISTFILE="/dev/null", PS1="$ ")
        os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
    heard = b""
    def until(mark):
        nonlocal heard
        while not re.search(mark, heard):
            if not select.select([terminal], [], [], 30)[0]:
                sys.exit(f"no {mark} in {heard!r}")
            heard += os.read(terminal, 4096)
        found = re.search(mark, heard)
        heard = heard[found.end():]
        return found
    setup = r"""source <(COMPLETE=bash finding); show() { printf '\nLINE[%s]\n' "$READLINE_LINE"; }; bind -x '"\C-t": show'; echo re''ady"""
    os.write(terminal, setup.encode() + b"\n")
    until(rb"\nready")
    os.write(terminal, line.encode() + b"\t\x14")
    text = until(rb"LINE\[(.*?)\]").group(1).decode()
    os.close(terminal)
    os.waitpid(child, 0)
    return text

for line in ["finding pl", "finding tw", "finding ho", "finding host:o"]:
    print(f"{line}<Tab> -> [{typed(line)}]")
PY
seen=$(HOME=$work/home PATH=$work/target/debug:$PATH python3 "$work/typist.py")
echo "clap_complete 4.6.11 seen:"; echo "$seen"
echo "the line as bash runs it: $("$work/target/debug/finding" two words 2>&1 | head -1)"
expected='finding pl<Tab> -> [finding plain ]
finding tw<Tab> -> [finding two words ]
finding ho<Tab> -> [finding host:one ]
finding host:o<Tab> -> [finding host:o]'
[ "$seen" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
