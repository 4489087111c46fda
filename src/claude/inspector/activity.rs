//! Whether a process works or waits, by the processor time that it uses. Pure.

use crate::claude::verdict::evidence::Activity;
use crate::session::Timestamp;
use chrono::TimeDelta;

/// A process that has used less has not come to a dialog of its start (0.5 to 2.1 s were measured,
/// 0.03 s of one that was starved for 15 s).
const MIN_START_TIME: TimeDelta = TimeDelta::milliseconds(100);

/// What a process does is measured over at least this long.
const WINDOW: TimeDelta = TimeDelta::milliseconds(300);

/// A process that uses more than this part of the time is at work: a spinner takes 8 to 22 % (node, at
/// a load of 9), a dialog or a free prompt up to 3 %.
const QUIET_PART: i32 = 20;

/// Processor time is counted in ticks of 10 ms.
const MAX_ROUNDING: TimeDelta = TimeDelta::milliseconds(20);

/// Over a long window a short piece of work may hide in that part: more than this, and it is not known
/// whether the process was quiet throughout.
const MAX_QUIET_TIME: TimeDelta = TimeDelta::milliseconds(120);

/// What was seen of a process.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ActivityWatch {
    /// Where the window begins that is being measured, and the time used by then.
    window: Option<(Timestamp, TimeDelta)>,
    /// Since when it has been quiet, or at work.
    since: Option<(Timestamp, Doing)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    Sleep,
    Work,
}

impl ActivityWatch {
    /// The process has used `used` of processor time by `now` and is in this state of proc_pid_stat(5).
    pub(super) fn look(&mut self, used: TimeDelta, state: char, now: Timestamp) -> Activity {
        let has_started = used >= MIN_START_TIME;
        // One that is stopped, or waits for a disk, would work if it could.
        if !matches!(state, 'S' | 'R') {
            (self.window, self.since) = (Some((now, used)), None);
            return Activity { has_started, ..Activity::default() };
        }
        match self.window {
            Some((begin, _)) if now >= begin && now - begin < WINDOW => {}
            Some((begin, before)) if now >= begin => {
                let doing = measure(now - begin, used - before);
                let same = self.since.filter(|(_, known)| Some(*known) == doing);
                self.since = same.or_else(|| Some((begin, doing?)));
                self.window = Some((now, used));
            }
            _ => (self.window, self.since) = (Some((now, used)), None),
        }
        let lasts = |wanted| {
            let (since, _) = self.since.filter(|(_, doing)| *doing == wanted)?;
            Some(now - since)
        };
        // One that sleeps is found waiting for its turn now and then, on a busy machine.
        let quiet_for = lasts(Doing::Sleep).filter(|_| state == 'S').unwrap_or_default();
        Activity { quiet_for, busy_for: lasts(Doing::Work).unwrap_or_default(), has_started }
    }
}

/// What a process did in a window in which it used so much.
fn measure(window: TimeDelta, used: TimeDelta) -> Option<Doing> {
    let quiet = window / QUIET_PART + MAX_ROUNDING;
    match used > quiet {
        true => Some(Doing::Work),
        false if used <= MAX_QUIET_TIME => Some(Doing::Sleep),
        false => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::testing::time;

    /// Looks (time, time used, state), and for how long the process has been quiet or, below zero, at
    /// work then.
    fn check(looks: &[(i64, i64, char, i64)]) {
        let mut watch = ActivityWatch::default();
        for (at, used, state, want) in looks {
            let found = watch.look(TimeDelta::milliseconds(*used), *state, time(*at));
            let found = (found.quiet_for - found.busy_for).num_milliseconds();
            assert_eq!(found, *want, "at {at}: {looks:?}");
        }
    }

    #[test]
    fn one_that_sleeps_is_quiet_and_one_with_a_spinner_is_at_work() {
        check(&[(0, 400, 'S', 0), (200, 410, 'S', 0), (600, 420, 'S', 600), (900, 430, 'S', 900)]);
        check(&[(0, 400, 'S', 0), (300, 410, 'R', 0), (600, 420, 'S', 600), (700, 420, 'R', 0)]);
        check(&[
            (0, 500, 'S', 0),
            (600, 500, 'S', 600),
            (900, 700, 'S', -300),
            (1400, 700, 'S', 500),
        ]);
        check(&[(0, 300, 'S', 0), (1000, 400, 'S', -1000), (2000, 500, 'R', -2000)]);
        // A piece of work may hide in a long time.
        check(&[(0, 500, 'S', 0), (60_000, 700, 'S', 0), (60_400, 700, 'S', 400)]);
        check(&[(0, 500, 'S', 0), (5000, 540, 'S', 5000)]);
        // Stopped, or waiting for a disk.
        check(&[(0, 500, 'T', 0), (5000, 500, 'T', 0), (6000, 500, 'S', 1000)]);
        check(&[(0, 500, 'S', 0), (600, 500, 'D', 0), (700, 500, 'S', 0)]);
        // The clock was set back.
        check(&[(9000, 500, 'S', 0), (0, 500, 'S', 0), (400, 500, 'S', 400)]);
    }

    #[test]
    fn one_that_has_hardly_run_has_not_started() {
        let mut watch = ActivityWatch::default();
        let mut look = |used| watch.look(TimeDelta::milliseconds(used), 'S', time(0)).has_started;
        assert_eq!([look(30), look(99), look(100)], [false, false, true]);
    }
}
