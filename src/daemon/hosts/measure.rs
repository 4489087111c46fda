//! How long a heartbeat takes, how far the clock of the host is ahead, and how long to wait before the
//! next try. Pure.

use crate::daemon::clock::Now;
use crate::protocol::relay::BeatReply;
use crate::protocol::request::BootTime;
use crate::session::key::HostName;
use chrono::TimeDelta;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, Instant};

/// Clocks that differ by less are taken to be equal: times of sessions stay exactly as they are there.
const TOLERANCE: TimeDelta = TimeDelta::seconds(2);

/// How often a measurement is passed on that is much like the one before.
const REPORT_INTERVAL: Duration = Duration::from_secs(60);

/// The first pause, and the longest one: for what heals by itself, and for what somebody must heal.
const PAUSES: [(Duration, Duration); 2] = [
    (Duration::from_secs(1), Duration::from_secs(60)),
    (Duration::from_secs(10), Duration::from_secs(600)),
];

/// Heartbeats and their answers.
#[derive(Debug, Default)]
pub struct ClockMeasure {
    beat: u64,
    /// When the heartbeat was sent that is not answered yet.
    sent: Option<Now>,
    /// The last one that was passed on.
    reported: Option<(Instant, Duration, TimeDelta)>,
    /// What the answers say of the clock that deadlines are meant by.
    clock: FarClock,
}

/// What the answer to a heartbeat tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    pub round_trip: Duration,
    /// How far the clock there is ahead.
    pub clock_ahead: TimeDelta,
    /// Whether it is worth telling.
    pub is_news: bool,
}

impl ClockMeasure {
    /// A new connection begins, whose greeting says what the clock shows that deadlines are meant by.
    pub fn restart(&mut self, clock: Option<BootTime>, now: Now) {
        self.sent = None;
        self.reported = None;
        self.clock = FarClock::default();
        self.clock.take(clock, None, now.boottime);
    }

    /// The time there at which a request comes too late whose sender waits until `by`, a time of the clock
    /// here ([`Now::boottime`]). `None`: the host is of an older version, and takes no such time.
    pub fn deadline(&self, by: Duration) -> Option<BootTime> {
        self.clock.at_least(by).map(BootTime::at)
    }

    /// The number of a heartbeat that is sent now.
    pub fn begin(&mut self, now: Now) -> u64 {
        self.beat += 1;
        self.sent = Some(now);
        self.beat
    }

    /// The number of the last heartbeat.
    #[cfg(test)]
    pub fn number(&self) -> u64 {
        self.beat
    }

    /// Takes an answer. `None` if it is not the one that is waited for.
    pub fn end(&mut self, reply: &BeatReply, now: Now) -> Option<Measured> {
        let sent = self.sent.filter(|_| reply.beat == self.beat);
        self.clock.take(reply.clock, sent.map(|it| it.boottime), now.boottime);
        let sent = sent?;
        self.sent = None;
        let round_trip = now.monotonic.saturating_duration_since(sent.monotonic);
        // The answer was written halfway, as far as can be known.
        let clock_ahead = reply.now - now.wall + TimeDelta::from_std(round_trip / 2).ok()?;
        let is_news = self.reported.is_none_or(|(at, trip, ahead)| {
            let is_other = round_trip > trip * 2 || round_trip * 2 < trip;
            let has_moved = (clock_ahead - ahead).abs() > TOLERANCE;
            has_moved || (is_other && now.monotonic >= at + REPORT_INTERVAL)
        });
        if is_news {
            self.reported = Some((now.monotonic, round_trip, clock_ahead));
        }
        Some(Measured { round_trip, clock_ahead, is_news })
    }
}

/// By how much the times of a host are moved: nothing while its clock is about right, else whole seconds.
/// It stays as it is while the clock does: what identifies a wait must not change from event to event.
pub fn corrected(current: TimeDelta, measured: TimeDelta) -> TimeDelta {
    if (measured - current).abs() <= TOLERANCE {
        return current;
    }
    match measured.abs() <= TOLERANCE {
        true => TimeDelta::zero(),
        false => TimeDelta::seconds(measured.num_seconds()),
    }
}

/// The clock of the host by which it takes until when a request may be carried out, as far as it is known.
///
/// The host has said what its clock showed, in a line that came later. So it shows at least that, and what has
/// gone by here since the line came. The line may have been on its way for long, so of all lines the one counts
/// by which the clock shows the most; what is not known is only how long that one took. Nothing here depends on
/// how the clocks of two machines are set.
#[derive(Debug, Default)]
struct FarClock {
    /// What it showed, and when that was known here (by [`Now::boottime`]).
    shown: Option<(Duration, Duration)>,
}

/// How much slower than the clock here it may run, one part in so many: while it is being set right, chronyd
/// lets it run slower by 8.3 % at most (`maxslewrate` in chrony.conf(5)).
const SLOWER: u32 = 10;

/// What is shown is cut to this.
const TICK: Duration = Duration::from_millis(1);

impl FarClock {
    /// A line that came `now` says what it showed. It answers one that was sent at `asked`, if that is known:
    /// if less was shown after that than was known before, the clock has stood still for a while, as that of a
    /// virtual machine that is paused does, and only this line counts.
    fn take(&mut self, shown: Option<BootTime>, asked: Option<Duration>, now: Duration) {
        let Some(shown) = shown.map(|it| Duration::from_millis(it.0)) else { return };
        let is_less = |at| self.at_least(at).is_some_and(|known| shown + TICK < known);
        if !is_less(now) || asked.is_some_and(is_less) {
            self.shown = Some((shown, now));
        }
    }

