//! Fetches the facts that resolution asks for, and keeps them as long as they can be right.

use super::location::named;
use super::pty_masters::PtyMasters;
use super::snapshot::{MissingFact, ProbeResult, ProcessFacts, WindowTable};
use crate::proc::ProcFiles;
use crate::wm::mux::{self, MuxKind, MuxView};
use crate::wm::terminal::{self, TabPlace};
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// A program that has not answered for this long hangs; answers come within some milliseconds.
const HANGS_AFTER: Duration = Duration::from_millis(450);

/// For how long a program that hung is not asked, so that it costs the sessions elsewhere little.
/// A switch asks it all the same.
const NOT_ASKED_FOR: Duration = Duration::from_secs(30);

/// What is known of processes, and how more is found out.
pub struct FactCache {
    proc: ProcFiles,
    facts: ProcessFacts,
    /// Read when the first session needs it.
    masters: Option<PtyMasters>,
    /// Terminals and servers that hung, and when that was seen, by pid.
    hung: HashMap<u32, Instant>,
}

impl FactCache {
    /// An empty cache, filled from `proc`.
    pub fn new(proc: ProcFiles) -> Self {
        FactCache { proc, facts: ProcessFacts::default(), masters: None, hung: HashMap::new() }
    }

    /// The source of facts about processes.
    pub fn proc(&self) -> &ProcFiles {
        &self.proc
    }

    /// What is known.
    pub fn facts(&self) -> &ProcessFacts {
        &self.facts
    }

    /// Titles that sessions give their terminals, by pid.
    pub fn set_titles(&mut self, titles: impl IntoIterator<Item = (u32, String)>) {
        self.facts.titles = titles.into_iter().collect();
    }

    /// The result of a title probe for the process `pid`.
    pub fn add_probe(&mut self, pid: u32, result: ProbeResult) {
        self.facts.probes.insert(pid, result);
    }

    /// Forgets what was known of processes; if `all`, also what costs much and seldom changes:
    /// multiplexers, tabs, owners of terminals. Titles stay, and probes of windows that live.
    pub fn forget(&mut self, all: bool, windows: &WindowTable) {
        let mut old = std::mem::take(&mut self.facts);
        old.probes.retain(|_, probe| probe.windows.iter().any(|id| windows.get(*id).is_some()));
        let mut facts =
            ProcessFacts { probes: old.probes, titles: old.titles, ..ProcessFacts::default() };
        self.hung.retain(|_, since| since.elapsed() < NOT_ASKED_FOR);
        if all {
            self.masters = None;
        } else {
            facts.servers = old.servers;
            facts.pty_owners = old.pty_owners;
            facts.tabs = old.tabs;
        }
        self.facts = facts;
    }

    /// Forgets what depends on which windows there are.
    pub fn forget_windows(&mut self) {
        self.facts.tabs.clear();
        self.facts.pty_owners.clear();
        self.masters = None;
    }

    /// From now on, programs that hung are asked again.
    pub fn ask_hung_again(&mut self) {
        self.hung.clear();
    }

    /// Finds a fact out; where it cannot be known, "not known" is added, so that it is not missing
    /// again. A title probe is not done here, for it needs the window manager.
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
            MissingFact::ChildWindowIds(pid) => {
                let id = |child| proc.env(child).get("WINDOWID")?.trim().parse().ok();
                let ids = proc.children(pid).into_iter().filter_map(id).collect();
                facts.child_window_ids.insert(pid, ids);
            }
            MissingFact::PtyOwner(pid) => {
                let owners = windows.rows().iter().filter_map(|row| row.pid);
                let masters = self.masters.get_or_insert_with(|| PtyMasters::read(proc, owners));
                facts.pty_owners.insert(pid, masters.owner(proc, pid));
            }
            MissingFact::Server { pid, kind, from } => {
                let view = self.ask_server(pid, kind, from).await;
                self.facts.servers.insert(pid, view);
            }
            MissingFact::Tab { owner, child } => {
                let tab = self.ask_terminal(owner, child).await;
                self.facts.tabs.insert(child, tab);
            }
            MissingFact::Probe { pid, windows } => {
                self.add_probe(pid, ProbeResult { windows, answer: None });
            }
        }
    }

    async fn ask_server(&mut self, pid: u32, kind: MuxKind, from: u32) -> MuxView {
        if self.hung.contains_key(&pid) {
            let name = self.proc.process(pid).map(|process| process.comm).unwrap_or_default();
            return MuxView::Unavailable(format!("{} does not answer", named(&name, pid)));
        }
        let begun = Instant::now();
        let view = mux::ask(&self.proc, pid, kind, from).await;
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
