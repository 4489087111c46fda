//! How long a heartbeat takes, how far the clock of the host is ahead, and how long to wait before the
//! next try. Pure.

use crate::daemon::clock::Now;
use crate::protocol::relay::BeatReply;
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
    /// A new connection begins.
    pub fn restart(&mut self) {
        self.sent = None;
        self.reported = None;
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
        let sent = self.sent.filter(|_| reply.beat == self.beat)?;
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
        let monotonic = base + Duration::from_millis(milliseconds.unsigned_abs());
        Now { monotonic, wall: wall.unwrap() }
    }

    #[test]
    fn the_clock_there_is_read_in_the_middle_of_the_round_trip() {
        let (base, mut measure) = (Instant::now(), ClockMeasure::default());
        let beat = measure.begin(now(0, base));
        let far = now(50, base).wall + TimeDelta::minutes(10);
        assert_eq!(measure.end(&BeatReply { beat: beat + 1, now: far }, now(100, base)), None);
        let measured = measure.end(&BeatReply { beat, now: far }, now(100, base)).unwrap();
        assert_eq!(measured.round_trip, Duration::from_millis(100));
        assert_eq!((measured.clock_ahead, measured.is_news), (TimeDelta::minutes(10), true));
        assert_eq!(measure.end(&BeatReply { beat, now: far }, now(100, base)), None, "only once");
        // Much the same is no news.
        let beat = measure.begin(now(4000, base));
        let far = now(4060, base).wall + TimeDelta::minutes(10);
        assert!(!measure.end(&BeatReply { beat, now: far }, now(4120, base)).unwrap().is_news);
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
