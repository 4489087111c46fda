//! A session that the user has set aside: it waits for nobody until the snooze is over.

use super::StateName;
use crate::session::Timestamp;
use serde::{Deserialize, Serialize};

/// How long a session is set aside. Meanwhile it does not count as waiting or finished: not for bars,
/// notifications and `switch --next`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snooze {
    /// When it ends at the latest; absent: at no fixed time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// It ends when the session leaves the state that began then; absent: what the session does is
    /// of no account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_since: Option<Timestamp>,
}

impl Snooze {
    /// Whether it has an end.
    pub fn is_bounded(&self) -> bool {
        self.until.is_some() || self.state_since.is_some()
    }

    /// Whether its time is over at `now`.
    pub fn has_elapsed(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    /// Whether a session that is in `state` `since` then still does what was set aside. A state that
    /// cannot be known for a moment is no change.
    pub fn applies_to(&self, state: StateName, since: Timestamp) -> bool {
        state == StateName::Unknown || self.state_since.is_none_or(|it| it == since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use StateName::{NeedsInput, Unknown, Working};

    #[test]
    fn it_ends_with_its_time_or_with_the_state_it_is_about() {
        let at = |seconds| chrono::DateTime::from_timestamp(seconds, 0).unwrap();
        let timed = Snooze { until: Some(at(60)), state_since: None };
        assert!(!timed.has_elapsed(at(59)) && timed.has_elapsed(at(60)));
        assert!(timed.applies_to(Working, at(1)) && timed.applies_to(NeedsInput, at(2)));

        let wait = Snooze { until: None, state_since: Some(at(1)) };
        assert!(wait.applies_to(NeedsInput, at(1)) && !wait.has_elapsed(at(999)));
        assert!(!wait.applies_to(NeedsInput, at(2)), "another wait");
        assert!(wait.applies_to(Unknown, at(2)), "known again in a moment");
    }
}
