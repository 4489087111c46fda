//! `hook` and `ask`: a hook of Claude Code that the user installed reports, or waits for the answer
//! to a prompt.

pub mod answer;
pub mod ask;
pub mod decide;
pub mod end;
pub mod log_line;
pub mod once;
pub mod one_line;
pub mod prompts;
pub mod store;

#[cfg(test)]
mod store_tests;

use crate::daemon::clock::Now;
use crate::daemon::hub::Hub;
use crate::protocol::request::HookRequest;
use crate::protocol::response::Response;
use crate::session::hook::HookReport;
use crate::session::info::SessionInfo;
use crate::session::key::SessionKey;

impl Hub {
    /// Takes a report as evidence about its session. A report of an unknown session is ignored.
    pub(super) fn hook(&mut self, args: HookRequest, now: Now) -> Response {
        if let Some(session) = self.session_of_hook(&args).map(SessionInfo::key) {
            self.take_report(session, args, now);
        }
        Response::done()
    }

    /// The session that a hook reports of.
    pub(super) fn session_of_hook(&self, report: &HookRequest) -> Option<&SessionInfo> {
        self.registry.sessions().find(|it| match report.pid {
            Some(pid) => it.host.is_none() && it.pid == pid,
            None => it.session_id.as_deref() == Some(&report.session_id),
        })
    }

    /// Takes a report as evidence about `session`.
    pub(super) fn take_report(&mut self, session: SessionKey, args: HookRequest, now: Now) {
        let is_request = args.event == "PermissionRequest";
        let is_end = matches!(args.event.as_str(), "PostToolUse" | "PostToolUseFailure");
        if is_end && args.agent.is_none() {
            let (tool, call) = (args.tool.as_deref(), args.input.as_deref());
            let ended = self.prompts.store.call_ended(session, tool, call);
            self.end_prompts(ended);
        }
        let report = HookReport {
            event: args.event,
            tool: args.tool,
            input: args.input.filter(|_| is_request),
            session_id: args.session_id,
            at: now.wall,
        };
        self.inspections.add_hook_report(session.process, report, now.monotonic);
    }
}
