//! What the tasks of the hosts and the hub tell each other.

use super::intake::FarChange;
use super::link::status::LinkStatus;
use crate::protocol::response::Response;
use crate::session::key::HostName;
use chrono::TimeDelta;
use std::fmt;
use tokio::sync::oneshot;

/// What the hub tells the task of a host.
#[derive(Debug)]
pub enum LinkCommand {
    /// Ask the vmuxd there: the request as JSON, and where the reply goes. Dropped without one, the
    /// connection broke.
    Ask(Vec<u8>, oneshot::Sender<Response>),
    /// Do not wait for the next try.
    TryNow,
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
