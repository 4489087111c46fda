//! The link to one host: when to start ssh, what its lines mean, when to give it up and try again. Values
//! and the time go in, actions come out. Pure.

mod far_side;
pub mod status;

use super::intake::{FarChange, Intake};
use super::measure::ClockMeasure;
use crate::daemon::clock::Now;
use crate::protocol::frame::encode;
use crate::protocol::relay::{BEAT_INTERVAL, Beat, FarLine, MAX_NOISE, SILENT_AFTER, greeting};
use crate::protocol::request::BootTime;
use crate::protocol::response::Response;
use crate::protocol::ssh::{fault, fault_of_end};
use crate::session::key::HostName;
use crate::session::sanitize::clean;
use crate::session::state::host::{HostFaultKind, HostState};
use chrono::TimeDelta;
use status::LinkStatus;
use std::time::{Duration, Instant};

/// How long it may take from the start of ssh to the greeting. ssh itself gives up after 10 s.
const GREETING_WITHIN: Duration = Duration::from_secs(25);

/// How long a host may take to answer after the network has changed.
const PROBE_WITHIN: Duration = Duration::from_secs(4);

/// Two starts of ssh are at least so far apart, however often the network changes.
const MIN_PAUSE: Duration = Duration::from_secs(3);

/// What the caller is to do.
#[derive(Debug, Clone, PartialEq)]
pub enum LinkAction {
    /// Start ssh.
    Start,
    /// End it.
    HangUp,
    /// Write this line to it.
    Send(Vec<u8>),
    /// Move the times of all sessions that were passed on.
    Shift(TimeDelta),
    /// Pass on the reply to the request with this id.
    Reply(u64, Box<Response>),
}

/// The link to one host.
#[derive(Debug)]
pub struct Link {
    host: HostName,
    phase: LinkPhase,
    intake: Intake,
    /// How much too early the times of the host are here, as far as that counts.
    behind: TimeDelta,
    measure: ClockMeasure,
    status: LinkStatus,
    /// How often it has failed in a row.
    failures: u32,
    /// When ssh was last started.
    started: Option<Instant>,
    /// When the sessions of a host that is out of reach are forgotten.
    forget_at: Option<Instant>,
    actions: Vec<LinkAction>,
    is_changed: bool,
}

#[derive(Debug)]
enum LinkPhase {
    /// ssh does not run.
    Waiting { until: Instant },
    /// It runs; so many bytes came, and no greeting.
    Starting { deadline: Instant, noise: usize },
    /// `vmux relay` runs there.
    Open(OpenLink),
}

#[derive(Debug)]
struct OpenLink {
    since: Instant,
    /// When the last line came.
    heard: Instant,
    next_beat: Instant,
    /// By when a line must come.
    probe: Option<Instant>,
}

impl Link {
    /// A link that is to be made, at `now`.
    pub fn new(host: HostName, now: Now) -> Link {
        Link {
            host,
            phase: LinkPhase::Waiting { until: now.monotonic },
            intake: Intake::new(host),
            behind: TimeDelta::zero(),
            measure: ClockMeasure::default(),
            status: LinkStatus {
                state: HostState::Connecting,
                since: now.wall,
                version: None,
                fault: None,
                retry_at: None,
                round_trip: None,
                clock_ahead: None,
                takes_deadlines: false,
            },
            failures: 0,
            started: None,
            forget_at: None,
            actions: Vec::new(),
            is_changed: false,
        }
    }

    /// When [`Link::tick`] has something to do.
    pub fn due(&self) -> Option<Instant> {
        let next = match &self.phase {
            LinkPhase::Waiting { until } => *until,
            LinkPhase::Starting { deadline, .. } => *deadline,
            LinkPhase::Open(open) => {
                let silent = open.heard + SILENT_AFTER;
                open.probe.map_or(silent, |it| it.min(silent)).min(open.next_beat)
            }
        };
        Some(self.forget_at.map_or(next, |it| it.min(next)))
    }

    /// Does what is due.
    pub fn tick(&mut self, now: Now) {
        let at = now.monotonic;
        if self.forget_at.take_if(|it| *it <= at).is_some() {
            self.intake.forget();
        }
        match &mut self.phase {
            LinkPhase::Waiting { until } if *until <= at => self.start(now),
            LinkPhase::Starting { deadline, .. } if *deadline <= at => {
                self.give_up(HostFaultKind::Unreachable, "no answer of vmux came in time", now);
            }
            LinkPhase::Open(open) => {
                let is_probed_in_vain = open.probe.is_some_and(|it| it <= at);
                if is_probed_in_vain || open.heard + SILENT_AFTER <= at {
                    return self.give_up(HostFaultKind::Silent, "it has fallen silent", now);
                }
                if open.next_beat <= at {
                    open.next_beat = at + BEAT_INTERVAL;
                    self.beat(now);
                }
            }
            _ => {}
        }
    }

