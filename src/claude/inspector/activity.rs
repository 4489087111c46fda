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

/// A process that uses no more than this from the time on at which it came to rest stands in a dialog: a
/// native build uses a tick every few seconds there, and 40 or more in each second while it starts.
const MAX_REST_TIME: TimeDelta = TimeDelta::milliseconds(10);

/// Looks that are further apart say nothing of the time between them.
const MAX_GAP: TimeDelta = TimeDelta::seconds(2);

/// The pace of a prompt is measured over at least this long.
const PACE_WINDOW: TimeDelta = TimeDelta::milliseconds(900);

/// A prompt uses less than this part of the time (1.0.128: 2 to 8 ticks a second, and 20 or more while
/// it starts).
const PACE_PART: i32 = 10;

/// In so many windows, one after the other.
const MIN_PACED: u8 = 3;

/// What was seen of a process.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ActivityWatch {
    /// Where the window begins that is being measured, and the time used by then.
    window: Option<(Timestamp, TimeDelta)>,
    /// Since when it has been quiet, or at work.
    since: Option<(Timestamp, Doing)>,
    /// Since when it has used no time at all.
    still: Rest,
    /// Since when it has used next to none.
    rest: Rest,
    /// Where the window begins in which its pace is measured, and the time used by then.
    pace: Option<(Timestamp, TimeDelta)>,
    /// In how many windows in a row it has kept the pace of a prompt.
    paced: u8,
    /// What its screen showed before it can have drawn anything, and whether it has shown anything else
    /// since.
    before: Option<u64>,
    has_drawn: bool,
    /// When it was last found to want the processor.
    wished_at: Option<Timestamp>,
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
        let still_for = self.still.look(used, TimeDelta::zero(), state, now);
        let rests_for = self.rest.look(used, MAX_REST_TIME, state, now);
        let has_paced = self.has_paced(used, state, now);
        // One that is stopped, or waits for a disk, would work if it could.
        if !matches!(state, 'S' | 'R') {
            (self.window, self.since) = (Some((now, used)), None);
            return Activity { has_started, has_paced, ..Activity::default() };
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
        let busy_for = lasts(Doing::Work).unwrap_or_default();
        let rest = Activity::default();
        Activity { quiet_for, busy_for, still_for, rests_for, has_started, has_paced, ..rest }
    }

    /// One of its threads `wants` to run at `now`: what it does not get to do is no rest.
    pub(super) fn note_wish(&mut self, activity: &mut Activity, wants: bool, now: Timestamp) {
        if wants {
            self.wished_at = Some(now);
        }
        let Some(most) = self.wished_at.map(|at| (now - at).max(TimeDelta::zero())) else { return };
        let Activity { quiet_for, rests_for, still_for, .. } = activity;
        for time in [quiet_for, rests_for, still_for] {
            *time = most.min(*time);
        }
    }

    /// The screen of the process shows `print` (a hash), and the process has done `activity`. `is_blank`:
    /// it cannot have drawn anything yet. What it shows then was left there, for as long as it stays.
    pub(super) fn look_at_screen(&mut self, activity: &mut Activity, print: u64, is_blank: bool) {
        if is_blank || !activity.has_started {
            self.before = Some(print);
        }
        activity.shows_before = self.before == Some(print);
        self.has_drawn |= self.before.is_some() && !activity.shows_before;
        activity.has_drawn = self.has_drawn;
    }

    /// Whether it has kept the pace of a prompt for a while, now or before.
    fn has_paced(&mut self, used: TimeDelta, state: char, now: Timestamp) -> bool {
        let window = self.pace.map(|(begin, before)| (now - begin, used - before));
        let lasts = |(window, _): &(TimeDelta, TimeDelta)| *window >= TimeDelta::zero();
        match window.filter(lasts).filter(|_| matches!(state, 'S' | 'R')) {
            Some((window, _)) if window < PACE_WINDOW => return self.paced >= MIN_PACED,
            Some((window, used)) if window <= MAX_GAP => {
                // One that waits for its turn does not poll: it gets no more than that.
                let is_little = used > TimeDelta::zero() && used <= window / PACE_PART;
                let is_paced = is_little && state == 'S';
                let paced = if is_paced { self.paced.saturating_add(1) } else { 0 };
                // Nothing leads back to before the prompt.
                self.paced = if self.paced >= MIN_PACED { self.paced } else { paced };
            }
            _ => {}
        }
        self.pace = Some((now, used));
        self.paced >= MIN_PACED
    }
}

/// A piece of time in which a process was asleep whenever it was looked at, and used hardly any time.
#[derive(Debug, Clone, Copy, Default)]
struct Rest {
    /// When it began, the time used by then, and when it was looked at last.
    known: Option<(Timestamp, TimeDelta, Timestamp)>,
}

