//! One process that looks like a session: its inspector, and when to look next.

use crate::claude::inspector::Inspector;
use crate::claude::terminal_title::Title;
use crate::daemon::clock;
use crate::session::Timestamp;
use crate::session::hook::HookReport;
use crate::session::process::Candidate;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A look that has not come back after this long may be held up by another one: more threads.
pub const REINFORCE_AFTER: Duration = Duration::from_millis(500);

/// A look that has not come back after this long will not soon: its files do not answer.
pub const STALLED_AFTER: Duration = Duration::from_secs(3);

/// Two looks at one session are at least this far apart while its transcript grows, when the
/// session file says what state it is in and the transcript only says what it is about.
const CONTENT_PAUSE: Duration = Duration::from_secs(1);

/// The same when the transcript decides.
const DECIDING_PAUSE: Duration = Duration::from_millis(20);

/// Why to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The state may have changed.
    State,
    /// The transcript or another log grew.
    Content,
}

/// One process that looks like a session.
pub struct Slot {
    /// What the last scan found.
    pub subject: Arc<Candidate>,
    /// Away while a look runs.
    pub inspector: Option<Box<Inspector>>,
    /// When the look that runs was sent off.
    pub sent: Option<Instant>,
    /// That look is taken to be lost on a hanging file system.
    pub stalled: bool,
    /// When the last look was sent off.
    pub last: Option<Instant>,
    /// When the next one is due.
    pub due: Option<Instant>,
    /// When time alone may change what it does.
    pub again_at: Option<Timestamp>,
    /// Whether the session file decides, and the transcript adds nothing that is urgent: while the
    /// session waits, it says for what.
    pub is_told_by_file: bool,
    /// The title of its terminal.
    pub title: Option<Title>,
    /// The last report of a hook.
    pub hook: Option<HookReport>,
}

impl Slot {
    /// Not looked at yet, and not due.
    pub fn new(subject: &Arc<Candidate>) -> Slot {
        Slot {
            subject: Arc::clone(subject),
            inspector: Some(Box::new(Inspector::new(subject.process.id))),
            sent: None,
            stalled: false,
            last: None,
            due: None,
            again_at: None,
            is_told_by_file: false,
            title: None,
            hook: None,
        }
    }

    /// Something changed: a look is due soon.
    pub fn touch(&mut self, cause: Cause, at: Instant) {
        let pause = match cause {
            Cause::State => Duration::ZERO,
            Cause::Content if self.is_told_by_file => CONTENT_PAUSE,
            Cause::Content => DECIDING_PAUSE,
        };
        let due = self.last.map_or(at, |last| at.max(last + pause));
        self.due = Some(self.due.map_or(due, |before| before.min(due)));
    }

    /// When there is something to do for it, at the time `at` = `now`.
    pub fn due(&self, at: Instant, now: Timestamp) -> Option<Instant> {
        match self.sent {
            Some(_) if self.stalled => None,
            Some(sent) if at < sent + REINFORCE_AFTER => Some(sent + REINFORCE_AFTER),
            Some(sent) => Some(sent + STALLED_AFTER),
            None => {
                let again = self.again_at.map(|then| at + clock::until(then, now));
                self.due.into_iter().chain(again).min()
            }
        }
    }

    /// Whether to look now.
    pub fn is_due(&self, at: Instant, now: Timestamp) -> bool {
        self.due.is_some_and(|due| due <= at) || self.again_at.is_some_and(|then| then <= now)
    }

    /// Whether it is neither being looked at nor due. What is put off can wait, and so nobody waits
    /// for it.
    pub fn is_quiet(&self, at: Instant) -> bool {
        self.stalled || (self.sent.is_none() && self.due.is_none_or(|due| due > at))
    }
}
