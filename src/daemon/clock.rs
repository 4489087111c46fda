//! The clocks. A loop reads them once a turn, and everything that it calls is told the time:
//! `tests/it/tidy` lists the files that may read them.

use crate::daemon::notify::LocalTime;
use crate::session::Timestamp;
use crate::system::boottime::boottime;
use chrono::{TimeDelta, Utc};
use rustix::time::{Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec};
use rustix::time::{timerfd_create, timerfd_settime};
use std::io;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};
use tokio::io::unix::AsyncFd;

/// One reading of the clocks: the present for one turn of a loop.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    /// For deadlines: it never jumps, and stands still while the machine is suspended.
    pub monotonic: Instant,
    /// For what people and other programs date: it may be set at any time.
    pub wall: Timestamp,
    /// For what other processes and machines agree on with this one: it never jumps, and goes on while the
    /// machine is suspended.
    pub boottime: Duration,
}

impl Now {
    /// Reads the clocks.
    pub fn read() -> Now {
        Now { monotonic: Instant::now(), wall: Utc::now(), boottime: boottime() }
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
    Utc::now() - TimeDelta::from_std(boottime()).unwrap_or_default()
}

/// Waits until `then`; for ever if there is no such time.
pub async fn reached(then: Option<impl Into<tokio::time::Instant>>) {
    match then {
        Some(then) => tokio::time::sleep_until(then.into()).await,
        None => std::future::pending().await,
    }
}

/// Waits for a time that may be seconds away, and wakes the thread once, by a timerfd(2). The timer of
/// tokio wakes it up to three times on the way: it finds out the time in steps, of seconds first.
pub struct Alarm {
    /// `None` if no file descriptor is left: then tokio's has to do.
    timer: Option<AsyncFd<OwnedFd>>,
    /// For when it is set.
    set: Option<Instant>,
}

impl Alarm {
    /// One that is not set.
    pub fn unset() -> Alarm {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags).ok();
        // Deprecated for types whose descriptor can change; an `OwnedFd` keeps its own for life.
        #[allow(deprecated)]
        let timer = timer.and_then(|timer| AsyncFd::new(timer).ok());
        Alarm { timer, set: None }
    }

    /// Waits until `then`. Cancel safe.
    pub async fn reached(&mut self, then: Instant) {
        let is_set = self.set == Some(then) || self.set(then).is_ok();
        let Some(timer) = self.timer.as_ref().filter(|_| is_set) else {
            return reached(Some(then)).await;
        };
        loop {
            let Ok(mut guard) = timer.readable().await else { return reached(Some(then)).await };
            let has_expired =
                guard.try_io(|timer| Ok(rustix::io::read(timer.get_ref(), &mut [0; 8])?));
            if has_expired.is_ok() {
                self.set = None;
                return;
            }
        }
    }

    fn set(&mut self, then: Instant) -> io::Result<()> {
        self.set = None;
        let Some(timer) = &self.timer else { return Err(io::ErrorKind::NotFound.into()) };
        // Zero would mean never.
        let left = then.saturating_duration_since(Instant::now()).max(Duration::from_nanos(1));
        let it_value = Timespec::try_from(left).map_err(io::Error::other)?;
        let it_interval = Timespec::default();
        let flags = TimerfdTimerFlags::empty();
        timerfd_settime(timer.get_ref(), flags, &Itimerspec { it_interval, it_value })?;
        self.set = Some(then);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_alarm_comes_in_time_and_can_be_set_anew() {
        let mut alarm = Alarm::unset();
        let begun = Instant::now();
        let hour = begun + Duration::from_secs(3600);
        for _ in 0..2 {
            let soon = tokio::time::timeout(Duration::from_millis(1), alarm.reached(hour));
            assert!(soon.await.is_err());
            alarm.reached(begun).await;
            let then = Instant::now() + Duration::from_millis(5);
            alarm.reached(then).await;
            assert!(Instant::now() >= then);
        }
        alarm.timer = None;
        alarm.reached(begun).await;
    }
}
