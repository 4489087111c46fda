//! What the desktop shows: the notifications that are wanted, and the server that shows them.
//!
//! The connection is made when there is something to show. Where there is none, it is tried again
//! with longer and longer pauses, as long as something is to be shown.

use super::dbus::{Bus, FOCUS, SNOOZE, Signal};
use super::text::Note;
use crate::session::key::SessionKey;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// Pauses, in seconds, after the first, the second … failure in a row; then always the last.
const PAUSES: &[u64] = &[1, 5, 30, 120, 600];

/// What is to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// This, in place of what is shown of this session; with the name of its button for later.
    Show(SessionKey, Note, String),
    /// Nothing of this session.
    Withdraw(SessionKey),
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// The user wants to go there.
    Focus(SessionKey),
    /// The user wants to be told later.
    Snooze(SessionKey),
    /// It is not shown any more.
    Closed(SessionKey),
    /// Nothing can be shown, and why; `None` when it can again.
    Trouble(Option<String>),
}

/// Show what is ordered until there are no more orders; then take everything back.
pub async fn run(mut orders: mpsc::UnboundedReceiver<Order>, news: mpsc::UnboundedSender<News>) {
    let mut desktop = Desktop { news, ..Desktop::new() };
    loop {
        desktop.flush().await;
        let retry = desktop.retry.filter(|_| !desktop.changed.is_empty());
        tokio::select! {
            order = orders.recv() => match order {
                Some(order) => desktop.take(order),
                None => break,
            },
            signal = signal(&mut desktop.bus) => desktop.happened(signal),
            () = until(retry) => desktop.retry = None,
        }
    }
    desktop.wanted.clear();
    desktop.changed.extend(desktop.ids.keys());
    desktop.flush().await;
}

struct Desktop {
    news: mpsc::UnboundedSender<News>,
    bus: Option<Bus>,
    wanted: BTreeMap<SessionKey, (Note, String)>,
    /// What the server shows, and its ids.
    ids: BTreeMap<SessionKey, u32>,
    /// Of these the server shows something else than is wanted.
    changed: BTreeSet<SessionKey>,
    failures: usize,
    retry: Option<Instant>,
}

impl Desktop {
    fn new() -> Desktop {
        Desktop {
            news: mpsc::unbounded_channel().0,
            bus: None,
            wanted: BTreeMap::new(),
            ids: BTreeMap::new(),
            changed: BTreeSet::new(),
            failures: 0,
            retry: None,
        }
    }

    fn take(&mut self, order: Order) {
        let key = match order {
            Order::Show(key, note, snooze) => {
                self.wanted.insert(key, (note, snooze));
                key
            }
            Order::Withdraw(key) => {
                self.wanted.remove(&key);
                key
            }
        };
        self.note_change(key);
    }

    fn note_change(&mut self, key: SessionKey) {
        if self.wanted.contains_key(&key) || self.ids.contains_key(&key) {
            self.changed.insert(key);
        } else {
            self.changed.remove(&key);
        }
    }

    /// Make the server show what is wanted, if it is time to try.
    async fn flush(&mut self) {
        if self.changed.is_empty() || self.retry.is_some() {
            return;
        }
        match self.try_flush().await {
            Ok(()) => {
                if std::mem::take(&mut self.failures) > 0 {
                    self.tell(News::Trouble(None));
                }
            }
            Err(error) => {
                if self.bus.as_ref().is_some_and(Bus::is_closed) {
                    self.bus = None;
                    self.forget_ids();
                }
                let pause = PAUSES.get(self.failures).or(PAUSES.last()).copied().unwrap_or(600);
                self.retry = Some(Instant::now() + Duration::from_secs(pause));
                self.failures += 1;
                self.tell(News::Trouble(Some(format!("no desktop notifications: {error}"))));
            }
        }
    }

    async fn try_flush(&mut self) -> Result<(), String> {
        let bus = match self.bus.take() {
            Some(bus) => bus,
            None => Bus::connect().await?,
        };
        let bus = self.bus.insert(bus);
        bus.meet().await?;
        while let Some(key) = self.changed.first().copied() {
            match self.wanted.get(&key) {
                Some((note, snooze)) => {
                    let replaces = self.ids.get(&key).copied().unwrap_or_default();
                    let id = bus.show(note, replaces, snooze).await?;
                    self.ids.insert(key, id);
                }
                None => {
                    // Known until it is gone: what fails is tried again.
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

    fn happened(&mut self, signal: Signal) {
        match signal {
            Signal::Invoked(id, action) => {
                let Some(key) = self.shown_as(id) else { return };
                match action.as_str() {
                    FOCUS => self.tell(News::Focus(key)),
                    SNOOZE => self.tell(News::Snooze(key)),
                    _ => return,
                }
                // Some servers leave it there.
                self.wanted.remove(&key);
                self.note_change(key);
            }
            Signal::Closed(id) => {
                let Some(key) = self.shown_as(id) else { return };
                self.ids.remove(&key);
                if !self.changed.contains(&key) {
                    self.wanted.remove(&key);
                    self.tell(News::Closed(key));
                }
                self.note_change(key);
            }
            Signal::Came => {
                self.forget_ids();
                self.retry = None;
            }
            Signal::Gone => {
                self.forget_ids();
                // It may be on its way back, by itself or by our asking.
                self.retry.get_or_insert(Instant::now() + Duration::from_secs(PAUSES[0]));
            }
            Signal::Lost => {
                self.bus = None;
                self.forget_ids();
            }
        }
    }

    /// The server shows nothing of ours any more. What is wanted is shown to the next one.
    fn forget_ids(&mut self) {
        self.ids.clear();
        self.changed = self.wanted.keys().copied().collect();
    }

    fn shown_as(&self, id: u32) -> Option<SessionKey> {
        self.ids.iter().find(|(_, shown)| **shown == id).map(|(key, _)| *key)
    }

    fn tell(&self, news: News) {
        // Whoever ordered may have gone by now.
        let _ = self.news.send(news);
    }
}

async fn signal(bus: &mut Option<Bus>) -> Signal {
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
