//! Fetches the facts that resolution asks for, and keeps them as long as they can be right.

use super::location::named;
use super::memory::Memory;
use super::pty_masters::{self, PtyMasters};
use super::snapshot::{MissingFact, ProbeResult, ProcessFacts, TerminalChild, WindowTable};
use super::visibility::terminals_in;
use crate::proc::files::ProcessNames;
use crate::proc::pts::pts_of_device;
use crate::proc::{ProcFiles, inet_sockets};
use crate::session::shared::Text;
use crate::wm::mux::{self, MuxKind, MuxView};
use crate::wm::terminal::{self, TabPlace};
use crate::wm::windows::WindowTracker;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

/// A program that has not answered for this long hangs; answers come within some milliseconds.
const HANGS_AFTER: Duration = Duration::from_millis(450);

/// For how long a program that hung is not asked, so that it costs the sessions elsewhere little.
/// A switch, and what is to be typed, asks it all the same.
const NOT_ASKED_FOR: Duration = Duration::from_secs(30);

/// What is known of processes, and how more is found out.
pub struct FactCache {
    proc: ProcFiles,
    facts: ProcessFacts,
    /// When all of them had last been forgotten.
    begun: Instant,
    memory: Memory,
    /// Read when the first session needs it.
    masters: Option<PtyMasters>,
    /// The same.
    names: Option<ProcessNames>,
    /// Device numbers of the terminals of all sessions, by pid.
    terminals: HashMap<u32, u64>,
    /// Terminals and servers that hung, and when that was seen, by pid.
    hung: HashMap<u32, Instant>,
}

impl FactCache {
    /// An empty cache, filled from `proc`.
    pub fn new(proc: ProcFiles) -> Self {
        FactCache {
            proc,
            facts: ProcessFacts::default(),
            begun: Instant::now(),
            memory: Memory::default(),
            masters: None,
            names: None,
            terminals: HashMap::new(),
            hung: HashMap::new(),
        }
    }

    /// The source of facts about processes.
    pub fn proc(&self) -> &ProcFiles {
        &self.proc
    }

    /// What is known.
    pub fn facts(&self) -> &ProcessFacts {
        &self.facts
    }

    /// All sessions by pid, and the titles that they give their terminals if these are known.
    pub fn set_sessions(&mut self, sessions: impl IntoIterator<Item = (u32, Option<Text>)>) {
        let old = std::mem::take(&mut self.facts.sessions);
        self.facts.sessions = sessions.into_iter().collect();
        self.forget_closed_terminals();
        for (pid, title) in old {
            if let (false, Some(title)) = (self.facts.sessions.contains_key(&pid), title) {
                let terminal = self.terminals.get(&pid).copied().unwrap_or_default();
                self.memory.note_ended(&title, terminal);
            }
        }
        self.terminals.retain(|pid, _| self.facts.sessions.contains_key(pid));
        for pid in self.facts.sessions.keys() {
            let terminal = || self.proc.process(*pid).map_or(0, |process| process.tty);
            self.terminals.entry(*pid).or_insert_with(terminal);
        }
    }

    /// Forgets the titles that are left in terminals which are closed by now.
    pub fn forget_closed_terminals(&mut self) {
        self.memory.forget_terminals(is_closed);
    }

    /// Sessions with these names ended before, in terminals that are not known.
    pub fn note_ended(&mut self, names: impl IntoIterator<Item = String>) {
        self.memory.note_ended_before(names);
    }

    /// Windows, named by their container ids, got these titles just now. Where a terminal has tabs
    /// another one may just have come to the front.
    pub fn note_titles(&mut self, titles: HashMap<String, u64>, windows: &WindowTable) {
        for (title, con_id) in titles {
            if !self.memory.may_be_left(&title) {
                continue;
            }
            let owner = windows.get(con_id).and_then(|row| row.pid).unwrap_or_default();
            let terminals = terminals_in(&children(&self.proc, owner));
            if terminals <= windows.of_process(owner).len() {
                self.memory.note_title(&title);
            }
        }
    }

    /// The window of `windows` that took the title, when the title probe was made for `pid`.
    pub fn add_probe(
        &mut self,
        pid: u32,
        windows: Vec<u64>,
        answer: Option<u64>,
        table: &WindowTable,
    ) {
        let result = ProbeResult { windows, answer, is_outdated: false };
        self.memory.add_probe(pid, result, table, &self.facts);
        self.recall(table);
    }

    /// Remembers which number a terminal, by pid, gave a window, by container id.
    pub fn note_numbered(&mut self, owner: u32, number: u64, con_id: u64) {
        self.memory.note_numbered(owner, number, con_id);
    }

    /// Finds out which windows a process hides; none if the X server does not tell.
    pub async fn fetch_hidden(&mut self, pid: u32, tracker: &mut WindowTracker) {
        let shown = tracker.table().of_process(pid).iter().filter_map(|row| row.xid).collect();
        let hidden = match tracker.connected() {
            Ok(connection) => connection.hidden_beside(shown).await,
            Err(_) => Vec::new(),
        };
        self.facts.hidden.insert(pid, hidden);
    }

    /// Adds what was learned over time to the facts.
    pub fn recall(&mut self, windows: &WindowTable) {
        self.memory.recall(windows, &mut self.facts);
    }

    /// Forgets what was known of processes; if `all`, also what costs much and seldom changes:
    /// multiplexers, tabs, owners of terminals. What was learned over time stays.
    pub fn forget(&mut self, all: bool, windows: &WindowTable) {
        let old = std::mem::take(&mut self.facts);
        self.memory.tidy(windows, &old.sessions);
        let mut facts = ProcessFacts { sessions: old.sessions, ..ProcessFacts::default() };
        self.hung.retain(|_, since| since.elapsed() < NOT_ASKED_FOR);
        if all {
            (self.masters, self.names) = (None, None);
            self.begun = Instant::now();
        } else {
            facts.servers = old.servers;
            facts.pty_owners = old.pty_owners;
            facts.tabs = old.tabs;
            facts.hidden = old.hidden;
        }
        self.facts = facts;
        self.recall(windows);
    }

