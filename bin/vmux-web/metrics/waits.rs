//! How often sessions began to wait, and how long it took until they were answered. Counted since the
//! program started.

use super::{HERE, Labels};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use std::collections::BTreeMap;
use vmux::session::Timestamp;
use vmux::session::info::SessionInfo;
use vmux::session::key::SessionKey;
use vmux::session::state::StateName;
use vmux::session::state::host::HostInfo;

/// Up to two hours, in seconds: an answer within seconds, within a coffee, after lunch.
const BOUNDS: [f64; 10] = [5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 7200.0];

/// Of each host.
type Histograms = Family<Labels, Histogram, fn() -> Histogram>;

/// The waits so far, and those that go on.
pub struct Waits {
    /// A wait that began before this was counted by the program that ran then.
    started: Timestamp,
    /// Since when each session waits.
    open: BTreeMap<SessionKey, Timestamp>,
    /// Waits that began, by host.
    pub begun: Family<Labels, Counter>,
    /// How long each one lasted that was answered, in seconds, by host.
    pub answered: Histograms,
}

impl Waits {
    /// Counts from `started` on.
    pub fn new(started: Timestamp) -> Waits {
        let waits = Waits {
            started,
            open: BTreeMap::new(),
            begun: Family::default(),
            answered: Family::new_with_constructor(|| Histogram::new(BOUNDS)),
        };
        waits.make_known(HERE);
        waits
    }

    /// Takes the sessions as they are now, and the other hosts.
    ///
    /// A wait is answered when its session goes on. One whose session has ended was not, and one whose
    /// session is unknown may go on: a host that is out of reach comes back.
    pub fn see(&mut self, sessions: &[SessionInfo], hosts: &[HostInfo], now: Timestamp) {
        hosts.iter().for_each(|it| self.make_known(it.name.as_str()));
        let mut open = BTreeMap::new();
        for session in sessions {
            let key = session.key();
            let labels = || of_host(key.host.as_ref().map_or(HERE, |it| it.as_str()));
            let before = self.open.get(&key).copied();
            let since = match session.state {
                StateName::NeedsInput => session.waiting_since,
                StateName::Unknown => before,
                _ => None,
            };
            if let Some(before) = before.filter(|it| since != Some(*it)) {
                let lasted = answered_at(session, before, now) - before;
                let seconds = lasted.as_seconds_f64().max(0.0);
                self.answered.get_or_create(&labels()).observe(seconds);
            }
            if let Some(since) = since {
                if before != Some(since) && since >= self.started {
                    self.begun.get_or_create(&labels()).inc();
                }
                open.insert(key, since);
            }
        }
        self.open = open;
    }

    /// Counts from 0 on: Prometheus sees no increase in a counter that begins with 1.
    fn make_known(&self, host: &str) {
        drop(self.begun.get_or_create(&of_host(host)));
        drop(self.answered.get_or_create(&of_host(host)));
    }
}

/// When a wait since `before` was answered: what the session does now, it does since then. Where that
/// cannot be, it was just now.
fn answered_at(session: &SessionInfo, before: Timestamp, now: Timestamp) -> Timestamp {
    let since = session.waiting_since.unwrap_or(session.since);
    if since > before && since < now { since } else { now }
}

