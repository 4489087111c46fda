//! Who is told when a file changes.

use crate::session::process::ProcessId;
use std::fmt;

/// For whom a path is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Interest {
    /// The session of this process.
    Session(ProcessId),
    /// The search for new sessions, whose session files appear in a directory.
    NewSessions,
    /// The user's labels.
    Labels,
    /// The configuration.
    Config,
    /// vmuxd's own socket.
    Socket,
}

/// For the log.
impl fmt::Display for Interest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Interest::Session(process) => write!(f, "{process}"),
            Interest::NewSessions => f.write_str("new sessions"),
            Interest::Labels => f.write_str("labels"),
            Interest::Config => f.write_str("configuration"),
            Interest::Socket => f.write_str("socket"),
        }
    }
}
