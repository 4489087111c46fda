//! One vmuxd to vmux's home: the lock on `~/.vmux`, which is held for life.
//!
//! Its holder alone writes there, and its file says on which socket that one answers, so that every
//! `vmux` of this home finds it. The home may be on a disk that hangs, and may vanish and come back:
//! all of this is for threads that may block.

use crate::daemon::lifecycle::instance::{InstanceError, own_directory};
use crate::daemon::lifecycle::lock_file::{LockError, LockFile};
use crate::protocol::instance::Instance;
use crate::protocol::socket::Paths;
use rustix::io::Errno;
use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// The lock, held or not. Clones share it.
#[derive(Debug, Clone)]
pub struct HomeLock {
    lock: Arc<Mutex<Option<LockFile>>>,
    home: PathBuf,
    path: PathBuf,
    holder: Instance,
}

/// How the lock is held after [`HomeLock::check`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HomeState {
    /// As before.
    Unchanged,
    /// It was taken just now: the home is new, or answers again.
    Taken,
}

/// The result of [`HomeLock::check`].
pub type HomeCheck = Result<HomeState, InstanceError>;

impl HomeLock {
    /// The lock of these paths, not held yet.
    pub fn new(paths: &Paths) -> HomeLock {
        HomeLock {
            lock: Arc::default(),
            home: paths.home.clone(),
            path: paths.instance(),
            holder: Instance { pid: std::process::id(), socket: paths.socket.clone() },
        }
    }

    /// Takes the lock for the first time, and makes the home if there is none.
    pub fn open(&self) -> Result<HomeState, InstanceError> {
        own_directory(&self.home)?;
        self.check()
    }

    /// Takes the lock to write to the home; makes the home, but no directory above it, for that one
    /// may be a file system that is away.
    pub fn take(&self) -> Result<(), InstanceError> {
        let _ = fs::DirBuilder::new().mode(0o700).create(&self.home);
        self.check().map(drop)
    }

    /// Makes sure that the lock is held, also after its file or the home was replaced.
    pub fn check(&self) -> Result<HomeState, InstanceError> {
        let mut lock = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        if lock.as_ref().is_some_and(LockFile::is_current) {
            return Ok(HomeState::Unchanged);
        }
        match LockFile::acquire(&self.path, &self.holder) {
            Ok(taken) => {
                *lock = Some(taken);
                Ok(HomeState::Taken)
            }
            Err(LockError::Held(holder)) => {
                Err(InstanceError::AlreadyRunning { holder, lock: self.path.clone() })
            }
            // Without locks there is no way to be the only one.
            Err(LockError::Io(error)) if has_no_locks(&error) => Ok(HomeState::Unchanged),
            Err(LockError::Io(error)) => Err(self.failed(error)),
        }
    }

    /// Releases the lock.
    pub fn release(&self) {
        *self.lock.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn failed(&self, error: io::Error) -> InstanceError {
        InstanceError::Io { what: "cannot open the lock", path: self.path.clone(), error }
    }
}

/// Whether the file system knows no locks, as some network and FUSE file systems.
fn has_no_locks(error: &io::Error) -> bool {
    let codes = [Errno::NOLCK, Errno::OPNOTSUPP, Errno::NOSYS];
    codes.iter().any(|code| error.raw_os_error() == Some(code.raw_os_error()))
}
