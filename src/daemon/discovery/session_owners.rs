//! Which process holds which session id: noted by the loop, asked by the threads that look at other
//! sessions.

use crate::claude::ownership::claim::OwnershipClaim;
use crate::session::process::ProcessId;
use crate::session::registry::observation::Sighting;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What each process holds, for all to see. Two may hold the same.
#[derive(Debug, Clone, Default)]
pub struct Holders(Arc<Mutex<HashMap<ProcessId, (String, OwnershipClaim)>>>);

impl Holders {
    /// `process` holds what was seen from now on, and nothing else.
    pub fn note(&self, process: ProcessId, seen: Option<&Sighting>) {
        let Some((id, seen)) = seen.and_then(|it| Some((it.session_id.as_ref()?, it))) else {
            return self.forget(process);
        };
        let claim = if seen.is_id_from_session_file() {
            OwnershipClaim::ByFile
        } else {
            OwnershipClaim::Likely
        };
        self.with(|holders| {
            let before = holders.get(&process);
            if before.is_none_or(|(known, by)| (known, *by) != (id, claim)) {
                holders.insert(process, (id.clone(), claim));
            }
        });
    }

    /// `process` holds none any more.
    pub fn forget(&self, process: ProcessId) {
        self.with(|holders| drop(holders.remove(&process)));
    }

    /// The best claim that processes other than `process` have to `id`.
    pub fn of_others(&self, id: &str, process: ProcessId) -> Option<OwnershipClaim> {
        self.with(|holders| {
            let others =
                holders.iter().filter(|(holder, (held, _))| **holder != process && held == id);
            others.map(|(_, (_, claim))| *claim).max()
        })
    }

    /// No panic can leave the map in pieces, so poison is no reason to stop.
    fn with<T>(
        &self,
        act: impl FnOnce(&mut HashMap<ProcessId, (String, OwnershipClaim)>) -> T,
    ) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::testing::candidate;
    use crate::session::registry::observation::SESSION_FILE;

    #[test]
    fn several_may_hold_one_session_and_each_holds_one() {
        let [a, b] = [1, 2].map(|pid| candidate(pid).process.id);
        let seen = |id: &str, from: &str| Sighting {
            session_id: Some(id.to_owned()),
            id_from: from.to_owned(),
            ..Sighting::of_nothing_but(&candidate(1), crate::claude::testing::time(0))
        };
        let holders = Holders::default();
        holders.note(a, Some(&seen("one", SESSION_FILE)));
        holders.note(a, Some(&seen("two", SESSION_FILE)));
        assert_eq!(holders.of_others("one", b), None);
        for _ in 0..2 {
            // Whoever was looked at last makes no difference.
            holders.note(b, Some(&seen("two", "its arguments name it")));
            holders.note(a, Some(&seen("two", SESSION_FILE)));
            assert_eq!(holders.of_others("two", a), Some(OwnershipClaim::Likely));
            assert_eq!(holders.of_others("two", b), Some(OwnershipClaim::ByFile));
            holders.note(b, Some(&seen("two", "its arguments name it")));
            assert_eq!(holders.of_others("two", b), Some(OwnershipClaim::ByFile));
        }
        holders.forget(a);
        assert_eq!(holders.of_others("two", b), None);
        holders.note(b, None);
        assert_eq!(holders.of_others("two", a), None);
    }
}
