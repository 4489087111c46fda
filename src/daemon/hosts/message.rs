//! What the tasks of the hosts and the hub tell each other.

use super::intake::FarChange;
use super::link::status::LinkStatus;
use crate::protocol::response::{Code, Response};
use crate::session::key::HostName;
use chrono::TimeDelta;
use std::fmt;
use std::time::Duration;
use tokio::sync::oneshot;

/// What the hub tells the task of a host.
#[derive(Debug)]
pub enum LinkCommand {
    /// Ask the vmuxd there.
    Ask(FarQuestion),
    /// Do not wait for the next try.
    TryNow,
}

/// What the vmuxd of a host is asked.
#[derive(Debug)]
pub struct FarQuestion {
    /// The request as JSON.
    pub request: Vec<u8>,
    /// Until when it may be carried out there, by [`Now::boottime`](crate::daemon::clock::Now) here; `None`
    /// for one that only reads.
    pub by: Option<Duration>,
    /// Where the reply goes. Dropped without one, the connection broke.
    pub reply: oneshot::Sender<Response>,
}

/// The refusal where nothing was asked.
pub fn out_of_reach(name: HostName) -> Response {
    Response::refused(Code::Busy, format!("{name} is out of reach")).hint(hosts_hint(name))
}

/// The refusal where no reply came; `how` says why. `is_settled`: of a request that acts, whether it
/// comes too late there from now on; `None` for one that only reads.
pub fn unanswered(name: HostName, how: &str, is_settled: Option<bool>) -> Response {
    let refusal = Response::refused(Code::Busy, format!("{name}: {how}"));
    refusal.hint(match is_settled {
        None => hosts_hint(name),
        Some(true) => "it is not known whether it was done; if it has not begun by now, it never \
                       will: look when the host is up"
            .to_owned(),
        Some(false) => "it is not known whether it was done, or will be when the connection is \
                        back: look again when the host is up; the vmux there is an older one"
            .to_owned(),
    })
}

fn hosts_hint(name: HostName) -> String {
    format!("`vmux hosts` tells why; `vmux hosts check {name}` tries it")
}

/// What the task of a host reports: changes first, then a shift of the times of all its sessions, then how
/// it is.
#[derive(Debug)]
pub struct HostReport {
    pub host: HostName,
    /// Which of the tasks that this host has had.
    pub generation: u64,
    pub changes: Vec<FarChange>,
    pub shift: Option<TimeDelta>,
    pub status: Option<LinkStatus>,
}

/// For the log.
impl fmt::Display for HostReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "host {}: {} changes", self.host, self.changes.len())?;
        match &self.status {
            Some(status) => write!(f, ", {}", status.state.word()),
            None => Ok(()),
        }
    }
}
