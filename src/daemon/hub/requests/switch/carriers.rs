//! `carriers`, `select` and `mark`: for a vmuxd on another host, whose user wants to see a session of
//! this one.

use crate::daemon::desktop::DesktopHandle;
use crate::daemon::hub::Hub;
use crate::daemon::server::reply::ReplySender;
use crate::protocol::request::{MarkRequest, SelectRequest};
use crate::protocol::response::{Code, Response};
use crate::session::key::HostName;
use crate::session::process::ProcessId;
use crate::session::sanitize::clean;
use tokio::sync::oneshot;

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
        self.act_in_carrier(&args.query, reply, |desktop, process| {
            desktop.select_in_carrier(process, args.carrier)
        });
    }

    /// Gives the terminal at the end of a carrier a title for a second.
    pub(in crate::daemon::hub::requests) fn mark(&mut self, args: MarkRequest, reply: ReplySender) {
        self.act_in_carrier(&args.query, reply, |desktop, process| {
            desktop.mark_carrier(process, args.carrier, args.mark)
        });
    }

    /// Replies when the desktop task has done something with a session of this host.
    fn act_in_carrier(
        &mut self,
        query: &str,
        reply: ReplySender,
        act: impl FnOnce(&DesktopHandle, ProcessId) -> oneshot::Receiver<Result<(), String>>,
    ) {
        let session = match self.find_only(query) {
            Ok(session) => session,
            Err(refusal) => return reply.send(&refusal),
        };
        if let Some(host) = session.host {
            return reply.send(&elsewhere(host));
        }
        let done = act(&self.desktop, session.key().process);
        tokio::spawn(async move {
            let response = match done.await {
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
