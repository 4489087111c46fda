//! When each process is inspected next, in the order of time: no turn of the loop goes through all of
//! them.

use super::schedule_entry::{COALESCED_WITHIN, Cause, QueuedAt, ScheduleEntry};
use crate::daemon::clock::Now;
use crate::session::process::ProcessId;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// Entries that are due by the wall clock, which may be set, are checked at least this often.
const CHECK_INTERVAL: Duration = Duration::from_secs(5);

/// The entries of all processes that look like sessions.
#[derive(Default)]
pub struct Schedule {
    entries: BTreeMap<ProcessId, Box<ScheduleEntry>>,
    /// Entries that were changed since they were queued.
    changed: Vec<ProcessId>,
    /// When each entry is due, if it is.
    queue: BTreeSet<(Instant, ProcessId)>,
    /// The inspections that run, and when each was dispatched.
    running: BTreeSet<(Instant, ProcessId)>,
    /// When to queue all entries again; none if none is due by the wall clock.
    check_at: Option<Instant>,
}

impl Schedule {
    /// The entry of `process`.
    pub fn peek(&self, process: ProcessId) -> Option<&ScheduleEntry> {
        self.entries.get(&process).map(Box::as_ref)
    }

    /// The entry of `process`, to be changed in any way.
    pub fn get(&mut self, process: ProcessId) -> Option<&mut ScheduleEntry> {
        let entry = self.entries.get_mut(&process)?;
        self.changed.push(process);
        Some(entry.as_mut())
    }

    /// Adds an entry, or replaces the one of this process.
    pub fn insert(&mut self, entry: ScheduleEntry) {
        let process = entry.candidate.process.id;
        self.remove(process);
        self.entries.insert(process, Box::new(entry));
        self.changed.push(process);
    }

    /// Removes an entry.
    pub fn remove(&mut self, process: ProcessId) {
        let Some(entry) = self.entries.remove(&process) else { return };
        requeue(&mut self.queue, process, entry.queued.due, None);
        requeue(&mut self.running, process, entry.queued.dispatched, None);
    }

    /// The processes that have an entry.
    pub fn processes(&self) -> impl Iterator<Item = ProcessId> {
        self.entries.keys().copied()
    }

    /// `process` is to be inspected soon, for `cause`.
    pub fn mark_dirty(&mut self, process: ProcessId, cause: Cause, now: Instant) {
        if let Some(entry) = self.get(process) {
            entry.mark_dirty(cause, now);
        }
    }

    /// When the first entry is due, or those are to be checked that depend on the wall clock.
    pub fn due(&mut self, now: Now) -> Option<Instant> {
        self.queue_changed(now);
        let first = self.queue.first().map(|(at, _)| *at);
        first.into_iter().chain(self.check_at).min()
    }

    /// The processes whose entries are due or, if any is, soon will be.
    pub fn all_due(&mut self, now: Now) -> Vec<ProcessId> {
        self.queue_changed(now);
        let is_any = self.queue.first().is_some_and(|(at, _)| *at <= now.monotonic);
        let end = now.monotonic + if is_any { COALESCED_WITHIN } else { Duration::ZERO };
        let is_due = |(at, _): &&(Instant, ProcessId)| *at <= end;
        self.queue.iter().take_while(is_due).map(|(_, process)| *process).collect()
    }

    /// When the inspection was dispatched that runs longest.
    pub fn first_dispatched(&self) -> Option<Instant> {
        self.running.first().map(|(at, _)| *at)
    }

    /// Whether no inspection runs and none is due.
    pub fn is_settled(&self, now: Instant) -> bool {
        self.entries.values().all(|entry| entry.is_settled(now))
    }

    fn queue_changed(&mut self, now: Now) {
        if self.check_at.is_some_and(|then| then <= now.monotonic) {
            self.check_at = None;
            self.changed = self.entries.keys().copied().collect();
        }
        for process in self.changed.drain(..) {
            let Some(entry) = self.entries.get_mut(&process) else { continue };
            let due = entry.due(now);
            if entry.recheck_at.is_some() {
                self.check_at.get_or_insert(now.monotonic + CHECK_INTERVAL);
            }
            let before = entry.queued;
            entry.queued = QueuedAt { due, dispatched: entry.dispatched };
            requeue(&mut self.queue, process, before.due, due);
            requeue(&mut self.running, process, before.dispatched, entry.dispatched);
        }
    }
}

fn requeue(
    queue: &mut BTreeSet<(Instant, ProcessId)>,
    process: ProcessId,
    before: Option<Instant>,
    now: Option<Instant>,
) {
    if before == now {
        return;
    }
    if let Some(at) = before {
        queue.remove(&(at, process));
    }
    queue.extend(now.map(|at| (at, process)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::testing::{candidate, time};
    use std::sync::Arc;

    #[test]
    fn what_is_due_first_is_known_whatever_is_changed() {
        let now = Now { wall: time(0), ..Now::read() };
        let at = now.monotonic;
        let mut schedule = Schedule::default();
        assert_eq!(schedule.due(now), None);
        let [one, two] = [1, 2].map(|pid| candidate(pid).process.id);
        for pid in [1, 2] {
            schedule.insert(ScheduleEntry::new(&Arc::new(candidate(pid))));
        }
        assert_eq!(schedule.due(now), None);
        schedule.mark_dirty(one, Cause::State, at);
        assert_eq!((schedule.due(now), schedule.all_due(now)), (Some(at), vec![one]));
        let entry = schedule.get(one).unwrap();
        entry.due = None;
        entry.recheck_at = Some(time(2_000));
        assert_eq!(schedule.due(now), Some(at + Duration::from_secs(2)));
        assert!(schedule.all_due(now).is_empty());
        schedule.mark_dirty(two, Cause::State, at + Duration::from_secs(3));
        assert_eq!(schedule.due(now), Some(at + Duration::from_secs(2)));
        schedule.remove(one);
        assert_eq!(schedule.due(now), Some(at + Duration::from_secs(3)));
    }

    #[test]
    fn the_wall_clock_may_be_set() {
        let now = Now { wall: time(0), ..Now::read() };
        let mut schedule = Schedule::default();
        let process = candidate(1).process.id;
        schedule.insert(ScheduleEntry::new(&Arc::new(candidate(1))));
        schedule.get(process).unwrap().recheck_at = Some(time(3_600_000));
        assert_eq!(schedule.due(now), Some(now.monotonic + CHECK_INTERVAL));
        let later = Now { monotonic: now.monotonic + CHECK_INTERVAL, wall: time(3_600_000), ..now };
        assert_eq!(schedule.all_due(later), [process]);
    }
}
