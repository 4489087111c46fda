//! What was learned over time: results of title probes, tabs that moved, titles of sessions that
//! ended. What is remembered of a tab ends when it may have moved to another window.

use super::snapshot::{ProbeResult, ProcessFacts, TerminalChild, WindowTable};
use super::titles::{shows, without_glyph};
use super::visibility::terminals_in;
use crate::session::shared::Text;
use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

/// The child of a new window starts within this time.
const CHILD_STARTS_WITHIN: Duration = Duration::from_secs(2);

/// How often a probe that no window answered is made in all, if no switch asks for it.
const MAX_MISSES: u32 = 2;

/// The terminal of a session that ended unseen; no terminal has this device number.
const UNKNOWN_TERMINAL: u64 = 0;

/// What was learned over time.
#[derive(Debug, Default)]
pub struct Memory {
    probes: HashMap<u32, KnownProbe>,
    /// How often no window answered the probe of a process.
    misses: HashMap<u32, u32>,
    /// Windows, by owner and X11 id, in which no child was started, and since when that is known.
    childless: HashMap<(u32, u64), Instant>,
    moved_tabs: HashSet<u32>,
    /// Windows, by container id, that a terminal, by pid, gave a number.
    numbered_windows: HashMap<(u32, u64), u64>,
    /// Titles of sessions that have ended, and the terminals that were theirs.
    ended_titles: HashMap<String, HashSet<u64>>,
    /// Names of sessions that ended before, until the windows are known.
    ended_before: Vec<String>,
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

    /// Remembers which number a terminal, by pid, gave a window, by container id.
    pub fn note_numbered(&mut self, owner: u32, number: u64, con_id: u64) {
        self.numbered_windows.insert((owner, number), con_id);
    }

    /// Forgets the probes that a switch makes again: those that no window answered, and those after
    /// which a tab may have moved.
    pub fn prepare_switch(&mut self) {
        self.misses.clear();
        self.probes.retain(|_, probe| probe.result.answer.is_some() && !probe.result.is_outdated);
    }

    /// Forgets what is about windows and processes that are gone, and the probes that are made once
    /// more because no window answered.
    pub fn tidy(&mut self, windows: &WindowTable, sessions: &HashMap<u32, Option<Text>>) {
        let misses = &self.misses;
        self.probes.retain(|pid, probe| {
            let is_missed = probe.result.answer.is_none();
            let again = is_missed && misses.get(pid).is_some_and(|misses| *misses < MAX_MISSES);
            let lives = probe.result.windows.iter().any(|id| windows.get(*id).is_some());
            lives && sessions.contains_key(pid) && !again
        });
        self.misses.retain(|pid, _| sessions.contains_key(pid));
        self.moved_tabs.retain(|owner| windows.are_owned_by(*owner));
        self.numbered_windows.retain(|(owner, _), con_id| {
            windows.get(*con_id).is_some_and(|row| row.pid == Some(*owner))
        });
        self.childless.retain(|(owner, xid), _| {
            let xids = windows.of_process(*owner).into_iter().filter_map(|row| row.xid);
            xids.map(u64::from).any(|it| it == *xid)
        });
        if !windows.rows().is_empty() {
            for name in std::mem::take(&mut self.ended_before) {
                self.note_ended(&name, UNKNOWN_TERMINAL);
            }
        }
        self.ended_titles
            .retain(|title, _| windows.rows().iter().any(|row| shows(&row.title, title)));
    }

    /// A session has ended that gave its terminal this title; the terminal may keep it.
    pub fn note_ended(&mut self, title: &str, terminal: u64) {
        let title = without_glyph(title).to_owned();
        self.ended_titles.entry(title).or_default().insert(terminal);
    }

    /// Sessions with these names have ended, in terminals that are not known.
    pub fn note_ended_before(&mut self, names: impl IntoIterator<Item = String>) {
        self.ended_before.extend(names);
    }

    /// Whether a window with this title may show the terminal of a session that has ended.
    pub fn may_be_left(&self, title: &str) -> bool {
        self.ended_titles.keys().any(|ended| shows(title, ended))
    }

    /// A window got this title just now, and no other tab came to the front: it is not one that was
    /// left behind.
    pub fn note_title(&mut self, title: &str) {
        self.ended_titles.retain(|ended, _| !shows(title, ended));
    }

