//! What is said when something went wrong: a message, a hint, an exit code.
//!
//! Messages are lower case without a full stop; what to do about it goes into the hint. The exit
//! codes are a promise, documented in the help and the manual.

use super::show::table::brief;
use super::show::width::cut;
use crate::client::error::{ClientError, plain};
use crate::protocol::VERSION;
use crate::protocol::instance::Instance;
use crate::protocol::response::{Code, Response};
use crate::session::key::HostName;
use crate::session::query;
use crate::session::sanitize::clean;
use std::io;
use std::path::Path;

/// Nothing matched, several did, or what was waited for did not happen.
pub const NO_MATCH: u8 = 1;
/// The command line makes no sense.
pub const USAGE: u8 = 2;
/// vmuxd cannot be reached.
pub const UNREACHABLE: u8 = 3;
/// vmuxd, or something else that was needed, refused or failed.
pub const FAILED: u8 = 4;
/// What was waited for has ended, but at a usage limit or in an API error.
pub const STOPPED_SHORT: u8 = 6;

/// The user is where the session is shown, but it is not in view, or may not be.
pub const NOT_IN_VIEW: u8 = 5;

/// Why a command ended without success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// What is wrong, in one line; empty when there is nothing to say.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// More lines: the candidates of a query.
    pub lines: Vec<String>,
    /// The exit code.
    pub code: u8,
}

/// What a command returns.
pub type Result<T = ()> = std::result::Result<T, Complaint>;

impl Complaint {
    /// Something is wrong.
    pub fn new(code: u8, message: impl Into<String>) -> Complaint {
        Complaint { message: message.into(), hint: None, lines: Vec::new(), code }
    }

    /// And this is what to do about it.
    pub fn hint(mut self, hint: impl Into<String>) -> Complaint {
        self.hint = Some(hint.into());
        self
    }

    /// And these lines belong to it.
    pub fn lines(mut self, lines: Vec<String>) -> Complaint {
        self.lines = lines;
        self
    }

    /// Whoever reads our output has had enough: nothing to say, and nothing wrong.
    pub fn reader_gone() -> Complaint {
        Complaint::new(0, "")
    }

    /// The options do not go together, or a value is not possible.
    pub fn usage(message: impl Into<String>) -> Complaint {
        Complaint::new(USAGE, message)
    }

