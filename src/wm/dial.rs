//! Connecting to the socket of a window manager, a terminal or a multiplexer.

use std::io;
use std::path::Path;
use std::time::Duration;
use tokio::net::UnixStream;
use tokio::time::sleep;

/// Pause between two attempts to connect to a program whose queue is full.
const RETRY_AFTER: Duration = Duration::from_millis(20);

/// Connects to a process of the same user. The queue of a program that is stopped may be full, and the
/// kernel refuses more (`EAGAIN`) where it would wait with other sockets: this waits, for the caller's
/// deadline.
pub async fn dial(path: &Path) -> io::Result<UnixStream> {
    loop {
        match UnixStream::connect(path).await {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => sleep(RETRY_AFTER).await,
            result => return check_user(result?),
        }
    }
}

/// A path may come from the X server or an environment: what another user's process says is not heard.
/// Root may ask all: sway refuses to run as root, so root's sway is another user's.
fn check_user(stream: UnixStream) -> io::Result<UnixStream> {
    let own = rustix::process::geteuid();
    if own.is_root() || stream.peer_cred()?.uid() == own.as_raw() {
        return Ok(stream);
    }
    let text = "another user's process listens there";
    Err(io::Error::new(io::ErrorKind::PermissionDenied, text))
}
