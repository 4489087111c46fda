//! From a connection that carries a session of another host to the process of this host that holds it,
//! and shows it in its terminal. Pure.
//!
//! ssh that shares its connection with others (`ControlMaster`) listens on a unix socket; the others are
//! connected to it and hold no connection themselves. Nothing tells which of them shows which terminal:
//! then it is one of several. Measured with OpenSSH 9.2 and mosh 1.4.

use super::path::{self, StreamPath};
use crate::proc::inet_sockets::InetSocket;
use crate::session::place::carrier::{Connection, Transport};
use crate::session::state::Confidence;
use core::net::SocketAddr;
use std::collections::{HashMap, HashSet};

/// The sockets of this host, and the processes of the user that may show a session of another one.
#[derive(Debug, Clone, Default)]
pub struct Tables {
    /// Established TCP connections.
    pub connections: Vec<InetSocket>,
    /// Connected unix sockets: the inode of each → that of its peer. `None` if the kernel does not tell.
    pub unix_peers: Option<HashMap<u64, u64>>,
    /// Inodes of listening unix sockets.
    pub unix_listeners: HashSet<u64>,
    /// What runs.
    pub programs: Vec<Program>,
}

/// A process that is ssh or mosh-client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Its pid.
    pub pid: u32,
    /// Whether it has a terminal.
    pub has_terminal: bool,
    /// Whether it was stopped, by `~^Z` for example: then its terminal shows the shell.
    pub is_suspended: bool,
    /// Inodes of its sockets.
    pub sockets: Vec<u64>,
    /// For mosh-client: where it sends to.
    pub mosh: Option<SocketAddr>,
}

/// Which process shows what a connection carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// This one.
    Process(u32, Confidence),
    /// One of these, in the order of their pids; why, as a clause.
    OneOf(Vec<u32>, String),
    /// None that is known; why, as a clause.
    Unknown(String),
}

/// The process that shows what `transport` carries. `stream` is a connection to the same host of which
/// both ends are known, if there is one.
pub fn holder(transport: &Transport, tables: &Tables, stream: Option<StreamPath>) -> Holder {
    match transport {
        Transport::Ssh { connection, terminals } => {
            let Some(here) = path::translate(connection.canonical(), stream) else {
                return unknown("the network between the hosts rewrites ports");
            };
            of_ssh(here.connection, *terminals, tables, here.confidence)
        }
        Transport::Mosh { server } => of_mosh(path::translate_server(*server, stream), tables),
        Transport::Other => unknown("it is carried by something that this vmux does not know"),
    }
}

/// How this host sees the connection that the ssh `pid` holds; `None` if it holds none, as behind a jump
/// host, or several.
pub fn connection_of(pid: u32, tables: &Tables) -> Option<Connection> {
    let program = tables.programs.iter().find(|it| it.pid == pid)?;
    let mut own = tables.connections.iter().filter(|it| program.sockets.contains(&it.inode));
    let (Some(socket), None) = (own.next(), own.next()) else { return None };
    Some(Connection { client: socket.local, server: socket.peer })
}

fn of_ssh(
    connection: Connection,
    terminals: u32,
    tables: &Tables,
    confidence: Confidence,
) -> Holder {
    let is_it = |it: &&InetSocket| it.local == connection.client && it.peer == connection.server;
    let sockets: HashSet<u64> =
        tables.connections.iter().filter(is_it).map(|it| it.inode).collect();
    if sockets.is_empty() {
        return unknown("no connection of this host is the one over which it is shown");
    }
    let holders: Vec<&Program> =
        tables.programs.iter().filter(|it| holds_any(it, &sockets)).collect();
    if holders.is_empty() {
        return unknown("the connection over which it is shown is held by no ssh of yours");
    }
    let is_shared = |it: &&Program| it.sockets.iter().any(|it| tables.unix_listeners.contains(it));
    if holders.iter().any(is_shared) {
        let Some(peers) = &tables.unix_peers else {
            return unknown("its ssh connection is shared, and the kernel does not tell by whom");
        };
        return one_of(with_sharers(&holders, peers, tables), true, terminals, confidence);
    }
    one_of(holders, false, terminals, confidence)
}

/// The processes that hold a shared connection, and those that use it over their unix sockets.
fn with_sharers<'a>(
    holders: &[&Program],
    peers: &HashMap<u64, u64>,
    tables: &'a Tables,
) -> Vec<&'a Program> {
    let own: HashSet<u64> = holders.iter().flat_map(|it| it.sockets.iter().copied()).collect();
    let theirs: HashSet<u64> = own.iter().filter_map(|inode| peers.get(inode)).copied().collect();
    let uses = |it: &&Program| holds_any(it, &own) || holds_any(it, &theirs);
    tables.programs.iter().filter(uses).collect()
}

fn holds_any(program: &Program, sockets: &HashSet<u64>) -> bool {
    program.sockets.iter().any(|inode| sockets.contains(inode))
}

fn one_of(
    candidates: Vec<&Program>,
    is_shared: bool,
    terminals: u32,
    confidence: Confidence,
) -> Holder {
    let mut shown: Vec<&Program> = candidates.into_iter().filter(|it| it.has_terminal).collect();
    shown.sort_by_key(|it| it.pid);
    match shown.as_slice() {
        [] => unknown("the ssh that it is shown over has no terminal"),
        [only] if only.is_suspended => {
            unknown("the ssh that it is shown over is suspended; `fg` in its shell continues it")
        }
        // The other end has several terminals: an ssh is missing here.
        [_] if terminals > 1 => {
            unknown("its connection shows several terminals, and here only one ssh is known")
        }
        [only] => Holder::Process(only.pid, confidence),
        several => {
            let why = match is_shared {
                true => "they share one ssh connection",
                false => "they hold the same ssh connection",
            };
            Holder::OneOf(several.iter().map(|it| it.pid).collect(), why.to_owned())
        }
    }
}

fn of_mosh(server: SocketAddr, tables: &Tables) -> Holder {
    let is_it = |it: &&Program| it.mosh == Some(server);
    let candidates: Vec<&Program> = tables.programs.iter().filter(is_it).collect();
    if candidates.is_empty() {
        return unknown("no mosh-client of this host sends to its mosh-server");
    }
    one_of(candidates, false, 1, Confidence::Certain)
}

fn unknown(why: &str) -> Holder {
    Holder::Unknown(why.to_owned())
}

#[cfg(test)]
#[path = "near_tests.rs"]
mod tests;
