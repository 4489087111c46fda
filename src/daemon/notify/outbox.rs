//! Messages that wait to be sent: one for each subject, a few a minute, with a pause after a failure.

use super::alert::AlertSubject;
use super::text::PushMessage;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How many messages may be sent within [`WINDOW`].
pub const MAX_PER_WINDOW: usize = 10;

/// The time for which [`MAX_PER_WINDOW`] counts.
pub const WINDOW: Duration = Duration::from_secs(60);

/// How many messages may wait. Above that, the oldest is dropped.
const MAX_WAITING: usize = 50;

/// Pauses in seconds after the first, the second … failure in a row; then always the last.
const RETRY_PAUSES: &[u64] = &[5, 15, 60, 300];

/// How often a message is tried.
const MAX_TRIES: u32 = 5;

/// The messages to send, in order.
#[derive(Debug, Default)]
pub struct Outbox {
    waiting: VecDeque<QueuedMessage>,
    sent: VecDeque<Instant>,
    /// The message that is being sent. Only one is sent at a time.
    sending: Option<QueuedMessage>,
    failures: usize,
    not_before: Option<Instant>,
}

#[derive(Debug)]
struct QueuedMessage {
    subject: AlertSubject,
    message: PushMessage,
    tries: u32,
}

/// The result of sending a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Delivery {
    /// The server took it.
    Done,
    /// It failed, and may succeed later.
    Again,
    /// It failed for good: a refused token, for example. Others will fail, too.
    Refused,
}

impl Outbox {
    /// Adds a message. It replaces one of the same subject that waits.
    pub fn add(&mut self, subject: AlertSubject, message: PushMessage) {
        self.recall(subject);
        self.waiting.push_back(QueuedMessage { subject, message, tries: 0 });
        if self.waiting.len() > MAX_WAITING {
            self.waiting.pop_front();
        }
    }

    /// Drops the message of this subject; one that is being sent is not tried again.
    pub fn recall(&mut self, subject: AlertSubject) {
        self.waiting.retain(|it| it.subject != subject);
        if let Some(sending) = self.sending.as_mut().filter(|it| it.subject == subject) {
            sending.tries = MAX_TRIES;
        }
    }

    /// The next message, if one may be sent now. [`Outbox::sent`] must follow.
    pub fn next(&mut self, now: Instant) -> Option<PushMessage> {
        if self.due(now)? > now {
            return None;
        }
        let next = self.waiting.pop_front()?;
        self.not_before = None;
        self.sent.push_back(now);
        let message = next.message.clone();
        self.sending = Some(next);
        Some(message)
    }

    /// Takes the result of sending the message that [`Outbox::next`] returned.
    pub fn sent(&mut self, outcome: Delivery, now: Instant) {
        let Some(mut message) = self.sending.take() else { return };
        message.tries += 1;
        if outcome == Delivery::Done {
            self.failures = 0;
            return;
        }
        let pause =
            RETRY_PAUSES.get(self.failures).or(RETRY_PAUSES.last()).copied().unwrap_or_default();
        self.failures += 1;
        self.not_before = Some(now + Duration::from_secs(pause));
        if outcome == Delivery::Again && message.tries < MAX_TRIES {
            self.waiting.push_front(message);
        }
    }

    /// When [`Outbox::next`] returns a message; `None` while one is being sent or none waits.
    pub fn due(&mut self, now: Instant) -> Option<Instant> {
        while self.sent.front().is_some_and(|at| *at + WINDOW <= now) {
            self.sent.pop_front();
        }
        if self.waiting.is_empty() || self.sending.is_some() {
            return None;
        }
        let window =
            self.sent.front().filter(|_| self.sent.len() >= MAX_PER_WINDOW).map(|at| *at + WINDOW);
        Some([window, self.not_before].into_iter().flatten().fold(now, Instant::max))
    }

    /// Drops all messages, because no server is configured any more.
    pub fn clear(&mut self) {
        self.waiting.clear();
        if let Some(sending) = &mut self.sending {
            sending.tries = MAX_TRIES;
        }
    }

    /// Forgets earlier failures, because the configuration of the server has changed.
    pub fn reset_failures(&mut self) {
        (self.failures, self.not_before) = (0, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Trigger;
    use crate::session::key::SessionKey;

    fn message(text: &str) -> PushMessage {
        let (trigger, title) = (Trigger::NeedsInput, text.to_owned());
        PushMessage { trigger, title, text: String::new(), link: None, token: None }
    }

    fn key(pid: u32) -> AlertSubject {
        SessionKey::local(pid, 0).into()
    }

    fn next(outbox: &mut Outbox, now: Instant) -> Option<String> {
        outbox.next(now).map(|it| it.title)
    }

    #[test]
    fn a_few_per_minute_in_their_order() {
        let (mut outbox, start) = (Outbox::default(), Instant::now());
        for pid in 0..12 {
            outbox.add(key(pid), message(&pid.to_string()));
        }
        for pid in 0..10 {
            assert_eq!(next(&mut outbox, start), Some(pid.to_string()));
            assert_eq!(next(&mut outbox, start), None, "one at a time");
            outbox.sent(Delivery::Done, start);
        }
        assert_eq!((next(&mut outbox, start), outbox.due(start)), (None, Some(start + WINDOW)));
        assert_eq!(next(&mut outbox, start + WINDOW), Some("10".to_owned()));
    }

    #[test]
    fn after_a_failure_it_pauses_longer_and_longer() {
        let (mut outbox, mut now) = (Outbox::default(), Instant::now());
        outbox.add(key(1), message("1"));
        for pause in [5, 15, 60, 300] {
            assert!(outbox.next(now).is_some());
            outbox.sent(Delivery::Again, now);
            assert_eq!(outbox.due(now), Some(now + Duration::from_secs(pause)));
            assert_eq!(next(&mut outbox, now), None);
            now += Duration::from_secs(pause);
        }
        assert!(outbox.next(now).is_some());
        outbox.sent(Delivery::Again, now);
        assert_eq!(outbox.due(now), None, "it was tried often enough");
        outbox.add(key(2), message("2"));
        outbox.reset_failures();
        assert_eq!(next(&mut outbox, now), Some("2".to_owned()));
    }

    #[test]
    fn only_the_last_of_a_session_counts_and_none_when_it_is_over() {
        let (mut outbox, now) = (Outbox::default(), Instant::now());
        outbox.add(key(1), message("old"));
        outbox.add(key(1), message("new"));
        outbox.add(key(2), message("over"));
        outbox.recall(key(2));
        assert_eq!(next(&mut outbox, now), Some("new".to_owned()));
        outbox.add(key(1), message("newer"));
        outbox.sent(Delivery::Again, now);
        let later = now + WINDOW;
        assert_eq!(next(&mut outbox, later), Some("newer".to_owned()));
        outbox.sent(Delivery::Refused, later);
        assert_eq!(outbox.due(later), None);
    }

    #[test]
    fn without_a_server_none_waits_nor_comes_back() {
        let (mut outbox, now) = (Outbox::default(), Instant::now());
        outbox.add(key(1), message("sending"));
        outbox.add(key(2), message("waiting"));
        assert!(outbox.next(now).is_some());
        outbox.clear();
        outbox.sent(Delivery::Again, now);
        assert_eq!(outbox.due(now + WINDOW), None);
    }

    #[test]
    fn a_flood_is_bounded() {
        let mut outbox = Outbox::default();
        for pid in 0..1000 {
            outbox.add(key(pid), message(""));
        }
        assert_eq!(outbox.waiting.len(), MAX_WAITING);
    }
}
