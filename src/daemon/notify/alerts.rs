//! When the user is notified of what: changes of the sessions and the time go in, actions come out.
//!
//! A wait or an end of work leads to an alert when it has lasted for [`NotifyConfig::after`], so that what
//! is over at once does not disturb, and the texts are complete. There is one alert for each. What had
//! begun before vmuxd did leads to none, because an earlier vmuxd has told it. An alert is withdrawn
//! when it is over, or when the session's window gets the focus.

use super::LocalTime;
use super::alert::{Alert, AlertAction, after, after_time, reminder, trigger_of};
use super::rules::decide;
use super::text::{self, Notification};
use crate::config::{MIN_ALERT_DELAY, NotifyConfig, Trigger};
use crate::session::Timestamp;
use crate::session::info::SessionInfo;
use crate::session::key::SessionKey;
use crate::session::registry::change::Change;
use crate::session::state::StateName;
use std::collections::BTreeMap;

/// The alerts of all sessions.
#[derive(Debug, Clone)]
pub struct Alerts {
    config: NotifyConfig,
    sessions: BTreeMap<SessionKey, SessionAlert>,
    focused: Option<SessionKey>,
    /// What began before this leads to no alert.
    started_at: Timestamp,
    actions: Vec<AlertAction>,
}

#[derive(Debug, Clone)]
struct SessionAlert {
    info: SessionInfo,
    /// Whether it worked when that was last known. A free prompt after that is the end of work.
    worked: bool,
    alert: Option<Alert>,
}

impl Alerts {
    /// Without sessions, from `now` on.
    pub fn new(config: NotifyConfig, now: LocalTime) -> Alerts {
        let sessions = BTreeMap::new();
        Alerts { config, sessions, focused: None, started_at: now.to_utc(), actions: Vec::new() }
    }

    /// Puts `config` in force. What is shown but no longer wanted is withdrawn.
    pub fn configure(&mut self, config: NotifyConfig) {
        self.config = config;
        for (key, tracked) in &mut self.sessions {
            let Some(alert) = &mut tracked.alert else { continue };
            let channels = decide(&self.config, alert.trigger, Some(&tracked.info));
            if channels.desktop.is_none() && alert.shown.take().is_some() {
                self.actions.push(AlertAction::Withdraw((*key).into()));
            }
        }
    }

    /// Takes a change of the sessions.
    pub fn take(&mut self, change: Change, now: LocalTime) {
        match change {
            Change::State { sessions, .. } => {
                let all: Vec<SessionKey> = sessions.iter().map(SessionInfo::key).collect();
                let gone = self.sessions.keys().filter(|it| !all.contains(it));
                for key in gone.copied().collect::<Vec<_>>() {
                    self.end(key);
                }
                for session in sessions {
                    self.update(session, now);
                }
            }
            Change::Session { session } => self.update(*session, now),
            Change::Gone { key, .. } => self.end(key),
            Change::Host { .. }
            | Change::Start { .. }
            | Change::Closed { .. }
            | Change::Unknown => {}
        }
    }

    /// Takes note that the user looks at this session now, or at none.
    pub fn focus(&mut self, key: Option<SessionKey>, now: LocalTime) {
        self.focused = key;
        let Some(key) = key else { return };
        let Some(tracked) = self.sessions.get_mut(&key) else { return };
        let Some(alert) = &mut tracked.alert else { return };
        if alert.shown.take().is_some() {
            self.actions.push(AlertAction::Withdraw(key.into()));
        }
        self.actions.push(AlertAction::Recall(key.into()));
        alert.push = None;
        alert.desktop = reminder(&self.config, alert.trigger, now);
    }

    /// Takes note that the desktop does not show the alert of this session any more.
    pub fn closed(&mut self, key: SessionKey) {
        if let Some(alert) = self.alert(key) {
            alert.shown = None;
        }
    }

    /// When [`Alerts::tick`] has something to do.
    pub fn due(&self) -> Option<Timestamp> {
        let alerts = self.sessions.values().filter_map(|it| it.alert.as_ref());
        alerts.flat_map(|alert| [alert.desktop, alert.push]).flatten().min()
    }