    /// Writing to standard output failed.
    pub fn output(error: &io::Error) -> Complaint {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Complaint::reader_gone(),
            _ => Complaint::new(FAILED, format!("writing the output: {}", plain(error))),
        }
    }

    /// Nobody answers on the socket.
    pub fn unreachable(socket: &Path, error: &io::Error) -> Complaint {
        let socket = clean(&socket.display().to_string(), 200);
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => {
                Complaint::new(UNREACHABLE, "vmuxd is not running")
                    .hint("start it with `vmuxd &`, or let vmux do it: run without --no-start")
            }
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Complaint::new(
                UNREACHABLE,
                format!("vmuxd does not answer on {socket}"),
            )
            .hint(
                "is it suspended or very busy? `kill -CONT` wakes it, `kill -KILL` ends it: its \
                     pid is in vmuxd.pid beside labels.json",
            ),
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::BrokenPipe => {
                Complaint::new(UNREACHABLE, "vmuxd closed the connection without an answer")
                    .hint("try again; what it has to say about it is in its log")
            }
            io::ErrorKind::InvalidData => Complaint::new(FAILED, clean(&error.to_string(), 300))
                .hint("are vmux and vmuxd of the same version? `vmux stop` ends the old one"),
            _ => Complaint::new(UNREACHABLE, format!("connecting to {socket}: {}", plain(error)))
                .hint("is the socket yours? VMUX_SOCKET names another one"),
        }
    }

    /// The vmuxd of this home runs, but cannot be reached. If no vmuxd has its pid here, it is one of
    /// another PID namespace.
    fn lost(instance: &Instance) -> Complaint {
        let Instance { pid, socket } = instance;
        let socket = clean(&socket.display().to_string(), 200);
        let name = std::fs::read_to_string(format!("/proc/{pid}/comm"));
        if name.is_ok_and(|name| name.contains("vmuxd")) {
            let message = format!("vmuxd (pid {pid}) runs, but does not answer on {socket}");
            return Complaint::new(UNREACHABLE, message).hint(format!(
                "a socket that has vanished is made again within seconds: try again, or end it \
                 with `kill {pid}`"
            ));
        }
        let message = format!(
            "the vmuxd of this home runs in another container or on another machine (pid {pid} \
             there, socket {socket})"
        );
        Complaint::new(UNREACHABLE, message)
            .hint("each machine and container needs a VMUX_HOME of its own")
    }

    /// vmuxd said no.
    pub fn refused(response: &Response) -> Complaint {
        let code = match response.code {
            Some(Code::NoMatch | Code::Ambiguous) => NO_MATCH,
            Some(Code::NotInView) => NOT_IN_VIEW,
            _ => FAILED,
        };
        let error = response.error.as_deref().unwrap_or("vmuxd refused, and did not say why");
        let mut complaint = Complaint::new(code, clean(error, 1000));
        complaint.hint = response.hint.as_ref().map(|hint| clean(hint, 1000));
        complaint
    }

    /// vmuxd may be of another version, and not understand.
    fn other_version(self, theirs: Option<&str>) -> Complaint {
        let theirs = theirs.map(|it| clean(it, 40));
        match theirs.filter(|it| it != VERSION) {
            Some(theirs) => self.hint(format!(
                "vmuxd is version {theirs}, vmux is {VERSION}: `vmux stop` ends the old one, \
                 the next vmux starts the new one"
            )),
            None => self,
        }
    }

    /// No session is meant.
    pub fn no_match(
        query: &str,
        unknown_host: Option<HostName>,
        closest: Vec<String>,
    ) -> Complaint {
        let quoted = cut(&clean(query, 200), 60);
        let complaint = Complaint::new(NO_MATCH, query::no_match(&quoted, unknown_host));
        if closest.is_empty() {
            return complaint.hint("`vmux list` shows every session");
        }
        complaint.hint("did you mean one of these?").lines(closest)
    }

    /// Several sessions may be meant.
    pub fn ambiguous(query: &str, candidates: Vec<String>) -> Complaint {
        let query = cut(&clean(query, 200), 60);
        let message = format!("{} sessions match \"{query}\"", candidates.len());
        Complaint::new(NO_MATCH, message).hint("say more, or name it by its pid").lines(candidates)
    }

    /// As it is printed to standard error, with a line break; empty if there is nothing to say.
    pub fn text(&self) -> String {
        if self.message.is_empty() {
            return String::new();
        }
        let mut text = format!("error: {}\n", self.message);
        if let Some(hint) = &self.hint {
            text.push_str(&format!("hint: {hint}\n"));
        }
        for line in &self.lines {
            text.push_str(&format!("  {line}\n"));
        }
        text
    }
}

impl From<ClientError> for Complaint {
    fn from(error: ClientError) -> Complaint {
        match error {
            ClientError::Path(error) => {
                Complaint::new(UNREACHABLE, clean(&error.to_string(), 400)).hint(error.hint())
            }
            ClientError::Unreachable { socket, error, version } => {
                Complaint::unreachable(&socket, &error).other_version(version.as_deref())
            }
            ClientError::Lost(instance) => Complaint::lost(&instance),
            ClientError::NotStarted { message, hint } => {
                Complaint { hint, ..Complaint::new(UNREACHABLE, message) }
            }
            ClientError::Refused { response, version } => {
                let home = std::env::var("HOME").ok();
                let meant = response.sessions.iter().flatten();
                let lines = meant.map(|it| brief(it, home.as_deref())).collect();
                Complaint::refused(&response).lines(lines).other_version(version.as_deref())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hint_is_on_the_second_line_and_candidates_follow() {
        let complaint = Complaint::ambiguous("a\u{1b}[0mb", vec!["x".into(), "y".into()]);
        assert_eq!(
            complaint.text(),
            "error: 2 sessions match \"a [0mb\"\nhint: say more, or name it by its pid\n  x\n  y\n"
        );
        assert_eq!(Complaint::reader_gone().text(), "");
    }
}
