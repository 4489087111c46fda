//! Requests about a session of another host: its vmuxd owns the session, so it is asked. A label is set
//! when it is on the disk there.

use crate::daemon::hub::Hub;
use crate::daemon::hub::event::{FarReply, HubEvent};
use crate::daemon::server::reply::ReplySender;
use crate::protocol::request::{
    LabelRequest, PeekRequest, QueryRequest, Request, SendRequest, SnoozeRequest,
};
use crate::protocol::response::{Code, Response};
use crate::session::info::SessionInfo;
use crate::session::key::{HostName, SessionKey};
use crate::session::shared::Text;

/// How many lines of a `peek` are asked of another host at most: they have to fit in one line of a relay.
const MAX_FAR_LINES: u32 = 1000;

impl Hub {
    /// Passes on a request that is about a session of another host. Returns it if it is not.
    pub(in crate::daemon::hub::requests) fn forward(
        &mut self,
        request: Request,
        reply: ReplySender,
    ) -> Option<(Request, ReplySender)> {
        if !self.registry.has_far() {
            return Some((request, reply));
        }
        match self.far_request(&request) {
            Some((key, request)) => {
                self.ask_host(key, request, reply);
                None
            }
            None => Some((request, reply)),
        }
    }

    /// The session of another host that a request is about, and what to ask there.
    fn far_request(&self, request: &Request) -> Option<(SessionKey, Request)> {
        let query = match request {
            Request::Why(args) | Request::Ack(args) => &args.query,
            Request::Snooze(args) => &args.query,
            Request::Peek(args) => &args.query,
            Request::Send(args) => &args.query,
            Request::Label(args) => {
                let key = self.far_key_of(args)?;
                return Some((key, Request::Label(LabelRequest { host: None, ..args.clone() })));
            }
            _ => return None,
        };
        // What means no session or several is answered here.
        let key = self.find_only(query).ok().map(|it| it.key()).filter(|key| key.host.is_some())?;
        let query = key.process.to_string();
        let request = match request.clone() {
            Request::Why(_) => Request::Why(QueryRequest { query }),
            Request::Ack(_) => Request::Ack(QueryRequest { query }),
            Request::Snooze(args) => {
                // The button's time is that of the user here.
                let configured = self.config.current.notify.snooze.as_secs();
                let is_timed = args.seconds.is_some() || args.until_change || args.end;
                let seconds = if is_timed { args.seconds } else { Some(configured.max(1)) };
                Request::Snooze(SnoozeRequest { query, seconds, ..args })
            }
            Request::Send(args) => Request::Send(SendRequest { query, ..args }),
            Request::Peek(args) => {
                let lines = args.lines.map(|it| it.min(MAX_FAR_LINES));
                Request::Peek(PeekRequest { query, lines, ..args })
            }
            _ => return None,
        };
        Some((key, request))
    }

    /// The session of another host that is to be labelled. Without a host, one of this machine comes
    /// first.
    fn far_key_of(&self, args: &LabelRequest) -> Option<SessionKey> {
        let is_it = |it: &&SessionInfo| it.session_id.as_deref() == Some(&args.session_id);
        let named = |it: &&SessionInfo| match &args.host {
            Some(host) => it.host.is_some_and(|it| it.as_str() == host),
            None => true,
        };
        let session = self.registry.sessions().filter(is_it).find(named)?;
        session.host.map(|_| session.key())
    }

    /// Asks the vmuxd of a session's host. Its reply comes back as [`HubEvent::FarReplied`].
    pub(in crate::daemon::hub::requests) fn ask_host(
        &mut self,
        key: SessionKey,
        request: Request,
        reply: ReplySender,
    ) {
        let Some(host) = key.host else { return };
        let answer = self.hosts.ask(host, &request, reply.until());
        let hub = self.sender.clone();
        tokio::spawn(async move {
            let response = answer.await.unwrap_or_else(|_| Response::ending());
            let replied = FarReply { key, request, response, reply };
            let _ = hub.send(HubEvent::FarReplied(Box::new(replied))).await;
        });
    }

    /// The vmuxd of a session's host has replied: shows what it did, and passes the reply on.
    pub(in crate::daemon::hub) fn end_far_request(&mut self, replied: FarReply) {
        let FarReply { key, request, response, reply } = replied;
        let known = self.registry.get(key).cloned().map(Box::new);
        if !response.ok {
            return reply.send(&named(response, key.host));
        }
        let change = match &request {
            // The event of it may come a moment later.
            Request::Label(args) => {
                let label = Some(args.label.trim()).filter(|it| !it.is_empty()).map(Text::from);
                self.registry.edit_far(key, |info| info.label = label)
            }
            Request::Ack(_) => self.registry.edit_far(key, |info| info.unseen = false),
            Request::Snooze(_) => response
                .session
                .as_ref()
                .and_then(|told| self.registry.edit_far(key, |info| info.snoozed = told.snoozed)),
            _ => None,
        };
        self.publish(change);
        let session = match &request {
            Request::Label(_) => None,
            Request::Snooze(_) => self.registry.get(key).cloned().map(Box::new),
            _ => known.or(response.session),
        };
        reply.send(&Response { session, ..response });
    }
}

/// A reply of a host; a refusal says which.
pub(in crate::daemon::hub::requests) fn named(
    response: Response,
    host: Option<HostName>,
) -> Response {
    if response.ok {
        return response;
    }
    let error = response.error.unwrap_or_else(|| "refused, and did not say why".to_owned());
    let error = match host.map(HostName::as_str) {
        Some(host) if !error.starts_with(host) => format!("{host}: {error}"),
        _ => error,
    };
    let code = response.code.unwrap_or(Code::Other);
    Response { hint: response.hint, steps: response.steps, ..Response::refused(code, error) }
}