    /// What it shows at least when the clock here shows `then`; `None` if that is not known.
    fn at_least(&self, then: Duration) -> Option<Duration> {
        let (shown, known) = self.shown?;
        let gone_by = then.saturating_sub(known);
        Some(shown.saturating_add(gone_by - gone_by / SLOWER))
    }
}

/// How long to wait after so many failures in a row: twice as long each time, and not the same for all
/// hosts, of which a network may bring back many at once.
pub fn pause(failures: u32, is_lasting: bool, seed: (HostName, u32)) -> Duration {
    let (first, longest) = PAUSES[usize::from(is_lasting)];
    let doubled = first * 2u32.saturating_pow(failures.saturating_sub(1).min(16));
    let mut hasher = DefaultHasher::new();
    seed.hash(&mut hasher);
    // From three quarters to the whole.
    doubled.min(longest).mul_f64(0.75 + (hasher.finish() % 1000) as f64 / 4000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now(milliseconds: i64, base: Instant) -> Now {
        let wall = chrono::DateTime::from_timestamp_millis(1_800_000_000_000 + milliseconds);
        let boottime = Duration::from_millis(milliseconds.unsigned_abs());
        Now { monotonic: base + boottime, wall: wall.unwrap(), boottime }
    }

    #[test]
    fn the_clock_there_is_read_in_the_middle_of_the_round_trip() {
        let (base, mut measure) = (Instant::now(), ClockMeasure::default());
        let beat = measure.begin(now(0, base));
        let far = now(50, base).wall + TimeDelta::minutes(10);
        assert_eq!(
            measure.end(&BeatReply { beat: beat + 1, now: far, clock: None }, now(100, base)),
            None
        );
        let measured =
            measure.end(&BeatReply { beat, now: far, clock: None }, now(100, base)).unwrap();
        assert_eq!(measured.round_trip, Duration::from_millis(100));
        assert_eq!((measured.clock_ahead, measured.is_news), (TimeDelta::minutes(10), true));
        assert_eq!(
            measure.end(&BeatReply { beat, now: far, clock: None }, now(100, base)),
            None,
            "only once"
        );
        // Much the same is no news.
        let beat = measure.begin(now(4000, base));
        let far = now(4060, base).wall + TimeDelta::minutes(10);
        assert!(
            !measure
                .end(&BeatReply { beat, now: far, clock: None }, now(4120, base))
                .unwrap()
                .is_news
        );
    }

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn the_clock_there_shows_at_least_what_the_fastest_line_said() {
        let mut clock = FarClock::default();
        let mut take = |shown, asked, now| {
            clock.take(Some(BootTime(shown)), asked, now);
            clock.at_least(now).unwrap()
        };
        // It has been up for an hour longer.
        assert_eq!(take(3_600_000, None, ms(20)), ms(3_600_000));
        // A line that took 6 s changes nothing, one that was quick does.
        assert_eq!(take(3_601_000, None, ms(7020)), ms(3_606_300));
        assert_eq!(take(3_608_000, Some(ms(4000)), ms(8100)), ms(3_608_000));
        // It was suspended, and its clock went on.
        assert_eq!(take(9_000_000, Some(ms(12_000)), ms(12_100)), ms(9_000_000));
        // It was paused for ten seconds, and its clock stood still.
        assert_eq!(take(9_000_050, Some(ms(12_050)), ms(22_100)), ms(9_009_000));
        assert_eq!(take(9_002_000, Some(ms(24_000)), ms(24_100)), ms(9_002_000));
        // Whatever it says.
        take(u64::MAX, Some(ms(28_000)), ms(28_100));
        take(0, None, ms(32_100));
        assert!(clock.at_least(Duration::MAX).is_some());
        assert_eq!(FarClock::default().at_least(ms(1)), None);
    }

    #[test]
    fn the_clock_there_is_never_taken_to_show_more_than_it_does() {
        // It runs slower or faster by as much as chronyd lets it, and each line takes its own time.
        for per_mille in [917, 1000, 1083] {
            let mut clock = FarClock::default();
            let shown = |at: u64| at * per_mille / 1000;
            for step in 1..500 {
                let (sent, there, back) = (step * 9000, step * 7919 % 4001, step * 6007 % 4001);
                let now = sent + there + back;
                clock.take(Some(BootTime(shown(sent + there))), Some(ms(sent)), ms(now));
                for later in [0, 4000, 12_000] {
                    let known = clock.at_least(ms(now + later)).unwrap();
                    assert!(known <= ms(shown(now + later) + 1), "{per_mille} {step} {later}");
                }
            }
        }
    }

    #[test]
    fn a_clock_that_is_about_right_moves_no_time() {
        let zero = TimeDelta::zero();
        let ms = TimeDelta::milliseconds;
        for (current, measured, expected) in [
            (zero, ms(1900), zero),
            (zero, ms(-1900), zero),
            (zero, ms(600_300), ms(600_000)),
            (ms(600_000), ms(600_900), ms(600_000)),
            (ms(600_000), ms(300), zero),
        ] {
            assert_eq!(corrected(current, measured), expected, "{measured}");
        }
    }

    #[test]
    fn pauses_grow_to_a_limit() {
        let host = HostName::new("gpu").unwrap();
        for (failures, is_lasting, most) in
            [(1, false, 1), (3, false, 4), (99, false, 60), (1, true, 10), (u32::MAX, true, 600)]
        {
            let pause = pause(failures, is_lasting, (host, failures));
            let most = Duration::from_secs(most);
            assert!(pause <= most && pause >= most.mul_f64(0.75), "{failures}: {pause:?}");
        }
    }
}
