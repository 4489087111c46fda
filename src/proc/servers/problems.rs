//! What is wrong with a server, as far as its sockets and processes tell. Pure.

use super::FoundServer;
use super::listeners::Listener;
use crate::session::info::server::{Attribution, ServerInfo, ServerProblem, ServerProblemKind};
use std::collections::BTreeSet;

/// What the judgement of one server needs to know.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances {
    /// No process is left that takes its connections.
    pub lacks_worker: bool,
    /// Connections have waited for long.
    pub is_stuck: bool,
    /// The session that it belonged to has ended.
    pub has_lost_session: bool,
}

/// The problems of a server, the worst first. `servers` are all of them, `listeners` all sockets on its
/// port.
pub fn problems(
    server: &FoundServer,
    circumstances: Circumstances,
    servers: &[FoundServer],
    listeners: &[&Listener],
) -> Vec<ServerProblem> {
    let Circumstances { lacks_worker, is_stuck, has_lost_session } = circumstances;
    let mut found = Vec::new();
    let mut add = |kind, says: String| found.push(ServerProblem { kind, says });
    if lacks_worker {
        let says = "the process that took its connections has ended";
        add(ServerProblemKind::NotAnswering, says.to_owned());
    } else if is_stuck {
        // How many there are changes without being news.
        add(ServerProblemKind::NotAnswering, "connections wait and are not taken".to_owned());
    }
    if has_lost_session {
        let says = match server.info.by {
            Attribution::Directory => "the session in its directory has ended",
            _ => "the session that started it has ended",
        };
        add(ServerProblemKind::Orphaned, says.to_owned());
    }
    if let Some(says) = same_port(server, servers, listeners) {
        add(ServerProblemKind::SamePort, says);
    }
    found
}

/// Who else listens on the port of a server.
fn same_port(
    server: &FoundServer,
    servers: &[FoundServer],
    listeners: &[&Listener],
) -> Option<String> {
    let mut others = listeners.iter().filter(|it| !server.inodes.contains(&it.inode));
    let first = others.next()?;
    let others: BTreeSet<u64> = others.chain([first]).map(|it| it.inode).collect();
    let named = servers.iter().find(|it| !it.inodes.is_disjoint(&others));
    let other = match named {
        Some(FoundServer { info: ServerInfo { name, pid, .. }, .. }) => {
            format!("{name} (pid {pid})")
        }
        None => "another program".to_owned(),
    };
    let address = core::net::SocketAddr::new(first.address, server.info.port);
    Some(format!("{other} listens on {address}, too"))
}
