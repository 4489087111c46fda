//! What resolution looks at: the windows, and facts that are fetched when they are needed.
//!
//! [`super::locate`] is a pure function of a [`Snapshot`]. Where it needs a fact that is not there
//! yet, it says which one ([`MissingFact`]); the caller adds it and calls again.

use crate::session::process::{Environment, Process};
use crate::session::shared::Text;
use crate::wm::ipc::windows::{TreeContents, WindowRow};
use crate::wm::mux::{MuxKind, MuxView};
use crate::wm::terminal::TabPlace;
use crate::wm::terminal::ide::OpenFolders;
use crate::wm::x11::hidden::HiddenWindow;
use core::net::SocketAddr;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// The windows and the facts at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Snapshot<'a> {
    /// The windows, and who owns them.
    pub windows: &'a WindowTable,
    /// What is known of processes.
    pub facts: &'a ProcessFacts,
    /// Whether the tab in a single window matters: before a switch.
    pub wants_tabs: bool,
    /// Whether windows may be told apart by giving one a title for a moment.
    pub may_probe: bool,
}

/// The windows of the window manager and the processes that own them.
#[derive(Debug, Default)]
pub struct WindowTable {
    rows: Vec<WindowRow>,
    /// Process → indices of its windows in `rows`.
    by_pid: HashMap<u32, Vec<usize>>,
    /// Processes that are connected to the X server, with or without a window.
    pub x_clients: HashSet<u32>,
    /// Number of the X display that the window manager manages.
    pub display: Option<u32>,
    /// Name of the workspace that has the focus because it is empty.
    pub focused_workspace: Option<String>,
    /// Whether there is a window manager at all.
    pub managed: bool,
}

/// What is known of processes, by pid.
#[derive(Debug, Default)]
pub struct ProcessFacts {
    /// `/proc/PID/stat`; `None` if there is no such process.
    pub processes: HashMap<u32, Option<Process>>,
    /// The variables of their environments that are kept.
    pub env: HashMap<u32, Environment>,
    /// Their arguments.
    pub argv: HashMap<u32, Vec<String>>,
    /// What a multiplexer says, by the pid of its server.
    pub servers: HashMap<u32, MuxView>,
    /// The directory that a process is in.
    pub cwd: HashMap<u32, Option<PathBuf>>,
    /// Terminals that have moved a tab to another window, by pid.
    pub moved_tabs: HashSet<u32>,
    /// The children of a terminal, by the pid of the terminal.
    pub children: HashMap<u32, Vec<TerminalChild>>,
    /// The windows that a process has besides those that it shows.
    pub hidden: HashMap<u32, Vec<HiddenWindow>>,
    /// The process that holds the other end of the terminal of a process.
    pub pty_owners: HashMap<u32, Option<u32>>,
    /// Whether the parent of a process holds the other end of its terminal; `None` if that cannot be
    /// read.
    pub parent_holds: HashMap<u32, Option<bool>>,
    /// Whether a process is in the foreground of its terminal.
    pub foreground: HashMap<u32, bool>,
    /// Where a terminal says that it shows a process, by the pid of this process, its child.
    pub tabs: HashMap<u32, Option<TabPlace>>,
    /// What an editor has open in the window that a process was started in.
    pub open_folders: HashMap<u32, Option<OpenFolders>>,
    /// The window, by container id, that a terminal, by pid, gave this number.
    pub numbered_windows: HashMap<(u32, u64), u64>,
    /// Which window's title changed when the terminal of this process was written to.
    pub probes: HashMap<u32, ProbeResult>,
    /// Where a process receives UDP.
    pub udp: HashMap<u32, Vec<SocketAddr>>,
    /// All sessions, and the titles that they give their terminals if these are known.
    pub sessions: HashMap<u32, Option<Text>>,
    /// Titles of sessions that have ended, and the device numbers of the terminals that may still
    /// have them; 0 for a terminal that is not known.
    pub ended_titles: HashMap<String, HashSet<u64>>,
}

