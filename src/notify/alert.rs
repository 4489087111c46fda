//! One thing that there is to tell of a session.

use super::LocalTime;
use super::rules::Told;
use super::text::{self, Note};
use crate::config::{Notify, Occasion};
use crate::session::Timestamp;
use crate::session::info::SessionInfo;
use crate::session::state::{Confidence, StateName};
use chrono::TimeDelta;
use std::time::Duration;

/// Something to tell of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Matter {
    pub occasion: Occasion,
    pub since: Timestamp,
    /// When to tell it on the desktop.
    pub desktop: Option<Timestamp>,
    /// When to tell it on the phone.
    pub push: Option<Timestamp>,
    /// It was told on the desktop before.
    pub told: bool,
    /// What the desktop shows of it now.
    pub shown: Option<Note>,
}

impl Matter {
    /// What the desktop is to show of it, if it is told there.
    pub fn note(&self, info: &SessionInfo, told: Told, now: LocalTime) -> Option<Note> {
        let is_again = self.told && self.occasion == Occasion::NeedsInput;
        let waited = is_again.then(|| (now.to_utc() - self.since).num_minutes());
        let waited = waited.filter(|minutes| *minutes > 0);
        Some(text::note(info, self.occasion, told.desktop?, waited))
    }
}

/// What there is to tell of a session, and since when.
pub(super) fn subject(info: &SessionInfo, worked: bool) -> Option<(Occasion, Timestamp)> {
    // A guess is no reason to disturb anybody.
    if info.confidence == Confidence::Low {
        return None;
    }
    match info.state {
        StateName::NeedsInput => {
            Some((Occasion::NeedsInput, info.waiting_since.unwrap_or(info.since)))
        }
        // One that another session started is that one's to look after.
        StateName::Idle if info.unseen && worked && info.details.parent_pid.is_none() => {
            Some((Occasion::Finished, info.since))
        }
        _ => None,
    }
}

/// When to tell it again.
pub(super) fn reminder(config: &Notify, occasion: Occasion, now: LocalTime) -> Option<Timestamp> {
    let is_wanted = occasion == Occasion::NeedsInput && !config.remind_after.is_zero();
    is_wanted.then(|| after(now, config.remind_after))
}

/// So long after `now`.
pub(super) fn after(now: LocalTime, pause: Duration) -> Timestamp {
    let pause = TimeDelta::from_std(pause).unwrap_or(TimeDelta::days(366));
    now.to_utc().checked_add_signed(pause).unwrap_or(Timestamp::MAX_UTC)
}
