//! Receiving in batches: while a channel is busy, several messages cost the loop one turn.

use std::time::{Duration, Instant};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::sleep_until;

/// How far apart batches are while a channel is busy.
pub const BATCH_INTERVAL: Duration = Duration::from_millis(10);

/// Waits for messages, and takes all that are there; with `not_before`, takes none before that time.
///
/// The batch is never empty. Never returns once all senders are gone. Cancel safe: dropping the
/// future loses no message.
pub async fn receive_batch<T>(
    receiver: &mut UnboundedReceiver<T>,
    not_before: Option<Instant>,
) -> Vec<T> {
    if let Some(then) = not_before {
        sleep_until(then.into()).await;
    }
    let mut batch = Vec::new();
    if receiver.recv_many(&mut batch, usize::MAX).await == 0 {
        return std::future::pending().await;
    }
    batch
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc::unbounded_channel;

    #[tokio::test]
    async fn all_there_is_comes_at_once() {
        let (sender, mut receiver) = unbounded_channel();
        for not_before in [None, Some(Instant::now()), Some(Instant::now() + BATCH_INTERVAL)] {
            sender.send(1).unwrap();
            sender.send(2).unwrap();
            assert_eq!(receive_batch(&mut receiver, not_before).await, [1, 2]);
        }
    }

    #[tokio::test]
    async fn while_a_channel_is_busy_there_is_a_pause() {
        let (sender, mut receiver) = unbounded_channel();
        let begun = Instant::now();
        sender.send(1).unwrap();
        receive_batch(&mut receiver, Some(begun + BATCH_INTERVAL)).await;
        assert!(begun.elapsed() >= BATCH_INTERVAL);
    }
}
