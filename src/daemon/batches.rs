//! What comes through a channel, several at once while there is much of it.

use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, sleep_until};

/// How far apart batches are while there is much: everything that is taken costs the loop a turn.
const PAUSE: Duration = Duration::from_millis(2);

/// The receiving end.
pub struct Batches<T> {
    receiver: UnboundedReceiver<T>,
    last: Instant,
}

impl<T> Batches<T> {
    /// Of what `receiver` gets.
    pub fn new(receiver: UnboundedReceiver<T>) -> Batches<T> {
        Batches { receiver, last: Instant::now() }
    }

    /// Wait for what comes: at once, or if there is `much`, a moment after the last time. Never
    /// empty; never returns when nobody can send any more. Nothing is lost if it is given up.
    pub async fn next(&mut self, much: bool) -> Vec<T> {
        if much {
            sleep_until(self.last + PAUSE).await;
        }
        let mut batch = Vec::new();
        if self.receiver.recv_many(&mut batch, usize::MAX).await == 0 {
            return std::future::pending().await;
        }
        self.last = Instant::now();
        batch
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc::unbounded_channel;

    #[tokio::test]
    async fn all_there_is_comes_at_once() {
        let (sender, receiver) = unbounded_channel();
        let mut batches = Batches::new(receiver);
        for much in [false, true, true] {
            sender.send(1).unwrap();
            sender.send(2).unwrap();
            assert_eq!(batches.next(much).await, [1, 2]);
        }
    }

    #[tokio::test]
    async fn while_there_is_much_there_is_a_pause() {
        let (sender, receiver) = unbounded_channel();
        let begun = Instant::now();
        let mut batches = Batches::new(receiver);
        sender.send(1).unwrap();
        batches.next(true).await;
        assert!(begun.elapsed() >= PAUSE);
    }
}
