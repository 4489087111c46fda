//! `list`: all sessions. `scan`: scan at once.

use crate::daemon::clock::Now;
use crate::daemon::hub::Hub;
use crate::daemon::server::frame::EncodedFrame;
use crate::daemon::server::reply::ReplySender;
use crate::protocol::response::{ListResponse, Response};
use tokio::sync::oneshot;

impl Hub {
    /// The reply to `list`. One frame serves all who ask before the next change.
    pub(in crate::daemon::hub::requests) fn list(&mut self) -> EncodedFrame {
        let problems = self.problems.count();
        if let Some(frame) = self.frames.list(problems) {
            return frame;
        }
        if self.budget.is_full() {
            return self.budget.refusal();
        }
        let hosts = self.host_infos();
        let list = ListResponse::new(self.registry.sessions(), problems, hosts);
        let frame = self.budget.frame(&list);
        self.frames.keep_list(problems, frame.clone());
        frame
    }

    /// Scans at once, and replies when every session was inspected.
    pub(in crate::daemon::hub::requests) fn scan(&mut self, reply: ReplySender, now: Now) {
        let (done, scanned) = oneshot::channel();
        self.scan_waiters[1].push(done);
        self.next_scan = now.monotonic;
        tokio::spawn(async move {
            let response = match scanned.await {
                Ok(()) => Response::done(),
                Err(_) => Response::ending(),
            };
            reply.send(&response);
        });
    }
}
