//! Opening files that another program or the user owns: only regular ones, without waiting, within a
//! bound.

use rustix::fs::OFlags;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// How many symbolic links the kernel follows (path_resolution(7)).
const MAX_LINKS: usize = 40;

/// Identity, size and time of a file: tells one state of it from another without reading it.
///
/// The time is that of the content. The inode's own change time would differ after a rename.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileStamp {
    /// Device number of the file system.
    pub device: u64,
    /// Inode number.
    pub inode: u64,
    /// Length in bytes.
    pub size: u64,
    /// Time of the last change, in nanoseconds since the epoch.
    pub modified: i64,
}

impl FileStamp {
    /// The stamp of a file with this metadata.
    pub fn of(meta: &Metadata) -> FileStamp {
        FileStamp {
            device: meta.dev(),
            inode: meta.ino(),
            size: meta.size(),
            modified: meta.mtime().saturating_mul(1_000_000_000).saturating_add(meta.mtime_nsec()),
        }
    }

    /// Time of the last change, in milliseconds since the epoch.
    pub fn modified_millis(self) -> i64 {
        self.modified / 1_000_000
    }
}

/// The stamp of a path; `None` if it does not exist or may not be looked at.
pub fn stamp(path: &Path) -> Option<FileStamp> {
    std::fs::metadata(path).ok().as_ref().map(FileStamp::of)
}

/// Where a path leads through symbolic links, also if there is nothing at their end: the path to write
/// to, so that a link stays a link.
pub fn follow_links(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        match std::fs::read_link(&path) {
            Ok(target) => path = path.parent().unwrap_or(Path::new("/")).join(target),
            Err(error) => match error.kind() {
                io::ErrorKind::InvalidInput | io::ErrorKind::NotFound => return Ok(path),
                _ => return Err(error),
            },
        }
    }
    Err(rustix::io::Errno::LOOP.into())
}

/// Opens a regular file for reading. A FIFO does not block the call, and anything that is not a
/// regular file is refused. Symbolic links are followed: on many machines `~/.claude` is one.
pub fn open_regular(path: &Path) -> io::Result<(File, FileStamp)> {
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)?;
    let meta = file.metadata()?;
    match meta.is_file() {
        true => Ok((file, FileStamp::of(&meta))),
        false => Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")),
    }
}

/// The whole of a regular file. A file larger than `limit` bytes is an error.
pub fn read_regular(path: &Path, limit: u64) -> io::Result<(Vec<u8>, FileStamp)> {
    let too_large = || {
        let text = format!("larger than {}", readable_size(limit));
        io::Error::new(io::ErrorKind::FileTooLarge, text)
    };
    let (file, stamp) = open_regular(path)?;
    if stamp.size > limit {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(stamp.size).unwrap_or(0) + 1);
    // It may have grown meanwhile.
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(too_large());
    }
    Ok((bytes, stamp))
}

/// Up to `length` bytes of an open file from `offset`: fewer at its end.
pub fn read_at(file: &File, offset: u64, length: usize) -> io::Result<Vec<u8>> {
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

/// `16 MiB`, `256 KiB`, `100 bytes`.
fn readable_size(bytes: u64) -> String {
    const MIB: u64 = 1024 * 1024;
    match bytes {
        MIB.. if bytes.is_multiple_of(MIB) => format!("{} MiB", bytes / MIB),
        1024.. if bytes.is_multiple_of(1024) => format!("{} KiB", bytes / 1024),
        _ => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_is_not_a_regular_file() {
        let dir = tempfile::tempdir().unwrap();
        let fifo = dir.path().join("fifo");
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        let looping = dir.path().join("loop");
        std::os::unix::fs::symlink(&looping, &looping).unwrap();
        for path in [fifo, looping, dir.path().to_owned(), "/dev/zero".into(), "/nowhere".into()] {
            assert!(read_regular(&path, 100).is_err(), "{} was read", path.display());
        }
    }

    #[test]
    fn links_are_followed_to_their_end() {
        use std::os::unix::fs::symlink;
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        symlink("two", at("one")).unwrap();
        symlink(at("sub/../three"), at("two")).unwrap();
        symlink("loop", at("loop")).unwrap();
        std::fs::create_dir(at("sub")).unwrap();
        for name in ["one", "two"] {
            assert_eq!(follow_links(&at(name)).unwrap(), at("sub/../three"));
        }
        assert_eq!(follow_links(&at("none/x")).unwrap(), at("none/x"));
        assert!(follow_links(&at("loop")).is_err());
    }

    #[test]
    fn refuses_what_is_too_large() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        std::fs::write(&path, "12345").unwrap();
        assert_eq!(read_regular(&path, 5).unwrap().0, b"12345");
        let error = read_regular(&path, 4).unwrap_err();
        assert_eq!(error.to_string(), "larger than 4 bytes");
        assert_eq!(readable_size(16 * 1024 * 1024), "16 MiB");
        assert_eq!(readable_size(256 * 1024), "256 KiB");
    }
}
