//! What a thread does on a disk, which may take for ever: waited for so long and no longer.

use crate::session::sanitize::harmless;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;
use tokio::time::{timeout, timeout_at};

/// A disk that has not answered after this long is taken to hang.
pub const PATIENCE: Duration = Duration::from_secs(1);

/// Something that was asked for, and until when its answer is in time.
#[derive(Debug)]
pub struct Errand<T> {
    answer: oneshot::Receiver<T>,
    late_at: Instant,
    told: bool,
}

impl<T: Send + 'static> Errand<T> {
    /// Have `work` done by a thread.
    pub fn send(work: impl FnOnce() -> T + Send + 'static) -> Errand<T> {
        let (done, answer) = oneshot::channel();
        spawn_blocking(move || drop(done.send(work())));
        Errand::new(answer)
    }
}

impl<T> Errand<T> {
    /// The answer comes through this channel.
    pub fn new(answer: oneshot::Receiver<T>) -> Errand<T> {
        Errand { answer, late_at: Instant::now() + PATIENCE, told: false }
    }

    /// The answer, if it is in time.
    pub async fn in_time(&mut self) -> Option<T> {
        timeout_at(self.late_at.into(), &mut self.answer).await.ok()?.ok()
    }

    /// The answer, if it comes within this time from now.
    pub async fn within(self, patience: Duration) -> Option<T> {
        timeout(patience, self.answer).await.ok()?.ok()
    }

    /// When it is late, unless it is already.
    pub fn due(&self, at: Instant) -> Option<Instant> {
        (at < self.late_at).then_some(self.late_at)
    }

    /// Whether it is late, for the first time that somebody asks.
    pub fn turns_late(&mut self, at: Instant) -> bool {
        at >= self.late_at && !std::mem::replace(&mut self.told, true)
    }
}

/// Wait for the answer, in time or late; for ever if nothing was asked for. `None` if there will be
/// no answer.
pub async fn done<T>(errand: &mut Option<Errand<T>>) -> Option<T> {
    let Some(open) = errand else { return std::future::pending().await };
    let answer = (&mut open.answer).await.ok();
    *errand = None;
    answer
}

/// One line for whoever wonders why: what hangs, what to do, and how it is until then.
pub fn hangs(path: &Path, until_then: &str) -> String {
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
    async fn an_answer_that_is_late_is_taken_all_the_same() {
        let (answer, answered) = oneshot::channel();
        let mut errand = Errand::new(answered);
        errand.late_at = Instant::now();
        assert_eq!(errand.in_time().await, None);
        let at = Instant::now();
        assert!(errand.due(at).is_none() && errand.turns_late(at) && !errand.turns_late(at));
        let mut open = Some(errand);
        answer.send("late").unwrap();
        assert_eq!(done(&mut open).await, Some("late"));
        assert!(open.is_none());
    }

    #[tokio::test]
    async fn an_answer_in_time_is_not_waited_for_longer() {
        let mut errand = Errand::send(|| 7);
        assert!(errand.due(Instant::now()).is_some() && !errand.turns_late(Instant::now()));
        assert_eq!(errand.in_time().await, Some(7));
    }
}
