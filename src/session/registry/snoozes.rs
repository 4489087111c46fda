//! Which sessions the user has set aside.

use super::Registry;
use super::change::Change;
use crate::session::Timestamp;
use crate::session::info::SessionInfo;
use crate::session::key::SessionKey;
use crate::session::state::snooze::Snooze;
use std::collections::BTreeMap;

/// The snoozes that are not over.
#[derive(Debug, Clone, Default)]
pub(super) struct Snoozes(BTreeMap<SessionKey, Snooze>);

impl Snoozes {
    /// Sets a session aside, or ends that.
    pub fn set(&mut self, key: SessionKey, snooze: Option<Snooze>) {
        match snooze.filter(Snooze::is_bounded) {
            Some(snooze) => self.0.insert(key, snooze),
            None => self.0.remove(&key),
        };
    }

    /// Marks `info` as set aside or not. A snooze ends here if it was about another state.
    pub fn mark(&mut self, info: &mut SessionInfo) {
        let key = info.key();
        info.snoozed = self.0.get(&key).copied().filter(|it| it.applies_to(info.state, info.since));
        if info.snoozed.is_none() {
            self.0.remove(&key);
        }
    }

    /// When the next snooze ends that has a time.
    pub fn due(&self) -> Option<Timestamp> {
        self.0.values().filter_map(|it| it.until).min()
    }

    /// Ends the snoozes whose time is over. Returns whose they were.
    pub fn end_elapsed(&mut self, now: Timestamp) -> Vec<SessionKey> {
        let over = self.0.iter().filter(|(_, it)| it.has_elapsed(now));
        let over: Vec<SessionKey> = over.map(|(key, _)| *key).collect();
        self.0.retain(|_, it| !it.has_elapsed(now));
        over
    }
}

impl Registry {
    /// Sets a session aside, or ends that. `None`: nothing has changed.
    pub fn snooze(&mut self, key: SessionKey, snooze: Option<Snooze>) -> Option<Change> {
        self.snoozes.set(key, snooze);
        self.edit(key, |_| {})
    }
}
