//! Free ports: which was given to whom. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// How long nobody else is given a port: its server needs that long to begin to listen.
const RESERVED_FOR: Duration = Duration::from_secs(60);

/// Ports that browsers refuse to speak HTTP with ("bad port" in the Fetch standard).
const REFUSED: &[u16] = &[
    1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102,
    103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465,
    512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993,
    995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668,
    6669, 6679, 6697, 10080,
];

/// The ports that were given out.
#[derive(Debug, Default)]
pub struct PortReservations(BTreeMap<u16, Instant>);

impl PortReservations {
    /// The first port from `from` to `to` that is not `taken` and that nobody was given within a minute;
    /// from now on it is given.
    pub fn reserve(
        &mut self,
        from: u16,
        to: u16,
        taken: &BTreeSet<u16>,
        now: Instant,
    ) -> Option<u16> {
        self.0.retain(|_, given| now.saturating_duration_since(*given) < RESERVED_FOR);
        let is_free =
            |it: &u16| !taken.contains(it) && !self.0.contains_key(it) && !REFUSED.contains(it);
        // Port 0 stands for any port: nothing ever listens on it.
        let port = (from.max(1)..=to).find(is_free)?;
        self.0.insert(port, now);
        Some(port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn port_0_is_no_port() {
        let mut ports = PortReservations::default();
        let mut reserve = |to| ports.reserve(0, to, &BTreeSet::new(), Instant::now());
        assert_eq!((reserve(0), reserve(2)), (None, Some(2)));
    }

    #[test]
    fn a_port_is_given_to_one_only_for_a_minute() {
        let mut ports = PortReservations::default();
        let now = Instant::now();
        let taken = BTreeSet::from([3000, 3002]);
        let mut reserve =
            |after| ports.reserve(3000, 3004, &taken, now + Duration::from_secs(after));
        assert_eq!((reserve(0), reserve(1), reserve(2)), (Some(3001), Some(3003), Some(3004)));
        assert_eq!(reserve(59), None);
        assert_eq!(reserve(60), Some(3001));
        assert_eq!(ports.reserve(6000, 6000, &taken, now), None, "browsers refuse it");
    }
}
