//! Tells systemd, or another starter that has set `NOTIFY_SOCKET`, that vmuxd is ready (sd_notify(3)).

use std::ffi::OsStr;
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// Sends `READY=1` to `$NOTIFY_SOCKET`, if there is one. Never waits. Errors: it cannot be reached, or
/// takes nothing now.
pub fn tell() -> io::Result<()> {
    match std::env::var_os("NOTIFY_SOCKET") {
        Some(socket) if !socket.is_empty() => send(&socket, b"READY=1\n"),
        _ => Ok(()),
    }
}

/// `@name` is an abstract socket (unix(7)), everything else a path.
fn send(socket: &OsStr, message: &[u8]) -> io::Result<()> {
    let address = match socket.as_bytes().strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(socket)?,
    };
    let sender = UnixDatagram::unbound()?;
    sender.set_nonblocking(true)?;
    sender.send_to_addr(message, &address).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_and_an_abstract_socket_are_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("notify");
        let name = format!("vmux-test-{}", path.display());
        let abstract_address = SocketAddr::from_abstract_name(&name).unwrap();
        let receivers = [
            (UnixDatagram::bind(&path).unwrap(), path.display().to_string()),
            (UnixDatagram::bind_addr(&abstract_address).unwrap(), format!("@{name}")),
        ];
        for (receiver, socket) in receivers {
            send(OsStr::new(&socket), b"READY=1\n").unwrap();
            let mut message = [0; 32];
            let length = receiver.recv(&mut message).unwrap();
            assert_eq!(&message[..length], b"READY=1\n", "{socket}");
        }
        assert!(send(OsStr::new("/nowhere/notify"), b"READY=1\n").is_err());
    }
}
