//! Opening files that another program owns: only regular ones, without waiting, within a bound.

pub mod json;

use crate::session::Timestamp;
use rustix::fs::OFlags;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

/// Identity, size and time of a file: tells one state of it from another without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileStamp {
    pub(crate) device: u64,
    pub(crate) inode: u64,
    /// Length in bytes.
    pub(crate) size: u64,
    /// Time of the last change, in nanoseconds since the epoch.
    pub(crate) modified: i64,
}

impl FileStamp {
    fn of(meta: &Metadata) -> FileStamp {
        FileStamp {
            device: meta.dev(),
            inode: meta.ino(),
            size: meta.size(),
            modified: meta.mtime().saturating_mul(1_000_000_000).saturating_add(meta.mtime_nsec()),
        }
    }

    /// Time of the last change, in milliseconds since the epoch.
    pub(crate) fn modified_millis(self) -> i64 {
        self.modified / 1_000_000
    }
}

/// The stamp of a path; none if it does not exist or may not be looked at.
pub(crate) fn stamp(path: &Path) -> Option<FileStamp> {
    std::fs::metadata(path).ok().as_ref().map(FileStamp::of)
}

/// Whether a path is a regular file that was written at or after `since`.
pub(crate) fn is_touched_since(path: &Path, since: Timestamp) -> bool {
    std::fs::metadata(path).is_ok_and(|meta| {
        meta.is_file() && FileStamp::of(&meta).modified_millis() >= since.timestamp_millis()
    })
}

/// Opens a regular file for reading. A FIFO does not block the call, and anything that is not a
/// regular file is refused. Symbolic links are followed: on many machines `~/.claude` is one.
pub(crate) fn open(path: &Path) -> io::Result<(File, FileStamp)> {
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)?;
    let meta = file.metadata()?;
    match meta.is_file() {
        true => Ok((file, FileStamp::of(&meta))),
        false => Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")),
    }
}

/// The whole of a small file. A file larger than `limit` bytes is an error and is not read.
pub(crate) fn read_small(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let (file, stamp) = open(path)?;
    if stamp.size > limit {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than expected"));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(stamp.size).unwrap_or(0) + 1);
    file.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Up to `length` bytes of an open file from `offset`: fewer at its end.
pub(crate) fn read_at(file: &File, offset: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    let mut filled = 0;
    while filled < length {
        let at = offset + filled as u64;
        match file.read_at(&mut bytes[filled..], at) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_is_no_regular_file() {
        let dir = tempfile::tempdir().unwrap();
        let fifo = dir.path().join("fifo");
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        let looping = dir.path().join("loop");
        std::os::unix::fs::symlink(&looping, &looping).unwrap();
        for path in [fifo, looping, dir.path().to_owned(), "/dev/zero".into(), "/nowhere".into()] {
            assert!(read_small(&path, 100).is_err(), "{} was read", path.display());
        }
    }

    #[test]
    fn a_file_of_the_far_future_was_touched() {
        // In memory, where a file may have any time.
        let dir = tempfile::tempdir_in("/dev/shm").unwrap();
        let path = dir.path().join("x");
        std::fs::write(&path, "").unwrap();
        let far = std::time::Duration::from_secs(i64::MAX.cast_unsigned() / 2);
        let file = std::fs::File::options().append(true).open(&path).unwrap();
        file.set_modified(std::time::UNIX_EPOCH + far).unwrap();
        assert!(is_touched_since(&path, crate::claude::testing::time(0)));
        assert!(!is_touched_since(dir.path(), crate::claude::testing::time(-1_000_000_000)));
    }

    #[test]
    fn refuses_what_is_too_large() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        std::fs::write(&path, "12345").unwrap();
        assert_eq!(read_small(&path, 5).unwrap(), b"12345");
        assert!(read_small(&path, 4).is_err());
    }
}
