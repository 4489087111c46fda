//! What the lines of the far side mean. Pure.

use super::{Link, LinkAction, LinkPhase, OpenLink};
use crate::daemon::clock::Now;
use crate::daemon::hosts::intake::MAX_SESSIONS;
use crate::daemon::hosts::measure::corrected;
use crate::daemon::hosts::untrusted;
use crate::protocol::relay::{BEAT_INTERVAL, FarLine, Greeting, SyncMark};
use crate::protocol::ssh::fault;
use crate::session::sanitize::clean;
use crate::session::state::host::{HostFault, HostFaultKind, HostState};

impl Link {
    pub(super) fn open(&mut self, greeting: Greeting, now: Now) {
        let at = now.monotonic;
        self.status.version = Some(clean(&greeting.version, 40));
        self.measure.restart(greeting.clock, now);
        self.status.takes_deadlines = greeting.clock.is_some();
        self.behind = corrected(self.behind, now.wall - greeting.now);
        let open = OpenLink { since: at, heard: at, next_beat: at + BEAT_INTERVAL, probe: None };
        self.phase = LinkPhase::Open(open);
        self.is_changed = true;
        self.beat(now);
    }

    pub(super) fn take_far_line(&mut self, line: FarLine, now: Now) {
        match line {
            FarLine::Event(event) => self.intake.take(*event, self.behind),
            FarLine::Sync(mark) => {
                self.intake.sync(mark);
                if mark == SyncMark::End {
                    self.forget_at = None;
                    self.set_state(HostState::Up, self.too_many(), now);
                }
            }
            FarLine::Reply(reply) => {
                let response = untrusted::response(reply.reply, self.host, self.behind);
                self.actions.push(LinkAction::Reply(reply.id, Box::new(response)));
            }
            FarLine::Beat(reply) => {
                let Some(measured) = self.measure.end(&reply, now) else { return };
                let behind = corrected(self.behind, -measured.clock_ahead);
                if behind != self.behind {
                    self.actions.push(LinkAction::Shift(behind - self.behind));
                    self.behind = behind;
                }
                if measured.is_news {
                    self.status.round_trip = Some(measured.round_trip);
                    self.status.clock_ahead = Some(measured.clock_ahead);
                    self.is_changed = true;
                }
            }
            FarLine::Away(away) => {
                let says = format!("vmuxd does not answer there: {}", clean(&away.away, 160));
                let fault = fault(HostFaultKind::NoVmuxd, self.host.as_str(), says);
                self.lose(fault, now);
            }
            FarLine::Greeting(_) | FarLine::Unknown => {}
        }
    }

    /// That not all of its sessions are shown, if so.
    pub(super) fn too_many(&self) -> Option<HostFault> {
        let says = || format!("it has more sessions than are shown: {MAX_SESSIONS}");
        self.intake.is_full().then(|| fault(HostFaultKind::Other, self.host.as_str(), says()))
    }
}
