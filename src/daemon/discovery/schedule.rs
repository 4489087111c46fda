//! When each process is inspected next, and when the first of them is due: most turns of the loop
//! need not go through all of them.

use super::schedule_entry::{Cause, ScheduleEntry};
use crate::daemon::clock::Now;
use crate::session::process::ProcessId;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// All entries are checked at least this often: some are due by the wall clock, which may be set.
const CHECK_INTERVAL: Duration = Duration::from_secs(5);

/// The entries of all processes that look like sessions.
#[derive(Default)]
pub struct Schedule {
    entries: BTreeMap<ProcessId, ScheduleEntry>,
    /// No entry is due before this; `None` when that is not known.
    first_due: Option<Instant>,
}

impl Schedule {
    /// All entries, to be changed in any way.
    pub fn entries(&mut self) -> &mut BTreeMap<ProcessId, ScheduleEntry> {
        self.first_due = None;
        &mut self.entries
    }

    /// The entry of `process`, to be changed in any way.
    pub fn get(&mut self, process: ProcessId) -> Option<&mut ScheduleEntry> {
        self.entries().get_mut(&process)
    }

    /// `process` is to be inspected soon, for `cause`.
    pub fn mark_dirty(&mut self, process: ProcessId, cause: Cause, now: Instant) {
        let Some(entry) = self.entries.get_mut(&process) else { return };
        entry.mark_dirty(cause, now);
        self.first_due = self.first_due.zip(entry.due).map(|(first, due)| first.min(due));
    }

    /// When the first entry is due, or all are to be checked.
    pub fn due(&mut self, now: Now) -> Instant {
        *self.first_due.get_or_insert_with(|| {
            let dues = self.entries.values().filter_map(|entry| entry.due(now));
            dues.fold(now.monotonic + CHECK_INTERVAL, Instant::min)
        })
    }

    /// Whether any entry may be due.
    pub fn is_any_due(&self, now: Instant) -> bool {
        self.first_due.is_none_or(|first| first <= now)
    }

    /// Whether no inspection runs and none is due.
    pub fn is_settled(&self, now: Instant) -> bool {
        self.entries.values().all(|entry| entry.is_settled(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::testing::{candidate, time};
    use std::sync::Arc;

    #[test]
    fn nothing_is_due_before_the_time_that_is_said() {
        let now = Now { monotonic: Instant::now(), wall: time(0) };
        let at = now.monotonic;
        let mut schedule = Schedule::default();
        assert_eq!(schedule.due(now), at + CHECK_INTERVAL);
        assert!(!schedule.is_any_due(at) && schedule.is_any_due(at + CHECK_INTERVAL));
        let process = candidate(1).process.id;
        schedule.entries().insert(process, ScheduleEntry::new(&Arc::new(candidate(1))));
        assert!(schedule.is_any_due(at));
        assert_eq!(schedule.due(now), at + CHECK_INTERVAL);
        schedule.mark_dirty(process, Cause::State, at);
        assert_eq!((schedule.is_any_due(at), schedule.due(now)), (true, at));
        let entry = schedule.get(process).unwrap();
        entry.due = None;
        entry.recheck_at = Some(time(2_000));
        assert_eq!(schedule.due(now), at + Duration::from_secs(2));
        schedule.mark_dirty(process, Cause::State, at + Duration::from_secs(3));
        assert_eq!(schedule.due(now), at + Duration::from_secs(2));
    }
}
