//! Connecting to a vmuxd that runs.

use super::Client;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

/// How long an answer may take: a switch may start a terminal, a first scan takes a while.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// Connects to the vmuxd that listens on `socket`. It must be of the same user, or of root.
pub fn dial(socket: &Path) -> io::Result<Client> {
    let client = Client::connect(socket, ANSWER_TIMEOUT)?;
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
