//! Which process owns which session id: written by the loop, read by the threads that inspect other
//! processes.

use crate::claude::ownership::claim::OwnershipClaim;
use crate::session::process::ProcessId;
use crate::session::registry::observation::Observation;
use crate::session::shared::Text;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The session id of each process, and how sure that is. Two processes may claim the same id. Clones
/// share one table.
#[derive(Debug, Clone, Default)]
pub struct SessionOwners(Arc<Mutex<Table>>);

/// Both directions, so that no question goes through all sessions.
#[derive(Debug, Default)]
struct Table {
    sessions: HashMap<ProcessId, Text>,
    /// Who claims each session id; nearly always one process.
    owners: HashMap<Text, Vec<(ProcessId, OwnershipClaim)>>,
}

impl SessionOwners {
    /// From now on `process` owns the session that was seen, and no other.
    pub fn set(&self, process: ProcessId, seen: Option<&Observation>) {
        let Some((id, seen)) = seen.and_then(|it| Some((it.session_id.as_ref()?, it))) else {
            return self.forget(process);
        };
        let claim = if seen.is_id_from_session_file() {
            OwnershipClaim::ByFile
        } else {
            OwnershipClaim::Likely
        };
        self.with(|table| {
            if table.sessions.get(&process) != Some(id) {
                table.forget(process);
                table.sessions.insert(process, id.clone());
                let owners = table.owners.entry(id.clone());
                owners.or_insert_with(|| Vec::with_capacity(1)).push((process, claim));
            } else if let Some((_, known)) = table.owned(id).find(|it| it.0 == process) {
                *known = claim;
            }
        });
    }

    /// `process` owns no session any more.
    pub fn forget(&self, process: ProcessId) {
        self.with(|table| table.forget(process));
    }

    /// The best claim to `id` of any other process than `process`.
    pub fn claim_of_others(&self, id: &str, process: ProcessId) -> Option<OwnershipClaim> {
        self.with(|table| {
            table.owned(id).filter(|it| it.0 != process).map(|(_, claim)| *claim).max()
        })
    }

    /// The session that `process` owns.
    pub fn session_of(&self, process: ProcessId) -> Option<Text> {
        self.with(|table| table.sessions.get(&process).cloned())
    }

    /// The process that owns `id`: of several the one with the best claim, and of those the first.
    pub fn owner_of(&self, id: &str) -> Option<ProcessId> {
        self.with(|table| {
            let best = table.owned(id).max_by_key(|it| (it.1, std::cmp::Reverse(it.0)));
            best.map(|(owner, _)| *owner)
        })
    }

    /// No panic can leave the table inconsistent in a way that matters: the next observation of each
    /// process sets it right. So a poisoned lock is used like any other.
    fn with<T>(&self, act: impl FnOnce(&mut Table) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Table {
    fn owned(&mut self, id: &str) -> impl Iterator<Item = &mut (ProcessId, OwnershipClaim)> {
        self.owners.get_mut(id).into_iter().flatten()
    }

    fn forget(&mut self, process: ProcessId) {
        let Some(id) = self.sessions.remove(&process) else { return };
        if let Some(owners) = self.owners.get_mut(&id) {
            owners.retain(|it| it.0 != process);
            if owners.is_empty() {
                self.owners.remove(&id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::testing::candidate;
    use crate::session::registry::observation::SESSION_FILE;

    #[test]
    fn several_may_own_one_session_and_each_owns_one() {
        let [a, b] = [1, 2].map(|pid| candidate(pid).process.id);
        let seen = |id: &str, from: &str| Observation {
            session_id: Some(id.into()),
            id_from: from.into(),
            ..Observation::of_nothing_but(&candidate(1), crate::claude::testing::time(0))
        };
        let owners = SessionOwners::default();
        owners.set(a, Some(&seen("one", SESSION_FILE)));
        owners.set(a, Some(&seen("two", SESSION_FILE)));
        assert_eq!(owners.claim_of_others("one", b), None);
        for _ in 0..2 {
            // The order of inspections makes no difference.
            owners.set(b, Some(&seen("two", "its arguments name it")));
            owners.set(a, Some(&seen("two", SESSION_FILE)));
            assert_eq!(owners.claim_of_others("two", a), Some(OwnershipClaim::Likely));
            assert_eq!(owners.claim_of_others("two", b), Some(OwnershipClaim::ByFile));
            owners.set(b, Some(&seen("two", "its arguments name it")));
            assert_eq!(owners.claim_of_others("two", b), Some(OwnershipClaim::ByFile));
        }
        assert_eq!(owners.owner_of("two"), Some(a));
        assert_eq!(owners.owner_of("three"), None);
        assert_eq!(owners.session_of(b).as_deref(), Some("two"));
        owners.forget(a);
        assert_eq!(owners.claim_of_others("two", b), None);
        owners.set(b, None);
        assert_eq!(owners.claim_of_others("two", a), None);
    }
}
