//! The clocks. Only the hub and its sources read them; everything else is told the time.

use crate::session::Timestamp;
use chrono::{DateTime, TimeDelta, Utc};
use rustix::time::{ClockId, Timespec, clock_gettime};

/// The time now.
pub fn now() -> Timestamp {
    Utc::now()
}

/// The time now by the user's own clock.
pub fn local() -> crate::notify::LocalTime {
    chrono::Local::now().fixed_offset()
}

/// When the machine started, by the wall clock as it is set now; start times of processes count
/// from it (`CLOCK_BOOTTIME`, proc_pid_stat(5)).
pub fn boot() -> Timestamp {
    let to_nanos = |time: Timespec| time.tv_sec.saturating_mul(1_000_000_000) + time.tv_nsec;
    let wall = to_nanos(clock_gettime(ClockId::Realtime));
    let since_boot = to_nanos(clock_gettime(ClockId::Boottime));
    DateTime::from_timestamp_nanos(wall - since_boot)
}

/// Wait until `then`, or for ever.
pub async fn reached(then: Option<impl Into<tokio::time::Instant>>) {
    match then {
        Some(then) => tokio::time::sleep_until(then.into()).await,
        None => std::future::pending().await,
    }
}

/// How long from `now` until `then`, nothing if that is past.
pub fn until(then: Timestamp, now: Timestamp) -> std::time::Duration {
    (then - now).max(TimeDelta::zero()).to_std().unwrap_or_default()
}
