//! `scan`: scan at once.

use crate::daemon::clock::Now;
use crate::daemon::hub::Hub;
use crate::daemon::server::reply::ReplySender;
use crate::protocol::response::{Code, Response};
use tokio::sync::oneshot;

impl Hub {
    /// Scans at once, and replies when every session was inspected.
    pub(super) fn scan(&mut self, reply: ReplySender, now: Now) {
        let (done, scanned) = oneshot::channel();
        self.scan_waiters[1].push(done);
        self.next_scan = now.monotonic;
        tokio::spawn(async move {
            let response = match scanned.await {
                Ok(()) => Response::done(),
                Err(_) => Response::refused(Code::Busy, "vmuxd is ending"),
            };
            reply.send(&response);
        });
    }
}
