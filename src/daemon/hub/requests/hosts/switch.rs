//! `switch` to a session of another host.

use crate::daemon::clock::Now;
use crate::daemon::hub::Hub;
use crate::daemon::server::reply::ReplySender;
use crate::protocol::request::SwitchRequest;
use crate::protocol::response::{Code, Response};
use crate::session::info::SessionInfo;
use crate::session::title::title;

/// The longest title, in characters.
const MAX_TITLE: usize = 40;

impl Hub {
    /// Brings the user to a session of another host.
    pub(in crate::daemon::hub::requests) fn switch_far(
        &mut self,
        session: &SessionInfo,
        _args: &SwitchRequest,
        reply: ReplySender,
        _was_clicked: bool,
        _now: Now,
    ) {
        let host = session.host.map(|it| it.to_string()).unwrap_or_default();
        let title = title(session, MAX_TITLE);
        let error = format!("{title} runs on {host}: vmux does not know yet which window shows it");
        let refusal = Response::refused(Code::NoWindow, error);
        let hint = format!("`vmux peek {host}:{}` shows what it shows", session.pid);
        reply.send(&Response { session: Some(Box::new(session.clone())), ..refusal.hint(hint) });
    }
}