    /// Notifies of what is due.
    pub fn tick(&mut self, now: LocalTime) {
        let quiet = self.config.quiet_hours.and_then(|hours| hours.left(now.time()));
        for (key, tracked) in &mut self.sessions {
            let Some(alert) = &mut tracked.alert else { continue };
            let is_due = |due: &mut Timestamp| *due <= now.to_utc();
            let desktop = alert.desktop.take_if(is_due).is_some();
            let push = alert.push.take_if(is_due).is_some();
            if !desktop && !push {
                continue;
            }
            if let Some(left) = quiet {
                let then = Some(after(now, left));
                alert.desktop = if desktop { then } else { alert.desktop };
                alert.push = if push { then } else { alert.push };
                continue;
            }
            let channels = decide(&self.config, alert.trigger, Some(&tracked.info));
            let is_focused = self.focused == Some(*key);
            if desktop {
                alert.desktop = reminder(&self.config, alert.trigger, now);
                if is_focused {
                    // The user sees it as it begins.
                    alert.push = None;
                } else {
                    let notification = alert.notification(&tracked.info, channels, now);
                    alert.was_shown |= notification.is_some();
                    if let Some(notification) = notification {
                        alert.shown = Some(notification.clone());
                        self.actions.push(AlertAction::Show((*key).into(), notification));
                    }
                }
            }
            if push && channels.push && !is_focused {
                let push = self.config.push.as_ref();
                let details = push.is_some_and(|push| push.details);
                let page = push.and_then(|push| push.page.as_deref());
                let message = text::message(&tracked.info, alert.trigger, details, page);
                self.actions.push(AlertAction::Push((*key).into(), message));
            }
        }
    }

    /// What is to be done since the last call, in order.
    pub fn take_actions(&mut self) -> Vec<AlertAction> {
        std::mem::take(&mut self.actions)
    }

    fn alert(&mut self, key: SessionKey) -> Option<&mut Alert> {
        self.sessions.get_mut(&key)?.alert.as_mut()
    }

    fn update(&mut self, info: SessionInfo, now: LocalTime) {
        let key = info.key();
        let before = self.sessions.remove(&key);
        let worked = match (info.state, &before) {
            (StateName::Working, _) => true,
            (StateName::NeedsInput, _) => false,
            (_, before) => before.as_ref().is_some_and(|it| it.worked),
        };
        let trigger = trigger_of(&info, worked);
        let was_snoozed = before.as_ref().is_some_and(|it| it.info.snoozed.is_some());
        let old = before.and_then(|it| it.alert);
        let alert = match (trigger, old) {
            // It may turn out not to have changed.
            (None, old @ Some(_)) if info.state == StateName::Unknown => old,
            (Some((trigger, since)), Some(mut old))
                if (old.trigger, old.since) == (trigger, since) =>
            {
                self.refresh(&info, &mut old, now);
                Some(old)
            }
            (new, old) => {
                let new = new.map(|it| self.begin(it, was_snoozed, now));
                if let Some(old) = old {
                    self.withdraw(key, &old);
                }
                new
            }
        };
        self.sessions.insert(key, SessionAlert { info, worked, alert });
    }

    /// The alert for what began `since` then. After a snooze it is told, whenever it began.
    fn begin(
        &self,
        (trigger, since): (Trigger, Timestamp),
        was_snoozed: bool,
        now: LocalTime,
    ) -> Alert {
        let push = self.config.push.as_ref();
        let push = push.map(|push| after(now, push.after.max(MIN_ALERT_DELAY)));
        let began = match trigger {
            // Its last sign of life may be older than this vmuxd.
            Trigger::Stalled => after_time(since, self.config.stalled_after),
            Trigger::NeedsInput | Trigger::Finished | Trigger::Host => since,
        };
        let is_new = began >= self.started_at || was_snoozed;
        Alert {
            trigger,
            since,
            desktop: match is_new {
                true => Some(after(now, self.config.after)),
                false => reminder(&self.config, trigger, now),
            },
            push: push.filter(|_| is_new),
            was_shown: !is_new || was_snoozed,
            shown: None,
        }
    }

    /// Shows the alert again if its text has changed.
    fn refresh(&mut self, info: &SessionInfo, alert: &mut Alert, now: LocalTime) {
        let Some(shown) = &alert.shown else { return };
        let channels = decide(&self.config, alert.trigger, Some(info));
        let Some(notification) = alert.notification(info, channels, now) else { return };
        // The summary also changes with the time that has passed, which is no reason.
        let told = |it: &Notification| (it.body.clone(), it.can_attach, it.prompt.clone());
        if told(&notification) != told(shown) {
            alert.shown = Some(notification.clone());
            self.actions.push(AlertAction::Show(info.key().into(), notification));
        }
    }

    fn end(&mut self, key: SessionKey) {
        if let Some(SessionAlert { alert: Some(alert), .. }) = self.sessions.remove(&key) {
            self.withdraw(key, &alert);
        }
    }

    fn withdraw(&mut self, key: SessionKey, alert: &Alert) {
        if alert.shown.is_some() {
            self.actions.push(AlertAction::Withdraw(key.into()));
        }
        self.actions.push(AlertAction::Recall(key.into()));
    }
}

#[cfg(test)]
#[path = "alerts_tests.rs"]
mod tests;
