//! The sessions of one host, as its event stream tells them: what is new, what has ended, never more than
//! a bound. Pure.

use super::untrusted;
use crate::protocol::event::Event;
use crate::protocol::relay::SyncMark;
use crate::session::info::SessionInfo;
use crate::session::key::{HostName, SessionKey};
use crate::session::process::ProcessId;
use crate::session::registry::change::Change;
use chrono::TimeDelta;
use std::collections::{BTreeMap, BTreeSet};

/// The most sessions of one host. More are not shown.
pub const MAX_SESSIONS: usize = 2000;

/// A change of a session of another host, clean and in the time of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FarChange {
    /// It is new, or has changed.
    Session(Box<SessionInfo>),
    /// It has ended.
    Gone(SessionKey),
}

/// What is known of the sessions of one host.
#[derive(Debug)]
pub struct Intake {
    host: HostName,
    known: BTreeSet<ProcessId>,
    /// Those told since a full state began, while it is not complete.
    told: Option<BTreeSet<ProcessId>>,
    /// What is to be passed on; of several changes of one session the last.
    changes: BTreeMap<ProcessId, Option<Box<SessionInfo>>>,
    /// Whether there were more than [`MAX_SESSIONS`].
    is_full: bool,
}

impl Intake {
    /// Nothing is known yet.
    pub fn new(host: HostName) -> Intake {
        Intake {
            host,
            known: BTreeSet::new(),
            told: None,
            changes: BTreeMap::new(),
            is_full: false,
        }
    }

    /// Takes an event of the far side, whose times are `behind` too late here.
    pub fn take(&mut self, event: Event, behind: TimeDelta) {
        match event.change {
            Change::Session { session } => {
                let Some(info) = untrusted::session(*session, self.host, behind) else { return };
                let process = info.key().process;
                if !self.known.contains(&process) && self.known.len() >= MAX_SESSIONS {
                    self.is_full = true;
                    return;
                }
                self.known.insert(process);
                if let Some(told) = &mut self.told {
                    told.insert(process);
                }
                self.changes.insert(process, Some(info));
            }
            Change::Gone { key, .. } if key.host.is_none() => self.end(key.process),
            _ => {}
        }
    }

    /// A full state begins, or is complete: then those that were not told have ended.
    pub fn sync(&mut self, mark: SyncMark) {
        match mark {
            SyncMark::Begin => {
                self.told = Some(BTreeSet::new());
                self.is_full = false;
            }
            SyncMark::End => {
                let Some(told) = self.told.take() else { return };
                for process in self.known.difference(&told).copied().collect::<Vec<_>>() {
                    self.end(process);
                }
            }
        }
    }

    /// The host has been out of reach for too long: none of its sessions is known any more.
    pub fn forget(&mut self) {
        for process in self.known.clone() {
            self.end(process);
        }
    }

    fn end(&mut self, process: ProcessId) {
        if self.known.remove(&process) {
            self.changes.insert(process, None);
        }
    }

    /// Whether a session is known.
    pub fn knows_any(&self) -> bool {
        !self.known.is_empty()
    }

    /// Whether there are more than are shown.
    pub fn is_full(&self) -> bool {
        self.is_full
    }

    /// The changes since the last call.
    pub fn take_changes(&mut self) -> Vec<FarChange> {
        let host = Some(self.host);
        let change = |(process, info)| match info {
            Some(info) => FarChange::Session(info),
            None => FarChange::Gone(SessionKey { host, process }),
        };
        std::mem::take(&mut self.changes).into_iter().map(change).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::info::sample;
    use crate::session::state::StateName;

    fn told(pid: u32) -> Event {
        let session = Box::new(sample(pid, StateName::Idle, 1));
        Event { seq: 0, change: Change::Session { session } }
    }

    fn intake() -> Intake {
        Intake::new(HostName::new("gpu").unwrap())
    }

    /// `+1` for a session, `-1` for one that has ended.
    fn changes(intake: &mut Intake) -> Vec<String> {
        let name = |change| match change {
            FarChange::Session(info) => format!("+{}", info.pid),
            FarChange::Gone(key) => format!("-{}", key.process.pid),
        };
        intake.take_changes().into_iter().map(name).collect()
    }

    #[test]
    fn what_a_full_state_does_not_tell_has_ended() {
        let mut intake = intake();
        for pid in [1, 2] {
            intake.take(told(pid), TimeDelta::zero());
        }
        assert_eq!(changes(&mut intake), ["+1", "+2"]);
        intake.sync(SyncMark::Begin);
        intake.take(told(2), TimeDelta::zero());
        intake.take(told(3), TimeDelta::zero());
        assert_eq!(changes(&mut intake), ["+2", "+3"]);
        intake.sync(SyncMark::End);
        assert_eq!(changes(&mut intake), ["-1"]);
        intake.sync(SyncMark::End);
        intake.forget();
        assert_eq!(changes(&mut intake), ["-2", "-3"]);
        assert!(!intake.knows_any());
    }

    #[test]
    fn a_million_sessions_cost_as_much_as_the_bound() {
        let mut intake = intake();
        for pid in 1..=3 * MAX_SESSIONS as u32 {
            intake.take(told(pid), TimeDelta::zero());
        }
        assert!(intake.is_full());
        assert_eq!(intake.take_changes().len(), MAX_SESSIONS);
        // One that has ended makes room.
        let key = SessionKey::local(1, 0);
        intake.take(
            Event { seq: 0, change: Change::Gone { key, session_id: None } },
            TimeDelta::zero(),
        );
        intake.take(told(999_999), TimeDelta::zero());
        assert_eq!(changes(&mut intake), ["-1", "+999999"]);
    }

    #[test]
    fn a_host_cannot_end_the_sessions_of_others() {
        let mut intake = intake();
        intake.take(told(1), TimeDelta::zero());
        intake.take_changes();
        let key = SessionKey { host: HostName::new("x").ok(), ..SessionKey::local(1, 0) };
        for key in [key, SessionKey::local(7, 7)] {
            let change = Change::Gone { key, session_id: None };
            intake.take(Event { seq: 0, change }, TimeDelta::zero());
        }
        assert!(intake.take_changes().is_empty());
    }
}
