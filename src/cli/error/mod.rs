//! Errors as the user gets them: a message, a hint, an exit code.
//!
//! Messages are lower case without a full stop. The hint says what to do.

pub mod exit_code;

pub use exit_code::{
    ASKS, ENDED, FAILED, INTERRUPTED, NO_MATCH, NOT_ALLOWED, NOT_ANSWERABLE, NOT_IN_VIEW, NOT_SENT,
    NOT_SUBMITTED, NOT_WAITING, OVER, STOPPED_SHORT, UNREACHABLE, USAGE,
};

mod unreachable;

use crate::client::error::{ClientError, plain};
use crate::protocol::VERSION;
use crate::protocol::response::{Code, Response};
use crate::session::key::HostName;
use crate::session::query;
use crate::session::sanitize::clean;
use crate::show::phrases;
use crate::show::table::candidates;
use crate::show::width::cut;
use serde::Serialize;
use std::io;

/// What to do if a query means no session.
pub const LIST_HINT: &str = "`vmux list` shows every session";
/// What to do about a host that does not exist.
pub const HOSTS_HINT: &str = "`vmux hosts` lists them; `vmux hosts add` adds one";
const CLOSEST_HINT: &str = "did you mean one of these?";
const AMBIGUOUS_HINT: &str = "say more, or name it by its pid";

/// Why a command ended without success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CliError {
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
pub type CliResult<T = ()> = Result<T, CliError>;

impl CliError {
    /// An error with a message.
    pub fn new(code: u8, message: impl Into<String>) -> CliError {
        CliError { message: message.into(), hint: None, lines: Vec::new(), code }
    }

    /// Adds what to do about it.
    pub fn hint(mut self, hint: impl Into<String>) -> CliError {
        self.hint = Some(hint.into());
        self
    }

    /// Adds more lines.
    pub fn lines(mut self, lines: Vec<String>) -> CliError {
        self.lines = lines;
        self
    }

    /// The reader of standard output has gone: nothing to print, and exit code 0.
    pub fn reader_gone() -> CliError {
        CliError::new(0, "")
    }

    /// Options that exclude each other, or a wrong value.
    pub fn usage(message: impl Into<String>) -> CliError {
        CliError::new(USAGE, message)
    }

    /// Writing to standard output failed.
    pub fn output(error: &io::Error) -> CliError {
        match error.kind() {
            io::ErrorKind::BrokenPipe => CliError::reader_gone(),
            _ => CliError::new(FAILED, format!("writing the output: {}", plain(error))),
        }
    }

    /// vmuxd has refused the request.
    pub fn refused(response: &Response) -> CliError {
        let code = match response.code {
            Some(Code::NoMatch | Code::Ambiguous) => NO_MATCH,
            Some(Code::NotInView) => NOT_IN_VIEW,
            Some(Code::Over) => OVER,
            Some(Code::NotWaiting) => NOT_WAITING,
            Some(Code::NotAnswerable) => NOT_ANSWERABLE,
            Some(Code::NotAllowed) => NOT_ALLOWED,
            Some(Code::NotSent) => NOT_SENT,
            Some(Code::NotSubmitted) => NOT_SUBMITTED,
            _ => FAILED,
        };
        let error = response.error.as_deref().unwrap_or("vmuxd refused, and did not say why");
        let mut error = CliError::new(code, clean(error, 1000));
        error.hint = response.hint.as_ref().map(|hint| clean(hint, 1000));
        error
    }

    /// Adds a hint if vmuxd is of another version, which may be why it does not understand.
    fn other_version(self, theirs: Option<&str>) -> CliError {
        let theirs = theirs.map(|it| clean(it, 40));
        match theirs.filter(|it| it != VERSION) {
            Some(theirs) => self.hint(format!(
                "vmuxd is version {theirs}, vmux is {VERSION}: `vmux stop` ends the old one, \
                 the next vmux starts the new one"
            )),
            None => self,
        }
    }

