//! What can go wrong between a program and vmuxd. What a user is told of it, and with which exit
//! code, is up to the program.

use crate::protocol::instance::Instance;
use crate::protocol::response::Response;
use crate::protocol::socket::{PathError, Paths};
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// What a client asks for, or why it does not get it.
pub type Result<T> = std::result::Result<T, ClientError>;

/// Why vmuxd gives no answer, or not the one that was hoped for.
#[derive(Debug, Error)]
pub enum ClientError {
    /// Where the socket is cannot be told.
    #[error(transparent)]
    Path(#[from] PathError),
    /// Nobody answers on the socket, or not as vmuxd does.
    #[error("{}: {}", socket.display(), plain(error))]
    Unreachable {
        /// The socket.
        socket: PathBuf,
        /// What connecting, writing or reading failed with.
        error: io::Error,
        /// The version of vmuxd, where it told that but could not be understood otherwise.
        version: Option<String>,
    },
    /// The vmuxd of this home runs, but nobody answers on its socket.
    #[error("vmuxd (pid {}) runs, but does not answer on {}", instance.pid, instance.socket.display())]
    Lost {
        /// Which one it is.
        instance: Instance,
        /// Whether a vmuxd has that pid here; else it is one of another PID namespace or machine.
        here: bool,
        /// The socket that `VMUX_SOCKET` names, if it is another one than that of this vmuxd.
        named: Option<PathBuf>,
    },
    /// vmuxd did not run and could not be started.
    #[error("{message}")]
    NotStarted {
        /// Why, in a line: cleaned.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// vmuxd refused.
    #[error("{}", response.error.as_deref().unwrap_or("vmuxd refused, and did not say why"))]
    Refused {
        /// Its answer: not cleaned.
        response: Box<Response>,
        /// The version of vmuxd, where it may not have understood the request.
        version: Option<String>,
    },
}

impl ClientError {
    /// This vmuxd runs, but nobody answers on the socket of these paths.
    pub fn lost(instance: Instance, paths: &Paths) -> ClientError {
        let here = crate::proc::is_named(instance.pid, "vmuxd");
        let is_other = paths.is_socket_named && paths.socket != instance.socket;
        let named = is_other.then(|| paths.socket.clone());
        ClientError::Lost { instance, here, named }
    }
}

/// An error of the system without Rust's `(os error 2)`, in lower case.
pub fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_lowercase().to_string()).unwrap_or_default();
    format!("{first}{}", chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_the_system_are_told_plainly() {
        assert_eq!(plain(&io::Error::from_raw_os_error(2)), "no such file or directory");
    }
}
