//! What is told where vmuxd cannot be reached.

use super::{CliError, FAILED, UNREACHABLE};
use crate::client::error::plain;
use crate::protocol::instance::Instance;
use crate::session::sanitize::clean;
use std::io;
use std::path::Path;

impl CliError {
    /// vmuxd does not answer on `socket`.
    pub fn unreachable(socket: &Path, error: &io::Error) -> CliError {
        let socket = shown(socket);
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => {
                CliError::new(UNREACHABLE, "vmuxd is not running")
                    .hint("start it with `vmuxd &`, or let vmux do it: run without --no-start")
            }
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => CliError::new(
                UNREACHABLE,
                format!("vmuxd does not answer on {socket}"),
            )
            .hint(
                "is it suspended or very busy? `vmux doctor` tells its pid; `kill -CONT` wakes it, \
                     `kill -KILL` ends it",
            ),
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::BrokenPipe => {
                CliError::new(UNREACHABLE, "vmuxd closed the connection without an answer")
                    .hint("try again; what it has to say about it is in its log")
            }
            // What vmuxd says where it refuses to be followed.
            io::ErrorKind::ResourceBusy => CliError::new(FAILED, clean(&error.to_string(), 300))
                .hint("`vmux doctor` says what to do"),
            io::ErrorKind::InvalidData => CliError::new(FAILED, clean(&error.to_string(), 300))
                .hint("are vmux and vmuxd of the same version? `vmux stop` ends the old one"),
            _ => CliError::new(UNREACHABLE, format!("connecting to {socket}: {}", plain(error)))
                .hint("is the socket yours? VMUX_SOCKET names another one"),
        }
    }

    /// The vmuxd of this home runs, but cannot be reached, though it may run `here`.
    pub(super) fn lost(instance: &Instance, here: bool) -> CliError {
        let Instance { pid, socket } = instance;
        let socket = shown(socket);
        if here {
            let message = format!("vmuxd (pid {pid}) runs, but does not answer on {socket}");
            return CliError::new(UNREACHABLE, message).hint(format!(
                "a socket that has vanished is made again within seconds: try again, or end it \
                 with `kill {pid}`"
            ));
        }
        let message = format!(
            "the vmuxd of this home runs in another container or on another machine (pid {pid} \
             there, socket {socket})"
        );
        CliError::new(UNREACHABLE, message)
            .hint("each machine and container needs a VMUX_HOME of its own")
    }

    /// No vmuxd listens on the socket that `VMUX_SOCKET` names, and that of this home has another one.
    pub(super) fn named(named: &Path, instance: &Instance) -> CliError {
        let message = format!(
            "no vmuxd listens on {}, which VMUX_SOCKET names; that of this home (pid {}) listens on {}",
            shown(named),
            instance.pid,
            shown(&instance.socket)
        );
        CliError::new(UNREACHABLE, message).hint(
            "unset VMUX_SOCKET to reach it; a further vmuxd needs a VMUX_HOME of its own, too",
        )
    }
}

fn shown(path: &Path) -> String {
    clean(&path.display().to_string(), 200)
}