/// A process that was started in a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalChild {
    /// Device number of its terminal; 0 if it has none.
    pub tty: u64,
    /// `WINDOWID` in its environment.
    pub window_id: Option<u64>,
}

/// The result of a title probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeResult {
    /// The windows that it was to decide between. It says nothing about others.
    pub windows: Vec<u64>,
    /// The window that took the title. `None` if none did: a tab that is not in front takes none.
    pub answer: Option<u64>,
    /// Whether a tab may have moved to another window since.
    pub is_outdated: bool,
}

/// A fact that is missing in [`ProcessFacts`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MissingFact {
    /// [`ProcessFacts::processes`] of this pid.
    Process(u32),
    /// [`ProcessFacts::env`] of this pid.
    Env(u32),
    /// [`ProcessFacts::argv`] of this pid.
    Argv(u32),
    /// [`ProcessFacts::cwd`] of this pid.
    Cwd(u32),
    /// [`ProcessFacts::servers`]: ask the multiplexer.
    Server {
        /// Its server.
        pid: u32,
        /// Which multiplexer it is.
        kind: MuxKind,
        /// The process below the server from which the search came.
        from: u32,
    },
    /// [`ProcessFacts::children`] of this terminal.
    Children(u32),
    /// [`ProcessFacts::hidden`] of this process: ask the X server.
    Hidden(u32),
    /// [`ProcessFacts::pty_owners`] of this process.
    PtyOwner(u32),
    /// [`ProcessFacts::parent_holds`] of this process.
    ParentHolds(u32),
    /// [`ProcessFacts::foreground`] of this process.
    Foreground(u32),
    /// [`ProcessFacts::tabs`]: ask the terminal.
    Tab {
        /// The terminal.
        owner: u32,
        /// Its child, which is the session or above it.
        child: u32,
    },
    /// [`ProcessFacts::open_folders`] of this process.
    OpenFolders(u32),
    /// [`ProcessFacts::udp`] of this process.
    Udp(u32),
    /// [`ProcessFacts::probes`] of this process, which one of these windows shows.
    Probe {
        /// The process.
        pid: u32,
        /// Container ids.
        windows: Vec<u64>,
    },
}

impl WindowTable {
    /// The windows of a window manager. What is known of its X server is added by the caller.
    pub fn new(rows: Vec<WindowRow>) -> Self {
        let mut by_pid: HashMap<u32, Vec<usize>> = HashMap::new();
        for (index, row) in rows.iter().enumerate() {
            if let Some(pid) = row.pid {
                by_pid.entry(pid).or_default().push(index);
            }
        }
        WindowTable { rows, by_pid, managed: true, ..WindowTable::default() }
    }

    /// Gives those of `rows` that have no owner the one that they had here.
    pub fn lend_owners(&self, rows: &mut [WindowRow]) {
        for row in rows.iter_mut().filter(|row| row.pid.is_none()) {
            let before = self.get(row.con_id).filter(|before| before.xid == row.xid);
            row.pid = before.and_then(|before| before.pid);
        }
    }

    /// All windows.
    pub fn rows(&self) -> &[WindowRow] {
        &self.rows
    }

    /// The same windows, or fewer, are arranged like this now. They keep their owners.
    pub fn rearrange(&mut self, contents: TreeContents) {
        let TreeContents { windows: mut rows, focused_workspace } = contents;
        for row in &mut rows {
            row.pid = self.get(row.con_id).and_then(|before| before.pid);
        }
        let x_clients = std::mem::take(&mut self.x_clients);
        *self = WindowTable {
            x_clients,
            display: self.display,
            focused_workspace,
            ..WindowTable::new(rows)
        };
    }

    /// A window has another title.
    pub fn set_title(&mut self, con_id: u64, title: &str) {
        if let Some(row) = self.rows.iter_mut().find(|row| row.con_id == con_id) {
            row.title.clear();
            row.title.push_str(title);
        }
    }

    /// The window with this container id.
    pub fn get(&self, con_id: u64) -> Option<&WindowRow> {
        self.rows.iter().find(|row| row.con_id == con_id)
    }

