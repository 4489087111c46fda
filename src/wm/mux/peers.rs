//! Multiplexers whose clients are connected to the server's unix socket: dtach, abduco, shpool,
//! zellij. podman's containers are the same: conmon holds the terminal of one, and `podman run`,
//! `exec`, `start` and `attach` are connected to it (podman 4.3, conmon 2.1).

use super::generic::{GenericMux, MuxClient, PaneSelector};
use crate::proc::files::ProcessNames;
use crate::proc::{ProcFiles, unix_sockets};
use std::collections::HashSet;

/// The process that holds the terminal of a container of podman's.
pub(in crate::wm) const CONMON: &str = "conmon";

/// What its clients are called. Those of all others are called like their server.
const PODMAN: &str = "podman";

/// What the server of dtach, abduco or shpool shows, and to whom; or conmon.
pub fn view(proc: &ProcFiles, names: &ProcessNames, server: u32, name: String) -> GenericMux {
    let clients = clients(proc, names, server, &name);
    let panes = GenericMux::panes(proc, server, "");
    let selector = match panes.len() {
        0 | 1 => PaneSelector::SinglePane,
        _ => PaneSelector::UnknownClient,
    };
    GenericMux { name, clients, panes, selector }
}

/// The processes with a terminal that are connected to the server called `name`, and are called like
/// its clients.
pub fn clients(proc: &ProcFiles, names: &ProcessNames, server: u32, name: &str) -> Vec<MuxClient> {
    let own: HashSet<u64> = proc.sockets(server).into_iter().collect();
    let Ok(peers) = unix_sockets::peers() else { return Vec::new() };
    let theirs: HashSet<u64> =
        peers.iter().filter(|(inode, _)| own.contains(inode)).map(|(_, peer)| *peer).collect();
    let mut clients = Vec::new();
    for &pid in names.called(if name == CONMON { PODMAN } else { name }) {
        if pid != server
            && proc.sockets(pid).iter().any(|inode| theirs.contains(inode))
            && let Some(terminal) = proc.terminal(pid)
        {
            let last_input = proc.last_input(pid);
            clients.push(MuxClient { pid, terminal: Some(terminal), last_input });
        }
    }
    clients
}
