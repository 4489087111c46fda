//! Connecting to a Unix socket within a time.

use rustix::io::Errno;
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};
use std::io;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// Connects to the socket at `path`. It is blocking, and its writes fail after `within` as well.
///
/// A program that is stopped or overloaded accepts no connections. When its queue is full, connect(2)
/// waits for a place there without end, unless the socket has a timeout for sending (socket(7),
/// `SO_SNDTIMEO`). Errors: those of connect(2); `WouldBlock` when the queue was full all the time.
pub fn connect_unix(path: &Path, within: Duration) -> io::Result<UnixStream> {
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
    set_socket_timeout(&socket, Timeout::Send, Some(within))?;
    let address = SocketAddrUnix::new(path)?;
    loop {
        match connect(&socket, &address) {
            Ok(()) => return Ok(UnixStream::from(socket)),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::net::{bind, listen};

    #[test]
    fn a_full_queue_ends_the_wait() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("socket");
        let listener =
            socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)
                .unwrap();
        bind(&listener, &SocketAddrUnix::new(&path).unwrap()).unwrap();
        listen(&listener, 0).unwrap();
        let within = Duration::from_millis(20);
        let mut queued = Vec::new();
        let error = loop {
            match connect_unix(&path, within) {
                Ok(stream) => queued.push(stream),
                Err(error) => break error,
            }
            assert!(queued.len() < 100, "the queue has no end");
        };
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
        assert!(!queued.is_empty());
        let absent = connect_unix(&dir.path().join("none"), within).unwrap_err();
        assert_eq!(absent.kind(), io::ErrorKind::NotFound);
    }
}
