//! What the last vmuxd leaves behind: which sessions had finished unseen, or were busy, when it ended, and
//! which the user had set aside.

use super::Registry;
use super::change::Change;
use super::describe::can_be_looked_at;
use crate::session::info::SessionInfo;
use crate::session::key::SessionKey;
use crate::session::shared::Text;
use crate::session::state::StateName;
use crate::session::state::snooze::Snooze;
use std::collections::BTreeMap;

/// What is remembered of one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RememberedSession {
    /// Its session id: a process with another one is not the same session any more.
    pub session_id: Text,
    /// Whether it is unseen if it is found idle.
    pub is_unseen: bool,
    /// How long the user has set it aside.
    pub snooze: Option<Snooze>,
}

/// What is remembered, by session.
#[derive(Debug, Clone, Default)]
pub(super) struct Remembered(pub BTreeMap<SessionKey, RememberedSession>);

impl Remembered {
    /// What is remembered of this session. Once, as soon as it is known which session it is and what it
    /// does.
    pub fn recall(&mut self, info: &SessionInfo) -> Option<RememberedSession> {
        let id = info.session_id.as_ref().filter(|_| info.state != StateName::Unknown)?;
        self.0.remove(&info.key()).filter(|it| it.session_id == *id)
    }
}

impl RememberedSession {
    /// Whether this session finished while no vmuxd ran, or before the last one ended.
    pub fn has_finished(&self, info: &SessionInfo, is_focused: bool) -> bool {
        self.is_unseen && info.state == StateName::Idle && !is_focused && can_be_looked_at(info)
    }
}

impl Registry {
    /// Sessions that finished unseen, were busy or set aside when the last vmuxd ended, whether they
    /// are known already or seen later on.
    pub fn remember(&mut self, remembered: BTreeMap<SessionKey, RememberedSession>) -> Vec<Change> {
        self.remembered = Remembered(remembered);
        let Registry { entries, remembered, .. } = self;
        let known = entries.values().map(|it| &it.info);
        let recalled: Vec<_> =
            known.filter_map(|it| Some((it.key(), remembered.recall(it)?))).collect();
        let focused = self.focused;
        let mut changes = Vec::new();
        for (key, it) in recalled {
            self.snoozes.set(key, it.snooze);
            changes.extend(self.edit(key, |info| {
                info.unseen |= it.has_finished(info, focused == Some(key));
            }));
        }
        changes
    }

    /// The sessions that are not known by now have ended. Of those that are, it may not be known yet which
    /// they are and what they do (1.0.128: not before its screen was read).
    pub fn forget_remembered(&mut self) {
        let Registry { entries, remembered, .. } = self;
        remembered.0.retain(|key, _| entries.contains_key(key));
    }
}
