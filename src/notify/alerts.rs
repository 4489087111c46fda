//! What is to be told, and when: changes of the sessions and the time go in, actions come out.
//!
//! A wait or an end is told when it has lasted for a moment ([`SETTLE`]), so that what is over at
//! once disturbs nobody, and that the words are complete. It is told once: what is already waiting
//! when the watch begins was somebody else's to tell. It is taken back when it is over, or when the
//! session's window gets the focus.

use super::LocalTime;
use super::alert::{Matter, after, reminder, subject};
use super::rules::decide;
use super::text::{self, Message, Note};
use crate::config::{Notify, Occasion};
use crate::session::Timestamp;
use crate::session::info::SessionInfo;
use crate::session::key::SessionKey;
use crate::session::registry::change::Change;
use crate::session::state::StateName;
use std::collections::BTreeMap;
use std::time::Duration;

/// How long something must last to be told.
pub const SETTLE: Duration = Duration::from_millis(300);

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Show this on the desktop, in place of what is shown of this session.
    Show(SessionKey, Note),
    /// Nothing of this session is to be seen on the desktop any more.
    Withdraw(SessionKey),
    /// Send this to the phone.
    Push(SessionKey, Message),
    /// What was not sent to the phone yet of this session need not be.
    Recall(SessionKey),
}

/// Watches the sessions.
#[derive(Debug, Clone)]
pub struct Watch {
    config: Notify,
    sessions: BTreeMap<SessionKey, Watched>,
    focused: Option<SessionKey>,
    /// What began before was told before.
    begun: Timestamp,
    actions: Vec<Action>,
}

#[derive(Debug, Clone)]
struct Watched {
    info: SessionInfo,
    /// It worked, when that was last known; a prompt that is free after that is an end of work.
    worked: bool,
    matter: Option<Matter>,
}

impl Watch {
    /// A watch that begins now.
    pub fn new(config: Notify, now: LocalTime) -> Watch {
        let sessions = BTreeMap::new();
        Watch { config, sessions, focused: None, begun: now.to_utc(), actions: Vec::new() }
    }

    /// From now on this is wanted. What is shown but no longer wanted is taken back.
    pub fn configure(&mut self, config: Notify) {
        self.config = config;
        for (key, watched) in &mut self.sessions {
            let Some(matter) = &mut watched.matter else { continue };
            let told = decide(&self.config, matter.occasion, &watched.info);
            if told.desktop.is_none() && matter.shown.take().is_some() {
                self.actions.push(Action::Withdraw(*key));
            }
        }
    }

    /// Something happened to the sessions.
    pub fn take(&mut self, change: Change, now: LocalTime) {
        match change {
            Change::State { sessions } => {
                let all: Vec<SessionKey> = sessions.iter().map(SessionInfo::key).collect();
                let gone = self.sessions.keys().filter(|it| !all.contains(it));
                for key in gone.copied().collect::<Vec<_>>() {
                    self.end(key);
                }
                for session in sessions {
                    self.see(session, now);
                }
            }
            Change::Session { session } => self.see(*session, now),
            Change::Gone { key, .. } => self.end(key),
            Change::Closed { .. } | Change::Unknown => {}
        }
    }

    /// The user looks at this session now, or at none.
    pub fn focus(&mut self, key: Option<SessionKey>, now: LocalTime) {
        self.focused = key;
        let Some(key) = key else { return };
        let Some(watched) = self.sessions.get_mut(&key) else { return };
        let Some(matter) = &mut watched.matter else { return };
        if matter.shown.take().is_some() {
            self.actions.push(Action::Withdraw(key));
        }
        self.actions.push(Action::Recall(key));
        matter.push = None;
        matter.desktop = reminder(&self.config, matter.occasion, now);
    }

    /// The user wants to be told of this session again later.
    pub fn snooze(&mut self, key: SessionKey, now: LocalTime) {
        let again = after(now, self.config.snooze);
        if let Some(matter) = self.matter(key) {
            matter.shown = None;
            matter.desktop = Some(again);
        }
    }

    /// The desktop does not show the notification of this session any more.
    pub fn closed(&mut self, key: SessionKey) {
        if let Some(matter) = self.matter(key) {
            matter.shown = None;
        }
    }

    /// When [`Watch::tick`] has something to do.
    pub fn due(&self) -> Option<Timestamp> {
        let matters = self.sessions.values().filter_map(|it| it.matter.as_ref());
        matters.flat_map(|matter| [matter.desktop, matter.push]).flatten().min()
    }

