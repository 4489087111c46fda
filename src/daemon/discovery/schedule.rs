//! All slots, and when the first of them is due: most turns of the loop need not go through them.

use super::schedule_entry::{Cause, Slot};
use crate::session::Timestamp;
use crate::session::process::ProcessId;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// All are gone through at least this often. The clock may have been set, on which the time depends
/// at which some are due.
const AT_LEAST: Duration = Duration::from_secs(5);

/// Every process that looks like a session.
#[derive(Default)]
pub struct Slots {
    all: BTreeMap<ProcessId, Slot>,
    /// None is due before; `None` when that is not known.
    first_due: Option<Instant>,
}

impl Slots {
    /// All of them, to be changed in any way.
    pub fn all(&mut self) -> &mut BTreeMap<ProcessId, Slot> {
        self.first_due = None;
        &mut self.all
    }

    /// The one of `process`, to be changed in any way.
    pub fn get(&mut self, process: ProcessId) -> Option<&mut Slot> {
        self.all().get_mut(&process)
    }

    /// Something about `process` changed.
    pub fn touch(&mut self, process: ProcessId, cause: Cause, at: Instant) {
        let Some(slot) = self.all.get_mut(&process) else { return };
        slot.touch(cause, at);
        self.first_due = self.first_due.zip(slot.due).map(|(first, due)| first.min(due));
    }

    /// When to see what is due, at the time `at` = `now`.
    pub fn due(&mut self, at: Instant, now: Timestamp) -> Instant {
        *self.first_due.get_or_insert_with(|| {
            let dues = self.all.values().filter_map(|slot| slot.due(at, now));
            dues.fold(at + AT_LEAST, Instant::min)
        })
    }

    /// Whether any may be due.
    pub fn is_any_due(&self, at: Instant) -> bool {
        self.first_due.is_none_or(|first| first <= at)
    }

    /// Whether nothing is being looked at, and nothing is due.
    pub fn is_quiet(&self, at: Instant) -> bool {
        self.all.values().all(|slot| slot.is_quiet(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::testing::{candidate, time};
    use std::sync::Arc;

    #[test]
    fn whatever_happens_nothing_is_due_before_it_is_said() {
        let (at, now) = (Instant::now(), time(0));
        let mut slots = Slots::default();
        assert_eq!(slots.due(at, now), at + AT_LEAST);
        assert!(!slots.is_any_due(at) && slots.is_any_due(at + AT_LEAST));
        let process = candidate(1).process.id;
        slots.all().insert(process, Slot::new(&Arc::new(candidate(1))));
        assert!(slots.is_any_due(at));
        assert_eq!(slots.due(at, now), at + AT_LEAST);
        slots.touch(process, Cause::State, at);
        assert_eq!((slots.is_any_due(at), slots.due(at, now)), (true, at));
        let slot = slots.get(process).unwrap();
        slot.due = None;
        slot.again_at = Some(time(2_000));
        assert_eq!(slots.due(at, now), at + Duration::from_secs(2));
        slots.touch(process, Cause::State, at + Duration::from_secs(3));
        assert_eq!(slots.due(at, now), at + Duration::from_secs(2));
    }
}
