//! Whether a process works or waits, by the processor time that it uses. Pure.

use crate::claude::verdict::evidence::Activity;
use crate::session::Timestamp;
use chrono::TimeDelta;

/// A process that has used less has not come to a dialog of its start (0.5 to 2.1 s were measured,
/// 0.03 s of one that was starved for 15 s).
const MIN_START_TIME: TimeDelta = TimeDelta::milliseconds(100);

/// It must have been quiet for this long to count as waiting.
const QUIET_FOR: TimeDelta = TimeDelta::milliseconds(300);

/// Processor time is counted in ticks of 10 ms.
const MAX_ROUNDING: TimeDelta = TimeDelta::milliseconds(20);

/// What was seen of a process.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ActivityWatch {
    /// Since when it has been quiet, and the time it had used by then.
    quiet: Option<(Timestamp, TimeDelta)>,
}

impl ActivityWatch {
    /// The process has used `used` of processor time by `now` and is in this state of proc_pid_stat(5).
    pub(super) fn look(
        &mut self,
        used: Option<TimeDelta>,
        state: char,
        now: Timestamp,
    ) -> Option<Activity> {
        let used = used?;
        let is_quiet = |(since, before): &(Timestamp, TimeDelta)| {
            // A twentieth of the time is what a dialog may need to be redrawn.
            now >= *since && used - *before <= (now - *since) / 20 + MAX_ROUNDING
        };
        if !matches!(state, 'S' | 'D') || !self.quiet.as_ref().is_some_and(is_quiet) {
            self.quiet = matches!(state, 'S' | 'D').then_some((now, used));
        }
        let is_quiet = self.quiet.is_some_and(|(since, _)| now - since >= QUIET_FOR);
        Some(Activity { is_quiet, has_started: used >= MIN_START_TIME })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::testing::time;

    /// Looks (time, time used, state), and whether the process waits then.
    fn check(looks: &[(i64, i64, char, bool)]) {
        let mut watch = ActivityWatch::default();
        for (at, used, state, want) in looks {
            let used = Some(TimeDelta::milliseconds(*used));
            let found = watch.look(used, *state, time(*at)).unwrap();
            assert_eq!(found.is_quiet && found.has_started, *want, "at {at}: {looks:?}");
        }
    }

    #[test]
    fn one_that_has_worked_and_sleeps_waits() {
        check(&[(0, 400, 'S', false), (200, 410, 'S', false), (400, 420, 'S', true)]);
        check(&[(0, 100, 'R', false), (400, 500, 'S', false), (800, 510, 'S', true)]);
        check(&[(0, 500, 'S', false), (400, 500, 'S', true), (600, 700, 'R', false)]);
        // Starved, or stopped: it has hardly run.
        check(&[(0, 10, 'S', false), (5000, 30, 'S', false), (9000, 30, 'S', false)]);
        check(&[(0, 500, 'T', false), (5000, 500, 'T', false), (6000, 500, 'S', false)]);
        // At work on a busy machine.
        check(&[(0, 300, 'S', false), (1000, 400, 'S', false), (2000, 500, 'S', false)]);
        assert_eq!(ActivityWatch::default().look(None, 'S', time(0)), None);
    }
}
