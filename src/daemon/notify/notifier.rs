//! The task that notifies the user: told of every change, it shows and withdraws notifications, and
//! pushes messages to the phone.
//!
//! It runs only while notifications are wanted; without them a change costs nothing more. It may wait
//! for a bus or a server; the hub never waits for it.

use super::alert::{AlertAction, AlertSubject};
use super::alerts::Alerts;
use super::desktop::{self, NotificationReply, NotificationRequest};
use super::host_alerts::HostAlerts;
use super::outbox::{Delivery, Outbox};
use super::push::PushFailure;
use super::push::process;
use super::text::{notification_of_error, snooze_button};
use crate::config::{NotifyConfig, PushConfig};
use crate::daemon::clock::{self, Now};
use crate::daemon::hub::event::HubEvent;
use crate::daemon::hub::problems::ProblemSource;
use crate::session::info::SessionInfo;
use crate::session::key::SessionKey;
use crate::session::registry::change::Change;
use crate::session::state::host::HostInfo;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// The longest wait for an alert that is due by the wall clock, which may be set meanwhile.
const MAX_SLEEP: Duration = Duration::from_secs(600);

/// What the hub tells the task.
#[derive(Debug)]
enum NotifierMessage {
    Change(Change),
    Focus(Option<SessionKey>),
    Config(Box<NotifyConfig>),
    Error { session: SessionKey, error: String, can_attach: bool },
}

/// Sends messages to the task, while there is one.
#[derive(Debug, Default)]
pub struct NotifierHandle {
    task: Option<mpsc::UnboundedSender<NotifierMessage>>,
}

impl NotifierHandle {
    /// Sessions have changed.
    pub fn send_change(&self, change: &Change) {
        if let Some(task) = &self.task {
            let _ = task.send(NotifierMessage::Change(change.clone()));
        }
    }

    /// The user looks at this session now, or at none.
    pub fn send_focus(&self, key: Option<SessionKey>) {
        if let Some(task) = &self.task {
            let _ = task.send(NotifierMessage::Focus(key));
        }
    }

    /// The user clicked the notification of this session and was not brought there; why, and whether it
    /// could be attached.
    pub fn send_error(&self, session: SessionKey, error: String, can_attach: bool) {
        if let Some(task) = &self.task {
            let _ = task.send(NotifierMessage::Error { session, error, can_attach });
        }
    }

    /// Puts `config` in force: starts the task, which is told of `sessions` and the `focused` one
    /// and of `hosts` first and reports to `hub`; configures it; or ends it, when nothing is wanted.
    pub fn configure<'a>(
        &mut self,
        config: NotifyConfig,
        sessions: impl Iterator<Item = &'a SessionInfo>,
        hosts: Vec<HostInfo>,
        focused: Option<SessionKey>,
        hub: &mpsc::Sender<HubEvent>,
        now: Now,
    ) {
        if !config.desktop && config.push.is_none() {
            // The task withdraws what it has shown, and ends.
            self.task = None;
            return;
        }
        if let Some(task) = &self.task {
            let _ = task.send(NotifierMessage::Config(Box::new(config)));
            return;
        }
        let (sender, messages) = mpsc::unbounded_channel();
        let sessions = sessions.cloned().collect();
        let _ = sender.send(NotifierMessage::Change(Change::State { sessions, hosts }));
        let _ = sender.send(NotifierMessage::Focus(focused));
        self.task = Some(sender);
        tokio::spawn(NotifierTask::new(config, hub.clone(), now).run(messages));
    }
}

struct NotifierTask {
    alerts: Alerts,
    hosts: HostAlerts,
    outbox: Outbox,
    push: Option<PushConfig>,
    snooze: String,
    hub: mpsc::Sender<HubEvent>,
    /// Started with the first notification.
    desktop: Option<DesktopNotifications>,
    sending: Option<JoinHandle<Result<(), PushFailure>>>,
}

/// The task that shows notifications on the desktop.
struct DesktopNotifications {
    requests: mpsc::UnboundedSender<NotificationRequest>,
    replies: mpsc::UnboundedReceiver<NotificationReply>,
}

