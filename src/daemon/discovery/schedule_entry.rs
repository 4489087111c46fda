//! One process that looks like a session: its inspector, and when to inspect it next.

use super::current_read::CurrentRead;
use super::screen_read::ScreenReads;
use crate::claude::inspector::Inspector;
use crate::claude::process::terminal_title::Title;
use crate::daemon::blocking::{ADD_WORKER_AFTER, STALLED_AFTER};
use crate::daemon::clock::Now;
use crate::session::Timestamp;
use crate::session::hook::HookReports;
use crate::session::process::Candidate;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The least time between two inspections of a session while its transcript grows, when the session
/// file names the state and the transcript only says what the session is about.
const CONTENT_INTERVAL: Duration = Duration::from_secs(1);

/// What is due within this time, and can wait, is done together.
pub const COALESCED_WITHIN: Duration = Duration::from_millis(250);

/// The same when the transcript decides the state.
const DECIDING_INTERVAL: Duration = Duration::from_millis(20);

/// How often a session is inspected of which all that matters is watched: a repository may have been
/// made around its directory, or a watch may have failed unnoticed.
const CHECKED_EVERY: Duration = Duration::from_secs(60);

/// Why a process is to be inspected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The state may have changed.
    State,
    /// The transcript or another log grew.
    Content,
}

/// What an entry is queued for.
#[derive(Debug, Clone, Copy, Default)]
pub struct QueuedAt {
    /// When it is due.
    pub due: Option<Instant>,
    /// When the inspection that runs was dispatched.
    pub dispatched: Option<Instant>,
}

/// One process that looks like a session.
pub struct ScheduleEntry {
    /// The process as the last scan found it.
    pub candidate: Arc<Candidate>,
    /// `None` while an inspection runs, which has it.
    pub inspector: Option<Box<Inspector>>,
    /// When the inspection that runs was dispatched.
    pub dispatched: Option<Instant>,
    /// What its thread reads.
    pub current_read: CurrentRead,
    /// Whether that inspection is taken to be lost on a hanging file system.
    pub is_stalled: bool,
    /// When the last inspection was dispatched.
    pub last_dispatched: Option<Instant>,
    /// When the next one is due because something changed.
    pub due: Option<Instant>,
    /// Whether nothing urgent is the cause of that.
    pub can_wait: bool,
    /// When time alone may change the state.
    pub recheck_at: Option<Timestamp>,
    /// What [`super::schedule::Schedule`] has queued it for.
    pub queued: QueuedAt,
    /// Whether a scan need not have it inspected ([`Observation::is_watched`]).
    ///
    /// [`Observation::is_watched`]: crate::session::registry::observation::Observation::is_watched
    pub is_watched: bool,
    /// Whether it was stopped when it was last inspected.
    pub is_suspended: bool,
    /// Whether the session file decides, and the transcript adds nothing urgent. While the session
    /// waits, the transcript is urgent: it says for what.
    pub is_decided_by_file: bool,
    /// The title of its terminal.
    pub title: Option<Title>,
    /// What its screen shows.
    pub screen: ScreenReads,
    /// What its hooks reported.
    pub hooks: HookReports,
}

impl ScheduleEntry {
    /// An entry that was not inspected yet, and is not due.
    pub fn new(candidate: &Arc<Candidate>) -> ScheduleEntry {
        ScheduleEntry {
            candidate: Arc::clone(candidate),
            inspector: Some(Box::new(Inspector::new(candidate.process.id))),
            dispatched: None,
            current_read: CurrentRead::default(),
            is_stalled: false,
            last_dispatched: None,
            due: None,
            can_wait: false,
            recheck_at: None,
            queued: QueuedAt::default(),
            is_watched: false,
            is_suspended: false,
            is_decided_by_file: false,
            title: None,
            screen: ScreenReads::default(),
            hooks: HookReports::default(),
        }
    }

    /// The same, due at `now`.
    pub fn due_at(candidate: &Arc<Candidate>, now: Instant) -> ScheduleEntry {
        ScheduleEntry { due: Some(now), ..ScheduleEntry::new(candidate) }
    }