    /// No session is there to choose from.
    pub fn no_session() -> CliError {
        CliError::new(NO_MATCH, phrases::NO_SESSION).hint(phrases::NO_SESSION_HINT)
    }

    /// No session matches the query.
    pub fn no_match(query: &str, unknown_host: Option<HostName>, closest: Vec<String>) -> CliError {
        let quoted = cut(&clean(query, 200), 60);
        let error = CliError::new(NO_MATCH, query::no_match(&quoted, unknown_host));
        if closest.is_empty() {
            return error.hint(if unknown_host.is_some() { HOSTS_HINT } else { LIST_HINT });
        }
        error.hint(CLOSEST_HINT).lines(closest)
    }

    /// Several sessions match the query.
    pub fn ambiguous(query: &str, candidates: Vec<String>) -> CliError {
        let message = query::several_match(&cut(&clean(query, 200), 60));
        CliError::new(NO_MATCH, message).hint(AMBIGUOUS_HINT).lines(candidates)
    }

    /// Waiting for changes failed.
    pub fn watching(error: io::Error) -> CliError {
        CliError::new(FAILED, format!("watching: {}", plain(&error)))
    }

    /// The text for standard error, with a line break; empty if there is nothing to say.
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

/// An error for programs.
#[derive(Serialize)]
struct ErrorObject<'a> {
    error: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    lines: &'a [String],
    exit_code: u8,
}

impl CliError {
    /// The same for programs: one line of JSON.
    pub fn json(&self) -> String {
        if self.message.is_empty() {
            return String::new();
        }
        let object = ErrorObject {
            error: &self.message,
            hint: self.hint.as_deref(),
            lines: &self.lines,
            exit_code: self.code,
        };
        serde_json::to_string(&object).map_or_else(|_| self.text(), |line| line + "\n")
    }
}

impl From<ClientError> for CliError {
    fn from(error: ClientError) -> CliError {
        match error {
            ClientError::Path(error) => {
                CliError::new(UNREACHABLE, clean(&error.to_string(), 400)).hint(error.hint())
            }
            ClientError::Unreachable { socket, error, version } => {
                CliError::unreachable(&socket, &error).other_version(version.as_deref())
            }
            ClientError::Lost { instance, here: true, named: Some(named) } => {
                CliError::named(&named, &instance)
            }
            ClientError::Lost { instance, here, .. } => CliError::lost(&instance, here),
            ClientError::NotStarted { message, hint } => {
                CliError { hint, ..CliError::new(UNREACHABLE, message) }
            }
            ClientError::Refused { response, version } => {
                let home = std::env::var("HOME").ok();
                let lines = candidates(response.sessions.iter().flatten(), home.as_deref());
                let hint = match response.code {
                    Some(Code::NoMatch) if response.sessions.is_none() => None,
                    Some(Code::NoMatch) if lines.is_empty() => Some(LIST_HINT),
                    Some(Code::NoMatch) => Some(CLOSEST_HINT),
                    Some(Code::Ambiguous) => Some(AMBIGUOUS_HINT),
                    _ => None,
                };
                let mut error = CliError::refused(&response).lines(lines);
                error.hint = error.hint.or_else(|| hint.map(str::to_owned));
                error.other_version(version.as_deref())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hint_is_on_the_second_line_and_candidates_follow() {
        let error = CliError::ambiguous("a\u{1b}[0mb", vec!["x".into(), "y".into()]);
        assert_eq!(
            error.text(),
            "error: several sessions match \"a [0mb\"\nhint: say more, or name it by its pid\n  x\n  y\n"
        );
        assert_eq!(
            error.json(),
            "{\"error\":\"several sessions match \\\"a [0mb\\\"\",\"hint\":\"say more, or name it by its pid\",\
             \"lines\":[\"x\",\"y\"],\"exit_code\":1}\n"
        );
        assert_eq!(
            (CliError::reader_gone().text(), CliError::reader_gone().json()),
            Default::default()
        );
    }
}
