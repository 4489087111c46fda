//! One vmuxd to a socket: makes its directory, takes the lock, removes a stale socket and binds the
//! new one, in this order.
//!
//! Only the holder of the lock ever removes a socket, so two vmuxd that start at once cannot remove
//! each other's. A socket that vanishes while vmuxd runs, perhaps with its directory and the lock in
//! it, is made again in the same way.

use super::instance::{InstanceError, own_directory};
use super::lock_file::{LockError, LockFile};
use crate::protocol::instance::Instance;
use crate::protocol::socket::Paths;
use rustix::fs::Mode;
use rustix::io::Errno;
use rustix::net::{self, AddressFamily, SocketAddrUnix, SocketFlags, SocketType};
use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

/// How many clients may wait to be accepted: as many as the system allows (listen(2)).
const BACKLOG: i32 = -1;

/// The lock and the socket, held for the life of this vmuxd. Dropping it removes the socket and
/// releases the lock; the lock file stays.
#[derive(Debug)]
pub struct OwnSocket {
    path: PathBuf,
    lock_path: PathBuf,
    /// Device and inode of the socket that this vmuxd made.
    id: Option<(u64, u64)>,
    /// `None` after [`OwnSocket::close`].
    lock: Option<LockFile>,
}

/// The result of [`OwnSocket::check`]: a new socket, if the old one had vanished.
pub type SocketCheck = Result<Option<UnixListener>, InstanceError>;

impl OwnSocket {
    /// Makes the directory (0700), takes the lock, removes a stale socket, and binds (0600).
    pub fn open(paths: &Paths) -> Result<(OwnSocket, UnixListener), InstanceError> {
        let lock = take_lock(&paths.socket, &paths.lock())?;
        let (path, lock_path) = (paths.socket.clone(), paths.lock());
        let mut socket = OwnSocket { path, lock_path, id: None, lock: Some(lock) };
        let listener = socket.bind()?;
        Ok((socket, listener))
    }

    /// Makes sure that clients still find this vmuxd: binds again if its socket or the directory has
    /// vanished. `None`: all is as it was.
    pub fn check(&mut self) -> SocketCheck {
        let is_locked = self.lock.as_ref().is_some_and(LockFile::is_current);
        if is_locked && self.id.is_some() && id(&self.path) == self.id {
            return Ok(None);
        }
        if !is_locked {
            self.lock = Some(take_lock(&self.path, &self.lock_path)?);
        }
        self.bind().map(Some)
    }

    fn bind(&mut self) -> Result<UnixListener, InstanceError> {
        self.id = None;
        remove_stale(&self.path)?;
        let listener = bind(&self.path)?;
        self.id = id(&self.path);
        Ok(listener)
    }
}

impl OwnSocket {
    /// Removes the socket, and releases the lock: no client finds this vmuxd any more.
    pub fn close(&mut self) {
        // Another socket may have been put there by hand: that one is left alone.
        if self.id.is_some() && id(&self.path) == self.id {
            let _ = fs::remove_file(&self.path);
        }
        self.id = None;
        self.lock = None;
    }
}

impl Drop for OwnSocket {
    fn drop(&mut self) {
        self.close();
    }
}

fn take_lock(socket: &Path, path: &Path) -> Result<LockFile, InstanceError> {
    own_directory(socket.parent().unwrap_or(Path::new("/")))?;
    let holder = Instance { pid: std::process::id(), socket: socket.to_owned() };
    LockFile::acquire(path, &holder).map_err(|error| match error {
        LockError::Held(holder) => InstanceError::AlreadyRunning { holder, lock: path.to_owned() },
        LockError::Io(error) => {
            InstanceError::Io { what: "cannot open the lock", path: path.to_owned(), error }
        }
    })
}

fn id(socket: &Path) -> Option<(u64, u64)> {
    fs::symlink_metadata(socket).ok().map(|meta| (meta.dev(), meta.ino()))
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
        let (socket, home) = (dir.path().join("run/vmuxd.sock"), dir.path().join("home"));
        Paths { socket, is_socket_named: false, home }
    }

    #[test]
    fn a_second_vmuxd_is_refused_while_the_first_one_lives() {
        let dir = tempfile::tempdir().unwrap();
        let first = OwnSocket::open(&paths(&dir)).unwrap();
        let refused = OwnSocket::open(&paths(&dir));
        assert!(matches!(refused, Err(InstanceError::AlreadyRunning { .. })));
        drop(first);
        assert!(!paths(&dir).socket.exists());
        assert!(OwnSocket::open(&paths(&dir)).is_ok());
    }

    #[test]
    fn a_stale_socket_is_replaced_and_private() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("run")).unwrap();
        drop(UnixListener::bind(paths(&dir).socket).unwrap());
        let _socket = OwnSocket::open(&paths(&dir)).unwrap();
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
        assert!(matches!(OwnSocket::open(&paths(&dir)), Err(InstanceError::InTheWay(_))));
        assert_eq!(fs::read(paths(&dir).socket).unwrap(), b"precious");
    }

    #[test]
    fn a_socket_that_vanished_is_made_again() {
        let dir = tempfile::tempdir().unwrap();
        let (mut socket, _first) = OwnSocket::open(&paths(&dir)).unwrap();
        assert!(socket.check().unwrap().is_none());
        fs::remove_file(paths(&dir).socket).unwrap();
        let _second = socket.check().unwrap().expect("a new listener");
        assert!(UnixStream::connect(paths(&dir).socket).is_ok());
        assert!(socket.check().unwrap().is_none());
        fs::remove_dir_all(dir.path().join("run")).unwrap();
        let _third = socket.check().unwrap().expect("a new listener");
        assert!(UnixStream::connect(paths(&dir).socket).is_ok());
        let refused = OwnSocket::open(&paths(&dir));
        assert!(matches!(refused, Err(InstanceError::AlreadyRunning { .. })));
        // A lock that another one has taken meanwhile is not ours any more.
        fs::remove_dir_all(dir.path().join("run")).unwrap();
        let _other = OwnSocket::open(&paths(&dir)).unwrap();
        assert!(matches!(socket.check(), Err(InstanceError::AlreadyRunning { .. })));
        drop(socket);
        assert!(UnixStream::connect(paths(&dir).socket).is_ok());
    }
}
