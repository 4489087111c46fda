//! Sessions of other hosts. Their vmuxd owns them: what it tells of them is kept as it is, until it
//! says otherwise or its host is out of reach.

use super::Registry;
use super::change::Change;
use super::describe::change_between;
use crate::session::Timestamp;
use crate::session::info::SessionInfo;
use crate::session::key::{HostName, SessionKey};
use crate::session::process::ProcessId;
use crate::session::state::{Confidence, StateName};
use chrono::TimeDelta;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// The sessions of other hosts, by key.
pub(super) type FarSessions = BTreeMap<SessionKey, Box<SessionInfo>>;

impl Registry {
    /// Whether there are sessions of other hosts.
    pub fn has_far(&self) -> bool {
        !self.far.is_empty()
    }

    /// How many sessions of this host there are.
    pub fn count_of(&self, host: HostName) -> usize {
        self.far.range(keys_of(host)).count()
    }

    /// Takes a session of another host, as its vmuxd tells it.
    pub fn set_far(&mut self, info: Box<SessionInfo>) -> Option<Change> {
        let before = self.far.get(&info.key());
        let change = change_between(before.map(|it| &**it), &info);
        if change.is_some() {
            self.far.insert(info.key(), info);
        }
        change
    }

    /// Removes a session of another host.
    pub fn remove_far(&mut self, key: SessionKey) -> Option<Change> {
        let info = self.far.remove(&key)?;
        Some(Change::Gone { key, session_id: info.session_id })
    }

    /// Removes all sessions of a host.
    pub fn remove_host(&mut self, host: HostName) -> Vec<Change> {
        let keys: Vec<SessionKey> = self.far.range(keys_of(host)).map(|(key, _)| *key).collect();
        keys.into_iter().filter_map(|key| self.remove_far(key)).collect()
    }

    /// The host is out of reach since then: what its sessions do cannot be known, and none counts as
    /// waiting.
    pub fn mark_stale(&mut self, host: HostName, since: Timestamp) -> Vec<Change> {
        self.edit_host(host, |info| {
            if info.stale_since.is_some() {
                return;
            }
            info.stale_since = Some(since);
            info.state = StateName::Unknown;
            info.confidence = Confidence::Certain;
            info.since = since;
            info.reason = None;
            info.detail = None;
            info.waiting_since = None;
            info.stalled_since = None;
            info.unseen = false;
            info.details.failure = None;
        })
    }

    /// The clock of the host was found to be `by` further behind this one than was known: moves all
    /// times of its sessions.
    pub fn shift_host(&mut self, host: HostName, by: TimeDelta) -> Vec<Change> {
        self.edit_host(host, |info| info.shift(by))
    }

    /// Changes a session of another host, after its vmuxd has done so.
    pub fn edit_far(
        &mut self,
        key: SessionKey,
        edit: impl FnOnce(&mut SessionInfo),
    ) -> Option<Change> {
        let info = self.far.get_mut(&key)?;
        let before = info.clone();
        edit(info);
        change_between(Some(&before), info)
    }

    fn edit_host(&mut self, host: HostName, edit: impl Fn(&mut SessionInfo)) -> Vec<Change> {
        let sessions = self.far.range_mut(keys_of(host));
        let change = |(_, info): (&SessionKey, &mut Box<SessionInfo>)| {
            let before = info.clone();
            edit(info);
            change_between(Some(&before), info)
        };
        sessions.filter_map(change).collect()
    }
}

fn keys_of(host: HostName) -> RangeInclusive<SessionKey> {
    let key = |pid, start| SessionKey { host: Some(host), process: ProcessId { pid, start } };
    key(0, 0)..=key(u32::MAX, u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::info::sample;
    use crate::session::query::order::waits;

    fn far(host: &str, pid: u32) -> Box<SessionInfo> {
        let host = Some(HostName::new(host).unwrap());
        Box::new(SessionInfo { host, ..sample(pid, StateName::NeedsInput, 5) })
    }

    #[test]
    fn what_is_out_of_reach_does_not_wait_and_waits_again_when_it_is_told() {
        let mut registry = Registry::default();
        let (a, b) = (HostName::new("a").unwrap(), HostName::new("b").unwrap());
        assert!(registry.set_far(far("a", 1)).is_some());
        assert!(registry.set_far(far("a", 1)).is_none(), "nothing has changed");
        registry.set_far(far("b", 1));
        assert_eq!((registry.count_of(a), registry.sessions().count()), (1, 2));
        let since = far("a", 1).since;
        assert_eq!(registry.mark_stale(a, since).len(), 1);
        assert!(registry.mark_stale(a, since + TimeDelta::seconds(1)).is_empty());
        let shown = registry.get(far("a", 1).key()).unwrap();
        assert!(!waits(shown) && shown.stale_since == Some(since));
        assert!(waits(registry.get(far("b", 1).key()).unwrap()), "another host");
        registry.set_far(far("a", 1));
        assert!(waits(registry.get(far("a", 1).key()).unwrap()));
        assert_eq!(registry.remove_host(b).len(), 1);
        assert_eq!(registry.count_of(b), 0);
    }

    #[test]
    fn all_times_move_with_the_clock_of_the_host() {
        let mut registry = Registry::default();
        registry.set_far(far("a", 1));
        let before = far("a", 1);
        registry.shift_host(before.host.unwrap(), TimeDelta::minutes(10));
        let after = registry.get(before.key()).unwrap();
        assert_eq!(after.waiting_since, before.waiting_since.map(|it| it + TimeDelta::minutes(10)));
        assert_eq!(after.since - before.since, TimeDelta::minutes(10));
    }
}
