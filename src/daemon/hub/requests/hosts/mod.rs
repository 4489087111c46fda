//! Other hosts: what their tasks report, who they are, and requests about their sessions.

pub mod forward;
pub mod switch;

use crate::daemon::clock::Now;
use crate::daemon::hosts::intake::FarChange;
use crate::daemon::hosts::message::HostReport;
use crate::daemon::hub::Hub;
use crate::protocol::request::HostsRequest;
use crate::protocol::response::{Code, Response};
use crate::session::registry::change::Change;
use crate::session::sanitize::clean;
use crate::session::state::host::{HostInfo, HostState};

impl Hub {
    /// The configuration has these hosts now.
    pub(in crate::daemon::hub) fn configure_hosts(&mut self, now: Now) {
        for host in self.hosts.configure(&self.config.current.hosts, now) {
            for change in self.registry.remove_host(host.name) {
                self.publish(Some(change));
            }
            self.publish(Some(Change::Host { host: Box::new(host) }));
        }
    }

    /// The task of a host reports.
    pub(in crate::daemon::hub) fn take_host_report(&mut self, report: HostReport) {
        if !self.hosts.is_current(&report) {
            return;
        }
        for change in report.changes {
            let change = match change {
                FarChange::Session(info) => self.registry.set_far(info),
                FarChange::Gone(key) => self.registry.remove_far(key),
            };
            self.publish(change);
        }
        if let Some(by) = report.shift {
            for change in self.registry.shift_host(report.host, by) {
                self.publish(Some(change));
            }
        }
        let Some(status) = report.status else { return };
        if status.state == HostState::Down {
            for change in self.registry.mark_stale(report.host, status.since) {
                self.publish(Some(change));
            }
        }
        if let Some(host) = self.hosts.take_status(report.host, status) {
            log::info!("host {}: {}", host.name, told(&host));
            let host = HostInfo { sessions: self.registry.count_of(host.name), ..host };
            self.publish(Some(Change::Host { host: Box::new(host) }));
        }
    }

    /// All hosts, with how many sessions each has.
    pub(in crate::daemon::hub) fn host_infos(&self) -> Vec<HostInfo> {
        let count = |it: &HostInfo| self.registry.count_of(it.name);
        self.hosts.infos().map(|it| HostInfo { sessions: count(it), ..it.clone() }).collect()
    }

    /// The reply to `hosts`.
    pub(in crate::daemon::hub::requests) fn hosts_reply(
        &mut self,
        args: &HostsRequest,
    ) -> Response {
        let hosts = self.host_infos();
        if let Some(name) = &args.retry {
            let Some(host) = hosts.iter().find(|it| it.name.as_str() == name) else {
                return no_host(name);
            };
            self.hosts.try_now(Some(host.name));
        }
        Response { hosts: Some(hosts), ..Response::done() }
    }
}

fn told(host: &HostInfo) -> String {
    match &host.fault {
        Some(fault) => format!("{}: {}", host.state.word(), fault.says),
        None => host.state.word().to_owned(),
    }
}

/// The refusal where no host has this name.
pub(in crate::daemon::hub::requests) fn no_host(name: &str) -> Response {
    let error = format!("no host is called \"{}\"", clean(name, 80));
    let hint = "`vmux hosts` lists them; `vmux hosts add` adds one";
    Response::refused(Code::NoMatch, error).hint(hint)
}
