//! Multiplexers that do not tell their panes: what runs in them is read from their children.

use crate::proc::ProcFiles;
use crate::proc::pts::Pts;
use crate::session::process::Process;
use std::path::PathBuf;

/// What the server of such a multiplexer shows, and to whom.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GenericMux {
    /// The name of its process.
    pub name: String,
    /// Processes that show it in their terminals.
    pub clients: Vec<MuxClient>,
    /// What runs in it.
    pub panes: Vec<MuxPane>,
    /// How it is told to show one of them.
    pub selector: PaneSelector,
}

/// A process that shows a multiplexer in its own terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MuxClient {
    /// Its pid.
    pub pid: u32,
    /// Its terminal.
    pub terminal: Option<Pts>,
    /// When its terminal was last typed into, in seconds; good for comparisons only.
    pub last_input: i64,
}

/// The first process of a window or pane: a child of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MuxPane {
    /// Its pid.
    pub pid: u32,
    /// Device number of its terminal, from `/proc/PID/stat`.
    pub tty: u64,
    /// The number that the multiplexer gave it at its birth.
    pub number: Option<u32>,
}

/// How a multiplexer is told to show a pane.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum PaneSelector {
    /// It has only one pane.
    #[default]
    SinglePane,
    /// GNU screen, over its socket if that is known.
    Screen(Option<PathBuf>),
    /// zellij, if its server can be reached.
    Zellij(Option<ZellijServer>),
    /// It shows several sessions, and which client shows which is not known.
    UnknownClient,
}

/// How a zellij server is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZellijServer {
    /// Its program, which is often in no directory of vmuxd's `PATH`.
    pub program: PathBuf,
    /// Directory of its sockets; each version has a directory below it.
    pub sockets: PathBuf,
    /// Name of the zellij session.
    pub session: String,
}

/// A pane to bring into view, in the terms of its multiplexer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaneTarget {
    /// A window of GNU screen.
    Screen {
        /// The server's socket.
        socket: PathBuf,
        /// The number that the window was born with.
        number: u32,
        /// The terminal of the client that is to show it.
        terminal: Option<Pts>,
        /// What may tell that it has another number by now.
        titles: SessionTitles,
    },
    /// A pane of zellij.
    Zellij {
        /// Its server.
        server: ZellijServer,
        /// Number of the pane.
        pane: u32,
        /// Whether the client that is to show it was used last; zellij acts on no other.
        used_last: bool,
    },
    /// It is not known which pane; why, as a clause.
    Unknown(String),
}

/// What the sessions that run give their terminals as titles, as far as it tells which window is which.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionTitles {
    /// That of the session in the window, without a glyph, if no other one has it.
    pub own: Option<String>,
    /// Those of the others.
    pub others: Vec<String>,
}

impl GenericMux {
    /// The children of a server that have a terminal, numbered by a variable in their environment.
    pub fn panes(proc: &ProcFiles, server: u32, variable: &str) -> Vec<MuxPane> {
        let pane = |pid| {
            let tty = proc.process(pid)?.tty;
            let number = proc.env(pid).get(variable).and_then(|it| it.parse().ok());
            (tty != 0).then_some(MuxPane { pid, tty, number })
        };
        proc.children(server).into_iter().filter_map(pane).collect()
    }

    /// Whether one of its panes may hide the others.
    pub fn has_hidden_panes(&self) -> bool {
        self.panes.len() > 1
    }

    /// What this client has to show for a process to be in view; `None` if there is only one pane.
    /// `chain` leads from the process up to the server's child; `titles` are of the session that it is.
    pub fn target(
        &self,
        chain: &[Process],
        client: &MuxClient,
        titles: &SessionTitles,
    ) -> Option<PaneTarget> {
        if !self.has_hidden_panes() {
            return None;
        }
        let unknown =
            || PaneTarget::Unknown(format!("it is not known which pane of {} it is", self.name));
        let of_chain = |pane: &&MuxPane| chain.iter().any(|it| it.id.pid == pane.pid);
        let tty = chain.first().map_or(0, |it| it.tty);
        let of_tty = |pane: &&MuxPane| pane.tty == tty;
        let pane = self.panes.iter().find(of_chain).or_else(|| self.panes.iter().find(of_tty));
        let Some(number) = pane.and_then(|pane| pane.number) else { return Some(unknown()) };
        // screen's command `number` gives numbers away: then two panes were born with the same one.
        if self.panes.iter().filter(|pane| pane.number == Some(number)).count() > 1 {
            return Some(unknown());
        }
        Some(match &self.selector {
            PaneSelector::SinglePane => return None,
            PaneSelector::Screen(Some(socket)) => {
                let (socket, titles) = (socket.clone(), titles.clone());
                PaneTarget::Screen { socket, number, terminal: client.terminal, titles }
            }
            PaneSelector::Zellij(Some(server)) => {
                let as_recent = |it: &&MuxClient| it.last_input >= client.last_input;
                let used_last = self.clients.iter().filter(as_recent).count() == 1;
                PaneTarget::Zellij { server: server.clone(), pane: number, used_last }
            }
            PaneSelector::Screen(None)
            | PaneSelector::Zellij(None)
            | PaneSelector::UnknownClient => unknown(),
        })
    }
}
