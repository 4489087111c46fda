//! The task that runs the notifying room: told of every change, it shows, withdraws and pushes.
//!
//! It lives only while notifications are wanted; without them a change costs nothing more. What it
//! waits for, a bus or a server, holds up nobody else.

use super::clock;
use super::hub::Hub;
use super::hub::message::{Answer, Input};
use crate::config::{Notify, Push};
use crate::notify::alerts::{Action, Watch};
use crate::notify::desktop::{self, News, Order};
use crate::notify::outbox::{Outbox, Sent};
use crate::notify::push::Failure;
use crate::notify::push_process;
use crate::protocol::request::Switch;
use crate::session::process::ProcessId;
use crate::session::registry::change::Change;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Where problems with the desktop stand.
pub(super) const DESKTOP: &str = "notifications";
/// Where problems with the phone stand.
pub(super) const PUSH: &str = "push";

/// Clocks may be set while we sleep, and the machine may be suspended.
const LONGEST_SLEEP: Duration = Duration::from_secs(600);

/// What the hub tells.
#[derive(Debug)]
enum Told {
    Change(Change),
    Focus(Option<ProcessId>),
    Config(Box<Notify>),
}

/// A line to the task, when there is one.
#[derive(Debug, Default)]
pub struct Handle {
    task: Option<mpsc::UnboundedSender<Told>>,
}

impl Handle {
    /// Something happened to the sessions.
    pub fn change(&self, change: &Change) {
        if let Some(task) = &self.task {
            let _ = task.send(Told::Change(change.clone()));
        }
    }

    /// The user looks at this session now, or at none.
    pub fn focus(&self, process: Option<ProcessId>) {
        if let Some(task) = &self.task {
            let _ = task.send(Told::Focus(process));
        }
    }
}

impl Hub {
    /// Bring the user to a session. Whether it could be done, the user sees; the log has the reason.
    pub(super) fn go_to(&mut self, process: ProcessId) {
        let query = Some(format!("{}:{}", process.pid, process.start));
        let attach = !self.settings.config.switch.attach.is_empty();
        let (reply, answered) = Answer::new(self.outgoing.clone());
        self.switch(Switch { query, attach, ..Switch::default() }, reply);
        tokio::spawn(answered);
    }

    /// Have notifications as the configuration wants them.
    pub(super) fn configure_notifier(&mut self) {
        let config = self.settings.config.notify.clone();
        if !config.desktop {
            self.problems.remove(DESKTOP);
        }
        if config.push.is_none() {
            self.problems.remove(PUSH);
        }
        if !config.desktop && config.push.is_none() {
            // The task takes back what it has shown, and ends.
            self.notifier.task = None;
            return;
        }
        if let Some(task) = &self.notifier.task {
            let _ = task.send(Told::Config(Box::new(config)));
            return;
        }
        let (sender, inbox) = mpsc::unbounded_channel();
        let sessions = self.registry.sessions().cloned().collect();
        let _ = sender.send(Told::Change(Change::State { sessions }));
        let _ = sender.send(Told::Focus(self.registry.focused()));
        self.notifier.task = Some(sender);
        tokio::spawn(Notifier::new(config, self.hub.clone()).run(inbox));
    }
}

struct Notifier {
    watch: Watch,
    outbox: Outbox,
    push: Option<Push>,
    snooze: String,
    hub: mpsc::Sender<Input>,
    /// There only once there is something to show.
    desktop: Option<Desktop>,
    sending: Option<JoinHandle<Result<(), Failure>>>,
}

struct Desktop {
    orders: mpsc::UnboundedSender<Order>,
    news: mpsc::UnboundedReceiver<News>,
}

impl Notifier {
    fn new(config: Notify, hub: mpsc::Sender<Input>) -> Notifier {
        Notifier {
            push: config.push.clone(),
            snooze: snooze_button(&config),
            watch: Watch::new(config, clock::local()),
            outbox: Outbox::default(),
            hub,
            desktop: None,
            sending: None,
        }
    }

    async fn run(mut self, mut inbox: mpsc::UnboundedReceiver<Told>) {
        loop {
            let due = self.due();
            tokio::select! {
                told = inbox.recv() => match told {
                    Some(told) => self.take(told),
                    // What is shown is taken back by the end of the orders.
                    None => return,
                },
                news = news(&mut self.desktop) => match news {
                    Some(news) => self.hear(news).await,
                    None => self.desktop = None,
                },
                outcome = outcome(&mut self.sending) => self.sent(outcome).await,
                () = clock::reached(due) => {}
            }
            self.watch.tick(clock::local());
            for action in self.watch.actions() {
                self.act(action);
            }
            self.send_next();
        }
    }