fn of_host(host: &str) -> Labels {
    vec![("host", host.to_owned())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn at(second: i64) -> Timestamp {
        chrono::DateTime::from_timestamp(second, 0).unwrap()
    }

    /// In `state` since that second.
    fn session(pid: u32, host: Option<&str>, state: &str, since: i64) -> SessionInfo {
        let since = at(since).to_rfc3339();
        let mut session: Value = json!({
            "pid": pid, "host": host, "session_id": null, "cwd": "/w", "git_branch": null,
            "state": state, "since": since, "preview": "", "workspace": null,
        });
        if state == "needs_input" {
            session["waiting_since"] = since.into();
        }
        serde_json::from_value(session).unwrap()
    }

    fn waits(pid: u32, since: i64) -> SessionInfo {
        session(pid, None, "needs_input", since)
    }

    fn works(pid: u32, since: i64) -> SessionInfo {
        session(pid, None, "working", since)
    }

    fn begun(waits: &Waits, host: &str) -> u64 {
        waits.begun.get_or_create(&of_host(host)).get()
    }

    /// How many answers there were, and how many seconds they took together.
    fn answers(waits: &Waits) -> (String, String) {
        let mut registry = prometheus_client::registry::Registry::default();
        registry.register("it", "It", waits.answered.clone());
        let text = crate::metrics::text(&registry).unwrap();
        let value = |name: &str| {
            let start = format!("it_{name}{{host=\"\"}} ");
            text.lines().find_map(|it| it.strip_prefix(&start)).unwrap().to_owned()
        };
        (value("count"), value("sum"))
    }

    fn told(count: &str, sum: &str) -> (String, String) {
        (count.to_owned(), sum.to_owned())
    }

    #[test]
    fn a_wait_is_counted_when_it_begins_and_measured_when_it_is_answered() {
        let mut counted = Waits::new(at(0));
        assert_eq!((begun(&counted, HERE), answers(&counted)), (0, told("0", "0.0")));
        counted.see(&[waits(1, 10), works(2, 0)], &[], at(20));
        counted.see(&[waits(1, 10), waits(2, 25)], &[], at(30));
        assert_eq!((begun(&counted, HERE), answers(&counted)), (2, told("0", "0.0")));
        // One is answered and asks at once again; the other goes on working.
        counted.see(&[waits(1, 40), works(2, 55)], &[], at(60));
        assert_eq!((begun(&counted, HERE), answers(&counted)), (3, told("2", "60.0")));
        // What it does since before it waited says nothing of the answer.
        counted.see(&[works(1, 5), works(2, 55)], &[], at(70));
        assert_eq!(answers(&counted), told("3", "90.0"));
    }

    #[test]
    fn the_end_of_a_session_is_no_answer_and_an_unknown_one_may_wait_still() {
        let mut counted = Waits::new(at(0));
        counted.see(&[waits(1, 10), waits(2, 10), waits(3, 10)], &[], at(20));
        counted.see(&[waits(2, 10), session(3, None, "unknown", 30)], &[], at(30));
        assert_eq!((begun(&counted, HERE), answers(&counted)), (3, told("0", "0.0")));
        counted.see(&[waits(2, 10), waits(3, 10)], &[], at(40));
        assert_eq!((begun(&counted, HERE), answers(&counted)), (3, told("0", "0.0")));
        counted.see(&[session(2, None, "idle", 50), waits(3, 10)], &[], at(60));
        assert_eq!((begun(&counted, HERE), answers(&counted)), (3, told("1", "40.0")));
    }

    #[test]
    fn what_began_before_is_not_counted_again_but_its_answer_is() {
        let mut counted = Waits::new(at(100));
        counted.see(&[waits(1, 90)], &[], at(101));
        assert_eq!(begun(&counted, HERE), 0);
        counted.see(&[works(1, 110)], &[], at(111));
        assert_eq!((begun(&counted, HERE), answers(&counted)), (0, told("1", "20.0")));
    }

    #[test]
    fn each_host_has_its_own_from_the_moment_that_it_is_known() {
        let gpu: HostInfo = serde_json::from_value(json!({
            "name": "gpu", "state": "up", "since": at(0), "ssh": "gpu"
        }))
        .unwrap();
        let mut counted = Waits::new(at(0));
        counted.see(&[], std::slice::from_ref(&gpu), at(1));
        let known = format!("{:?}", counted.begun);
        assert!(known.contains("gpu"), "{known}");
        counted.see(&[session(1, Some("gpu"), "needs_input", 5), waits(1, 5)], &[gpu], at(9));
        assert_eq!((begun(&counted, "gpu"), begun(&counted, HERE)), (1, 1));
        assert_eq!(answers(&counted), told("0", "0.0"));
    }
}
