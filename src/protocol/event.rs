//! What a subscriber is told: the full state first, then every change.

pub use crate::session::registry::change::Change;

use crate::session::info::SessionInfo;
use serde::{Deserialize, Serialize};

/// One line of the event stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Counts the changes of this vmuxd: the first line says where it stands, each later change is
    /// one more than the one before. `closed` is no change and counts nothing.
    pub seq: u64,
    /// What happened.
    #[serde(flatten)]
    pub change: Change,
}

/// The [`Event`] that begins a stream, of sessions that need not be copied for it.
#[derive(Debug, Serialize)]
pub struct Beginning<'a> {
    seq: u64,
    event: &'static str,
    sessions: Vec<&'a SessionInfo>,
}

impl<'a> Beginning<'a> {
    /// The full state after `seq` changes.
    pub fn new(seq: u64, sessions: impl Iterator<Item = &'a SessionInfo>) -> Beginning<'a> {
        Beginning { seq, event: "state", sessions: sessions.collect() }
    }
}

/// A client's copy of the sessions, kept by one rule for all clients: [`Mirror::apply`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mirror {
    /// The sessions, ordered by process.
    pub sessions: Vec<SessionInfo>,
    /// The last change that was applied.
    pub seq: u64,
}

impl Mirror {
    /// Bring the copy up to date with one line of the stream.
    pub fn apply(&mut self, event: Event) {
        self.seq = event.seq;
        match event.change {
            Change::State { sessions } => {
                self.sessions = sessions;
                self.sessions.sort_by_key(SessionInfo::key);
            }
            Change::Session { session } => {
                match self.sessions.binary_search_by_key(&session.key(), |it| it.key()) {
                    Ok(index) => self.sessions[index] = *session,
                    Err(index) => self.sessions.insert(index, *session),
                }
            }
            Change::Gone { key, .. } => self.sessions.retain(|it| it.key() != key),
            Change::Closed { .. } | Change::Unknown => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::frame::encode;
    use crate::session::info::sample;
    use crate::session::state::StateName;

    #[test]
    fn a_beginning_without_copies_is_the_same_event() {
        let sessions = vec![sample(1, StateName::Idle, 1), sample(2, StateName::Working, 2)];
        let beginning = encode(&Beginning::new(7, sessions.iter()));
        assert_eq!(beginning, encode(&Event { seq: 7, change: Change::State { sessions } }));
    }
}