    /// When there is something to do even if nothing happens.
    fn due(&mut self) -> Option<Instant> {
        let (at, now) = (Instant::now(), clock::now());
        let watch = self.watch.due().map(|then| at + clock::until(then, now).min(LONGEST_SLEEP));
        [watch, self.outbox.due(at)].into_iter().flatten().min()
    }

    fn take(&mut self, told: Told) {
        match told {
            Told::Change(change) => self.watch.take(change, clock::local()),
            Told::Focus(process) => self.watch.focus(process, clock::local()),
            Told::Config(config) => {
                if self.push != config.push {
                    self.outbox.forgive();
                }
                self.push = config.push.clone();
                if self.push.is_none() {
                    self.outbox.clear();
                }
                self.snooze = snooze_button(&config);
                self.watch.configure(*config);
            }
        }
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Show(process, note) => {
                let order = Order::Show(process, note, self.snooze.clone());
                let desktop = self.desktop.get_or_insert_with(start_desktop);
                let _ = desktop.orders.send(order);
            }
            Action::Withdraw(process) => {
                if let Some(desktop) = &self.desktop {
                    let _ = desktop.orders.send(Order::Withdraw(process));
                }
            }
            // A message that nobody takes would be due for ever.
            Action::Push(_, _) if self.push.is_none() => {}
            Action::Push(process, message) => self.outbox.add(process, message),
            Action::Recall(process) => self.outbox.recall(process),
        }
    }

    async fn hear(&mut self, news: News) {
        match news {
            News::Focus(process) => {
                self.watch.closed(process);
                let _ = self.hub.send(Input::GoTo(process)).await;
            }
            News::Snooze(process) => self.watch.snooze(process, clock::local()),
            News::Closed(process) => self.watch.closed(process),
            News::Trouble(problem) => self.report(DESKTOP, problem).await,
        }
    }

    fn send_next(&mut self) {
        let Some(push) = &self.push else { return };
        let Some(message) = self.outbox.next(Instant::now()) else { return };
        self.sending = Some(tokio::spawn(push_process::send(push.clone(), message)));
    }

    async fn sent(&mut self, outcome: Result<(), Failure>) {
        self.sending = None;
        let sent = outcome.as_ref().err().map_or(Sent::Done, |failure| failure.sent);
        self.outbox.sent(sent, Instant::now());
        self.report(PUSH, outcome.err().map(|failure| failure.problem)).await;
    }

    async fn report(&self, source: &'static str, problem: Option<String>) {
        let _ = self.hub.send(Input::Notifier(source, problem)).await;
    }
}

fn start_desktop() -> Desktop {
    let (orders, inbox) = mpsc::unbounded_channel();
    let (sender, news) = mpsc::unbounded_channel();
    tokio::spawn(desktop::run(inbox, sender));
    Desktop { orders, news }
}

fn snooze_button(config: &Notify) -> String {
    let seconds = config.snooze.as_secs();
    match seconds {
        ..60 => format!("Snooze {seconds} s"),
        60..3600 => format!("Snooze {} min", seconds / 60),
        3600.. => format!("Snooze {} h", seconds / 3600),
    }
}

async fn news(desktop: &mut Option<Desktop>) -> Option<News> {
    match desktop {
        Some(desktop) => desktop.news.recv().await,
        None => std::future::pending().await,
    }
}

async fn outcome(sending: &mut Option<JoinHandle<Result<(), Failure>>>) -> Result<(), Failure> {
    let Some(sending) = sending else { return std::future::pending().await };
    let failed = |_| Failure { sent: Sent::Again, problem: "cannot send messages".to_owned() };
    sending.await.unwrap_or_else(|error| Err(failed(error)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Occasion};
    use crate::notify::text::Message;

    fn config(push: &str) -> Notify {
        let text = format!("[notify]\ndesktop = true\n{push}");
        Config::parse(&text, None).unwrap().0.notify
    }

    #[test]
    fn a_message_without_a_server_is_never_due() {
        let push = "[notify.push]\nkind = \"ntfy\"\nurl = \"https://127.0.0.1/topic\"\n";
        let mut notifier = Notifier::new(config(push), mpsc::channel(1).0);
        let process = ProcessId { pid: 1, start: 1 };
        let message =
            || Message { occasion: Occasion::NeedsInput, title: "api".into(), text: String::new() };
        notifier.act(Action::Push(process, message()));
        assert!(notifier.due().is_some());
        notifier.take(Told::Config(Box::new(config(""))));
        assert_eq!(notifier.due(), None);
        // What was to be sent after a while comes now.
        notifier.act(Action::Push(process, message()));
        assert_eq!(notifier.due(), None);
    }
}