    /// Something changed: an inspection is due soon.
    pub fn mark_dirty(&mut self, cause: Cause, now: Instant) {
        let (interval, can_wait) = match cause {
            Cause::State => (Duration::ZERO, false),
            Cause::Content if self.is_decided_by_file => (CONTENT_INTERVAL, true),
            Cause::Content => (DECIDING_INTERVAL, false),
        };
        self.can_wait = can_wait && (self.can_wait || self.due.is_none());
        let due = self.last_dispatched.map_or(now, |last| now.max(last + interval));
        self.due = Some(self.due.map_or(due, |before| before.min(due)));
    }

    /// Whether the inspection that runs has just turned out to hang. One that waits for a thread, which
    /// `may_begin`, or whose result waits for the loop, says nothing of the files it reads.
    pub fn check_read(&mut self, may_begin: bool, now: Instant) -> bool {
        let Some(dispatched) = self.dispatched.filter(|_| !self.is_stalled) else { return false };
        let (reads, since) = self.current_read.get();
        let answers = if since.is_some() { reads.is_none() } else { may_begin };
        let begun = since.unwrap_or(dispatched);
        if answers && now >= dispatched + ADD_WORKER_AFTER {
            self.dispatched = Some(now);
        } else if !answers {
            self.dispatched = Some(begun.max(dispatched));
            self.is_stalled = now >= begun + STALLED_AFTER;
        }
        self.is_stalled
    }

    /// Whether to inspect it after a scan although nothing was reported of it.
    pub fn is_to_be_checked(&self, now: Instant) -> bool {
        self.last_dispatched.is_none_or(|last| now - last >= CHECKED_EVERY)
    }

    /// When there is something to do: an inspection to dispatch, or one that runs to be checked.
    pub fn due(&self, now: Now) -> Option<Instant> {
        match self.dispatched {
            Some(_) if self.is_stalled => None,
            Some(then) if now.monotonic < then + ADD_WORKER_AFTER => Some(then + ADD_WORKER_AFTER),
            Some(then) => Some(then + STALLED_AFTER),
            None => {
                let recheck = self.recheck_at.map(|then| now.instant_of(then));
                self.due.into_iter().chain(recheck).min()
            }
        }
    }

    /// Whether to inspect it now.
    pub fn is_due(&self, now: Now) -> bool {
        self.due.is_some_and(|due| due <= now.monotonic)
            || self.recheck_at.is_some_and(|then| then <= now.wall)
    }

    /// Whether to inspect it as well now that others are: it is due soon, and it would wake the loop
    /// for what nobody waits for.
    pub fn may_come_early(&self, now: Now) -> bool {
        self.can_wait && self.due.is_some_and(|due| due <= now.monotonic + COALESCED_WITHIN)
    }

    /// Whether no inspection runs and none is due, and its screen is not being read. One that is due
    /// later can wait, so no request waits for it.
    pub fn is_settled(&self, now: Instant) -> bool {
        let is_inspected = self.dispatched.is_none() && self.due.is_none_or(|due| due > now);
        self.is_stalled || (is_inspected && !self.screen.is_awaited())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::testing::candidate;
    use crate::daemon::discovery::current_read::Resource;

    const SECOND: Duration = Duration::from_secs(1);

    fn dispatched(at: Instant) -> ScheduleEntry {
        ScheduleEntry { dispatched: Some(at), ..ScheduleEntry::new(&Arc::new(candidate(1))) }
    }

    #[test]
    fn a_read_that_does_not_come_back_is_told_once() {
        let at = Instant::now();
        let mut entry = dispatched(at);
        entry.current_read.set(Some(Resource::Process(1)), at + SECOND);
        assert!(!entry.check_read(true, at + 3 * SECOND), "it began a second later");
        assert_eq!(entry.dispatched, Some(at + SECOND));
        assert!(entry.check_read(true, at + 4 * SECOND) && entry.is_stalled);
        assert!(!entry.check_read(true, at + 5 * SECOND) && entry.is_stalled);
    }

    #[test]
    fn what_waits_says_nothing_of_its_files() {
        let at = Instant::now();
        let mut waits = dispatched(at);
        assert!(!waits.check_read(true, at + 9 * SECOND), "for a thread");
        assert_eq!(waits.dispatched, Some(at + 9 * SECOND));
        assert!(!waits.check_read(false, at + 11 * SECOND));
        assert!(waits.check_read(false, at + 12 * SECOND), "no thread takes anything");
        let mut done = dispatched(at);
        done.current_read.set(Some(Resource::Process(1)), at);
        done.current_read.set(None, at);
        assert!(!done.check_read(true, at + 9 * SECOND), "its result waits for the loop");
    }
}
