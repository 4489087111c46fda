//! `answers.log`: every answer that was given through vmux, one JSON object a line. Only the last ones
//! are kept.

use crate::daemon::home::lock::HomeLock;
use crate::system::files::read_regular;
use crate::system::replace::Replacement;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// When the log is longer, in bytes, its older half is left out.
const MAX_LOG: u64 = 1024 * 1024;

/// Lines are added one after the other, though threads do it.
static WRITING: Mutex<()> = Mutex::new(());

/// Adds a line, which ends in a line break, if this is the vmuxd of the home. Errors are logged: the
/// answer has been given already. May block on a disk.
pub fn append(path: &Path, line: &str, home: &HomeLock) {
    // What the lock protects is whole at every moment.
    let _writing = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let taken = home.take().map_err(|error| error.to_string());
    let added = taken.and_then(|()| add(path, line).map_err(|error| error.to_string()));
    if let Err(error) = added {
        log::error!("an answer is not in {}: {error}", path.display());
    }
}

fn add(path: &Path, line: &str) -> io::Result<()> {
    let mut file = open(path)?;
    if file.metadata()?.len() > MAX_LOG {
        let (bytes, _) = read_regular(path, 2 * MAX_LOG)?;
        let half = bytes.get(bytes.len() / 2..).unwrap_or_default();
        let begin = half.iter().position(|byte| *byte == b'\n').map_or(half.len(), |it| it + 1);
        Replacement::write(path, &half[begin..], 0o600)?.commit(path)?;
        file = open(path)?;
    }
    file.write_all(line.as_bytes())
}

/// Opens it for adding to it. A FIFO or a device in its place is an error and blocks nothing.
fn open(path: &Path) -> io::Result<File> {
    let flags = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let mut options = OpenOptions::new();
    options.append(true).create(true).mode(0o600).custom_flags(flags);
    let file = options.open(path)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn it_is_private_and_keeps_the_last_lines() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("answers.log");
        let line = format!("{}\n", "x".repeat(999));
        for _ in 0..2200 {
            add(&path, &line).unwrap();
        }
        add(&path, "last\n").unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.len() as u64 <= MAX_LOG + 2000, "{}", text.len());
        assert!(text.starts_with("xxx") && text.ends_with("x\nlast\n"));
        assert!(text.lines().rev().skip(1).all(|it| it.len() == 999));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn something_else_in_its_place_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        assert!(add(dir.path(), "x\n").is_err());
    }
}
