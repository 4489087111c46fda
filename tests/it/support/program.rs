//! Programs that tests make.
//!
//! They are written by other processes: a file that this one has open for writing is inherited by
//! whatever another test starts at that moment, and cannot be executed until that one has gone on to
//! its own program ("Text file busy").

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// A copy of the program `from`.
pub fn copy(from: impl AsRef<Path>, to: impl AsRef<Path>) {
    let copied = Command::new("cp").arg(from.as_ref()).arg(to.as_ref()).status().unwrap();
    assert!(copied.success());
}

/// An executable file with this text.
pub fn write(path: &Path, text: &str) {
    let mut install = Command::new("install");
    install.args(["-m", "755", "/dev/stdin"]).arg(path).stdin(Stdio::piped());
    let mut child = install.spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
}
