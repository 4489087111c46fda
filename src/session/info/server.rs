//! A server that listens for a session, such as `next dev`, as it is sent to clients.

use crate::session::Timestamp;
use crate::session::key::SessionKey;
use crate::session::state::Confidence;
use core::net::IpAddr;
use serde::{Deserialize, Serialize};

/// A server: one port, and the family of processes that listens on it.
///
/// Every text in it is clean, as in [`super::SessionInfo`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerInfo {
    /// The port.
    pub port: u16,
    /// The addresses on which it listens. A socket on `::` that takes IPv4 too has `0.0.0.0` besides.
    pub addresses: Vec<IpAddr>,
    /// Where it is reached from this machine; absent if it does not speak HTTP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What it is: `next dev`, `uvicorn app:app`.
    pub name: String,
    /// Whether the port only serves another one: an inspector, hot reloading, an admin interface.
    #[serde(default, skip_serializing_if = "is_false")]
    pub auxiliary: bool,
    /// The topmost process of the family: the one to end.
    pub pid: u32,
    /// Its start time in clock ticks since boot.
    #[serde(default)]
    pub start: u64,
    /// The processes that hold the listening socket.
    #[serde(default)]
    pub holders: Vec<u32>,
    /// When the oldest process started that takes connections.
    pub started_at: Timestamp,
    /// The directory in which it runs.
    pub cwd: String,
    /// The session that it belongs to, if that session lives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionKey>,
    /// The id of the session that started it, living or not, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// How it was attributed.
    pub by: Attribution,
    /// How reliable that is.
    #[serde(default = "super::certain", skip_serializing_if = "super::is_certain")]
    pub confidence: Confidence,
    /// What is wrong with it; empty if nothing is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<ServerProblem>,
}

/// How a server was attributed to a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attribution {
    /// It descends from the process of the session.
    Process,
    /// It is in the process group session of a shell that a tool of the session started.
    Shell,
    /// Its environment names the session.
    Environment,
    /// It runs in the directory of the session.
    Directory,
    /// A word of a newer vmuxd.
    #[serde(other)]
    Other,
}

/// One thing that is wrong with a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerProblem {
    /// The kind, for programs.
    pub kind: ServerProblemKind,
    /// What is wrong, in one line.
    pub says: String,
}

/// What can be wrong with a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerProblemKind {
    /// No living process takes its connections, or they pile up.
    NotAnswering,
    /// A source has changed since it started, and nothing reloads it.
    Stale,
    /// The session that started it has ended.
    Orphaned,
    /// Another program listens on the same port, on another address or beside it.
    SamePort,
    /// A word of a newer vmuxd.
    #[serde(other)]
    Other,
}

impl ServerInfo {
    /// Whether something of this kind is wrong with it.
    pub fn has(&self, kind: ServerProblemKind) -> bool {
        self.problems.iter().any(|it| it.kind == kind)
    }
}

impl ServerProblemKind {
    /// In words: `not answering`.
    pub fn phrase(self) -> &'static str {
        match self {
            ServerProblemKind::NotAnswering => "not answering",
            ServerProblemKind::Stale => "stale",
            ServerProblemKind::Orphaned => "orphaned",
            ServerProblemKind::SamePort => "same port",
            ServerProblemKind::Other => "something else",
        }
    }
}

impl Attribution {
    /// As a clause: `a process of the session`.
    pub fn phrase(self) -> &'static str {
        match self {
            Attribution::Process => "a process of the session",
            Attribution::Shell => "started by a shell of the session",
            Attribution::Environment => "its environment names the session",
            Attribution::Directory => "runs in the directory of the session",
            Attribution::Other => "told by a newer vmuxd",
        }
    }
}

fn is_false(flag: &bool) -> bool {
    !flag
}
