//! `carriers` and `select`: for a vmuxd on another host, whose user wants to see a session of this one.

use crate::daemon::hub::Hub;
use crate::daemon::server::reply::ReplySender;
use crate::protocol::request::SelectRequest;
use crate::protocol::response::{Code, Response};
use crate::session::key::HostName;
use crate::session::sanitize::clean;

/// The longest error that is quoted, in characters.
const MAX_QUOTED: usize = 200;

impl Hub {
    /// Replies with what carries the session that the query means.
    pub(in crate::daemon::hub::requests) fn carriers(&mut self, query: &str, reply: ReplySender) {
        let session = match self.find_only(query) {
            Ok(session) => session,
            Err(refusal) => return reply.send(&refusal),
        };
        if let Some(host) = session.host {
            return reply.send(&elsewhere(host));
        }
        let carriers = self.desktop.carriers(session.key().process, reply.asker());
        tokio::spawn(async move {
            reply.send(&match carriers.await {
                Ok(found) => {
                    let carriers = Some(Box::new(found));
                    Response { carriers, session: Some(session), ..Response::done() }
                }
                Err(_) => Response::ending(),
            });
        });
    }

    /// Brings the panes of a session into view in one of its carriers.
    pub(in crate::daemon::hub::requests) fn select(
        &mut self,
        args: SelectRequest,
        reply: ReplySender,
    ) {
        let session = match self.find_only(&args.query) {
            Ok(session) => session,
            Err(refusal) => return reply.send(&refusal),
        };
        if let Some(host) = session.host {
            return reply.send(&elsewhere(host));
        }
        let selected = self.desktop.select_in_carrier(session.key().process, args.carrier);
        tokio::spawn(async move {
            let response = match selected.await {
                Ok(Ok(())) => Response::done(),
                Ok(Err(why)) => Response::refused(Code::SwitchFailed, clean(&why, MAX_QUOTED)),
                Err(_) => Response::ending(),
            };
            reply.send(&Response { session: Some(session), ..response });
        });
    }
}

/// No host is asked for another one: that would have no end.
fn elsewhere(host: HostName) -> Response {
    Response::refused(Code::NoMatch, format!("it runs on {host}, whose vmuxd knows"))
}
