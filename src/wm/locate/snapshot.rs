//! What resolution looks at: windows, and facts that are fetched when they are asked for.
//!
//! [`super::locate`] is a pure function of a [`Scene`]. Where it needs a fact that is not
//! there yet it says which ([`Need`]); the caller adds it and asks again.

use crate::session::process::{Environment, Process};
use crate::wm::ipc::windows::WindowRow;
use crate::wm::mux::Server;
use std::collections::{HashMap, HashSet};
use std::time::Instant;

/// Windows, the processes that own them, and facts about processes.
#[derive(Debug, Default)]
pub struct Scene {
    /// All windows.
    pub windows: Vec<WindowRow>,
    /// Rows of the windows of each process.
    by_pid: HashMap<u32, Vec<usize>>,
    /// Processes connected to the X server, with or without a window.
    pub x_clients: HashSet<u32>,
    /// Number of the X display that the window manager manages.
    pub display: Option<u32>,
    /// Whether a window manager is there at all.
    pub managed: bool,
    /// Whether tabs matter: before a switch.
    pub wants_tabs: bool,
    /// Whether windows may be told apart by giving one a title for a moment.
    pub may_probe: bool,
    /// What is known of processes.
    pub facts: Facts,
}

/// What is known of processes, by pid.
#[derive(Debug, Default)]
pub struct Facts {
    /// `stat`; none when there is no such process.
    pub processes: HashMap<u32, Option<Process>>,
    /// The kept variables of their environments.
    pub env: HashMap<u32, Environment>,
    /// Their arguments.
    pub argv: HashMap<u32, Vec<String>>,
    /// What a terminal multiplexer says, by the pid of its server.
    pub servers: HashMap<u32, Server>,
    /// `WINDOWID` of the children of a terminal, by the pid of the terminal.
    pub claims: HashMap<u32, Vec<u64>>,
    /// The process that holds the other end of the terminal of a process.
    pub holders: HashMap<u32, Option<u32>>,
    /// What the terminal's own interface says of the process (the terminal's child).
    pub tabs: HashMap<u32, Option<TabFact>>,
    /// Which window's title changed when the terminal of this process was written to.
    pub probes: HashMap<u32, ProbeFact>,
    /// Terminals and servers that did not answer in time, and when that was: by pid.
    pub silent: HashMap<u32, Instant>,
    /// Titles that sessions are known to give their terminal, by the pid of the session.
    pub titles: HashMap<u32, String>,
}

/// The answer of a title probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeFact {
    /// The windows it was to decide between; between others it does not count.
    pub windows: Vec<u64>,
    /// The window that took the title.
    pub answer: Option<u64>,
}

/// Where a terminal that has an interface of its own shows a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TabFact {
    /// The X11 window.
    pub xid: Option<u32>,
    /// How to bring it into view.
    pub tab: Tab,
}

/// A tab, in the words of its terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tab {
    /// A window of kitty's (a pane in a tab).
    Kitty {
        /// Where kitty listens: `KITTY_LISTEN_ON`.
        address: String,
        /// Its number.
        id: u64,
    },
    /// A session of konsole's.
    Konsole {
        /// Address of the session bus; empty for the default one.
        bus: String,
        /// `KONSOLE_DBUS_SERVICE`.
        service: String,
        /// Object of the window: `/Windows/1`.
        window: String,
        /// Number of the session.
        session: u32,
    },
}

/// A fact that is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// [`Facts::processes`] of this pid.
    Process(u32),
    /// [`Facts::env`] of this pid.
    Env(u32),
    /// [`Facts::argv`] of this pid.
    Argv(u32),
    /// [`Facts::servers`]: ask the multiplexer.
    Server {
        /// Its server.
        pid: u32,
        /// Which one.
        kind: crate::wm::mux::Mux,
        /// The process below it that was come from.
        from: u32,
    },
    /// [`Facts::claims`] of this terminal.
    Claims(u32),
    /// [`Facts::holders`] of this process.
    Holder(u32),
    /// [`Facts::tabs`] of this process, the child of the terminal that is named.
    Tab {
        /// The terminal.
        owner: u32,
        /// Its child, above or at the session.
        child: u32,
    },
    /// [`Facts::probes`] of this process, which may be shown in these windows.
    Probe {
        /// The process.
        pid: u32,
        /// Container ids.
        windows: Vec<u64>,
    },
}

impl Scene {
    /// A scene with these windows and no facts.
    pub fn new(windows: Vec<WindowRow>) -> Self {
        let mut scene = Scene { managed: true, ..Scene::default() };
        scene.set_windows(windows);
        scene
    }

    /// Replaces the windows.
    pub fn set_windows(&mut self, windows: Vec<WindowRow>) {
        self.by_pid.clear();
        for (index, row) in windows.iter().enumerate() {
            if let Some(pid) = row.pid {
                self.by_pid.entry(pid).or_default().push(index);
            }
        }
        self.windows = windows;
    }

    /// The windows of a process that may hold a terminal: dialogs only if there is nothing else.
    pub fn windows_of(&self, pid: u32) -> Vec<&WindowRow> {
        let Some(rows) = self.by_pid.get(&pid) else { return Vec::new() };
        let rows = || rows.iter().filter_map(|index| self.windows.get(*index));
        let main: Vec<_> = rows().filter(|row| !row.secondary).collect();
        if main.is_empty() { rows().collect() } else { main }
    }

    /// Whether a process owns windows.
    pub fn owns_windows(&self, pid: u32) -> bool {
        self.by_pid.contains_key(&pid)
    }

    /// The window with this container id.
    pub fn window(&self, con_id: u64) -> Option<&WindowRow> {
        self.windows.iter().find(|row| row.con_id == con_id)
    }

    /// `stat` of a process, or the need for it.
    pub fn process(&self, pid: u32) -> Result<Option<&Process>, Need> {
        self.facts.processes.get(&pid).map(Option::as_ref).ok_or(Need::Process(pid))
    }

    /// A variable of a process, or the need for its environment.
    pub fn var(&self, pid: u32, name: &str) -> Result<Option<&str>, Need> {
        let env = self.facts.env.get(&pid).ok_or(Need::Env(pid))?;
        Ok(env.get(name))
    }
}
