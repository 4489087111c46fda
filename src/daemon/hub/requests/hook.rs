//! `hook`: a hook of Claude Code that the user installed reports.

use crate::daemon::clock::Now;
use crate::daemon::hub::Hub;
use crate::protocol::request;
use crate::protocol::response::Response;
use crate::session::hook::HookReport;
use crate::session::info::SessionInfo;

impl Hub {
    /// Takes a report as evidence about its session. A report of an unknown session is ignored.
    pub(super) fn hook(&mut self, args: request::HookRequest, now: Now) -> Response {
        let is_it = |it: &&SessionInfo| match args.pid {
            Some(pid) => it.host.is_none() && it.pid == pid,
            None => it.session_id.as_deref() == Some(&args.session_id),
        };
        let process = self.registry.sessions().find(is_it).map(|it| it.key().process);
        if let Some(process) = process {
            let report = HookReport {
                event: args.event,
                tool: args.tool,
                input: args.input,
                session_id: args.session_id,
                at: now.wall,
            };
            self.inspections.add_hook_report(process, report, now.monotonic);
        }
        Response::done()
    }
}
