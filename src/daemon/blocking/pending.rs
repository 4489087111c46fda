//! A call that another thread makes, such as a read of a disk, and until when its result is in time.
//! The loop waits for it no longer than that; a late result is used all the same.

use crate::session::sanitize::harmless;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tokio::time::timeout_at;

/// A disk that has not answered after this long is taken to hang.
pub const DISK_TIMEOUT: Duration = Duration::from_secs(1);

/// A result that is still to come.
#[derive(Debug)]
pub struct PendingCall<T> {
    result: oneshot::Receiver<T>,
    deadline: Instant,
    is_reported: bool,
}

impl<T> PendingCall<T> {
    /// A result that comes through this channel. Its deadline is [`DISK_TIMEOUT`] after `now`.
    pub fn of(now: Instant, result: oneshot::Receiver<T>) -> PendingCall<T> {
        PendingCall { result, deadline: now + DISK_TIMEOUT, is_reported: false }
    }

    /// The result, if it comes before the deadline.
    pub async fn in_time(&mut self) -> Option<T> {
        timeout_at(self.deadline.into(), &mut self.result).await.ok()?.ok()
    }

    /// The deadline, while it is to come.
    pub fn deadline(&self, now: Instant) -> Option<Instant> {
        (now < self.deadline).then_some(self.deadline)
    }

    /// The call has not begun, for want of a thread: its time counts from now on.
    pub fn restart(&mut self, now: Instant) {
        self.deadline = now + DISK_TIMEOUT;
    }

    /// Whether the deadline has passed; true only for the first call that finds it so.
    pub fn becomes_overdue(&mut self, now: Instant) -> bool {
        now >= self.deadline && !std::mem::replace(&mut self.is_reported, true)
    }
}

/// Waits for the result, in time or late, and clears `pending`; for ever if there is none to wait
/// for. `None` if no result will come. Cancel safe.
pub async fn completed<T>(pending: &mut Option<PendingCall<T>>) -> Option<T> {
    let Some(open) = pending else { return std::future::pending().await };
    let result = (&mut open.result).await.ok();
    *pending = None;
    result
}

/// One line for the user: which path hangs, what to do, and what holds until then.
pub fn hang_message(path: &Path, until_then: &str) -> String {
    let path = harmless(&path.display().to_string());
    format!(
        "{path} does not answer: bring its file system back, or take it away with `umount -l`; \
         until then {until_then}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_late_result_is_used_all_the_same() {
        let (sender, result) = oneshot::channel();
        let now = Instant::now();
        let mut pending = PendingCall::of(now - DISK_TIMEOUT, result);
        assert_eq!(pending.in_time().await, None);
        assert!(pending.deadline(now).is_none());
        assert!(pending.becomes_overdue(now) && !pending.becomes_overdue(now));
        let mut open = Some(pending);
        sender.send("late").unwrap();
        assert_eq!(completed(&mut open).await, Some("late"));
        assert!(open.is_none());
    }

    #[tokio::test]
    async fn a_result_in_time_is_not_waited_for_longer() {
        let now = Instant::now();
        let (sender, result) = oneshot::channel();
        let mut pending = PendingCall::of(now, result);
        sender.send(7).unwrap();
        assert!(pending.deadline(now).is_some() && !pending.becomes_overdue(now));
        assert_eq!(pending.in_time().await, Some(7));
    }
}
