//! Which program speaks with a multiplexer's server.

use crate::proc::ProcFiles;
use crate::system::programs::find_in_path;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

/// The program that the server runs, which fits it best, if it is one that the user installed; else
/// the one called `name` in `PATH`. A service may have a `PATH` in which there is none, or after an
/// upgrade another version.
///
/// A program anywhere else, such as in a project, may only call itself a multiplexer, and to run it
/// would let it out of the sandbox that it may be in.
pub fn of_server(proc: &ProcFiles, server: u32, name: &str) -> PathBuf {
    trusted(proc, server, name).unwrap_or_else(|| name.into())
}

fn trusted(proc: &ProcFiles, server: u32, name: &str) -> Option<PathBuf> {
    let program = proc.program(server)?;
    let file = fs::metadata(&program).ok()?;
    let is_of_system = file.uid() == 0 && file.mode() & 0o022 == 0;
    let is_same = |other: PathBuf| {
        fs::metadata(other)
            .is_ok_and(|other| (other.dev(), other.ino()) == (file.dev(), file.ino()))
    };
    (is_of_system || find_in_path(name).is_some_and(is_same)).then_some(program)
}