    /// Takes a line from there.
    pub fn take_line(&mut self, line: &[u8], now: Now) {
        match &mut self.phase {
            LinkPhase::Waiting { .. } => {}
            LinkPhase::Starting { noise, .. } => match greeting(line) {
                Some(greeting) => self.open(greeting, now),
                None => {
                    *noise += line.len() + 1;
                    if *noise > MAX_NOISE {
                        self.give_up_garbage("a shell there prints without end", now);
                    }
                }
            },
            LinkPhase::Open(open) => {
                open.heard = now.monotonic;
                open.probe = None;
                match FarLine::parse(line) {
                    Ok(line) => self.take_far_line(line, now),
                    Err(_) => self.give_up_garbage("what it sends is not from vmux", now),
                }
            }
        }
    }

    /// A line from there was too long.
    pub fn take_long_line(&mut self, now: Now) {
        self.give_up_garbage("it sends a line without end", now);
    }

    /// So many bytes have come that are not a whole line.
    pub fn take_part(&mut self, bytes: usize, now: Now) {
        if let LinkPhase::Starting { noise, .. } = self.phase
            && noise + bytes > MAX_NOISE
        {
            self.give_up_garbage("a shell there prints without end", now);
        }
    }

    /// ssh has ended, and this is what it wrote to its standard error.
    pub fn take_end(&mut self, code: Option<i32>, stderr: &str, now: Now) {
        let greeted = match self.phase {
            LinkPhase::Waiting { .. } => return,
            LinkPhase::Starting { .. } => false,
            LinkPhase::Open(_) => true,
        };
        let fault = fault_of_end(self.host.as_str(), code, stderr, greeted);
        self.fail(fault, now);
    }

    /// ssh could not be started.
    pub fn take_start_error(&mut self, error: &str, now: Now) {
        let says = format!("ssh does not start: {}", clean(error, 160));
        let fault = fault(HostFaultKind::NoSsh, self.host.as_str(), says);
        self.fail(fault, now);
    }

    /// The network of this machine has changed, or it was suspended: what was tried in vain may work, and
    /// what seems to work may not.
    pub fn take_network_change(&mut self, now: Now) {
        match &mut self.phase {
            LinkPhase::Waiting { until } => {
                let soonest = self.started.map_or(now.monotonic, |it| it + MIN_PAUSE);
                let earlier = (*until).min(soonest.max(now.monotonic));
                if earlier < *until {
                    *until = earlier;
                    self.status.retry_at = Some(now.wall + (earlier - now.monotonic));
                }
            }
            LinkPhase::Starting { .. } => {}
            LinkPhase::Open(open) => {
                let probe = now.monotonic + PROBE_WITHIN;
                if open.probe.is_none() {
                    open.probe = Some(probe);
                    open.next_beat = now.monotonic;
                }
            }
        }
    }

    /// What is to be done since the last call, in order, after the changes are passed on.
    pub fn take_actions(&mut self) -> Vec<LinkAction> {
        std::mem::take(&mut self.actions)
    }

    /// What has changed of its sessions since the last call.
    pub fn take_changes(&mut self) -> Vec<FarChange> {
        self.intake.take_changes()
    }

    /// How it is, if that has changed since the last call.
    pub fn take_status(&mut self) -> Option<LinkStatus> {
        std::mem::take(&mut self.is_changed).then(|| self.status.clone())
    }

    /// Whether requests reach the vmuxd there.
    pub fn is_open(&self) -> bool {
        matches!(self.phase, LinkPhase::Open(_))
    }

    /// When a request comes too late there whose sender waits until `by` ([`Now::boottime`]); `None`: that
    /// host takes no such time.
    pub fn deadline(&self, by: Duration) -> Option<BootTime> {
        self.measure.deadline(by)
    }

    fn start(&mut self, now: Now) {
        let at = now.monotonic;
        self.started = Some(at);
        self.phase = LinkPhase::Starting { deadline: at + GREETING_WITHIN, noise: 0 };
        self.actions.push(LinkAction::Start);
    }

    fn beat(&mut self, now: Now) {
        let beat = self.measure.begin(now);
        self.actions.push(LinkAction::Send(encode(&Beat { beat })));
    }
}

#[cfg(test)]
#[path = "link_tests.rs"]
mod tests;
