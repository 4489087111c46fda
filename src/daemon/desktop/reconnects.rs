//! When a lost window manager is connected to again.

use std::time::{Duration, Instant};

/// Pauses in milliseconds; i3 restarts within 200 ms. Afterwards every scan tries.
const PAUSES: &[u64] = &[10, 20, 50, 100, 200, 400, 800, 1600];

/// The tries since the window manager was lost.
#[derive(Debug, Default)]
pub struct Reconnects {
    tries: usize,
    at: Option<Instant>,
}

impl Reconnects {
    /// When to try next; `None` if there is nothing to do, or only scans try.
    pub fn due(&self) -> Option<Instant> {
        self.at
    }

    /// The window manager was lost: the first try follows at once.
    pub fn begin(&mut self, now: Instant) {
        self.tries = 0;
        self.at = self.next(now);
    }

    /// It is connected again.
    pub fn succeed(&mut self) {
        *self = Reconnects::default();
    }

    /// A try begins, whatever it was that asked for it.
    pub fn try_now(&mut self) {
        self.at = None;
    }

    /// A try has failed. Returns whether another one is due after a pause; there is none unless
    /// `is_wanted`.
    pub fn fail(&mut self, is_wanted: bool, now: Instant) -> bool {
        self.tries += 1;
        self.at = self.next(now).filter(|_| is_wanted);
        self.at.is_some()
    }

    fn next(&self, now: Instant) -> Option<Instant> {
        Some(now + Duration::from_millis(*PAUSES.get(self.tries)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pauses_grow_and_end() {
        let now = Instant::now();
        let mut reconnects = Reconnects::default();
        assert_eq!(reconnects.due(), None);
        reconnects.begin(now);
        let mut pauses = Vec::new();
        while let Some(at) = reconnects.due() {
            pauses.push((at - now).as_millis());
            reconnects.try_now();
            assert_eq!(reconnects.due(), None);
            reconnects.fail(true, now);
        }
        assert_eq!(pauses, [10, 20, 50, 100, 200, 400, 800, 1600]);
        reconnects.begin(now);
        assert!(!reconnects.fail(false, now) && reconnects.due().is_none());
        reconnects.begin(now);
        reconnects.succeed();
        assert_eq!(reconnects.due(), None);
    }
}
