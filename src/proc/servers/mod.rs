//! Servers that listen on TCP ports: which processes hold them, to which session they belong, what they
//! are. No request is ever sent to one.
//!
//! | file | job |
//! |---|---|
//! | [`listeners`] | the listening sockets, as the kernel tells them |
//! | [`tree`] | processes and their parents; pure |
//! | [`family`] | which sockets and processes are one server; pure |
//! | [`attribution`] | to which session a process belongs; pure |
//! | [`naming`] | what a server is called, from its arguments; pure |
//! | [`address`] | where a server is reached; pure |
//! | [`reload`] | whether a server reloads its sources, and whether its worker is gone; pure |
//! | [`serving`] | reads the processes of a server |
//! | [`problems`] | what is wrong with a server; pure |
//! | [`scanner`] | puts it all together, from scan to scan |
//! | [`survey`] | reads the processes that may hold a new socket |

pub mod address;
pub mod attribution;
pub mod family;
pub mod listeners;
pub mod naming;
pub mod problems;
pub mod reload;
pub mod scanner;
pub mod serving;
pub mod survey;
pub mod tree;

use crate::session::info::server::ServerInfo;
use crate::session::process::ProcessId;
use crate::session::shared::{SharedPath, Text};
use std::collections::BTreeSet;

/// A session that runs, as far as its servers are concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveSession {
    /// Its process.
    pub process: ProcessId,
    /// Its id.
    pub session_id: Option<Text>,
    /// Its directory, if one is meant by it: not the user's home, and not `/`.
    pub directory: Option<SharedPath>,
}

/// A server, and what else is known of it here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundServer {
    /// What clients see, without problems.
    pub info: ServerInfo,
    /// Whether it goes on with the sources as they were at its start.
    pub keeps_sources: bool,
    /// The interpreter or virtual machine that runs its sources, if one does.
    pub runtime: Option<&'static str>,
    /// The processes that hold its sockets: when one ends, there is something new.
    pub holders: Vec<ProcessId>,
    /// All processes of its family that are known, the holders first.
    pub family: Vec<u32>,
    /// Its sockets.
    pub inodes: BTreeSet<u64>,
    /// Whether no process is left that takes its connections.
    pub lacks_worker: bool,
}
