//! `move`: the window of a session goes to another workspace.

use crate::daemon::desktop::task_has_ended;
use crate::daemon::hub::Hub;
use crate::daemon::hub::requests::switch::refusal;
use crate::daemon::server::reply::ReplySender;
use crate::protocol::request::MoveRequest;
use crate::protocol::response::{Code, Response};
use crate::session::key::SessionKey;

/// The longest name of a workspace, in characters.
const MAX_NAME: usize = 100;

impl Hub {
    /// Moves it, and replies when it is seen there.
    pub(in crate::daemon::hub::requests) fn move_window(
        &mut self,
        args: MoveRequest,
        reply: ReplySender,
    ) {
        let key = SessionKey::local(args.pid, args.start);
        let Some(session) = self.registry.get(key).cloned() else {
            let error = format!("process {} is not a session of this machine", args.pid);
            return reply.send(&Response::refused(Code::NoMatch, error));
        };
        let name = args.workspace;
        let is_name = !name.is_empty() && name.chars().count() <= MAX_NAME;
        if !is_name || name.chars().any(char::is_control) {
            return reply.send(&Response::refused(Code::BadRequest, "not the name of a workspace"));
        }
        let moved = self.desktop.move_to_workspace(key.process, name);
        tokio::spawn(async move {
            let result = moved.await.unwrap_or_else(|_| Err(task_has_ended()));
            reply.send(&match result {
                Ok(()) => Response { session: Some(Box::new(session)), ..Response::done() },
                Err(error) => refusal(&error, Some(&session)),
            });
        });
    }
}
