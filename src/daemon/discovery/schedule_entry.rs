//! One process that looks like a session: its inspector, and when to inspect it next.

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

/// The same when the transcript decides the state.
const DECIDING_INTERVAL: Duration = Duration::from_millis(20);

/// Why a process is to be inspected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The state may have changed.
    State,
    /// The transcript or another log grew.
    Content,
}

/// One process that looks like a session.
pub struct ScheduleEntry {
    /// The process as the last scan found it.
    pub candidate: Arc<Candidate>,
    /// `None` while an inspection runs, which has it.
    pub inspector: Option<Box<Inspector>>,
    /// When the inspection that runs was dispatched.
    pub dispatched: Option<Instant>,
    /// Whether that inspection is taken to be lost on a hanging file system.
    pub is_stalled: bool,
    /// When the last inspection was dispatched.
    pub last_dispatched: Option<Instant>,
    /// When the next one is due because something changed.
    pub due: Option<Instant>,
    /// When time alone may change the state.
    pub recheck_at: Option<Timestamp>,
    /// Whether the session file decides, and the transcript adds nothing urgent. While the session
    /// waits, the transcript is urgent: it says for what.
    pub is_decided_by_file: bool,
    /// The title of its terminal.
    pub title: Option<Title>,
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
            is_stalled: false,
            last_dispatched: None,
            due: None,
            recheck_at: None,
            is_decided_by_file: false,
            title: None,
            hooks: HookReports::default(),
        }
    }

    /// Something changed: an inspection is due soon.
    pub fn mark_dirty(&mut self, cause: Cause, now: Instant) {
        let interval = match cause {
            Cause::State => Duration::ZERO,
            Cause::Content if self.is_decided_by_file => CONTENT_INTERVAL,
            Cause::Content => DECIDING_INTERVAL,
        };
        let due = self.last_dispatched.map_or(now, |last| now.max(last + interval));
        self.due = Some(self.due.map_or(due, |before| before.min(due)));
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

    /// Whether no inspection runs and none is due. One that is due later can wait, so no request
    /// waits for it.
    pub fn is_settled(&self, now: Instant) -> bool {
        self.is_stalled || (self.dispatched.is_none() && self.due.is_none_or(|due| due > now))
    }
}
