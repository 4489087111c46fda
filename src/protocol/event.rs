//! Events: what a subscriber gets. First the full state, then every change.

pub use crate::session::registry::change::Change;

use crate::session::info::SessionInfo;
use crate::session::state::host::{HostInfo, HostState};
use serde::{Deserialize, Serialize};

/// One line of the event stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Number of the change in this vmuxd. The first event carries the current number, and each later
    /// change adds one. `closed` is not a change and does not count.
    pub seq: u64,
    /// The change; its fields are beside `seq`.
    #[serde(flatten)]
    pub change: Change,
}

/// The first [`Event`] of a stream, serialised without copying the sessions.
#[derive(Debug, Serialize)]
pub struct StateEvent<'a> {
    seq: u64,
    event: &'static str,
    sessions: Vec<&'a SessionInfo>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hosts: Vec<HostInfo>,
}

impl<'a> StateEvent<'a> {
    /// The full state after `seq` changes.
    pub fn new(
        seq: u64,
        sessions: impl Iterator<Item = &'a SessionInfo>,
        hosts: Vec<HostInfo>,
    ) -> StateEvent<'a> {
        StateEvent { seq, event: "state", sessions: sessions.collect(), hosts }
    }
}

/// A client's copy of the sessions, which [`Mirror::apply`] keeps up to date.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mirror {
    /// The sessions, ordered by key.
    pub sessions: Vec<SessionInfo>,
    /// The other hosts, by name.
    pub hosts: Vec<HostInfo>,
    /// Number of the last event that was applied.
    pub seq: u64,
}

impl Mirror {
    /// Applies one event of the stream.
    pub fn apply(&mut self, event: Event) {
        self.seq = event.seq;
        match event.change {
            Change::State { sessions, hosts } => {
                self.sessions = sessions;
                self.sessions.sort_by_key(SessionInfo::key);
                self.hosts = hosts;
                self.hosts.sort_by_key(|it| it.name);
            }
            Change::Session { session } => {
                match self.sessions.binary_search_by_key(&session.key(), |it| it.key()) {
                    Ok(index) => self.sessions[index] = *session,
                    Err(index) => self.sessions.insert(index, *session),
                }
            }
            Change::Gone { key, .. } => self.sessions.retain(|it| it.key() != key),
            Change::Host { host } => {
                self.hosts.retain(|it| it.name != host.name);
                if host.state != HostState::Removed {
                    let at = self.hosts.partition_point(|it| it.name < host.name);
                    self.hosts.insert(at, *host);
                }
            }
            Change::Start { .. } | Change::Closed { .. } | Change::Unknown => {}
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
        let beginning = encode(&StateEvent::new(7, sessions.iter(), vec![]));
        assert_eq!(
            beginning,
            encode(&Event { seq: 7, change: Change::State { sessions, hosts: vec![] } })
        );
    }
}
