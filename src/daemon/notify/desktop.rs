//! The task that makes the desktop show the notifications that are wanted.
//!
//! It connects to the bus when there is something to show. If that fails, it tries again with longer
//! and longer pauses, as long as there is something to show.

use super::alert::AlertSubject;
use super::dbus::{
    ALLOW_ACTION, ATTACH_ACTION, BusSignal, DENY_ACTION, FOCUS_ACTION, NotificationBus,
    SNOOZE_ACTION,
};
use super::text::Notification;
use crate::session::key::SessionKey;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// Pauses, in seconds, after the first, the second … failure in a row; then always the last.
const RETRY_PAUSES: &[u64] = &[1, 5, 30, 120, 600];

/// What the task is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotificationRequest {
    /// Show this in place of what is shown of this subject. The text is that of the button for later.
    Show(AlertSubject, Notification, String),
    /// Show nothing of this subject.
    Withdraw(AlertSubject),
}

/// What the task reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotificationReply {
    /// The user wants to go to this session.
    Focus(SessionKey),
    /// The user wants to attach this session in a new terminal, and to go to it.
    Attach(SessionKey),
    /// The user wants to be notified later.
    Snooze(SessionKey),
    /// The user answers this prompt.
    Answer {
        /// The session.
        session: SessionKey,
        /// Id of the prompt.
        prompt: String,
        /// Whether it is allowed; else it is denied.
        allow: bool,
    },
    /// The notification is closed.
    Closed(AlertSubject),
    /// Why nothing can be shown; `None` when it can be again.
    Trouble(Option<String>),
}

/// Does what `requests` ask until their sender is dropped; then closes all notifications.
pub async fn run(
    mut requests: mpsc::UnboundedReceiver<NotificationRequest>,
    replies: mpsc::UnboundedSender<NotificationReply>,
) {
    let mut desktop = NotificationTask { replies, ..NotificationTask::new() };
    loop {
        desktop.flush().await;
        let retry = desktop.retry.filter(|_| !desktop.changed.is_empty());
        tokio::select! {
            request = requests.recv() => match request {
                Some(request) => desktop.take(request),
                None => break,
            },
            signal = signal(&mut desktop.bus) => desktop.handle_signal(signal),
            () = until(retry) => desktop.retry = None,
        }
    }
    desktop.wanted.clear();
    desktop.changed.extend(desktop.ids.keys());
    desktop.flush().await;
}

struct NotificationTask {
    replies: mpsc::UnboundedSender<NotificationReply>,
    bus: Option<NotificationBus>,
    wanted: BTreeMap<AlertSubject, (Notification, String)>,
    /// The ids of what the server shows.
    ids: BTreeMap<AlertSubject, u32>,
    /// Subjects of which the server shows something else than is wanted.
    changed: BTreeSet<AlertSubject>,
    failures: usize,
    retry: Option<Instant>,
}

impl NotificationTask {
    fn new() -> NotificationTask {
        NotificationTask {
            replies: mpsc::unbounded_channel().0,
            bus: None,
            wanted: BTreeMap::new(),
            ids: BTreeMap::new(),
            changed: BTreeSet::new(),
            failures: 0,
            retry: None,
        }
    }

    fn take(&mut self, request: NotificationRequest) {
        let key = match request {
            NotificationRequest::Show(key, notification, snooze) => {
                self.wanted.insert(key, (notification, snooze));
                key
            }
            NotificationRequest::Withdraw(key) => {
                self.wanted.remove(&key);
                key
            }
        };
        self.update_changed(key);
    }

    fn update_changed(&mut self, key: AlertSubject) {
        if self.wanted.contains_key(&key) || self.ids.contains_key(&key) {
            self.changed.insert(key);
        } else {
            self.changed.remove(&key);
        }
    }

    /// Makes the server show what is wanted, unless a pause is on.
    async fn flush(&mut self) {
        if self.changed.is_empty() || self.retry.is_some() {
            return;
        }
        match self.try_flush().await {
            Ok(()) => {
                if std::mem::take(&mut self.failures) > 0 {
                    self.reply(NotificationReply::Trouble(None));
                }
            }
            Err(error) => {
                if self.bus.as_ref().is_some_and(NotificationBus::is_closed) {
                    self.bus = None;
                    self.forget_ids();
                }
                let pause =
                    RETRY_PAUSES.get(self.failures).or(RETRY_PAUSES.last()).copied().unwrap_or(600);
                self.retry = Some(seconds_from_now(pause));
                self.failures += 1;
                self.reply(NotificationReply::Trouble(Some(format!(
                    "no desktop notifications: {error}"
                ))));
            }
        }
    }

