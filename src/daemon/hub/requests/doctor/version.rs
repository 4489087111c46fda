//! `version`: which vmuxd this is, and its problems.

use crate::daemon::hub::Hub;
use crate::protocol::response::{DaemonInfo, Response};
use crate::protocol::{PROTOCOL, VERSION};

impl Hub {
    /// The reply to `version`.
    pub(in crate::daemon::hub::requests) fn version(&self) -> Response {
        let daemon = DaemonInfo {
            version: VERSION.to_owned(),
            protocol: PROTOCOL,
            pid: std::process::id(),
            problems: self.problems.lines(),
        };
        Response { daemon: Some(daemon), ..Response::done() }
    }
}
