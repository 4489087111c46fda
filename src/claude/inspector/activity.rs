//! Whether a process works or waits, by the processor time that it uses. Pure.

use crate::claude::verdict::evidence::Activity;
use crate::session::Timestamp;
use chrono::TimeDelta;

/// A process that has used less has not come to a dialog of its start (0.5 to 2.1 s were measured,
/// 0.03 s of one that was starved for 15 s).
const MIN_START_TIME: TimeDelta = TimeDelta::milliseconds(100);

/// It must have been quiet for this long to count as waiting.
const QUIET_FOR: TimeDelta = TimeDelta::milliseconds(300);

/// It is quiet while it uses less than this part of the time: a dialog uses up to 3 %, a start on two
/// processors at a load of 11 gets 18 %.
const QUIET_PART: i32 = 20;

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
    pub(super) fn look(&mut self, used: TimeDelta, state: char, now: Timestamp) -> Activity {
        let stays = |(since, before): &(Timestamp, TimeDelta)| {
            now >= *since && used - *before <= (now - *since) / QUIET_PART + MAX_ROUNDING
        };
        // One that is stopped, or waits for a disk, would work if it could. On a busy machine one that
        // sleeps is found waiting for its turn now and then.
        let may_work = !matches!(state, 'S' | 'R');
        self.quiet = self.quiet.filter(|quiet| !may_work && stays(quiet)).or(Some((now, used)));
        let quiet_for = self.quiet.map_or(TimeDelta::zero(), |(since, _)| now - since);
        let sleeps = state == 'S' && quiet_for >= QUIET_FOR;
        let quiet_for = if sleeps { quiet_for } else { TimeDelta::zero() };
        Activity { quiet_for, has_started: used >= MIN_START_TIME }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::testing::time;

    /// Looks (time, time used, state), and for how long the process has been quiet then.
    fn check(looks: &[(i64, i64, char, i64)]) {
        let mut watch = ActivityWatch::default();
        for (at, used, state, want) in looks {
            let found = watch.look(TimeDelta::milliseconds(*used), *state, time(*at));
            assert_eq!(found.quiet_for.num_milliseconds(), *want, "at {at}: {looks:?}");
        }
    }

    #[test]
    fn one_that_sleeps_is_quiet() {
        check(&[(0, 400, 'S', 0), (200, 410, 'S', 0), (600, 420, 'S', 600), (900, 430, 'S', 900)]);
        check(&[(0, 400, 'S', 0), (300, 410, 'R', 0), (600, 420, 'S', 600), (700, 420, 'R', 0)]);
        check(&[(0, 500, 'S', 0), (600, 500, 'S', 600), (900, 700, 'S', 0), (1400, 700, 'S', 500)]);
        // At work on a busy machine.
        check(&[(0, 300, 'S', 0), (1000, 400, 'S', 0), (2000, 500, 'S', 0)]);
        // Stopped, or waiting for a disk.
        check(&[(0, 500, 'T', 0), (5000, 500, 'T', 0), (6000, 500, 'S', 1000)]);
        check(&[(0, 500, 'S', 0), (600, 500, 'D', 0), (700, 500, 'S', 0)]);
    }

    #[test]
    fn one_that_has_hardly_run_has_not_started() {
        let mut watch = ActivityWatch::default();
        let mut look = |used| watch.look(TimeDelta::milliseconds(used), 'S', time(0)).has_started;
        assert_eq!([look(30), look(99), look(100)], [false, false, true]);
    }
}
