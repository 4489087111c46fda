//! What the user is notified of, and one reason to notify of a session, and when.

use super::LocalTime;
use super::rules::Channels;
use super::text::{self, Notification, PushMessage};
use crate::config::{NotifyConfig, Trigger};
use crate::session::Timestamp;
use crate::session::info::SessionInfo;
use crate::session::key::{HostName, SessionKey};
use crate::session::state::{Confidence, StateName};
use chrono::TimeDelta;
use std::time::Duration;

/// What a notification is about. There is at most one notification for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlertSubject {
    /// A session, of this machine or another one.
    Session(SessionKey),
    /// Another host, which has come or gone.
    Host(HostName),
}

impl From<SessionKey> for AlertSubject {
    fn from(key: SessionKey) -> AlertSubject {
        AlertSubject::Session(key)
    }
}

/// What the caller is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlertAction {
    /// Show this on the desktop, in place of what is shown of this subject.
    Show(AlertSubject, Notification),
    /// Close what the desktop shows of this subject.
    Withdraw(AlertSubject),
    /// Send this to the phone.
    Push(AlertSubject, PushMessage),
    /// Do not send what still waits to be sent to the phone for this subject.
    Recall(AlertSubject),
}

/// A session waits, or has finished: what the user is notified of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Alert {
    pub trigger: Trigger,
    /// When the wait began, or the work ended.
    pub since: Timestamp,
    /// When to show it on the desktop, if that is due once more.
    pub desktop: Option<Timestamp>,
    /// When to send it to the phone, if that is still to be done.
    pub push: Option<Timestamp>,
    /// Whether it was shown on the desktop before.
    pub was_shown: bool,
    /// What the desktop shows now.
    pub shown: Option<Notification>,
}

impl Alert {
    /// What the desktop is to show, if `channels` include it.
    pub fn notification(
        &self,
        info: &SessionInfo,
        channels: Channels,
        now: LocalTime,
    ) -> Option<Notification> {
        let is_again = self.was_shown && self.trigger == Trigger::NeedsInput;
        let waited = is_again.then(|| (now.to_utc() - self.since).num_minutes());
        let waited = waited.filter(|minutes| *minutes > 0);
        Some(text::notification(info, self.trigger, channels.desktop?, waited))
    }
}

/// What the user is notified of, and since when it is so. `worked`: it was last seen at work.
pub(super) fn trigger_of(info: &SessionInfo, worked: bool) -> Option<(Trigger, Timestamp)> {
    // A guess is no reason to disturb the user, nor what the user has set aside.
    if info.confidence == Confidence::Low || info.snoozed.is_some() {
        return None;
    }
    match info.state {
        StateName::NeedsInput => {
            Some((Trigger::NeedsInput, info.waiting_since.unwrap_or(info.since)))
        }
        StateName::Working => Some((Trigger::Stalled, info.stalled_since?)),
        // A session that another session started is not the user's concern.
        StateName::Idle if info.unseen && worked && info.details.parent_pid.is_none() => {
            Some((Trigger::Finished, info.since))
        }
        _ => None,
    }
}

/// When to show it again, if the user wants reminders.
pub(super) fn reminder(
    config: &NotifyConfig,
    trigger: Trigger,
    now: LocalTime,
) -> Option<Timestamp> {
    let is_wanted = trigger == Trigger::NeedsInput && !config.remind_after.is_zero();
    is_wanted.then(|| after(now, config.remind_after))
}

/// The time `pause` after `now`.
pub(super) fn after(now: LocalTime, pause: Duration) -> Timestamp {
    after_time(now.to_utc(), pause)
}

/// The time `pause` after `time`.
pub(super) fn after_time(time: Timestamp, pause: Duration) -> Timestamp {
    let pause = TimeDelta::from_std(pause).unwrap_or(TimeDelta::days(366));
    time.checked_add_signed(pause).unwrap_or(Timestamp::MAX_UTC)
}
