//! `ack`: the user has seen that a session has finished.

use crate::daemon::hub::Hub;
use crate::daemon::hub::requests::MAX_TITLE;
use crate::protocol::response::Response;
use crate::session::info::SessionInfo;
use crate::session::state::StateName;
use crate::session::title::title;

impl Hub {
    /// Marks the session that `query` means as seen. Where there was nothing to mark, a note says so.
    pub(in crate::daemon::hub::requests) fn acknowledge(&mut self, query: &str) -> Response {
        match self.find_only(query) {
            Ok(session) => {
                let change = self.registry.acknowledge(session.key());
                let note = change.is_none().then(|| nothing_to_mark(&session));
                self.publish(change);
                Response { session: Some(session), note, ..Response::done() }
            }
            Err(refusal) => *refusal,
        }
    }
}

fn nothing_to_mark(session: &SessionInfo) -> String {
    let title = title(session, MAX_TITLE);
    match session.state {
        StateName::NeedsInput => {
            format!(
                "{title} waits for you still; `ack` only marks a finished session as seen, \
                 `vmux snooze` sets one aside that waits"
            )
        }
        _ => format!("{title} was not marked as finished; there is nothing to acknowledge"),
    }
}
