//! A channel of two lanes, received in batches: while it is busy, several messages cost the loop one
//! turn, and those that somebody waits for go before those that can wait.

use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::sleep_until;

/// How far apart batches are while a channel is busy.
pub const BATCH_INTERVAL: Duration = Duration::from_millis(10);

/// So many messages that can wait are received at once, at most: the loop takes some 20 µs for each,
/// and what comes meanwhile waits for all of them.
const MAX_LATER: usize = 16;

/// Which messages are received in batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pause {
    /// None: each comes at once.
    None,
    /// Those that can wait.
    Later,
    /// All.
    All,
}

/// Where messages are sent.
#[derive(Debug)]
pub struct LaneSenders<T> {
    /// Those that somebody may wait for.
    pub soon: UnboundedSender<T>,
    /// Those that can wait.
    pub later: UnboundedSender<T>,
}

/// Where they are received.
#[derive(Debug)]
pub struct Lanes<T> {
    soon: UnboundedReceiver<T>,
    later: UnboundedReceiver<T>,
    /// When all that there was had last been received.
    emptied: Instant,
    /// Whether the last batch was the rest of what there was.
    was_rest: bool,
}

/// A channel in which nothing was sent yet.
pub fn lanes<T>(now: Instant) -> (LaneSenders<T>, Lanes<T>) {
    let ((soon_sender, soon), (later_sender, later)) = (unbounded_channel(), unbounded_channel());
    let senders = LaneSenders { soon: soon_sender, later: later_sender };
    (senders, Lanes { soon, later, emptied: now, was_rest: false })
}

impl<T> Lanes<T> {
    /// Waits for messages, and takes those that are there of one lane. `now` is when the last batch was
    /// taken, or later.
    ///
    /// The batch is never empty. Never returns once all senders are gone. Cancel safe: dropping the
    /// future loses no message.
    pub async fn next(&mut self, pause: Pause, now: Instant) -> Vec<T> {
        if std::mem::take(&mut self.was_rest) {
            self.emptied = now;
        }
        let then = self.emptied + BATCH_INTERVAL;
        let soon_then = (pause == Pause::All).then_some(then);
        let later_then = (pause != Pause::None).then_some(then);
        let batch = tokio::select! {
            biased;
            batch = receive(&mut self.soon, usize::MAX, soon_then) => batch,
            batch = receive(&mut self.later, MAX_LATER, later_then) => batch,
        };
        self.was_rest = batch.len() < MAX_LATER;
        batch
    }
}

/// Waits for messages, and takes `most` of those that are there; with `not_before`, none before that
/// time.
async fn receive<T>(
    receiver: &mut UnboundedReceiver<T>,
    most: usize,
    not_before: Option<Instant>,
) -> Vec<T> {
    if let Some(then) = not_before {
        sleep_until(then.into()).await;
    }
    let mut batch = Vec::new();
    if receiver.recv_many(&mut batch, most).await == 0 {
        return std::future::pending().await;
    }
    batch
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn all_there_is_comes_at_once() {
        let begun = Instant::now();
        let (senders, mut lanes) = lanes(begun);
        for pause in [Pause::None, Pause::Later, Pause::All] {
            senders.soon.send(1).unwrap();
            senders.soon.send(2).unwrap();
            assert_eq!(lanes.next(pause, begun - BATCH_INTERVAL).await, [1, 2]);
        }
    }

    #[tokio::test]
    async fn what_can_wait_comes_after_the_rest_and_in_pieces() {
        let begun = Instant::now();
        let (senders, mut lanes) = lanes(begun - BATCH_INTERVAL);
        for number in 0..20 {
            senders.later.send(number).unwrap();
        }
        senders.soon.send(77).unwrap();
        assert_eq!(lanes.next(Pause::None, begun).await, [77]);
        assert_eq!(lanes.next(Pause::None, begun).await.len(), MAX_LATER);
        senders.soon.send(78).unwrap();
        assert_eq!(lanes.next(Pause::None, begun).await, [78]);
        assert_eq!(lanes.next(Pause::None, begun).await, [16, 17, 18, 19]);
    }

    #[tokio::test]
    async fn while_a_channel_is_busy_there_is_a_pause() {
        for (pause, number) in [(Pause::Later, 1), (Pause::All, 2)] {
            let begun = Instant::now();
            let (senders, mut lanes) = lanes(begun);
            let lane = if pause == Pause::All { &senders.soon } else { &senders.later };
            lane.send(number).unwrap();
            assert_eq!(lanes.next(pause, begun).await, [number]);
            assert!(begun.elapsed() >= BATCH_INTERVAL);
        }
    }

    #[tokio::test]
    async fn the_rest_of_a_large_batch_comes_without_a_pause() {
        let begun = Instant::now();
        let (senders, mut lanes) = lanes(begun - BATCH_INTERVAL);
        let hour = begun + Duration::from_secs(3600);
        for number in 0..20 {
            senders.later.send(number).unwrap();
        }
        assert_eq!(lanes.next(Pause::Later, begun).await.len(), MAX_LATER);
        assert_eq!(lanes.next(Pause::Later, hour).await.len(), 4);
    }
}