    async fn try_flush(&mut self) -> Result<(), String> {
        let bus = match self.bus.take() {
            Some(bus) => bus,
            None => NotificationBus::connect().await?,
        };
        let bus = self.bus.insert(bus);
        bus.ask_capabilities().await?;
        while let Some(key) = self.changed.first().copied() {
            match self.wanted.get(&key) {
                Some((notification, snooze)) => {
                    let replaces = self.ids.get(&key).copied().unwrap_or_default();
                    let distinct = distinct(key, notification, &self.wanted);
                    let id = bus.show(&distinct, replaces, snooze).await?;
                    self.ids.insert(key, id);
                }
                None => {
                    // Kept until it is closed, because what fails is tried again.
                    if let Some(id) = self.ids.get(&key).copied() {
                        bus.close(id).await?;
                        self.ids.remove(&key);
                    }
                }
            }
            self.changed.remove(&key);
        }
        Ok(())
    }

    fn handle_signal(&mut self, signal: BusSignal) {
        match signal {
            BusSignal::Invoked(id, action) => {
                let Some(key) = self.shown_as(id) else { return };
                let AlertSubject::Session(session) = key else { return };
                match action.as_str() {
                    FOCUS_ACTION => self.reply(NotificationReply::Focus(session)),
                    ATTACH_ACTION => self.reply(NotificationReply::Attach(session)),
                    SNOOZE_ACTION => self.reply(NotificationReply::Snooze(session)),
                    action => match answer(session, action) {
                        Some(answer) => self.reply(answer),
                        None => return,
                    },
                }
                // Some servers do not close it.
                self.wanted.remove(&key);
                self.update_changed(key);
            }
            BusSignal::Closed(id) => {
                let Some(key) = self.shown_as(id) else { return };
                self.ids.remove(&key);
                if !self.changed.contains(&key) {
                    self.wanted.remove(&key);
                    self.reply(NotificationReply::Closed(key));
                }
                self.update_changed(key);
            }
            BusSignal::ServerStarted => {
                self.forget_ids();
                self.retry = None;
            }
            BusSignal::ServerEnded => {
                self.forget_ids();
                // It may be restarting, or the bus starts it when it is asked.
                self.retry.get_or_insert_with(|| seconds_from_now(RETRY_PAUSES[0]));
            }
            BusSignal::Disconnected => {
                self.bus = None;
                self.forget_ids();
            }
        }
    }

    /// The server shows nothing of vmux any more. The next one is given what is wanted.
    fn forget_ids(&mut self) {
        self.ids.clear();
        self.changed = self.wanted.keys().copied().collect();
    }

    fn shown_as(&self, id: u32) -> Option<AlertSubject> {
        self.ids.iter().find(|(_, shown)| **shown == id).map(|(key, _)| *key)
    }

    fn reply(&self, replies: NotificationReply) {
        // The receiver may have ended.
        let _ = self.replies.send(replies);
    }
}

/// The answer that an action of the notification of `session` is, if it is one.
fn answer(session: SessionKey, action: &str) -> Option<NotificationReply> {
    let (prompt, allow) = match action.strip_prefix(ALLOW_ACTION) {
        Some(prompt) => (prompt, true),
        None => (action.strip_prefix(DENY_ACTION)?, false),
    };
    Some(NotificationReply::Answer { session, prompt: prompt.to_owned(), allow })
}

/// The notification of `key`, with the pid if that of another session has the same words: dunst puts
/// one in the place of the other, and only the later session could be reached.
fn distinct(
    key: AlertSubject,
    notification: &Notification,
    all: &BTreeMap<AlertSubject, (Notification, String)>,
) -> Notification {
    let mut distinct = notification.clone();
    let is_same = |(other, (it, _)): (&AlertSubject, &(Notification, String))| {
        *other != key && it == notification
    };
    if let AlertSubject::Session(session) = key
        && all.iter().any(is_same)
    {
        let line_break = if distinct.body.is_empty() { "" } else { "\n" };
        distinct.body.push_str(&format!("{line_break}pid {}", session.process.pid));
    }
    distinct
}

async fn signal(bus: &mut Option<NotificationBus>) -> BusSignal {
    match bus {
        Some(bus) => bus.signal().await,
        None => std::future::pending().await,
    }
}

async fn until(then: Option<Instant>) {
    match then {
        Some(then) => sleep_until(then).await,
        None => std::future::pending().await,
    }
}

/// The bus may have taken long to answer, so a pause begins when it is decided upon.
fn seconds_from_now(seconds: u64) -> Instant {
    Instant::now() + Duration::from_secs(seconds)
}