    /// Tell what is due.
    pub fn tick(&mut self, now: LocalTime) {
        let quiet = self.config.quiet_hours.and_then(|hours| hours.left(now.time()));
        for (key, watched) in &mut self.sessions {
            let Some(matter) = &mut watched.matter else { continue };
            let is_due = |due: &mut Timestamp| *due <= now.to_utc();
            let desktop = matter.desktop.take_if(is_due).is_some();
            let push = matter.push.take_if(is_due).is_some();
            if !desktop && !push {
                continue;
            }
            if let Some(left) = quiet {
                let then = Some(after(now, left));
                matter.desktop = if desktop { then } else { matter.desktop };
                matter.push = if push { then } else { matter.push };
                continue;
            }
            let told = decide(&self.config, matter.occasion, &watched.info);
            let is_focused = self.focused == Some(*key);
            if desktop {
                matter.desktop = reminder(&self.config, matter.occasion, now);
                if is_focused {
                    // It is seen as it begins.
                    matter.push = None;
                } else {
                    let note = matter.note(&watched.info, told, now);
                    matter.told |= note.is_some();
                    if let Some(note) = note {
                        matter.shown = Some(note.clone());
                        self.actions.push(Action::Show(*key, note));
                    }
                }
            }
            if push && told.push && !is_focused {
                let details = self.config.push.as_ref().is_some_and(|push| push.details);
                let message = text::message(&watched.info, matter.occasion, details);
                self.actions.push(Action::Push(*key, message));
            }
        }
    }

    /// What is to be done by now, in order.
    pub fn actions(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.actions)
    }

    fn matter(&mut self, key: SessionKey) -> Option<&mut Matter> {
        self.sessions.get_mut(&key)?.matter.as_mut()
    }

    fn see(&mut self, info: SessionInfo, now: LocalTime) {
        let key = info.key();
        let before = self.sessions.remove(&key);
        let worked = match (info.state, &before) {
            (StateName::Working, _) => true,
            (StateName::NeedsInput, _) => false,
            (_, before) => before.as_ref().is_some_and(|it| it.worked),
        };
        let subject = subject(&info, worked);
        let old = before.and_then(|it| it.matter);
        let matter = match (subject, old) {
            // It may turn out to be the same still.
            (None, old @ Some(_)) if info.state == StateName::Unknown => old,
            (Some((occasion, since)), Some(mut old))
                if (old.occasion, old.since) == (occasion, since) =>
            {
                self.refresh(&info, &mut old, now);
                Some(old)
            }
            (subject, old) => {
                let new = subject.map(|(occasion, since)| self.begin(occasion, since, now));
                if let Some(old) = old {
                    self.take_back(key, &old);
                }
                new
            }
        };
        self.sessions.insert(key, Watched { info, worked, matter });
    }

    fn begin(&self, occasion: Occasion, since: Timestamp, now: LocalTime) -> Matter {
        let push = self.config.push.as_ref().map(|push| after(now, push.after.max(SETTLE)));
        let is_new = since >= self.begun;
        Matter {
            occasion,
            since,
            desktop: match is_new {
                true => Some(after(now, SETTLE)),
                false => reminder(&self.config, occasion, now),
            },
            push: push.filter(|_| is_new),
            told: !is_new,
            shown: None,
        }
    }

    /// What is shown follows the words of the session.
    fn refresh(&mut self, info: &SessionInfo, matter: &mut Matter, now: LocalTime) {
        let Some(shown) = &matter.shown else { return };
        let told = decide(&self.config, matter.occasion, info);
        let Some(note) = matter.note(info, told, now) else { return };
        // Only the time that has passed is no reason.
        if note.body != shown.body {
            matter.shown = Some(note.clone());
            self.actions.push(Action::Show(info.key(), note));
        }
    }

    fn end(&mut self, key: SessionKey) {
        if let Some(Watched { matter: Some(matter), .. }) = self.sessions.remove(&key) {
            self.take_back(key, &matter);
        }
    }

    fn take_back(&mut self, key: SessionKey, matter: &Matter) {
        if matter.shown.is_some() {
            self.actions.push(Action::Withdraw(key));
        }
        self.actions.push(Action::Recall(key));
    }
}

#[cfg(test)]
#[path = "alerts_tests.rs"]
mod tests;
