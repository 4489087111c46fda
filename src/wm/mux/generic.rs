//! Multiplexers that are not asked for their panes: what runs in them is told by their children.

use super::zellij;
use crate::proc::files::{Pts, Reader};
use crate::session::process::Process;
use std::path::PathBuf;

/// What the server of such a multiplexer shows, and to whom.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plain {
    /// Its name.
    pub name: String,
    /// Processes that show it.
    pub clients: Vec<Viewer>,
    /// What runs in it.
    pub panes: Vec<PaneRow>,
    /// How it is told to show one of them.
    pub door: Door,
}

/// A process that shows a multiplexer in its own terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// Its pid.
    pub pid: u32,
    /// Its terminal.
    pub terminal: Option<Pts>,
    /// When its terminal was last typed into, in seconds; to be compared only.
    pub activity: i64,
}

/// The first process of a window or pane: a child of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaneRow {
    /// Its pid.
    pub pid: u32,
    /// Its terminal, as `stat` tells it.
    pub tty: u64,
    /// Its number, as the multiplexer told it at its birth.
    pub number: Option<u32>,
}

/// How a multiplexer is told to show a pane.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Door {
    /// It has one pane only.
    #[default]
    Single,
    /// GNU screen, by its socket.
    Screen(Option<PathBuf>),
    /// zellij.
    Zellij(Option<zellij::Address>),
    /// It shows several sessions, and which client shows which is not known.
    Mixed,
}

/// A pane to bring into view, in the words of its multiplexer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A window of GNU screen.
    Screen {
        /// The server's socket.
        socket: PathBuf,
        /// The window.
        number: u32,
        /// The terminal of the client that is to show it.
        terminal: Option<Pts>,
    },
    /// A pane of zellij.
    Zellij {
        /// Its server.
        address: zellij::Address,
        /// The pane.
        pane: u32,
        /// Whether the client that is to show it is the one that was used last: no other can be
        /// told.
        used_last: bool,
    },
    /// It is not known which; why, as a clause.
    Unknown(String),
}

impl Plain {
    /// The children of a server that have a terminal, with a number from their environment.
    pub fn panes(reader: &Reader, server: u32, variable: &str) -> Vec<PaneRow> {
        let row = |pid| {
            let tty = (reader.process)(pid)?.tty;
            let number = (reader.env)(pid).get(variable).and_then(|it| it.parse().ok());
            (tty != 0).then_some(PaneRow { pid, tty, number })
        };
        (reader.children)(server).into_iter().filter_map(row).collect()
    }

    /// Whether one of its panes may hide the others.
    pub fn hides(&self) -> bool {
        self.panes.len() > 1
    }

    /// What is to be shown of it, by this client, for a process to be in view: nothing where there
    /// is only one pane. `chain` leads from the process up to the server's child.
    pub fn part(&self, chain: &[Process], client: &Viewer) -> Option<Part> {
        if !self.hides() {
            return None;
        }
        let unknown =
            || Part::Unknown(format!("it is not known which pane of {} it is", self.name));
        let of_chain = |row: &&PaneRow| chain.iter().any(|it| it.id.pid == row.pid);
        let tty = chain.first().map_or(0, |it| it.tty);
        let of_tty = |row: &&PaneRow| row.tty == tty;
        let row = self.panes.iter().find(of_chain).or_else(|| self.panes.iter().find(of_tty));
        let Some(number) = row.and_then(|row| row.number) else { return Some(unknown()) };
        // A number that two were born with has been given away since (screen's command `number`).
        if self.panes.iter().filter(|row| row.number == Some(number)).count() > 1 {
            return Some(unknown());
        }
        Some(match &self.door {
            Door::Single => return None,
            Door::Screen(Some(socket)) => {
                Part::Screen { socket: socket.clone(), number, terminal: client.terminal }
            }
            Door::Zellij(Some(address)) => {
                let as_new = |it: &&Viewer| it.activity >= client.activity;
                let used_last = self.clients.iter().filter(as_new).count() == 1;
                Part::Zellij { address: address.clone(), pane: number, used_last }
            }
            Door::Screen(None) | Door::Zellij(None) | Door::Mixed => unknown(),
        })
    }
}
