//! What the last vmuxd leaves behind: which sessions had finished unseen, or were busy, when it ended.

use super::describe::can_be_looked_at;
use crate::session::info::SessionInfo;
use crate::session::key::SessionKey;
use crate::session::state::StateName;
use std::collections::BTreeMap;

/// Sessions and their ids: those that are found idle are unseen.
#[derive(Debug, Clone, Default)]
pub(super) struct Remembered(pub BTreeMap<SessionKey, String>);

impl Remembered {
    /// Whether this session finished while no vmuxd ran, or before the last one ended. True once, as
    /// soon as it is known which session it is and what it does.
    pub fn recall(&mut self, info: &SessionInfo, is_focused: bool) -> bool {
        let Some(id) = info.session_id.as_ref().filter(|_| info.state != StateName::Unknown) else {
            return false;
        };
        let is_same = self.0.remove(&info.key()).is_some_and(|remembered| remembered == *id);
        is_same && info.state == StateName::Idle && !is_focused && can_be_looked_at(info)
    }
}