    /// For how long facts have been kept.
    pub fn age(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Forgets what depends on which windows there are.
    pub fn forget_windows(&mut self) {
        self.facts.tabs.clear();
        self.facts.hidden.clear();
        self.facts.pty_owners.clear();
        self.masters = None;
    }

    /// For a switch, programs that hung are asked again, and probes that may fail now are made.
    pub fn prepare_switch(&mut self) {
        self.ask_hung_again();
        self.memory.prepare_switch();
    }

    /// Programs that hung are asked again: somebody waits for it.
    pub fn ask_hung_again(&mut self) {
        self.hung.clear();
    }

    /// Finds a fact out; where it cannot be known, "not known" is added, so that it is not missing
    /// again. A title probe is not done here, and the X server is not asked: both need the window
    /// manager.
    pub async fn fetch(&mut self, missing: MissingFact, windows: &WindowTable) {
        let (proc, facts) = (&self.proc, &mut self.facts);
        match missing {
            MissingFact::Process(pid) => {
                facts.processes.insert(pid, proc.process(pid));
            }
            MissingFact::Env(pid) => {
                facts.env.insert(pid, proc.env(pid));
            }
            MissingFact::Argv(pid) => {
                facts.argv.insert(pid, proc.argv(pid));
            }
            MissingFact::Cwd(pid) => {
                facts.cwd.insert(pid, proc.cwd(pid));
            }
            MissingFact::Children(pid) => {
                let children = children(proc, pid);
                self.memory.note_children(pid, &children, windows, Instant::now());
                facts.children.insert(pid, children);
                self.recall(windows);
            }
            MissingFact::PtyOwner(pid) => {
                let owners = windows.rows().iter().filter_map(|row| row.pid);
                let masters = self.masters.get_or_insert_with(|| PtyMasters::read(proc, owners));
                facts.pty_owners.insert(pid, masters.owner(proc, pid));
            }
            MissingFact::ParentHolds(pid) => {
                facts.parent_holds.insert(pid, pty_masters::parent_holds(proc, pid));
            }
            MissingFact::Foreground(pid) => {
                facts.foreground.insert(pid, proc.is_in_foreground(pid));
            }
            MissingFact::Server { pid, kind, from } => {
                let view = self.ask_server(pid, kind, from).await;
                self.facts.servers.insert(pid, view);
            }
            MissingFact::Tab { owner, child } => {
                let tab = self.ask_terminal(owner, child).await;
                self.facts.tabs.insert(child, tab);
            }
            MissingFact::OpenFolders(pid) => {
                facts.open_folders.insert(pid, terminal::ide::open_folders(proc, pid).await);
            }
            MissingFact::Udp(pid) => drop(facts.udp.insert(pid, udp_addresses(proc, pid))),
            MissingFact::Hidden(pid) => drop(facts.hidden.insert(pid, Vec::new())),
            MissingFact::Probe { pid, windows: ids } => self.add_probe(pid, ids, None, windows),
        }
    }

    async fn ask_server(&mut self, pid: u32, kind: MuxKind, from: u32) -> MuxView {
        if self.hung.contains_key(&pid) {
            let name = self.proc.process(pid).map(|process| process.comm).unwrap_or_default();
            return MuxView::Unavailable(format!(
                "{} does not answer: is it stopped? `kill -CONT {pid}` wakes it",
                named(&name, pid)
            ));
        }
        let begun = Instant::now();
        // tmux tells its clients.
        let none = ProcessNames::default();
        let names = match kind {
            MuxKind::Tmux => &none,
            _ => self.names.get_or_insert_with(|| self.proc.names()),
        };
        let view = mux::ask(&self.proc, names, pid, kind, from).await;
        if matches!(view, MuxView::Unavailable(_)) && begun.elapsed() >= HANGS_AFTER {
            self.hung.insert(pid, Instant::now());
        }
        view
    }

    async fn ask_terminal(&mut self, owner: u32, child: u32) -> Option<TabPlace> {
        if self.hung.contains_key(&owner) {
            return None;
        }
        let begun = Instant::now();
        let tab = terminal::ask(&self.proc, owner, child).await;
        if tab.is_none() && begun.elapsed() >= HANGS_AFTER {
            self.hung.insert(owner, Instant::now());
        }
        tab
    }
}

/// Whether there is no pseudo terminal with this device number any more.
fn is_closed(terminal: u64) -> bool {
    let number = pts_of_device(terminal);
    number.is_some_and(|number| !Path::new(&format!("/dev/pts/{number}")).exists())
}

/// Where a process receives UDP, each address once.
fn udp_addresses(proc: &ProcFiles, pid: u32) -> Vec<SocketAddr> {
    let own = proc.sockets(pid);
    let all = inet_sockets::udp(proc.root().path());
    let mut found: Vec<SocketAddr> =
        all.iter().filter(|it| own.contains(&it.inode)).map(|it| it.local).collect();
    found.sort();
    found.dedup();
    found
}

/// The children of a terminal.
pub fn children(proc: &ProcFiles, terminal: u32) -> Vec<TerminalChild> {
    let child = |pid| {
        let window_id = proc.env(pid).get("WINDOWID").and_then(|id| id.trim().parse().ok());
        Some(TerminalChild { tty: proc.process(pid)?.tty, window_id })
    };
    proc.children(terminal).into_iter().filter_map(child).collect()
}
