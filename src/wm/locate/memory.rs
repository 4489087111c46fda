//! What was learned over time: results of title probes, tabs that moved, titles of sessions that
//! ended. What is remembered of a tab ends when it may have moved to another window.

use super::snapshot::{ProbeResult, ProcessFacts, TerminalChild, WindowTable};
use super::titles::{shows, without_glyph};
use super::visibility::terminals_in;
use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

/// The child of a new window starts within this time.
const CHILD_STARTS_WITHIN: Duration = Duration::from_secs(2);

/// How often a probe that no window answered is made in all, if no switch asks for it.
const MAX_MISSES: u32 = 2;

/// What was learned over time.
#[derive(Debug, Default)]
pub struct Memory {
    probes: HashMap<u32, KnownProbe>,
    /// How often no window answered the probe of a process.
    misses: HashMap<u32, u32>,
    /// Windows, by owner and X11 id, in which no child was started, and since when that is known.
    childless: HashMap<(u32, u64), Instant>,
    moved_tabs: HashSet<u32>,
    ended_titles: HashSet<String>,
}

#[derive(Debug)]
struct KnownProbe {
    result: ProbeResult,
    /// Whether the terminal had more tabs than windows.
    had_tabs: bool,
    /// The titles of the windows then, without glyphs.
    titles: Vec<String>,
}

impl Memory {
    /// Remembers the answer to a probe.
    pub fn add_probe(
        &mut self,
        pid: u32,
        result: ProbeResult,
        windows: &WindowTable,
        facts: &ProcessFacts,
    ) {
        if result.answer.is_none() {
            *self.misses.entry(pid).or_default() += 1;
        }
        let had_tabs = has_tabs(&result.windows, windows, facts);
        let titles = titles_of(&result.windows, windows);
        self.probes.insert(pid, KnownProbe { result, had_tabs, titles });
    }

    /// Forgets the probes that a switch makes again: those that no window answered, and those after
    /// which a tab may have moved.
    pub fn prepare_switch(&mut self) {
        self.misses.clear();
        self.probes.retain(|_, probe| probe.result.answer.is_some() && !probe.result.is_outdated);
    }

    /// Forgets what is about windows and processes that are gone, and the probes that are made once
    /// more because no window answered.
    pub fn tidy(&mut self, windows: &WindowTable, sessions: &HashMap<u32, Option<String>>) {
        let misses = &self.misses;
        self.probes.retain(|pid, probe| {
            let is_missed = probe.result.answer.is_none();
            let again = is_missed && misses.get(pid).is_some_and(|misses| *misses < MAX_MISSES);
            let lives = probe.result.windows.iter().any(|id| windows.get(*id).is_some());
            lives && sessions.contains_key(pid) && !again
        });
        self.misses.retain(|pid, _| sessions.contains_key(pid));
        self.moved_tabs.retain(|owner| windows.are_owned_by(*owner));
        self.childless.retain(|(owner, xid), _| {
            let xids = windows.of_process(*owner).into_iter().filter_map(|row| row.xid);
            xids.map(u64::from).any(|it| it == *xid)
        });
        self.ended_titles.retain(|title| windows.rows().iter().any(|row| shows(&row.title, title)));
    }

    /// Sessions ended that had this title; the windows may keep it.
    pub fn note_ended(&mut self, title: &str) {
        self.ended_titles.insert(without_glyph(title).to_owned());
    }

    /// A window got this title just now: it is not one that was left behind.
    pub fn note_title(&mut self, title: &str) {
        self.ended_titles.retain(|ended| !shows(title, ended));
    }

    /// The children of `owner` were read.
    pub fn note_children(
        &mut self,
        owner: u32,
        children: &[TerminalChild],
        windows: &WindowTable,
        now: Instant,
    ) {
        let xids =
            || windows.of_process(owner).into_iter().filter_map(|row| row.xid.map(u64::from));
        let is_birthplace = |xid: u64| children.iter().any(|it| it.window_id == Some(xid));
        // Terminals that set no WINDOWID have no birthplaces at all.
        if !xids().any(is_birthplace) {
            return;
        }
        for xid in xids() {
            if is_birthplace(xid) {
                self.childless.remove(&(owner, xid));
                continue;
            }
            let since = *self.childless.entry((owner, xid)).or_insert(now);
            if now.duration_since(since) >= CHILD_STARTS_WITHIN {
                self.moved_tabs.insert(owner);
            }
        }
    }

    /// Adds what is remembered to the facts.
    pub fn recall(&mut self, windows: &WindowTable, facts: &mut ProcessFacts) {
        for probe in self.probes.values_mut() {
            let ids = &probe.result.windows;
            let has_changed =
                titles_of(ids, windows) != probe.titles || other_windows(ids, windows);
            if has_changed && (probe.had_tabs || has_tabs(ids, windows, facts)) {
                probe.result.is_outdated = true;
            }
        }
        let probes = self.probes.iter().map(|(pid, probe)| (*pid, probe.result.clone()));
        facts.probes = probes.collect();
        facts.moved_tabs.clone_from(&self.moved_tabs);
        facts.ended_titles.clone_from(&self.ended_titles);
    }
}

fn owner_of(ids: &[u64], windows: &WindowTable) -> Option<u32> {
    ids.iter().find_map(|id| windows.get(*id)?.pid)
}

/// Whether the owner of these windows has others by now.
fn other_windows(ids: &[u64], windows: &WindowTable) -> bool {
    let now = owner_of(ids, windows).map(|owner| windows.of_process(owner)).unwrap_or_default();
    !now.iter().map(|row| row.con_id).eq(ids.iter().copied())
}

/// Whether the owner of these windows has more terminals than windows, as far as that was read.
fn has_tabs(ids: &[u64], windows: &WindowTable, facts: &ProcessFacts) -> bool {
    let Some(owner) = owner_of(ids, windows) else { return false };
    let children = facts.children.get(&owner);
    children.is_some_and(|it| terminals_in(it) > windows.of_process(owner).len())
}

fn titles_of(ids: &[u64], windows: &WindowTable) -> Vec<String> {
    let title = |id: &u64| windows.get(*id).map(|row| without_glyph(&row.title).to_owned());
    ids.iter().map(|id| title(id).unwrap_or_default()).collect()
}