/// What happened in one turn of the loop.
enum NotifierTurn {
    Message(NotifierMessage),
    Desktop(Option<NotificationReply>),
    Pushed(Result<(), PushFailure>),
    Timer,
}

impl NotifierTask {
    fn new(config: NotifyConfig, hub: mpsc::Sender<HubEvent>, now: Now) -> NotifierTask {
        NotifierTask {
            push: config.push.clone(),
            snooze: snooze_button(&config),
            hosts: HostAlerts::new(config.clone()),
            alerts: Alerts::new(config, now.local()),
            outbox: Outbox::default(),
            hub,
            desktop: None,
            sending: None,
        }
    }

    async fn run(mut self, mut messages: mpsc::UnboundedReceiver<NotifierMessage>) {
        let mut due = None;
        loop {
            let turn = tokio::select! {
                message = messages.recv() => match message {
                    Some(message) => NotifierTurn::Message(message),
                    // The end of the requests withdraws what is shown.
                    None => return,
                },
                reply = next_reply(&mut self.desktop) => NotifierTurn::Desktop(reply),
                sent = finished(&mut self.sending) => NotifierTurn::Pushed(sent),
                () = clock::reached(due) => NotifierTurn::Timer,
            };
            let now = Now::read();
            match turn {
                NotifierTurn::Message(message) => self.handle_message(message, now),
                NotifierTurn::Desktop(Some(reply)) => self.handle_reply(reply).await,
                NotifierTurn::Desktop(None) => self.desktop = None,
                NotifierTurn::Pushed(sent) => self.end_push(sent, now).await,
                NotifierTurn::Timer => {}
            }
            self.alerts.tick(now.local());
            let of_hosts = self.hosts.tick(now.local());
            for action in self.alerts.take_actions().into_iter().chain(of_hosts) {
                self.act(action);
            }
            self.push_next(now);
            due = self.due(now);
        }
    }

    /// When there is something to do even if nothing happens.
    fn due(&mut self, now: Now) -> Option<Instant> {
        let alert = [self.alerts.due(), self.hosts.due()].into_iter().flatten().min();
        let alert = alert.map(|then| now.monotonic + now.until(then).min(MAX_SLEEP));
        [alert, self.outbox.due(now.monotonic)].into_iter().flatten().min()
    }

    fn handle_message(&mut self, message: NotifierMessage, now: Now) {
        match message {
            NotifierMessage::Change(change) => {
                self.hosts.take(&change);
                self.alerts.take(change, now.local());
            }
            NotifierMessage::Focus(key) => self.alerts.focus(key, now.local()),
            NotifierMessage::Error { session, error, can_attach } => {
                self.act(AlertAction::Show(
                    session.into(),
                    notification_of_error(error, can_attach),
                ));
            }
            NotifierMessage::Config(config) => {
                if self.push != config.push {
                    self.outbox.reset_failures();
                }
                self.push = config.push.clone();
                if self.push.is_none() {
                    self.outbox.clear();
                }
                self.snooze = snooze_button(&config);
                self.hosts.configure(&config);
                self.alerts.configure(*config);
            }
        }
    }

    fn act(&mut self, action: AlertAction) {
        match action {
            AlertAction::Show(key, notification) => {
                let request = NotificationRequest::Show(key, notification, self.snooze.clone());
                let desktop = self.desktop.get_or_insert_with(start_desktop);
                let _ = desktop.requests.send(request);
            }
            AlertAction::Withdraw(key) => {
                if let Some(desktop) = &self.desktop {
                    let _ = desktop.requests.send(NotificationRequest::Withdraw(key));
                }
            }
            // A message without a server would be due for ever.
            AlertAction::Push(_, _) if self.push.is_none() => {}
            AlertAction::Push(key, message) => self.outbox.add(key, message),
            AlertAction::Recall(key) => self.outbox.recall(key),
        }
    }

