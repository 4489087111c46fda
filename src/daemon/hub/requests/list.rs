//! `list`: all sessions.

use crate::daemon::hub::Hub;
use crate::daemon::server::frame::EncodedFrame;
use crate::protocol::response::ListResponse;

impl Hub {
    /// The reply to `list`. One frame serves all who ask before the next change.
    pub(super) fn list(&mut self) -> EncodedFrame {
        if let Some(frame) = &self.list_frame {
            return frame.clone();
        }
        if self.budget.is_full() {
            return self.budget.refusal();
        }
        let frame = self.budget.frame(&ListResponse::new(self.registry.sessions()));
        self.list_frame = Some(frame.clone());
        frame
    }
}
