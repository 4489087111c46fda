//! Connecting to a vmuxd that runs.

use super::Client;
use crate::protocol::instance::{Instance, MAX_INSTANCE_FILE};
use crate::protocol::socket::Paths;
use crate::system::files::{open_regular, read_regular};
use std::fs::TryLockError;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long an answer may take: a switch may start a terminal, a first scan takes a while.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// Connects to the vmuxd of these paths: on their socket, or on the one that the vmuxd of this home
/// has, for `XDG_RUNTIME_DIR` differs from shell to shell (`su`, ssh, an old tmux server). Each answer
/// may take `within`.
pub fn dial(paths: &Paths, within: Duration) -> io::Result<Client> {
    match dial_socket(&paths.socket, within) {
        Err(error) if is_absent(&error) => {
            let elsewhere = other_socket(paths).map(|socket| dial_socket(&socket, within));
            elsewhere.filter(|result| !result.as_ref().is_err_and(is_absent)).unwrap_or(Err(error))
        }
        result => result,
    }
}

/// The socket of the vmuxd of this home, if it is another one than that of these paths. The one that
/// `VMUX_SOCKET` names has no substitute.
pub fn other_socket(paths: &Paths) -> Option<PathBuf> {
    if paths.is_socket_named {
        return None;
    }
    let socket = read_instance(paths)?.socket;
    (socket != paths.socket).then_some(socket)
}

/// The vmuxd that holds the lock on this home, whether or not its socket answers.
pub fn running_instance(paths: &Paths) -> Option<Instance> {
    let (file, _) = open_regular(&paths.instance()).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => read_instance(paths),
        _ => None,
    }
}

fn read_instance(paths: &Paths) -> Option<Instance> {
    let (bytes, _) = read_regular(&paths.instance(), MAX_INSTANCE_FILE).ok()?;
    Instance::parse(&bytes)
}

fn dial_socket(socket: &Path, within: Duration) -> io::Result<Client> {
    let client = Client::connect(socket, within)?;
    // A peer in another PID namespace has no pid here and, for rustix, no credentials; then the
    // owner of the socket counts.
    let owner = match rustix::net::sockopt::socket_peercred(&client) {
        Ok(peer) => peer.uid.as_raw(),
        Err(_) => std::fs::metadata(socket)?.uid(),
    };
    let me = rustix::process::geteuid().as_raw();
    if owner != me && owner != 0 {
        let text = "the socket belongs to another user's process";
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, text));
    }
    Ok(client)
}

/// Whether nobody listens there, rather than somebody who cannot be talked to.
pub fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused)
}
