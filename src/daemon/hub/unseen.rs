//! Which sessions are unseen or set aside, kept on disk for the next vmuxd.

use super::Hub;
use super::event::HubEvent;
use super::problems::ProblemSource;
use crate::daemon::blocking::pending;
use crate::daemon::blocking::pending::PendingCall;
use crate::daemon::clock::Now;
use crate::daemon::home::unseen::{self, RememberedSessions, remembered_sessions};
use crate::session::registry::change::Change;

/// What is on disk, or on its way there.
#[derive(Default)]
pub struct SavedUnseen {
    sessions: RememberedSessions,
    /// The file is being read.
    reading: Option<PendingCall<RememberedSessions>>,
    /// The file is being written.
    writing: Option<PendingCall<Result<(), String>>>,
    /// Whether the sessions have changed since the last write began.
    is_outdated: bool,
}

impl SavedUnseen {
    /// Waits for a read or a write to complete; for ever if none is under way. Cancel safe.
    pub async fn next(&mut self) -> HubEvent {
        tokio::select! {
            read = pending::completed(&mut self.reading) => HubEvent::UnseenRead(read),
            written = pending::completed(&mut self.writing) => HubEvent::UnseenWritten(written),
        }
    }
}

impl Hub {
    /// Reads which sessions were unseen when the last vmuxd ended.
    pub(super) fn read_unseen(&mut self, now: Now) {
        let path = self.options.paths.unseen();
        let read = self.pool.call(move || unseen::read(&path));
        self.unseen.reading = Some(PendingCall::of(now.monotonic, read));
    }

    /// They were read.
    pub(super) fn take_unseen(&mut self, read: Option<RememberedSessions>, now: Now) {
        let Some(read) = read else { return };
        self.unseen.sessions = read.clone();
        for change in self.registry.remember(read) {
            self.publish(Some(change));
        }
        if self.ready.is_none() {
            self.forget_remembered();
        }
        self.save_unseen(now);
    }

    /// The first scan is complete: what was remembered of sessions that are not there is of no use.
    pub(super) fn forget_remembered(&mut self) {
        if self.unseen.reading.is_none() {
            self.registry.forget_remembered();
        }
    }

    /// A change may have changed which sessions are unseen.
    pub(super) fn note_unseen(&mut self, change: &Change) {
        let (key, remembered) = match change {
            Change::Session { session } => (session.key(), unseen::remembered(session, false)),
            Change::Gone { key, .. } => (*key, None),
            _ => return,
        };
        self.unseen.is_outdated |= self.unseen.sessions.get(&key) != remembered.as_ref();
    }

    /// Writes which sessions are unseen, if that has changed. Not before it is known which were: they
    /// would be lost.
    pub(super) fn save_unseen(&mut self, now: Now) {
        let saved = &mut self.unseen;
        if !saved.is_outdated || saved.writing.is_some() || saved.reading.is_some() {
            return;
        }
        saved.is_outdated = false;
        let sessions = remembered_sessions(self.registry.sessions(), false);
        saved.sessions = sessions.clone();
        let (path, home) = (self.options.paths.unseen(), self.presence.home.clone());
        let written = self.pool.call(move || unseen::write(&path, &sessions, &home));
        saved.writing = Some(PendingCall::of(now.monotonic, written));
    }

    /// They were written, or could not be.
    pub(super) fn take_unseen_written(&mut self, written: Option<Result<(), String>>) {
        let problem = written.and_then(Result::err);
        self.problems.set(ProblemSource::Unseen, problem);
    }

    /// What the next vmuxd is to remember: the sessions that are unseen, and those that are busy.
    /// `None`: it is on disk already.
    pub(super) fn unseen_at_end(&self) -> Option<RememberedSessions> {
        let sessions = remembered_sessions(self.registry.sessions(), true);
        (sessions != self.unseen.sessions).then_some(sessions)
    }
}
