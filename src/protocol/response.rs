//! Replies of vmuxd.

use super::finding::Finding;
use super::prompt::Prompt;
use crate::session::info::SessionInfo;
use crate::session::info::server::ServerInfo;
use crate::session::info::start::{PastSession, StartStep};
use crate::session::place::carrier::Carriers;
use crate::session::state::evidence::Claim;
use crate::session::state::host::HostInfo;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A reply: `{"ok": true, …}` with what was asked for, or `{"ok": false, "error": "…"}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Response {
    /// Whether the request was done.
    pub ok: bool,
    /// What is wrong, in one line; only when not ok.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The kind of error, for programs; only when not ok.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    /// What to do about it, in one line; only when not ok.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// `list`: every session. `servers`: those that have some. With an error of a query: those that may
    /// have been meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sessions: Option<Vec<SessionInfo>>,
    /// `table` and `status`: what to print, without the last line break.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// `switch`, `select`, `carriers`, `why`, `ack`: the session that was meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<Box<SessionInfo>>,
    /// `list` and `table`: how many problems vmuxd has; absent if there are none. `doctor` tells them.
    #[serde(skip_serializing_if = "is_zero")]
    pub problems: u32,
    /// `version` and `doctor`: which vmuxd this is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub daemon: Option<DaemonInfo>,
    /// `doctor`: what was looked at, in the order in which it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub findings: Option<Vec<Finding>>,
    /// `hosts`, and `list` if there are any: the other hosts of the configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hosts: Option<Vec<HostInfo>>,
    /// `why`: how the state was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Why>,
    /// `peek`: the last lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peek: Option<Peek>,
    /// `carriers`: what carries the session to other hosts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carriers: Option<Box<Carriers>>,
    /// `servers`: what listens for sessions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub servers: Option<Vec<ServerInfo>>,
    /// `ask` and `answer`: the id of the prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// `pending`: the prompts that are open. With a refusal of `answer`: those of the session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompts: Option<Vec<Prompt>>,
    /// `past`: the sessions that ran before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub past: Option<Vec<PastSession>>,
    /// `new`: the steps that were done, and the one that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<Vec<StartStep>>,
    /// `free_port`: the port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// What else the user should know, although the request was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The [`Response`] to `list`, serialised without copying the sessions.
#[derive(Debug, Serialize)]
pub struct ListResponse<'a> {
    ok: bool,
    sessions: Vec<&'a SessionInfo>,
    #[serde(skip_serializing_if = "is_zero")]
    problems: u32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hosts: Vec<HostInfo>,
}

impl<'a> ListResponse<'a> {
    /// The reply with these sessions and hosts, of a vmuxd with so many problems.
    pub fn new(
        sessions: impl Iterator<Item = &'a SessionInfo>,
        problems: u32,
        hosts: Vec<HostInfo>,
    ) -> ListResponse<'a> {
        ListResponse { ok: true, sessions: sessions.collect(), problems, hosts }
    }
}

/// Why a request was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The line is not a request that this vmuxd understands.
    BadRequest,
    /// No session matches.
    NoMatch,
    /// Several sessions match equally well.
    Ambiguous,
    /// No window manager can be reached.
    NoWindowManager,
    /// The session has no window that could be focused, or it is not known which.
    NoWindow,
    /// The user is where the session is shown as far as vmux can tell, but the session itself is
    /// not in view, or may not be.
    NotInView,
    /// The window manager or tmux did not do what was asked.
    SwitchFailed,
    /// What was to be shown could not be read.
    NotReadable,
    /// A label or another file could not be written.
    NotSaved,
    /// The prompt is over, or another has taken its place. Nothing was answered.
    Over,
    /// The session has no prompt that can be answered from here.
    NotWaiting,
    /// The prompt cannot be answered in this way.
    NotAnswerable,
    /// The configuration does not allow it.
    NotAllowed,
    /// It cannot be sent now, or not to this terminal. Nothing was typed.
    NotSent,
    /// A text was typed, and the screen does not show that it was submitted.
    NotSubmitted,
    /// Processes that were to end have not.
    NotEnded,
    /// Another session has the name, or is about to have it.
    Taken,
    /// A session could not be started.
    NotStarted,
    /// It came after its deadline. Nothing was done.
    TooLate,
    /// vmuxd has too much to do, or is ending; or another host has not answered, and it is not known
    /// whether the request was done there.
    Busy,
    /// A code of a newer vmuxd.
    #[serde(other)]
    Other,
}

/// The vmuxd that answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DaemonInfo {
    /// Its version.
    pub version: String,
    /// The protocol it speaks.
    pub protocol: u32,
    /// Its pid.
    pub pid: u32,
    /// What is wrong, one line each: a window manager that does not answer, a damaged labels.json …
    #[serde(default)]
    pub problems: Vec<String>,
}

/// How a session's state and identity were found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    /// Every claim, the one that decided first.
    pub claims: Vec<Claim>,
    /// Where the session id comes from, as a clause.
    pub id_from: String,
    /// Where the transcript was found, as a clause.
    pub transcript_from: String,
    /// Path of the transcript.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "crate::session::info::path_as_text"
    )]
    pub transcript: Option<PathBuf>,
}

/// The last lines of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peek {
    /// Where they come from: `tmux pane %3`, `transcript`.
    pub from: String,
    /// The lines, without anything that controls a terminal.
    pub lines: Vec<String>,
}

impl Response {
    /// The reply to a request that was done, without more to say.
    pub fn done() -> Response {
        Response { ok: true, ..Response::default() }
    }

    /// A refusal that says what is wrong, in one line.
    pub fn refused(code: Code, error: impl Into<String>) -> Response {
        Response { code: Some(code), error: Some(error.into()), ..Response::default() }
    }

    /// The refusal of a vmuxd that is ending: who was to answer is gone.
    pub fn ending() -> Response {
        Response::refused(Code::Busy, "vmuxd is ending")
    }

    /// Adds what to do about it, in one line.
    pub fn hint(mut self, hint: impl Into<String>) -> Response {
        self.hint = Some(hint.into());
        self
    }
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::frame::encode;
    use crate::session::info::sample;
    use crate::session::state::StateName;

    #[test]
    fn a_list_without_copies_is_the_same_list() {
        let sessions = vec![sample(1, StateName::Idle, 1), sample(2, StateName::Working, 2)];
        let listed = encode(&ListResponse::new(sessions.iter(), 2, vec![]));
        let copied = Response { sessions: Some(sessions), problems: 2, ..Response::done() };
        assert_eq!(listed, encode(&copied));
    }
}
