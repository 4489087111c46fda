//! What the readers of files hand to the verdict.

use crate::claude::session_file::parse::{Mismatch, SessionFile};
use crate::claude::transcript::turn::Turn;
use crate::session::Timestamp;
use chrono::TimeDelta;

/// What became of the session file.
#[derive(Debug, Clone, Copy)]
pub(crate) enum SessionFileEvidence<'a> {
    /// There is none.
    Absent,
    /// There was one before; since when it is gone, or another process has written over it.
    Vanished(Timestamp),
    /// It is not this process's.
    Foreign(Mismatch),
    /// It was read while it was written, and may be read again at once.
    Torn,
    /// It stayed unreadable.
    Damaged,
    /// What it says.
    Says(&'a SessionFile),
}

/// What became of the transcript.
#[derive(Debug, Clone, Copy)]
pub(crate) enum TranscriptEvidence<'a> {
    /// Nothing was submitted yet, so there is none, or an empty one.
    Nothing,
    /// It cannot be told where the process keeps its files.
    Nowhere,
    /// It cannot be told which one it is.
    Ambiguous,
    /// Another process holds the same session, and nothing says what it does but the transcript of
    /// both.
    Shared,
    /// The file holds no message within reach, or cannot be read.
    Unreadable,
    /// Where its turn stands, and when the file was last written.
    Turn(&'a Turn, Timestamp),
}

/// What the settings say of the session's directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    /// Cannot be told.
    Unknown,
    /// The user trusts it.
    Given,
    /// The user has not been asked, or said no.
    Missing,
    /// They do not tell whether a session asks: in the home directory the answer is not kept, and of a
    /// linked worktree it depends on a version that is not known.
    NotKept,
}

/// What the use of processor time says of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Activity {
    /// For how long it has slept, or nearly; zero while it does not, or that is not known.
    pub(crate) quiet_for: TimeDelta,
    /// For how long it has been at work, as one is that shows a spinner; zero as above.
    pub(crate) busy_for: TimeDelta,
    /// For how long it has slept and used no processor time at all; zero as above.
    pub(crate) still_for: TimeDelta,
    /// For how long it has slept and used next to none; zero as above.
    pub(crate) rests_for: TimeDelta,
    /// It has used as much as a start takes until something is shown.
    pub(crate) has_started: bool,
    /// Its screen shows what it did before that.
    pub(crate) shows_before: bool,
    /// Its screen has shown something else since.
    pub(crate) has_drawn: bool,
    /// It has used a little in each second for a while, as a prompt does that polls.
    pub(crate) has_paced: bool,
}

/// A process that has written no key and sleeps for this long has come to a dialog of the start.
const DIALOG_AFTER: TimeDelta = TimeDelta::milliseconds(1500);

/// A start that is not held up does not rest for so long before it draws.
const DRAWN_AFTER: TimeDelta = TimeDelta::seconds(10);

impl Activity {
    /// Whether it is asleep.
    pub(crate) fn is_quiet(self) -> bool {
        self.quiet_for > TimeDelta::zero()
    }

    /// Whether it is at work.
    pub(crate) fn is_busy(self) -> bool {
        self.busy_for > TimeDelta::zero()
    }

    /// Whether it has rested for so long that its start is over: then it shows what it has drawn, even if
    /// that was there before it had used as much time as others.
    pub(crate) fn may_have_drawn(self) -> bool {
        self.has_started && self.rests_for >= DRAWN_AFTER
    }

    /// Whether it has come as far as a dialog of the start, and has rested for so long.
    pub(crate) fn stands_for(self, time: TimeDelta) -> bool {
        self.has_started && self.rests_for >= time
    }

    /// Whether it has come as far as a dialog of the start, and waits there. `key_written`: whether it
    /// has written its key, if its version does.
    pub(crate) fn may_wait(self, key_written: Option<bool>) -> bool {
        let is_long = key_written == Some(true) || self.quiet_for >= DIALOG_AFTER;
        self.has_started && self.is_quiet() && is_long
    }
}
