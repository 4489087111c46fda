//! `ack`: the user has seen that a session has finished.

use crate::daemon::hub::Hub;
use crate::protocol::response::Response;

impl Hub {
    /// Marks the session that `query` means as seen.
    pub(super) fn acknowledge(&mut self, query: &str) -> Response {
        match self.find_only(query) {
            Ok(session) => {
                let change = self.registry.acknowledge(session.key());
                self.publish(change);
                Response { session: Some(session), ..Response::done() }
            }
            Err(refusal) => *refusal,
        }
    }
}