    /// Forgets the terminals of sessions that ended which are closed.
    pub fn forget_terminals(&mut self, is_closed: impl Fn(u64) -> bool) {
        self.ended_titles.retain(|_, terminals| {
            terminals.retain(|terminal| !is_closed(*terminal));
            !terminals.is_empty()
        });
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
        facts.numbered_windows.clone_from(&self.numbered_windows);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wm::ipc::windows::WindowRow;

    const TERMINAL: u32 = 80;

    fn table(windows: &[(u64, &str)]) -> WindowTable {
        let row = |(con_id, title): &(u64, &str)| WindowRow {
            con_id: *con_id,
            xid: Some(*con_id as u32),
            pid: Some(TERMINAL),
            title: (*title).into(),
            ..WindowRow::default()
        };
        WindowTable::new(windows.iter().map(row).collect())
    }

    fn facts(children: u64) -> ProcessFacts {
        let child = |tty| TerminalChild { tty, window_id: None };
        let mut facts = ProcessFacts::default();
        facts.children.insert(TERMINAL, (1..=children).map(child).collect());
        facts
    }

    fn probe(windows: &[u64], answer: Option<u64>) -> ProbeResult {
        ProbeResult { windows: windows.to_vec(), answer, is_outdated: false }
    }

    /// Whether a probe that window 1 answered still counts with these windows and children.
    fn still_counts(before: u64, windows: &[(u64, &str)], after: u64) -> bool {
        let (mut memory, mut facts) = (Memory::default(), facts(before));
        memory.add_probe(9, probe(&[1, 2], Some(1)), &table(&[(1, "✳ a"), (2, "b")]), &facts);
        facts.children = self::facts(after).children;
        memory.recall(&table(windows), &mut facts);
        !facts.probes[&9].is_outdated
    }

    #[test]
    fn a_probe_counts_until_a_tab_may_have_moved() {
        assert!(still_counts(2, &[(1, "x"), (2, "y")], 2), "no tabs");
        assert!(still_counts(2, &[(1, "x"), (2, "y"), (3, "z")], 3), "no tabs");
        assert!(still_counts(3, &[(1, "◐ a"), (2, "b")], 3), "nothing happened");
        assert!(!still_counts(3, &[(1, "x"), (2, "b")], 3), "another tab is in front");
        assert!(!still_counts(3, &[(1, "✳ a"), (2, "b"), (3, "z")], 3), "one was detached");
        assert!(!still_counts(2, &[(1, "x"), (2, "b")], 3), "there are tabs by now");
    }

    #[test]
    fn a_probe_that_missed_is_made_once_more_and_with_a_switch() {
        let (mut memory, mut facts) = (Memory::default(), facts(2));
        let (windows, sessions) = (table(&[(1, "a"), (2, "b")]), HashMap::from([(9, None)]));
        let mut is_known = |memory: &mut Memory| {
            memory.tidy(&windows, &sessions);
            memory.recall(&windows, &mut facts);
            facts.probes.contains_key(&9)
        };
        let miss = || probe(&[1, 2], None);
        memory.add_probe(9, miss(), &windows, &ProcessFacts::default());
        assert!(!is_known(&mut memory), "it is made again");
        memory.add_probe(9, miss(), &windows, &ProcessFacts::default());
        assert!(is_known(&mut memory) && is_known(&mut memory), "not with every scan");
        memory.prepare_switch();
        assert!(!is_known(&mut memory));
    }

    #[test]
    fn the_number_of_a_window_counts_while_that_window_is_there() {
        let (mut memory, mut facts) = (Memory::default(), facts(2));
        memory.note_numbered(TERMINAL, 7, 1);
        memory.note_numbered(TERMINAL + 1, 8, 2);
        memory.tidy(&table(&[(1, "a"), (2, "b")]), &HashMap::new());
        memory.recall(&table(&[]), &mut facts);
        assert_eq!(facts.numbered_windows, HashMap::from([((TERMINAL, 7), 1)]), "of its owner");
        memory.tidy(&table(&[(2, "b")]), &HashMap::new());
        memory.recall(&table(&[]), &mut facts);
        assert!(facts.numbered_windows.is_empty(), "it is gone");
    }

    #[test]
    fn a_window_without_a_child_of_its_own_got_a_tab_from_another() {
        let (mut memory, windows) = (Memory::default(), table(&[(1, "a"), (2, "b")]));
        let now = Instant::now();
        let child = |id| TerminalChild { tty: id, window_id: Some(id) };
        let mut note = |children: &[TerminalChild], after| {
            memory.note_children(TERMINAL, children, &windows, now + Duration::from_secs(after));
            memory.moved_tabs.contains(&TERMINAL)
        };
        assert!(!note(&[TerminalChild { tty: 1, window_id: None }], 0), "it sets no WINDOWID");
        assert!(!note(&[child(1)], 10), "the child of the new window has not started yet");
        assert!(!note(&[child(1), child(2)], 11));
        assert!(!note(&[child(1)], 20));
        assert!(note(&[child(1)], 23));
        assert!(note(&[child(1), child(2)], 24), "a child that came later proves nothing");
    }

    #[test]
    fn the_title_of_a_session_that_ended_counts_when_it_is_set_again() {
        let (mut memory, mut facts) = (Memory::default(), facts(1));
        memory.note_ended("Fix it", 7);
        memory.note_title("✳ other");
        memory.recall(&table(&[]), &mut facts);
        assert!(facts.ended_titles["Fix it"].contains(&7));
        memory.note_title("◐ Fix it");
        memory.recall(&table(&[]), &mut facts);
        assert!(facts.ended_titles.is_empty());
        memory.note_ended("Fix it", 7);
        memory.forget_terminals(|terminal| terminal == 8);
        assert!(memory.may_be_left("✳ Fix it"));
        memory.forget_terminals(|terminal| terminal == 7);
        assert!(!memory.may_be_left("✳ Fix it"), "its terminal is closed");
        memory.note_ended("Fix it", 7);
        memory.tidy(&table(&[(1, "bash")]), &HashMap::new());
        memory.recall(&table(&[]), &mut facts);
        assert!(facts.ended_titles.is_empty(), "no window has it");
    }
}
