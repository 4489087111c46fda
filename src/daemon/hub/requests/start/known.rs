//! What the hub knows of sessions that are about to begin, and of those that ran before.

use super::names::Reservations;
use crate::daemon::blocking::pending::{self, PendingCall};
use crate::daemon::home::record::SessionRecord;
use crate::daemon::home::unseen::RememberedSessions;
use crate::daemon::hub::event::HubEvent;
use crate::session::key::SessionKey;
use crate::session::shared::Text;
use std::collections::{BTreeMap, BTreeSet};

/// What is to be written for the next vmuxd, if anything is: which sessions are unseen, which ran.
pub type Bequest = (Option<RememberedSessions>, Option<SessionRecord>);

/// All of it.
#[derive(Default)]
pub struct Starts {
    /// Names of sessions that are about to begin.
    pub reservations: Reservations,
    /// What ran before, and its file.
    pub record: SavedRecord,
}

impl Starts {
    /// Waits for a read or a write of the record to complete; for ever if none is under way. Cancel safe.
    pub async fn next(&mut self) -> HubEvent {
        let record = &mut self.record;
        tokio::select! {
            read = pending::completed(&mut record.reading) => HubEvent::RecordRead(read),
            written = pending::completed(&mut record.writing) => HubEvent::RecordWritten(written),
        }
    }
}

/// The record, and what is on its way to or from the disk.
#[derive(Default)]
pub struct SavedRecord {
    /// The record.
    pub record: SessionRecord,
    /// The sessions that run, by process, as the record has them.
    pub running: BTreeMap<SessionKey, Text>,
    /// The file is being read.
    pub reading: Option<PendingCall<SessionRecord>>,
    /// The file is being written.
    pub writing: Option<PendingCall<Result<(), String>>>,
    /// The sessions that have changed since the record was last updated.
    pub outdated: BTreeSet<SessionKey>,
    /// Whether the record has changed since the last write began.
    pub is_unsaved: bool,
}
