//! One vmuxd to a socket: makes its directory, takes the lock, removes a stale socket and binds the
//! new one, in this order.
//!
//! Only the holder of the lock ever removes a socket, so two vmuxd that start at once cannot remove
//! each other's.

use crate::protocol::socket::Paths;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::net::{self, AddressFamily, SocketAddrUnix, SocketFlags, SocketType};
use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// How many clients may wait to be accepted: as many as the system allows (listen(2)).
const BACKLOG: i32 = -1;

/// Why vmuxd could not take the lock or bind its socket.
#[derive(Debug, Error)]
pub enum InstanceError {
    /// Another vmuxd holds the lock.
    #[error("vmuxd is already running (the lock {} is held)", .0.display())]
    AlreadyRunning(PathBuf),
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

/// The lock and the socket, held for the life of this vmuxd. Dropping it removes the socket and
/// releases the lock; the lock file stays.
#[derive(Debug)]
pub struct InstanceLock {
    socket: PathBuf,
    /// Inode of the socket that this vmuxd made.
    inode: u64,
    lock: File,
}

impl InstanceLock {
    /// Makes the directory (0700), takes the lock, removes a stale socket, and binds (0600).
    pub fn acquire(paths: &Paths) -> Result<(InstanceLock, UnixListener), InstanceError> {
        let directory = paths.socket.parent().unwrap_or(Path::new("/"));
        own_directory(directory)?;
        let lock = take_lock(&paths.lock())?;
        remove_stale(&paths.socket)?;
        let listener = bind(&paths.socket)?;
        let inode = fs::symlink_metadata(&paths.socket).map(|it| it.ino()).unwrap_or_default();
        Ok((InstanceLock { socket: paths.socket.clone(), inode, lock }, listener))
    }
}

impl Drop for InstanceLock {
    fn drop(&mut self) {
        // Another socket may have been put there by hand: that one is left alone.
        if fs::symlink_metadata(&self.socket).is_ok_and(|it| it.ino() == self.inode) {
            let _ = fs::remove_file(&self.socket);
        }
        // A thread that hangs in the kernel keeps the file open beyond our end: unlocked, it does not
        // keep the next vmuxd from starting.
        let _ = self.lock.unlock();
    }
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

fn take_lock(path: &Path) -> Result<File, InstanceError> {
    let io =
        |error| InstanceError::Io { what: "cannot open the lock", path: path.to_owned(), error };
    let flags =
        OFlags::RDWR | OFlags::CREATE | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = rustix::fs::open(path, flags, Mode::from_raw_mode(0o600));
    let file = File::from(file.map_err(|error| io(error.into()))?);
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(InstanceError::AlreadyRunning(path.to_owned())),
        Err(TryLockError::Error(error)) => Err(io(error)),
    }
}

fn remove_stale(socket: &Path) -> Result<(), InstanceError> {
    let io = |what| move |error| InstanceError::Io { what, path: socket.to_owned(), error };
    let meta = match fs::symlink_metadata(socket) {
        Ok(meta) => meta,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(io("cannot look at the socket")(error)),
    };
    if meta.uid() != rustix::process::geteuid().as_raw() {
        return Err(InstanceError::NotOurs(socket.to_owned()));
    }
    if !meta.file_type().is_socket() {
        return Err(InstanceError::InTheWay(socket.to_owned()));
    }
    fs::remove_file(socket).map_err(io("cannot remove the stale socket"))
}

fn bind(socket: &Path) -> Result<UnixListener, InstanceError> {
    let io = |error: Errno| {
        let (what, path) = ("cannot bind", socket.to_owned());
        InstanceError::Io { what, path, error: error.into() }
    };
    let address = SocketAddrUnix::new(socket).map_err(io)?;
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let unix =
        net::socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None).map_err(io)?;
    // The file is private from its first moment on: Linux gives it the mode of the socket. A umask
    // would hold for all threads, and so for every file that another one makes meanwhile.
    rustix::fs::fchmod(&unix, Mode::from_raw_mode(0o600)).map_err(io)?;
    net::bind(&unix, &address).map_err(io)?;
    net::listen(&unix, BACKLOG).map_err(io)?;
    Ok(UnixListener::from(unix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixStream;

    fn paths(dir: &tempfile::TempDir) -> Paths {
        Paths { socket: dir.path().join("run/vmuxd.sock"), home: dir.path().join("home") }
    }

    #[test]
    fn a_second_vmuxd_is_refused_while_the_first_one_lives() {
        let dir = tempfile::tempdir().unwrap();
        let first = InstanceLock::acquire(&paths(&dir)).unwrap();
        assert!(matches!(
            InstanceLock::acquire(&paths(&dir)),
            Err(InstanceError::AlreadyRunning(_))
        ));
        drop(first);
        assert!(!paths(&dir).socket.exists());
        assert!(InstanceLock::acquire(&paths(&dir)).is_ok());
    }

    #[test]
    fn a_stale_socket_is_replaced_and_private() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("run")).unwrap();
        drop(UnixListener::bind(paths(&dir).socket).unwrap());
        let _lock = InstanceLock::acquire(&paths(&dir)).unwrap();
        assert!(UnixStream::connect(paths(&dir).socket).is_ok());
        let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
        assert_eq!(mode(&paths(&dir).socket), 0o600);
        assert_eq!(mode(&dir.path().join("run")), 0o700);
    }

    #[test]
    fn a_file_in_place_of_the_socket_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("run")).unwrap();
        fs::write(paths(&dir).socket, "precious").unwrap();
        assert!(matches!(InstanceLock::acquire(&paths(&dir)), Err(InstanceError::InTheWay(_))));
        assert_eq!(fs::read(paths(&dir).socket).unwrap(), b"precious");
    }

    #[test]
    fn a_lock_that_is_a_link_is_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("run")).unwrap();
        std::os::unix::fs::symlink(dir.path().join("x"), paths(&dir).lock()).unwrap();
        assert!(matches!(InstanceLock::acquire(&paths(&dir)), Err(InstanceError::Io { .. })));
        assert!(!dir.path().join("x").exists());
    }
}
