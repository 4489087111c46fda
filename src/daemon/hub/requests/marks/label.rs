//! `label`: name a session, or take its name away.

use crate::daemon::blocking::pending::{self, PendingCall};
use crate::daemon::clock::Now;
use crate::daemon::home::labels::writer::LabelOutcome;
use crate::daemon::hub::Hub;
use crate::daemon::hub::event::HubEvent;
use crate::daemon::hub::problems::ProblemSource;
use crate::daemon::server::reply::ReplySender;
use crate::protocol::request;
use crate::protocol::response::{Code, Response};
use crate::session::registry::MAX_LABEL;
use crate::session::sanitize;
use tokio::sync::mpsc;

/// How many characters of a host an error quotes.
const MAX_QUOTED_HOST: usize = 63;

/// The longest session id, in bytes.
const MAX_SESSION_ID: usize = 200;

impl Hub {
    /// Sets a label, and replies when it is on disk.
    pub(in crate::daemon::hub::requests) fn label(
        &mut self,
        args: request::LabelRequest,
        reply: ReplySender,
        now: Now,
    ) {
        let request::LabelRequest { session_id, label, host } = args;
        if let Some(host) = host {
            let host = sanitize::clean(&host, MAX_QUOTED_HOST);
            let error = format!("no session of {host} has this id, or {host} is out of reach");
            return reply.send(&Response::refused(Code::NoMatch, error));
        }
        let label = label.trim();
        if let Err(refusal) = check(&session_id, label) {
            return reply.send(&refusal);
        }
        self.label_overlay.forget(&session_id);
        match self.labels.set(session_id, label.to_owned()) {
            Some(written) => {
                let pending = PendingCall::of(now.monotonic, written);
                tokio::spawn(await_write(pending, reply, self.sender.clone()));
            }
            None => {
                let error = "too many labels wait for a disk that hangs";
                reply.send(&Response::refused(Code::NotSaved, error).hint("it is not set"));
            }
        }
    }

    /// A label was written, or could not be.
    pub(in crate::daemon::hub) fn end_label(
        &mut self,
        outcome: LabelOutcome,
        reply: Option<ReplySender>,
    ) {
        let response = match &outcome.error {
            None => Response::done(),
            Some(error) => Response::refused(Code::NotSaved, error.clone())
                .hint("`vmux list` shows the labels that are in force"),
        };
        if outcome.error.is_none() {
            // A damaged file has been replaced by this.
            self.problems.clear(ProblemSource::Labels);
        }
        self.problems.set(ProblemSource::LabelWrite, outcome.error.clone());
        self.show_labels(outcome);
        match reply {
            Some(reply) => reply.send(&response),
            None => self.label_overlay.set_saving(false),
        }
    }
}

/// Passes the outcome of a write to the hub, which replies. A write that takes too long is answered
/// before, with a refusal.
async fn await_write(
    mut pending: PendingCall<LabelOutcome>,
    reply: ReplySender,
    hub: mpsc::Sender<HubEvent>,
) {
    if let Some(outcome) = pending.in_time().await {
        let _ = hub.send(HubEvent::LabelWritten(outcome, Some(reply))).await;
        return;
    }
    let refusal = Response::refused(
        Code::NotSaved,
        "the label is not on disk yet: the disk hangs, or no thread is free",
    );
    reply.send(&refusal.hint("it is set if that passes while vmuxd lives"));
    if let Some(outcome) = pending::completed(&mut Some(pending)).await {
        let _ = hub.send(HubEvent::LabelWritten(outcome, None)).await;
    }
}

fn check(session_id: &str, label: &str) -> Result<(), Box<Response>> {
    let refuse = |error: &str| Err(Box::new(Response::refused(Code::BadRequest, error)));
    if session_id.is_empty()
        || session_id.len() > MAX_SESSION_ID
        || sanitize::clean(session_id, MAX_SESSION_ID) != session_id
    {
        return refuse("not a session id");
    }
    if label.chars().count() > MAX_LABEL {
        return refuse(&format!("a label has at most {MAX_LABEL} characters"));
    }
    if sanitize::clean(label, MAX_LABEL) != label.split_whitespace().collect::<Vec<_>>().join(" ")
        || label.chars().any(char::is_control)
    {
        return refuse("a label is one line without control characters");
    }
    Ok(())
}