    async fn handle_reply(&mut self, reply: NotificationReply) {
        match reply {
            NotificationReply::Focus(key) => {
                self.alerts.closed(key);
                let clicked = HubEvent::NotificationClicked { session: key, attach: false };
                let _ = self.hub.send(clicked).await;
            }
            NotificationReply::Attach(key) => {
                self.alerts.closed(key);
                let clicked = HubEvent::NotificationClicked { session: key, attach: true };
                let _ = self.hub.send(clicked).await;
            }
            NotificationReply::Snooze(key) => {
                self.alerts.closed(key);
                let _ = self.hub.send(HubEvent::NotificationSnoozed(key)).await;
            }
            NotificationReply::Answer { session, prompt, allow } => {
                self.alerts.closed(session);
                let answered = HubEvent::NotificationAnswered { session, prompt, allow };
                let _ = self.hub.send(answered).await;
            }
            NotificationReply::Closed(AlertSubject::Session(key)) => self.alerts.closed(key),
            NotificationReply::Closed(AlertSubject::Host(_)) => {}
            NotificationReply::Trouble(problem) => {
                self.report(ProblemSource::Notifications, problem).await
            }
        }
    }

    fn push_next(&mut self, now: Now) {
        let Some(push) = &self.push else { return };
        let Some(message) = self.outbox.next(now.monotonic) else { return };
        self.sending = Some(tokio::spawn(process::send(push.clone(), message)));
    }

    async fn end_push(&mut self, result: Result<(), PushFailure>, now: Now) {
        self.sending = None;
        let sent = result.as_ref().err().map_or(Delivery::Done, |failure| failure.sent);
        self.outbox.sent(sent, now.monotonic);
        self.report(ProblemSource::Push, result.err().map(|failure| failure.problem)).await;
    }

    async fn report(&self, source: ProblemSource, problem: Option<String>) {
        let _ = self.hub.send(HubEvent::ProblemReported(source, problem)).await;
    }
}

fn start_desktop() -> DesktopNotifications {
    let (requests, receiver) = mpsc::unbounded_channel();
    let (sender, replies) = mpsc::unbounded_channel();
    tokio::spawn(desktop::run(receiver, sender));
    DesktopNotifications { requests, replies }
}

/// Waits for a reply; for ever if no desktop task runs. `None`: the task has ended.
async fn next_reply(desktop: &mut Option<DesktopNotifications>) -> Option<NotificationReply> {
    match desktop {
        Some(desktop) => desktop.replies.recv().await,
        None => std::future::pending().await,
    }
}

/// Waits until a message is sent, or has failed; for ever if none is being sent.
async fn finished(
    sending: &mut Option<JoinHandle<Result<(), PushFailure>>>,
) -> Result<(), PushFailure> {
    let Some(sending) = sending else { return std::future::pending().await };
    let failed =
        |_| PushFailure { sent: Delivery::Again, problem: "cannot send messages".to_owned() };
    sending.await.unwrap_or_else(|error| Err(failed(error)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Trigger};
    use crate::daemon::notify::text::PushMessage;

    fn config(push: &str) -> NotifyConfig {
        let text = format!("[notify]\ndesktop = true\n{push}");
        Config::parse(&text, None).unwrap().0.notify
    }

    #[test]
    fn a_message_without_a_server_is_never_due() {
        let push = "[notify.push]\nkind = \"ntfy\"\nurl = \"https://127.0.0.1/topic\"\n";
        let now = Now::read();
        let mut notifier = NotifierTask::new(config(push), mpsc::channel(1).0, now);
        let key = SessionKey::local(1, 1).into();
        let message = || PushMessage {
            trigger: Trigger::NeedsInput,
            title: "api".into(),
            text: String::new(),
            link: None,
            token: None,
        };
        notifier.act(AlertAction::Push(key, message()));
        assert!(notifier.due(now).is_some());
        notifier.handle_message(NotifierMessage::Config(Box::new(config(""))), now);
        assert_eq!(notifier.due(now), None);
        // A message that was delayed comes after the change of configuration.
        notifier.act(AlertAction::Push(key, message()));
        assert_eq!(notifier.due(now), None);
    }
}
