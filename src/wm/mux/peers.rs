//! Multiplexers whose clients are connected to the server's unix socket: dtach, abduco, shpool,
//! zellij.

use super::generic::{GenericMux, MuxClient, PaneSelector};
use crate::proc::{ProcFiles, unix_sockets};
use std::collections::HashSet;

/// What the server of dtach, abduco or shpool shows, and to whom.
pub fn view(proc: &ProcFiles, server: u32, name: String) -> GenericMux {
    let clients = clients(proc, server);
    let panes = GenericMux::panes(proc, server, "");
    let selector = match panes.len() {
        0 | 1 => PaneSelector::SinglePane,
        _ => PaneSelector::UnknownClient,
    };
    GenericMux { name, clients, panes, selector }
}

/// The processes that are connected to a server and have the same name.
pub fn clients(proc: &ProcFiles, server: u32) -> Vec<MuxClient> {
    let Some(name) = proc.process(server).map(|process| process.comm) else {
        return Vec::new();
    };
    let own: HashSet<u64> = proc.sockets(server).into_iter().collect();
    let Ok(peers) = unix_sockets::peers() else { return Vec::new() };
    let theirs: HashSet<u64> =
        peers.iter().filter(|(inode, _)| own.contains(inode)).map(|(_, peer)| *peer).collect();
    let mut clients = Vec::new();
    for pid in proc.pids() {
        let same_name = proc.process(pid).is_some_and(|process| process.comm == name);
        if pid != server
            && same_name
            && proc.sockets(pid).iter().any(|inode| theirs.contains(inode))
            && let Some(terminal) = proc.terminal(pid)
        {
            let last_input = proc.last_input(pid);
            clients.push(MuxClient { pid, terminal: Some(terminal), last_input });
        }
    }
    clients
}