    /// The window with the focus.
    pub fn focused(&self) -> Option<&WindowRow> {
        self.rows.iter().find(|row| row.focused)
    }

    /// The windows of a process that may hold a terminal: dialogs only if it has no other windows, and
    /// those of another window of the process only if all are. (yakuake calls its drop-down a utility
    /// that belongs to a window which is never shown.)
    pub fn of_process(&self, pid: u32) -> Vec<&WindowRow> {
        let Some(rows) = self.by_pid.get(&pid) else { return Vec::new() };
        let rows = || rows.iter().filter_map(|index| self.rows.get(*index));
        let main: Vec<_> = rows().filter(|row| !row.secondary).collect();
        if !main.is_empty() {
            return main;
        }
        let is_own = |xid: u32| rows().any(|row| row.xid == Some(xid));
        let free: Vec<_> = rows().filter(|row| !row.transient_for.is_some_and(is_own)).collect();
        if free.is_empty() { rows().collect() } else { free }
    }

    /// Whether a process owns windows.
    pub fn are_owned_by(&self, pid: u32) -> bool {
        self.by_pid.contains_key(&pid)
    }
}

impl<'a> Snapshot<'a> {
    /// `/proc/PID/stat` of a process.
    pub fn process(&self, pid: u32) -> Result<Option<&'a Process>, MissingFact> {
        let process = self.facts.processes.get(&pid).ok_or(MissingFact::Process(pid))?;
        Ok(process.as_ref())
    }

    /// Whether a client of a multiplexer is suspended (tmux `suspend-client`, C-z): then the shell
    /// that it was started from is in view.
    pub fn is_suspended(&self, pid: u32) -> Result<bool, MissingFact> {
        Ok(self.process(pid)?.is_some_and(|process| process.state == 'T'))
    }

    /// A variable in the environment of a process.
    pub fn var(&self, pid: u32, name: &str) -> Result<Option<&'a str>, MissingFact> {
        let env = self.facts.env.get(&pid).ok_or(MissingFact::Env(pid))?;
        Ok(env.get(name))
    }

    /// The directory that a process is in.
    pub fn cwd(&self, pid: u32) -> Result<Option<&'a Path>, MissingFact> {
        let cwd = self.facts.cwd.get(&pid).ok_or(MissingFact::Cwd(pid))?;
        Ok(cwd.as_deref())
    }

    /// The process that holds the other end of the terminal of a process.
    pub fn pty_owner(&self, pid: u32) -> Result<Option<u32>, MissingFact> {
        self.facts.pty_owners.get(&pid).copied().ok_or(MissingFact::PtyOwner(pid))
    }

    /// Whether the parent of a process holds the other end of its terminal; `None` if that is not known.
    pub fn parent_holds(&self, pid: u32) -> Result<Option<bool>, MissingFact> {
        self.facts.parent_holds.get(&pid).copied().ok_or(MissingFact::ParentHolds(pid))
    }

    /// Whether a process was stopped, and its terminal belongs to another job of the shell (C-z, `bg`).
    pub fn is_in_background(&self, pid: u32) -> Result<bool, MissingFact> {
        if !self.is_suspended(pid)? {
            return Ok(false);
        }
        let foreground = self.facts.foreground.get(&pid);
        foreground.map(|is_there| !is_there).ok_or(MissingFact::Foreground(pid))
    }

    /// The children of a terminal.
    pub fn children(&self, pid: u32) -> Result<&'a [TerminalChild], MissingFact> {
        let children = self.facts.children.get(&pid);
        children.map(Vec::as_slice).ok_or(MissingFact::Children(pid))
    }

    /// The windows that a process hides.
    pub fn hidden(&self, pid: u32) -> Result<&'a [HiddenWindow], MissingFact> {
        let hidden = self.facts.hidden.get(&pid);
        hidden.map(Vec::as_slice).ok_or(MissingFact::Hidden(pid))
    }

    /// The arguments of a process.
    pub fn argv(&self, pid: u32) -> Result<&'a [String], MissingFact> {
        self.facts.argv.get(&pid).map(Vec::as_slice).ok_or(MissingFact::Argv(pid))
    }
}
