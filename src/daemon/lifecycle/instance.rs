//! Why a vmuxd cannot be the one: another one is, or there is no place for it.

use crate::protocol::instance::Instance;
use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why vmuxd could not take a lock or bind its socket.
#[derive(Debug, Error)]
pub enum InstanceError {
    /// Another vmuxd holds the lock of the socket or of vmux's home.
    #[error("vmuxd is already running ({})", describe(.holder.as_ref(), .lock))]
    AlreadyRunning {
        /// The one that runs, if it says so.
        holder: Option<Instance>,
        /// The lock.
        lock: PathBuf,
    },
    /// The directory or the socket belongs to another user.
    #[error("{} belongs to another user", .0.display())]
    NotOurs(PathBuf),
    /// Other users may write to the directory, and making it private would lock them out.
    #[error("{} is open to other users", .0.display())]
    Shared(PathBuf),
    /// Something else than a socket has its name.
    #[error("{} is in the way: it is not a socket", .0.display())]
    InTheWay(PathBuf),
    /// The file system refused a step.
    #[error("{what} {}: {error}", .path.display())]
    Io {
        /// What was tried, as the beginning of a sentence.
        what: &'static str,
        /// On which path.
        path: PathBuf,
        /// How it failed.
        error: io::Error,
    },
}

/// Which vmuxd runs, for the user. If no vmuxd has its pid here, it is one of another PID namespace.
fn describe(holder: Option<&Instance>, lock: &Path) -> String {
    let Some(Instance { pid, socket }) = holder else {
        return format!("the lock {} is held", lock.display());
    };
    let place = match crate::proc::is_named(*pid, "vmuxd") {
        true => "",
        false => " in another container or on another machine",
    };
    format!("pid {pid}{place}, socket {}", socket.display())
}

/// Makes sure that `path` is a directory of this user's and private: makes it with mode 0700, or
/// takes all rights from group and others.
pub fn own_directory(path: &Path) -> Result<(), InstanceError> {
    let io = |what| move |error| InstanceError::Io { what, path: path.to_owned(), error };
    let created = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    created.map_err(io("cannot make the directory"))?;
    let meta = fs::metadata(path).map_err(io("cannot look at the directory"))?;
    if meta.uid() != rustix::process::geteuid().as_raw() {
        return Err(InstanceError::NotOurs(path.to_owned()));
    }
    if meta.mode() & 0o1002 != 0 {
        return Err(InstanceError::Shared(path.to_owned()));
    }
    if meta.mode() & 0o077 != 0 {
        let private = fs::Permissions::from_mode(0o700);
        fs::set_permissions(path, private).map_err(io("cannot make private the directory"))?;
    }
    Ok(())
}
