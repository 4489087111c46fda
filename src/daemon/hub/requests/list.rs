//! `list`: all sessions.

use crate::daemon::hub::Hub;
use crate::daemon::server::frame::EncodedFrame;
use crate::protocol::response::ListResponse;

impl Hub {
    /// The reply to `list`. One frame serves all who ask before the next change.
    pub(super) fn list(&mut self) -> EncodedFrame {
        let problems = self.problems.count();
        if let Some((of, frame)) = &self.list_frame
            && *of == problems
        {
            return frame.clone();
        }
        if self.budget.is_full() {
            return self.budget.refusal();
        }
        let hosts = self.host_infos();
        let list = ListResponse::new(self.registry.sessions(), problems, hosts);
        let frame = self.budget.frame(&list);
        self.list_frame = Some((problems, frame.clone()));
        frame
    }
}
