//! What has changed between two looks at the servers, for `vmux servers --follow`.

use super::owner;
use crate::session::info::SessionInfo;
use crate::session::info::server::{ServerInfo, ServerProblem};
use crate::session::sanitize::clean;
use crate::show::paint::Tone;
use crate::show::table::Frame;

/// What has changed between two looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerChange<'a> {
    /// It listens now.
    Began(&'a ServerInfo),
    /// It does not any more.
    Ended(&'a ServerInfo),
    /// Something else is wrong with it, or nothing any more.
    Problems(&'a ServerInfo),
}

impl ServerChange<'_> {
    /// For programs.
    pub fn word(&self) -> &'static str {
        match self {
            ServerChange::Began(_) => "listens",
            ServerChange::Ended(_) => "gone",
            ServerChange::Problems(_) => "problems",
        }
    }

    /// The server, as it is or was last.
    pub fn server(&self) -> &ServerInfo {
        match self {
            ServerChange::Began(it) | ServerChange::Ended(it) | ServerChange::Problems(it) => it,
        }
    }
}

/// What has changed from `before` to `now`.
pub fn changes<'a>(before: &'a [ServerInfo], now: &'a [ServerInfo]) -> Vec<ServerChange<'a>> {
    let same = |one: &ServerInfo, other: &ServerInfo| {
        (one.port, one.pid, one.start) == (other.port, other.pid, other.start)
    };
    let ended = before.iter().filter(|it| !now.iter().any(|other| same(it, other)));
    let mut changes: Vec<ServerChange> = ended.map(ServerChange::Ended).collect();
    for server in now {
        match before.iter().find(|it| same(it, server)) {
            None => changes.push(ServerChange::Began(server)),
            Some(known) if known.problems != server.problems => {
                changes.push(ServerChange::Problems(server));
            }
            Some(_) => {}
        }
    }
    changes
}

/// A change in one line: `+ 3000  next dev  web  http://localhost:3000/`.
pub fn change_line(change: &ServerChange, sessions: &[SessionInfo], frame: Frame) -> String {
    let server = change.server();
    let (sign, tone) = match change {
        ServerChange::Began(_) => ("+", Tone::Good),
        ServerChange::Ended(_) => ("-", Tone::Dim),
        ServerChange::Problems(it) if it.problems.is_empty() => ("=", Tone::Good),
        ServerChange::Problems(_) => ("!", Tone::Wrong),
    };
    let mut parts = vec![
        format!("{sign} {}", server.port),
        clean(&server.name, 60),
        owner(server, sessions),
        clean(server.url.as_deref().unwrap_or(""), 200),
    ];
    if !matches!(change, ServerChange::Ended(_)) {
        let says = |it: &ServerProblem| format!("{}: {}", it.kind.phrase(), clean(&it.says, 200));
        parts.extend(server.problems.iter().map(says));
    }
    parts.retain(|it| !it.is_empty());
    frame.paint.paint(tone, &parts.join("  "))
}
