//! Programs that run Claude Code's script. Pure.

/// Programs that run `cli.js`; `MainThread` is what newer node versions call their main thread.
/// The dynamic loaders stand for wrapped builds that are started through them.
const RUNTIMES: &[&str] = &["node", "bun", "deno", "MainThread", "ld-linux", "ld-musl"];

/// Options of a runtime that take the next argument as their value.
const RUNTIME_VALUES: &[&str] = &["-r", "--require", "--import", "--loader", "-C", "--conditions"];

/// Whether a process of this name, as `/proc/PID/comm` gives it, may be a runtime.
pub(super) fn may_be_runtime(comm: &[u8]) -> bool {
    RUNTIMES.iter().any(|runtime| comm.starts_with(runtime.as_bytes()))
}

/// Where the script stands among the arguments of a runtime.
pub(super) fn script_position(arguments: &[String]) -> Option<usize> {
    let mut skip = false;
    for (position, argument) in arguments.iter().enumerate() {
        if skip {
            skip = false;
        } else if RUNTIME_VALUES.contains(&argument.as_str()) {
            skip = true;
        } else if argument == "run" || (argument.starts_with('-') && argument != "-e") {
            continue;
        } else {
            return (argument != "-e").then_some(position);
        }
    }
    None
}

/// Whether a program of this name is a runtime.
pub(super) fn is_runtime(name: &str) -> bool {
    RUNTIMES.iter().any(|runtime| name.strip_prefix(runtime).is_some_and(is_runtime_suffix))
}

/// `node22`, `nodejs`, `ld-linux-x86-64.so.2`: but not `node_exporter`.
fn is_runtime_suffix(rest: &str) -> bool {
    rest.is_empty() || rest == "js" || rest.starts_with(|c: char| c.is_ascii_digit() || c == '-')
}
