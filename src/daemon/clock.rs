//! The clocks. A loop reads them once a turn, and everything that it calls is told the time:
//! `tests/it/tidy` lists the files that may read them.

use crate::daemon::notify::LocalTime;
use crate::session::Timestamp;
use chrono::{DateTime, TimeDelta, Utc};
use rustix::time::{ClockId, Timespec, clock_gettime};
use std::time::{Duration, Instant};

/// One reading of the clocks: the present for one turn of a loop.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    /// For deadlines: it never jumps, and stands still while the machine is suspended.
    pub monotonic: Instant,
    /// For what people and other programs date: it may be set at any time.
    pub wall: Timestamp,
}

impl Now {
    /// Reads both clocks.
    pub fn read() -> Now {
        Now { monotonic: Instant::now(), wall: Utc::now() }
    }

    /// The instant at which the wall clock will show `then`, as it is set now; the present if that
    /// is past.
    pub fn instant_of(self, then: Timestamp) -> Instant {
        self.monotonic + self.until(then)
    }

    /// How long until the wall clock shows `then`; zero if that is past.
    pub fn until(self, then: Timestamp) -> Duration {
        (then - self.wall).max(TimeDelta::zero()).to_std().unwrap_or_default()
    }

    /// The wall clock in the user's time zone.
    pub fn local(self) -> LocalTime {
        self.wall.with_timezone(&chrono::Local).fixed_offset()
    }
}

/// When the machine started, by the wall clock as it is set now; start times of processes count
/// from it (`CLOCK_BOOTTIME`, proc_pid_stat(5)).
pub fn boot() -> Timestamp {
    let to_nanos = |time: Timespec| time.tv_sec.saturating_mul(1_000_000_000) + time.tv_nsec;
    let wall = to_nanos(clock_gettime(ClockId::Realtime));
    let since_boot = to_nanos(clock_gettime(ClockId::Boottime));
    DateTime::from_timestamp_nanos(wall - since_boot)
}

/// Waits until `then`; for ever if there is no such time.
pub async fn reached(then: Option<impl Into<tokio::time::Instant>>) {
    match then {
        Some(then) => tokio::time::sleep_until(then.into()).await,
        None => std::future::pending().await,
    }
}
