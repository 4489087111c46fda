//! Which sessions have worked for so long without a sign of life that the user wants to know.

use super::Registry;
use super::change::Change;
use crate::session::Timestamp;
use crate::session::info::SessionInfo;
use crate::session::key::SessionKey;
use crate::session::state::StateName;
use chrono::TimeDelta;
use std::collections::BTreeMap;

/// The sessions that work.
#[derive(Debug, Clone, Default)]
pub(super) struct Stalls {
    /// How long a session may be silent; `None`: for ever.
    limit: Option<TimeDelta>,
    working: BTreeMap<SessionKey, WorkingSession>,
}

#[derive(Debug, Clone, Copy)]
struct WorkingSession {
    /// Its last sign of life.
    sign: Timestamp,
    /// Whether it is marked as stalled.
    is_marked: bool,
}

impl Stalls {
    /// Sets how long a session may be silent. No session counts as marked then.
    pub fn set_limit(&mut self, limit: Option<TimeDelta>) {
        self.limit = limit;
        self.working.values_mut().for_each(|it| it.is_marked = false);
    }

    /// A session was seen, and wrote something at `written_at`. Marks it if it has stalled.
    pub fn note(&mut self, info: &mut SessionInfo, written_at: Option<Timestamp>, now: Timestamp) {
        let key = info.key();
        if info.state != StateName::Working || info.suspended {
            self.working.remove(&key);
            return;
        }
        let sign = written_at.map_or(info.since, |it| it.max(info.since));
        let is_marked = self.limit.is_some_and(|limit| sign + limit <= now);
        info.stalled_since = is_marked.then_some(sign);
        self.working.insert(key, WorkingSession { sign, is_marked });
    }

    /// A session has ended.
    pub fn forget(&mut self, key: SessionKey) {
        self.working.remove(&key);
    }

    /// When the next session has stalled, if nothing happens.
    pub fn due(&self) -> Option<Timestamp> {
        let limit = self.limit?;
        let silent = self.working.values().filter(|it| !it.is_marked).map(|it| it.sign);
        Some(silent.min()? + limit)
    }

    /// The sessions that have stalled since the last call, and their last signs of life.
    pub fn take_stalled(&mut self, now: Timestamp) -> Vec<(SessionKey, Timestamp)> {
        let Some(limit) = self.limit else { return Vec::new() };
        let is_over = |it: &WorkingSession| !it.is_marked && it.sign + limit <= now;
        let over = self.working.iter_mut().filter(|(_, it)| is_over(it));
        over.map(|(key, it)| {
            it.is_marked = true;
            (*key, it.sign)
        })
        .collect()
    }
}

impl Registry {
    /// Sets how long a session may work without a sign of life before it is marked as stalled; `None`:
    /// for ever. [`Registry::tick`] marks those that have stalled by then.
    pub fn set_stalled_after(&mut self, limit: Option<TimeDelta>) -> Vec<Change> {
        self.stalls.set_limit(limit);
        let marked = self.sessions().filter(|it| it.stalled_since.is_some());
        let marked: Vec<SessionKey> = marked.map(SessionInfo::key).collect();
        let unmark = |key| self.edit(key, |info| info.stalled_since = None);
        marked.into_iter().filter_map(unmark).collect()
    }
}
