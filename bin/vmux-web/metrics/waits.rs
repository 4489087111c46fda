//! How often sessions began to wait, and for how long they did. Counted since the program started.

use chrono::{DateTime, Utc};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::histogram::Histogram;
use std::collections::BTreeMap;
use vmux::session::Timestamp;
use vmux::session::info::SessionInfo;
use vmux::session::key::SessionKey;
use vmux::session::query::order::waits;

/// Up to two hours, in seconds: an answer within seconds, within a coffee, after lunch.
const BOUNDS: [f64; 10] = [5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 7200.0];

/// The waits so far, and those that go on.
pub struct Waits {
    /// Since when each session waits.
    open: BTreeMap<SessionKey, Timestamp>,
    pub begun: Counter,
    /// How long each one lasted that is over, in seconds.
    pub lasted: Histogram,
}

impl Default for Waits {
    fn default() -> Waits {
        Waits { open: BTreeMap::new(), begun: Counter::default(), lasted: Histogram::new(BOUNDS) }
    }
}

impl Waits {
    /// Takes the sessions as they are now.
    pub fn see(&mut self, sessions: &[SessionInfo], now: DateTime<Utc>) {
        let waiting: BTreeMap<SessionKey, Timestamp> = sessions
            .iter()
            .filter(|it| waits(it))
            .filter_map(|it| Some((it.key(), it.waiting_since?)))
            .collect();
        for (key, since) in &self.open {
            if waiting.get(key) != Some(since) {
                let seconds = (now - since).as_seconds_f64();
                self.lasted.observe(seconds.max(0.0));
            }
        }
        let begun = waiting.iter().filter(|(key, since)| self.open.get(key) != Some(since));
        self.begun.inc_by(begun.count() as u64);
        self.open = waiting;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(pid: u32, waiting: Option<i64>) -> SessionInfo {
        let since = |second| DateTime::from_timestamp(second, 0).unwrap().to_rfc3339();
        let state = if waiting.is_some() { "needs_input" } else { "working" };
        let mut session = serde_json::json!({
            "pid": pid, "session_id": null, "cwd": "/w", "git_branch": null, "state": state,
            "since": since(0), "preview": "", "workspace": null,
        });
        if let Some(second) = waiting {
            session["waiting_since"] = since(second).into();
        }
        serde_json::from_value(session).unwrap()
    }

    #[test]
    fn a_wait_is_counted_when_it_begins_and_measured_when_it_is_over() {
        let at = |second| DateTime::from_timestamp(second, 0).unwrap();
        let mut waits = Waits::default();
        waits.see(&[session(1, Some(10)), session(2, None)], at(20));
        waits.see(&[session(1, Some(10)), session(2, Some(25))], at(30));
        assert_eq!(waits.begun.get(), 2);
        // One is answered and asks at once again; the other one has ended.
        waits.see(&[session(1, Some(40))], at(40));
        assert_eq!((waits.begun.get(), waits.open.len()), (3, 1));
        let text = format!("{:?}", waits.lasted);
        assert!(text.contains("45.0"), "30 s and 15 s: {text}");
    }
}
