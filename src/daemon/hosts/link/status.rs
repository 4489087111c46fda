//! Whether a host can be reached, and what follows when it cannot. Pure.

use super::{Link, LinkAction, LinkPhase};
use crate::daemon::clock::Now;
use crate::daemon::hosts::measure::pause;
use crate::protocol::ssh::fault;
use crate::session::Timestamp;
use crate::session::state::host::{HostFault, HostFaultKind, HostState};
use chrono::TimeDelta;
use std::time::Duration;

/// A link that has held for so long is not counted as a failure when it breaks.
const HELD: Duration = Duration::from_secs(30);

/// How long the sessions of a host that is out of reach stay in the list.
pub(super) const STALE_KEPT: Duration = Duration::from_secs(10 * 60);

/// Whether the host can be reached, for the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkStatus {
    pub state: HostState,
    pub since: Timestamp,
    pub version: Option<String>,
    pub fault: Option<HostFault>,
    pub retry_at: Option<Timestamp>,
    pub round_trip: Option<Duration>,
    /// How far the clock there is ahead.
    pub clock_ahead: Option<TimeDelta>,
    /// Whether it drops requests that come too late.
    pub takes_deadlines: bool,
}

impl Link {
    pub(super) fn give_up(&mut self, kind: HostFaultKind, says: &str, now: Now) {
        self.actions.push(LinkAction::HangUp);
        let fault = fault(kind, self.host.as_str(), says);
        self.fail(fault, now);
    }

    pub(super) fn give_up_garbage(&mut self, says: &str, now: Now) {
        self.give_up(HostFaultKind::Garbage, says, now);
    }

    /// ssh has ended or is to be: tries again later.
    pub(super) fn fail(&mut self, fault: HostFault, now: Now) {
        let has_held =
            matches!(&self.phase, LinkPhase::Open(it) if now.monotonic >= it.since + HELD);
        self.failures = if has_held { 1 } else { self.failures.saturating_add(1) };
        let seed = (self.host, now.wall.timestamp_subsec_nanos());
        let pause = pause(self.failures, fault.kind.is_lasting(), seed);
        self.phase = LinkPhase::Waiting { until: now.monotonic + pause };
        self.status.retry_at = Some(now.wall + pause);
        self.lose(fault, now);
    }

    /// The sessions there are not known any more.
    pub(super) fn lose(&mut self, fault: HostFault, now: Now) {
        if self.intake.knows_any() {
            self.forget_at = self.forget_at.or(Some(now.monotonic + STALE_KEPT));
        }
        self.set_state(HostState::Down, Some(fault), now);
    }

    pub(super) fn set_state(&mut self, state: HostState, fault: Option<HostFault>, now: Now) {
        if self.status.state != state {
            self.status.state = state;
            self.status.since = now.wall;
        }
        if state == HostState::Up {
            self.status.retry_at = None;
        }
        self.status.fault = fault;
        self.is_changed = true;
    }
}
