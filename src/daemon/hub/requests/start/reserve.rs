//! `reserve`: a name for a session that is about to begin. It is decided here, in one place, so that of two
//! starts at the same moment one is refused.

use super::names::Holder;
use crate::daemon::clock::Now;
use crate::daemon::hub::Hub;
use crate::daemon::server::reply::{Reply, ReplySender, StreamItem};
use crate::protocol::request::ReserveRequest;
use crate::protocol::response::{Code, Response};
use crate::session::info::SessionInfo;
use crate::session::query::name;
use crate::session::sanitize::clean;
use tokio::sync::mpsc;

impl Hub {
    /// Reserves a name, or says why it cannot be had. One that is held is kept until its client goes.
    pub(in crate::daemon::hub::requests) fn reserve(
        &mut self,
        args: ReserveRequest,
        reply: ReplySender,
        now: Now,
    ) {
        let (holder, receiver) = mpsc::channel(1);
        let is_held = args.hold && !args.check;
        let response = self.reserve_for(args, is_held.then(|| holder.clone()), now);
        if !is_held || !response.ok {
            return reply.send(&response);
        }
        let _ = holder.try_send(StreamItem::Frame(self.budget.frame(&response)));
        reply.send_reply(Reply::Stream(receiver));
    }

    fn reserve_for(&mut self, args: ReserveRequest, holder: Option<Holder>, now: Now) -> Response {
        if let Err(why) = name::check(&args.name) {
            return Response::refused(Code::BadRequest, why);
        }
        let is_running = |it: &&SessionInfo| {
            let is_it = it.session_id.as_deref() == args.session_id.as_deref();
            it.host.is_none() && it.session_id.is_some() && is_it
        };
        let named = name::holder(&args.name, self.registry.sessions());
        if let Some(session) = named.or_else(|| self.registry.sessions().find(is_running)) {
            let error = format!("{} runs already (pid {})", clean(&args.name, 40), session.pid);
            let session = Some(Box::new(session.clone()));
            return Response { session, ..Response::refused(Code::Taken, error) };
        }
        let reservations = &mut self.starts.reservations;
        if let Some(why) = reservations.obstacle(&args, now.monotonic) {
            return Response::refused(Code::Taken, why);
        }
        if !args.check && !reservations.keep(args, holder, now.monotonic) {
            return Response::refused(Code::Busy, "too many sessions are about to begin");
        }
        Response::done()
    }
}
