//! Debouncing: an idle prompt right after work is held back for a moment, because it may be a gap
//! between two pieces of work.

use crate::session::Timestamp;
use crate::session::info::SessionInfo;
use crate::session::state::{State, StateName, Verdict};
use chrono::TimeDelta;

/// How long an idle prompt must last after work before it is shown.
///
/// Claude Code 2.1.329 shows gaps of 10 to 20 ms when a background task reports, and 40 to 60 ms
/// when a tool is interrupted.
pub const IDLE_HOLD: TimeDelta = TimeDelta::milliseconds(100);

/// The same while the transcript has not said how the turn ended: a turn that failed must not be told
/// as finished first. The record comes 50 to 160 ms before or after the status.
pub const OPEN_TURN_HOLD: TimeDelta = TimeDelta::milliseconds(500);

/// A status may be written this much later than it says that it began: on a busy machine 0.16 s were
/// measured, of a gap that was over 0.02 s after that.
const WRITTEN_WITHIN: TimeDelta = TimeDelta::seconds(1);

/// An idle verdict that is not shown yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldVerdict {
    /// What will be shown.
    pub verdict: Verdict,
    /// When it was first seen.
    pub seen: Timestamp,
    /// When it will be shown.
    pub due: Timestamp,
}

impl HeldVerdict {
    /// Whether it is time to show it; also if the clock was set back since it began.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.due <= now || self.due - now > OPEN_TURN_HOLD
    }
}

/// The verdict to show now, and the one to show later: a session that has just turned from work to an
/// idle prompt is shown at work until the prompt has been seen for [`IDLE_HOLD`], or, where it is not known
/// yet how the turn ended (`turn_open`), for [`OPEN_TURN_HOLD`]. `before` is the session as shown until
/// now, and what was held back then.
pub fn hold_idle(
    before: (&SessionInfo, Option<&HeldVerdict>),
    verdict: &Verdict,
    turn_open: bool,
    now: Timestamp,
) -> (Verdict, Option<HeldVerdict>) {
    let (shown, held) = before;
    let hold = if turn_open { OPEN_TURN_HOLD } else { IDLE_HOLD };
    let may_be_gap = verdict.state.name() == StateName::Idle
        && shown.state == StateName::Working
        && now - verdict.since < hold + WRITTEN_WITHIN;
    if !may_be_gap {
        return (verdict.clone(), None);
    }
    let seen = held.map_or(now, |it| it.seen);
    let held = HeldVerdict { verdict: verdict.clone(), seen, due: seen + hold };
    if held.is_over(now) {
        return (held.verdict, None);
    }
    let working =
        Verdict { state: State::Working, since: shown.since, confidence: shown.confidence };
    (working, Some(held))
}
