//! A lock file: held by one process for life (flock(2)), whatever its namespaces are, and telling which
//! one that is.

use crate::protocol::instance::{Instance, MAX_INSTANCE_FILE};
use rustix::fs::{Mode, OFlags};
use std::fs::{self, File, TryLockError};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::Duration;
use thiserror::Error;

/// How often a lock is tried that is held: a client that looks whether it is held takes it for a
/// moment.
const TRIES: usize = 3;

/// The pause between two tries.
const PAUSE: Duration = Duration::from_millis(20);

/// Why a lock was not taken.
#[derive(Debug, Error)]
pub enum LockError {
    /// Another process holds it; that one, if it says so.
    #[error("the lock is held")]
    Held(Option<Instance>),
    /// The file system refused a step, or something else than a file has the name.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A lock that is held. Dropping it releases it; the file stays, and is empty.
#[derive(Debug)]
pub struct LockFile {
    file: File,
    path: PathBuf,
}

impl LockFile {
    /// Takes the lock at `path`, and writes `holder` into it.
    pub fn acquire(path: &Path, holder: &Instance) -> Result<LockFile, LockError> {
        for attempt in 1.. {
            let file = open(path)?;
            match file.try_lock() {
                Ok(()) => {
                    let lock = LockFile { file, path: path.to_owned() };
                    // Another process may have removed the file before it was locked.
                    if lock.is_current() {
                        lock.write(holder);
                        return Ok(lock);
                    }
                }
                Err(TryLockError::WouldBlock) if attempt < TRIES => std::thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => return Err(LockError::Held(read(&file))),
                Err(TryLockError::Error(error)) => return Err(error.into()),
            }
        }
        unreachable!("the tries end with a result")
    }

    /// Whether its path still leads to it: the file may have been removed, or its directory.
    pub fn is_current(&self) -> bool {
        let here = self.file.metadata();
        let there = fs::symlink_metadata(&self.path);
        let id = |meta: fs::Metadata| (meta.dev(), meta.ino());
        here.is_ok_and(|here| there.is_ok_and(|there| id(here) == id(there)))
    }

    /// What it says helps others to find this process; the lock holds without.
    fn write(&self, holder: &Instance) {
        let bytes = holder.encode();
        let _ = self.file.set_len(0).and_then(|()| self.file.write_all_at(&bytes, 0));
    }
}

impl Drop for LockFile {
    fn drop(&mut self) {
        let _ = self.file.set_len(0);
        // A thread that hangs in the kernel keeps the file open beyond our end: unlocked, it does not
        // keep the next vmuxd from starting.
        let _ = self.file.unlock();
    }
}

fn open(path: &Path) -> io::Result<File> {
    let flags =
        OFlags::RDWR | OFlags::CREATE | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = File::from(rustix::fs::open(path, flags, Mode::from_raw_mode(0o600))?);
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::other("not a regular file")),
    }
}

fn read(file: &File) -> Option<Instance> {
    let mut bytes = Vec::new();
    file.take(MAX_INSTANCE_FILE).read_to_end(&mut bytes).ok()?;
    Instance::parse(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder() -> Instance {
        Instance { pid: 4711, socket: "/run/vmuxd.sock".into() }
    }

    #[test]
    fn one_holds_it_and_is_named_until_it_ends() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let lock = LockFile::acquire(&path, &holder()).unwrap();
        match LockFile::acquire(&path, &holder()) {
            Err(LockError::Held(Some(held))) => assert_eq!(held, holder()),
            other => panic!("{other:?}"),
        }
        drop(lock);
        assert_eq!(fs::read(&path).unwrap(), b"");
        assert!(LockFile::acquire(&path, &holder()).is_ok());
    }

    #[test]
    fn a_lock_whose_file_was_replaced_is_not_current() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let lock = LockFile::acquire(&path, &holder()).unwrap();
        assert!(lock.is_current());
        fs::remove_file(&path).unwrap();
        assert!(!lock.is_current());
        let other = LockFile::acquire(&path, &holder()).unwrap();
        assert!(other.is_current() && !lock.is_current());
    }

    #[test]
    fn links_and_what_is_no_file_are_not_locked() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        std::os::unix::fs::symlink(dir.path().join("x"), &path).unwrap();
        assert!(matches!(LockFile::acquire(&path, &holder()), Err(LockError::Io(_))));
        assert!(!dir.path().join("x").exists());
        fs::remove_file(&path).unwrap();
        let mode = Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        assert!(matches!(LockFile::acquire(&path, &holder()), Err(LockError::Io(_))));
    }
}
