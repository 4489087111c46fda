//! How often the hub is told of one host: a few reports at once, and evenly while the host is busy. Pure.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How many reports follow each other without a pause. An edge that comes right after a heartbeat, or
/// after another edge, must not wait.
const BURST: usize = 4;

/// The time in which no more than that are made.
const WINDOW: Duration = Duration::from_millis(80);

/// When the last reports were made.
#[derive(Debug, Default)]
pub struct ReportPace {
    made: VecDeque<Instant>,
}

impl ReportPace {
    /// When the next report may be made; `None`: at `now`.
    pub fn earliest(&self, now: Instant) -> Option<Instant> {
        let first = self.made.front().filter(|_| self.made.len() >= BURST)?;
        Some(*first + WINDOW).filter(|it| *it > now)
    }

    /// Takes note of a report.
    pub fn note(&mut self, now: Instant) {
        self.made.push_back(now);
        if self.made.len() > BURST {
            self.made.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_reports_wait_for_nothing_and_many_are_made_evenly() {
        let begin = Instant::now();
        let mut pace = ReportPace::default();
        for _ in 0..BURST {
            assert_eq!(pace.earliest(begin), None);
            pace.note(begin);
        }
        assert_eq!(pace.earliest(begin), Some(begin + WINDOW));
        let later = begin + WINDOW;
        assert_eq!(pace.earliest(later), None);
        // Four in each window, however much there is to report.
        let (mut at, mut count) = (later, 0);
        while at < later + WINDOW * 10 {
            match pace.earliest(at) {
                Some(next) => at = next,
                None => {
                    pace.note(at);
                    count += 1;
                }
            }
        }
        assert_eq!(count, 10 * BURST);
    }
}
