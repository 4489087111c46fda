//! What runs and what ran before, kept on disk for `vmux restore`.

use crate::daemon::blocking::pending::PendingCall;
use crate::daemon::clock::Now;
use crate::daemon::home::record::{self, SessionRecord};
use crate::daemon::hub::Hub;
use crate::daemon::hub::problems::ProblemSource;
use crate::protocol::response::Response;
use crate::session::Timestamp;
use crate::session::info::SessionInfo;
use crate::session::registry::change::Change;

impl Hub {
    /// Reads what ran before.
    pub(in crate::daemon::hub) fn read_record(&mut self, now: Now) {
        let path = self.options.paths.record();
        let read = self.pool.call(move || record::read(&path));
        self.starts.record.reading = Some(PendingCall::of(now.monotonic, read));
    }

    /// It was read.
    pub(in crate::daemon::hub) fn take_record(&mut self, read: Option<SessionRecord>) {
        self.starts.record.record = read.unwrap_or_default();
        let own = self.registry.sessions().filter(|it| it.host.is_none());
        self.starts.record.outdated.extend(own.map(SessionInfo::key));
    }

    /// A change of the sessions.
    pub(in crate::daemon::hub) fn note_record(&mut self, change: &Change) {
        let key = match change {
            Change::Session { session } => session.key(),
            Change::Gone { key, .. } => *key,
            _ => return,
        };
        self.starts.record.outdated.extend(Some(key).filter(|it| it.host.is_none()));
    }

    /// Takes the sessions that have changed into the record.
    fn update_record(&mut self, now: Timestamp) {
        let saved = &mut self.starts.record;
        let outdated = std::mem::take(&mut saved.outdated);
        let changed = outdated.iter().map(|key| (*key, self.registry.get(*key)));
        saved.is_unsaved |= saved.record.update(&mut saved.running, changed, now);
    }

    /// Writes the record, if it has changed. Not before the old one was read and all sessions were seen:
    /// what was lost would be forgotten.
    pub(in crate::daemon::hub) fn save_record(&mut self, now: Now) {
        if self.starts.record.reading.is_some() || self.ready.is_some() {
            return;
        }
        self.update_record(now.wall);
        let saved = &mut self.starts.record;
        if !saved.is_unsaved || saved.writing.is_some() {
            return;
        }
        saved.is_unsaved = false;
        let record = saved.record.clone();
        let (path, home) = (self.options.paths.record(), self.presence.home.clone());
        let written = self.pool.call(move || record::write(&path, &record, &home));
        saved.writing = Some(PendingCall::of(now.monotonic, written));
    }

    /// It was written, or could not be.
    pub(in crate::daemon::hub) fn take_record_written(
        &mut self,
        written: Option<Result<(), String>>,
    ) {
        self.problems.set(ProblemSource::Record, written.and_then(Result::err));
    }

    /// What the next vmuxd is to know; none if the old record was never read.
    pub(in crate::daemon::hub) fn record_at_end(&mut self, now: Now) -> Option<SessionRecord> {
        if self.starts.record.reading.is_some() || self.ready.is_some() {
            return None;
        }
        self.update_record(now.wall);
        Some(SessionRecord { until: Some(now.wall), ..self.starts.record.record.clone() })
    }

    /// The user has asked this session to end: it is not cut off.
    pub(in crate::daemon::hub) fn note_end(&mut self, session_id: Option<&str>, now: Timestamp) {
        session_id.into_iter().for_each(|id| self.starts.record.record.note_end(id, now));
    }

    /// The reply to `past`.
    pub(in crate::daemon::hub::requests) fn past(&mut self, now: Now) -> Response {
        self.update_record(now.wall);
        let runs = |id: &str| {
            let is_it =
                |it: &SessionInfo| it.host.is_none() && it.session_id.as_deref() == Some(id);
            self.registry.sessions().any(is_it)
        };
        Response { past: Some(self.starts.record.record.past(runs)), ..Response::done() }
    }
}
