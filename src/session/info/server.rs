//! A server that listens for a session, such as `next dev`, as it is sent to clients.

use crate::session::Timestamp;
use crate::session::key::{HostName, SessionKey};
use crate::session::state::Confidence;
use chrono::TimeDelta;
use core::net::IpAddr;
use serde::{Deserialize, Serialize};

/// A server: one port, and the family of processes that listens on it.
///
/// Every text in it is clean, as in [`super::SessionInfo`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerInfo {
    /// The host that it runs on; absent for this machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<HostName>,
    /// The port.
    pub port: u16,
    /// The addresses on which it listens. A socket on `::` that takes IPv4 too has `0.0.0.0` besides.
    pub addresses: Vec<IpAddr>,
    /// Where it is reached from the machine that it runs on; absent if it does not speak HTTP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The command that makes it reachable at the same port here; only of another host, and not where
    /// the server is listed with its session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tunnel: Option<String>,
    /// What it is: `next dev`, `uvicorn app:app`.
    pub name: String,
    /// Whether the port only serves another one: an inspector, hot reloading, an admin interface.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
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
    /// What the project calls it in `.dev-ports.json`: `backend`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
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
    /// A file in which the project writes down its servers says something wrong of it.
    WrongFile,
    /// A word of a newer vmuxd.
    #[serde(other)]
    Other,
}

impl ServerInfo {
    /// Moves its time.
    pub fn shift(&mut self, by: TimeDelta) {
        // A time that is out of range was wrong before.
        self.started_at = self.started_at.checked_add_signed(by).unwrap_or(self.started_at);
    }

    /// The command that brings its port here over ssh. `destination`: what ssh calls its host.
    ///
    /// `-S none`: on a shared connection -N opens a shell, and the forward outlives the command, so that
    /// the next one by that port leads to the old server (OpenSSH 9.2).
    pub fn tunnel(&self, destination: &str) -> String {
        let is_local = |it: &IpAddr| it.is_loopback() || it.is_unspecified();
        let is_ipv4 = |it: &IpAddr| it.is_ipv4();
        // OpenSSH tries all addresses of `localhost`, but a server on one of them may have a stranger
        // on the other (ssh(1), -L).
        let address = match self.addresses.iter().find(|it| is_local(it)) {
            Some(_) if self.addresses.iter().any(|it| is_local(it) && is_ipv4(it)) => {
                "127.0.0.1".to_owned()
            }
            Some(_) => "[::1]".to_owned(),
            None => match self.addresses.first() {
                Some(IpAddr::V6(address)) => format!("[{address}]"),
                Some(IpAddr::V4(address)) => address.to_string(),
                None => "localhost".to_owned(),
            },
        };
        let port = self.port;
        format!("ssh -S none -N -L {port}:{address}:{port} {destination}")
    }

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
            ServerProblemKind::WrongFile => "wrong file",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tunnel_leads_to_an_address_on_which_it_listens() {
        for (addresses, target) in [
            (&["127.0.0.1"][..], "127.0.0.1"),
            (&["::1"], "[::1]"),
            (&["127.0.0.1", "::1"], "127.0.0.1"),
            (&["::"], "[::1]"),
            (&["::", "0.0.0.0"], "127.0.0.1"),
            (&["10.0.0.7"], "10.0.0.7"),
            (&["fe80::1"], "[fe80::1]"),
            (&[], "localhost"),
        ] {
            let server: ServerInfo = serde_json::from_value(serde_json::json!({
                "port": 3000, "addresses": addresses, "name": "x", "pid": 1, "cwd": "/",
                "started_at": "2026-11-20T16:00:00Z", "by": "process",
            }))
            .unwrap();
            let wanted = format!("ssh -S none -N -L 3000:{target}:3000 gpu");
            assert_eq!(server.tunnel("gpu"), wanted, "{addresses:?}");
        }
    }
}
