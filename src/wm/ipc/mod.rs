//! The i3 IPC protocol, as i3 and sway speak it: a small client that tolerates the unexpected.
//!
//! Every call has a deadline. A connection that missed one is poisoned: a late answer would be
//! mistaken for the answer to the next request, so the caller has to open a new connection.
//! Nothing that the other side sends (an unknown event, a new layout, a number for a name, a
//! missing field, bytes that are not UTF-8) makes a call fail, except text that is not JSON.
//!
//! Source: <https://i3wm.org/docs/ipc.html> and sway-ipc(7). Why no crate: `docs/windows.md`.

pub mod area;
pub mod client;
pub mod events;
pub mod frame;
pub mod lenient;
pub mod reply;
pub mod tree;
pub mod windows;

/// Why a call to the window manager failed.
#[derive(Debug, thiserror::Error)]
pub enum IpcError {
    /// The socket cannot be connected to.
    #[error("cannot connect to {path}: {source}")]
    Connect {
        /// The socket.
        path: String,
        /// What the kernel says.
        source: std::io::Error,
    },
    /// It did not answer in time; it may be stopped.
    #[error("no answer within {0} ms: is it stopped? `kill -CONT` wakes it")]
    Timeout(u128),
    /// It closed the connection.
    #[error("it closed the connection")]
    Closed,
    /// Reading or writing failed.
    #[error("{0}")]
    Io(std::io::Error),
    /// These bytes are not the i3 IPC protocol.
    #[error("it does not speak the i3 IPC protocol: {0}")]
    Protocol(String),
    /// The JSON of an answer is broken. i3 itself sends such a tree when containers are nested
    /// deeper than 62 levels.
    #[error("its answer is broken JSON ({0})")]
    Json(String),
    /// An earlier call on this connection failed half-way.
    #[error("the connection was given up after an earlier failure")]
    Poisoned,
}

impl From<std::io::Error> for IpcError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::UnexpectedEof
            | std::io::ErrorKind::BrokenPipe
            | std::io::ErrorKind::ConnectionReset => IpcError::Closed,
            _ => IpcError::Io(error),
        }
    }
}
