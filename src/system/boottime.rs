//! How long this machine has been up. It is a clock that all of its processes agree on, that nobody sets,
//! and that goes on while the machine is suspended.

use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// `CLOCK_BOOTTIME` of clock_gettime(2). It cannot fail on a Linux that runs vmux (2.6.39).
pub fn boottime() -> Duration {
    Duration::try_from(clock_gettime(ClockId::Boottime)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_on() {
        let begun = boottime();
        assert!(begun > Duration::ZERO && boottime() >= begun);
    }
}
