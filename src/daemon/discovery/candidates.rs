//! What a scan found: which of it is to be inspected.

use super::Inspections;
use super::schedule_entry::ScheduleEntry;
use crate::claude::process::teammate::teammate;
use crate::session::process::{Candidate, ProcessId};
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
        self.set_candidates(self.candidates.iter().cloned().chain(new).collect());
    }

    fn set_candidates(&mut self, candidates: Vec<Arc<Candidate>>) {
        let is_same = candidates.len() == self.candidates.len()
            && candidates.iter().zip(&*self.candidates).all(|(a, b)| Arc::ptr_eq(a, b));
        if is_same {
            return;
        }
        let is_mate = |it: &&Arc<Candidate>| teammate(&it.argv, it.exe.as_deref()).is_some();
        self.teammates = candidates.iter().filter(is_mate).cloned().collect();
        self.candidates = candidates.into();
    }
}
