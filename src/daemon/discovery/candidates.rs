//! What a scan found: which of it is to be inspected.

use super::Inspections;
use super::schedule_entry::{Cause, ScheduleEntry};
use crate::claude::process::teammate::teammate;
use crate::session::process::{Candidate, ProcessId};
use crate::session::shared::Text;
use std::sync::Arc;
use std::time::Instant;

/// How many sessions, all of whose files are watched, are inspected after one scan: the rest follows
/// after the next ones, so that news of a session never wait for thousands of them.
const MAX_CHECKS: usize = 250;

impl Inspections {
    /// What a scan of all processes found. Each is due to be inspected that is new or has changed,
    /// or of which not all that matters is watched; with `inspect_all`, each one. Returns those that
    /// ended.
    pub fn replace_candidates(
        &mut self,
        candidates: Vec<Arc<Candidate>>,
        inspect_all: bool,
        now: Instant,
    ) -> Vec<ProcessId> {
        let mut checks = 0;
        for candidate in &candidates {
            let process = candidate.process.id;
            let Some(entry) = self.schedule.peek(process) else {
                self.schedule.insert(ScheduleEntry::due_at(candidate, now));
                continue;
            };
            let is_same = Arc::ptr_eq(&entry.candidate, candidate) && !inspect_all;
            if is_same && entry.is_watched {
                if checks >= MAX_CHECKS || !entry.is_to_be_checked(now) {
                    continue;
                }
                checks += 1;
            }
            if let Some(entry) = self.schedule.get(process) {
                entry.candidate = Arc::clone(candidate);
                entry.can_wait = is_same && (entry.can_wait || entry.due.is_none());
                entry.due = Some(now);
            }
        }
        let is_gone = |process: &ProcessId| {
            candidates.binary_search_by_key(process, |it| it.process.id).is_err()
        };
        let gone = self.schedule.processes().filter(is_gone).collect();
        self.set_candidates(candidates);
        gone
    }

    /// Adds processes that began since the last scan: each is due to be inspected.
    pub fn add_candidates(&mut self, new: Vec<Arc<Candidate>>, now: Instant) {
        if new.is_empty() {
            return;
        }
        for candidate in &new {
            self.schedule.insert(ScheduleEntry::due_at(candidate, now));
        }
        let mates: Vec<Text> = new.iter().filter_map(|it| lead_of(it)).collect();
        self.set_candidates(self.candidates.iter().cloned().chain(new).collect());
        mates.iter().for_each(|lead| self.mark_lead(lead, now));
    }

    /// `process` ended.
    pub fn forget(&mut self, process: ProcessId, now: Instant) {
        self.schedule.remove(process);
        self.owners.forget(process);
        self.urgent.remove(&process);
        let mate = self.teammates.iter().find(|it| it.process.id == process);
        if let Some(lead) = mate.and_then(|mate| lead_of(mate)) {
            let others = self.candidates.iter().filter(|it| it.process.id != process);
            self.set_candidates(others.cloned().collect());
            self.mark_lead(&lead, now);
        }
    }

    /// The lead of a team is to be inspected: it works while one of its teammates does.
    fn mark_lead(&mut self, lead: &str, now: Instant) {
        if let Some(lead) = self.owners.owner_of(lead) {
            self.schedule.mark_dirty(lead, Cause::State, now);
        }
    }

    fn set_candidates(&mut self, candidates: Vec<Arc<Candidate>>) {
        let is_same = candidates.len() == self.candidates.len()
            && candidates.iter().zip(&*self.candidates).all(|(a, b)| Arc::ptr_eq(a, b));
        if is_same {
            return;
        }
        self.teammates = candidates.iter().filter(|it| lead_of(it).is_some()).cloned().collect();
        self.candidates = candidates.into();
    }
}

/// The session that leads the team of a process, if it is a teammate.
fn lead_of(candidate: &Candidate) -> Option<Text> {
    teammate(&candidate.argv, candidate.exe.as_deref()).map(|mate| mate.lead.as_str().into())
}
