//! `end`: a session is asked to end. Only a process that is listed as a session of this machine can be.

use crate::daemon::clock::Now;
use crate::daemon::discovery::servers::ending::{self, AskedToEnd};
use crate::daemon::hub::Hub;
use crate::daemon::server::reply::ReplySender;
use crate::protocol::request::EndRequest;
use crate::protocol::response::{Code, Response};
use crate::session::key::SessionKey;
use tokio::sync::oneshot;

impl Hub {
    /// Asks it to end, and replies when it has.
    pub(in crate::daemon::hub::requests) fn end_session(
        &mut self,
        args: EndRequest,
        reply: ReplySender,
        now: Now,
    ) {
        let key = SessionKey::local(args.pid, args.start);
        let Some(session) = self.registry.get(key).cloned() else {
            let error = format!("process {} is not a session of this machine", args.pid);
            return reply.send(&Response::refused(Code::NoMatch, error));
        };
        self.note_end(session.session_id.as_deref(), now.wall);
        let root = self.inspections.root().clone();
        let asked = self.pool.call(move || ending::ask(&root, &[key.process]));
        tokio::spawn(async move {
            let session = Some(Box::new(session));
            reply.send(&Response { session, ..ended(asked).await });
        });
    }
}

/// The reply when processes that were asked to end have ended, or are not waited for any longer.
pub async fn ended(asked: oneshot::Receiver<AskedToEnd>) -> Response {
    let living = match asked.await {
        Ok(Ok(asked)) => ending::living(asked).await,
        Ok(Err((pid, error))) => {
            let error = format!("process {pid} may not be ended: {error}");
            return Response::refused(Code::NotEnded, error);
        }
        Err(_) => return Response::ending(),
    };
    let pids: Vec<String> = living.iter().map(u32::to_string).collect();
    if pids.is_empty() {
        return Response::done();
    }
    let error = format!("still running, 5 s after it was asked to end: {}", pids.join(", "));
    let hint = format!("it may be busy ending; `kill -KILL {}` ends it", pids.join(" "));
    Response::refused(Code::NotEnded, error).hint(hint)
}