impl Rest {
    /// For how long it has slept without using more than `most`. What passed between two looks that are
    /// far apart does not count: the machine may have slept as well.
    fn look(&mut self, used: TimeDelta, most: TimeDelta, state: char, now: Timestamp) -> TimeDelta {
        let goes_on = |(_, before, last): &(Timestamp, TimeDelta, Timestamp)| {
            used >= *before && used - *before <= most && now >= *last
        };
        let Some((since, before, last)) = self.known.filter(goes_on).filter(|_| state == 'S')
        else {
            self.known = Some((now, used, now));
            return TimeDelta::zero();
        };
        let since = if now - last > MAX_GAP { since + (now - last) } else { since };
        self.known = Some((since, before, now));
        now - since
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

    /// Looks that are 450 ms apart, each with the ticks used since the one before.
    fn follow(ticks: &[i64], state: char) -> Activity {
        let (mut watch, mut used) = (ActivityWatch::default(), 50);
        let mut looks = ticks.iter().zip(0..).map(|(ticks, number)| {
            used += ticks;
            watch.look(TimeDelta::milliseconds(used * 10), state, time(number * 450))
        });
        let first = looks.next().unwrap();
        looks.fold(first, |_, last| last)
    }

    #[test]
    fn one_that_uses_no_time_stands_still() {
        let still = |ticks: &[i64], state| follow(ticks, state).still_for.num_milliseconds();
        assert_eq!(still(&[0, 0, 0, 0, 0], 'S'), 1800);
        assert_eq!(still(&[0, 0, 1, 0, 0], 'S'), 900);
        let rests = |ticks: &[i64]| follow(ticks, 'S').rests_for.num_milliseconds();
        assert_eq!([rests(&[0, 0, 1, 0, 0]), rests(&[0, 0, 2, 0, 0])], [1800, 900]);
        assert_eq!(rests(&[0, 0, 1, 0, 1]), 0, "it goes on and on");
        assert_eq!(still(&[0, 0, 0, 0, 0], 'T'), 0, "it is stopped");
        let mut watch = ActivityWatch::default();
        let used = TimeDelta::milliseconds(500);
        let mut look = |at| watch.look(used, 'S', time(at)).still_for.num_milliseconds();
        assert_eq!([look(0), look(1000), look(900_000), look(901_000)], [0, 1000, 1000, 2000]);
        assert_eq!(look(100), 0, "the clock was set back");
    }

    #[test]
    fn one_that_uses_a_little_time_in_each_second_is_at_its_prompt() {
        assert!(follow(&[0, 2, 1, 2, 2, 1, 2], 'S').has_paced);
        assert!(follow(&[0, 2, 1, 2, 2, 1, 2, 20, 20, 0, 0, 0, 0], 'S').has_paced, "it was");
        assert!(!follow(&[0, 2, 1, 2, 2], 'S').has_paced);
        assert!(!follow(&[0, 9, 9, 9, 9, 9, 9, 9, 9], 'S').has_paced, "it starts");
        assert!(!follow(&[0, 0, 0, 0, 0, 1, 0, 0, 0, 0], 'S').has_paced, "it stands still");
        assert!(!follow(&[0, 2, 1, 2, 2, 1, 2], 'T').has_paced);
        assert!(!follow(&[0, 2, 1, 2, 2, 1, 2], 'R').has_paced, "it is starved");
    }

    #[test]
    fn one_that_has_hardly_run_has_not_started() {
        let mut watch = ActivityWatch::default();
        let mut look = |used| watch.look(TimeDelta::milliseconds(used), 'S', time(0)).has_started;
        assert_eq!([look(30), look(99), look(100)], [false, false, true]);
    }

    #[test]
    fn what_was_on_the_screen_before_the_start_stays_that_until_it_changes() {
        let mut watch = ActivityWatch::default();
        let mut shows_before = |has_started, print, is_blank| {
            let mut activity = Activity { has_started, ..Activity::default() };
            watch.look_at_screen(&mut activity, print, is_blank);
            activity.shows_before
        };
        assert!(shows_before(false, 1, false) && shows_before(true, 1, false));
        assert!(!shows_before(true, 2, false), "it has drawn");
        assert!(shows_before(true, 3, true), "its key is not written yet");
    }

    #[test]
    fn what_draws_nothing_is_told_from_what_has_drawn_and_shows_the_same_again() {
        let mut watch = ActivityWatch::default();
        let mut has_drawn = |has_started, print| {
            let mut activity = Activity { has_started, ..Activity::default() };
            watch.look_at_screen(&mut activity, print, false);
            (activity.shows_before, activity.has_drawn)
        };
        assert_eq!([has_drawn(false, 1), has_drawn(true, 1)], [(true, false); 2]);
        assert_eq!([has_drawn(true, 2), has_drawn(true, 1)], [(false, true), (true, true)]);
        let mut late = ActivityWatch::default();
        let mut activity = Activity { has_started: true, ..Activity::default() };
        late.look_at_screen(&mut activity, 1, false);
        assert!(!activity.has_drawn && !activity.shows_before, "nothing is known of before");
    }

    #[test]
    fn one_whose_threads_wait_for_their_turn_does_not_rest() {
        let mut watch = ActivityWatch::default();
        let mut look = |at, wants| {
            let mut activity = watch.look(TimeDelta::milliseconds(500), 'S', time(at));
            watch.note_wish(&mut activity, wants, time(at));
            [activity.quiet_for, activity.rests_for, activity.still_for]
                .map(|it| it.num_milliseconds())
        };
        assert_eq!(look(0, false), [0; 3]);
        assert_eq!(look(900, false), [900; 3]);
        assert_eq!(look(1000, true), [0; 3]);
        assert_eq!(look(1600, false), [600; 3]);
        assert_eq!(look(500, false), [0; 3], "the clock was set back");
    }
}
