//! `table` and `status`: the texts that clients print.

use crate::daemon::clock::Now;
use crate::daemon::hub::Hub;
use crate::daemon::server::frame::EncodedFrame;
use crate::protocol::request::Request;
use crate::protocol::response::{Code, Response};
use crate::session::info::SessionInfo;
use crate::show::answer;

impl Hub {
    /// The reply to `table` or `status`.
    pub(in crate::daemon::hub::requests) fn rendered(
        &mut self,
        request: Request,
        now: Now,
    ) -> EncodedFrame {
        let problems = self.problems.count();
        if let Some(frame) = self.frames.text(&request, problems, now.wall) {
            return frame;
        }
        if self.budget.is_full() {
            return self.budget.refusal();
        }
        let sessions: Vec<&SessionInfo> = self.registry.sessions().collect();
        let (text, told) = match &request {
            Request::Table(args) => (answer::table(args, &sessions, now.wall), problems),
            Request::Status(args) => {
                (answer::status(args, &sessions, &self.host_infos(), now.wall), 0)
            }
            _ => (Err("it has no text".to_owned()), 0),
        };
        let rendered = match text {
            Ok(rendered) => rendered,
            Err(error) => return self.budget.frame(&Response::refused(Code::BadRequest, error)),
        };
        let text = Some(rendered.text);
        let frame = self.budget.frame(&Response { text, problems: told, ..Response::done() });
        let times = (now.wall, rendered.until);
        self.frames.keep_text(request, problems, times, frame.clone());
        frame
    }
}
