//! What the hub answers to each request.

use super::Hub;
use super::message::{Answer, Input, Reply};
use crate::daemon::blocking::pending::{self, Errand};
use crate::daemon::clock;
use crate::daemon::labels::writer::Outcome;
use crate::daemon::server::frame::Frame;
use crate::protocol::request::{self, Request};
use crate::protocol::response::{Code, DaemonInfo, Listed, Response, Why};
use crate::protocol::{PROTOCOL, VERSION};
use crate::session::hook::HookReport;
use crate::session::info::SessionInfo;
use crate::session::query::{self, Found};
use crate::session::registry::MAX_LABEL;
use crate::session::sanitize;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// However often somebody asks, new processes are looked for no more often than this.
const LOOK_FOR_NEW: Duration = Duration::from_millis(50);

/// A longer query names nothing.
const MAX_QUERY: usize = 200;

/// How long a request waits for new processes; then it is answered from what is known.
const LONGEST_WAIT: Duration = Duration::from_millis(500);

impl Hub {
    /// Answer a request. One that is about what there is now waits for the processes that have
    /// begun since the last scan.
    pub(in crate::daemon) fn answer(&mut self, request: Request, reply: Answer) {
        let about_now = matches!(request, Request::List(_) | Request::Switch(_) | Request::Why(_));
        if about_now && self.has_begun_anew() {
            if self.postponed.is_empty() {
                self.postponed_until = Instant::now() + LONGEST_WAIT;
            }
            self.postponed.push((request, reply));
        } else {
            self.answer_now(request, reply);
        }
    }

    /// Whether there may be processes that were not looked at yet.
    fn has_begun_anew(&mut self) -> bool {
        let at = Instant::now();
        if at.duration_since(self.looked_for_new) < LOOK_FOR_NEW {
            return !self.postponed.is_empty();
        }
        self.looked_for_new = at;
        self.looks.scan_new(at, clock::now()) || !self.postponed.is_empty()
    }

    /// Answer a request, now or when its effect has taken place.
    pub(in crate::daemon) fn answer_now(&mut self, request: Request, reply: Answer) {
        let response = match request {
            Request::List(_) => return reply.give(Reply::Frame(self.list())),
            Request::Version(_) => self.version(),
            Request::Why(args) => self.why(&args.query),
            Request::Ack(args) => self.acknowledge(&args.query),
            Request::Hook(args) => self.hook(args),
            Request::Stop(_) => {
                self.end();
                Response::done()
            }
            Request::Subscribe(_) => {
                return reply.give(self.subscribers.add(self.registry.sessions()));
            }
            Request::Label(args) => return self.label(args, reply),
            Request::Scan(_) => return self.scan_then(reply),
            Request::Switch(args) => return self.switch(args, reply),
        };
        reply.send(&response);
    }

    /// All sessions. One frame serves all who ask before the next change.
    fn list(&mut self) -> Frame {
        if let Some(frame) = &self.listed {
            return frame.clone();
        }
        if self.outgoing.is_full() {
            return self.outgoing.refusal();
        }
        let frame = self.outgoing.frame(&Listed::new(self.registry.sessions()));
        self.listed = Some(frame.clone());
        frame
    }

    fn version(&self) -> Response {
        let daemon = DaemonInfo {
            version: VERSION.to_owned(),
            protocol: PROTOCOL,
            pid: std::process::id(),
            problems: self.problems.values().cloned().collect(),
        };
        Response { daemon: Some(daemon), ..Response::done() }
    }

    fn why(&self, query: &str) -> Response {
        let session = match self.find_alone(query) {
            Ok(session) => session,
            Err(refusal) => return *refusal,
        };
        let record = self.registry.record(session.process()).cloned().unwrap_or_default();
        let why = Why {
            claims: record.claims,
            id_from: record.id_from,
            transcript_from: record.transcript_from,
            transcript: session.details.transcript.clone(),
        };
        Response { why: Some(why), session: Some(session), ..Response::done() }
    }

    fn acknowledge(&mut self, query: &str) -> Response {
        match self.find_alone(query) {
            Ok(session) => {
                let change = self.registry.acknowledge(session.process());
                self.tell(change);
                Response { session: Some(session), ..Response::done() }
            }
            Err(refusal) => *refusal,
        }
    }

    fn hook(&mut self, args: request::Hook) -> Response {
        let is_it = |it: &&SessionInfo| match args.pid {
            Some(pid) => it.pid == pid,
            None => it.session_id.as_deref() == Some(&args.session_id),
        };
        let process = self.registry.sessions().find(is_it).map(SessionInfo::process);
        if let Some(process) = process {
            let report = HookReport {
                event: args.event,
                tool: args.tool,
                session_id: args.session_id,
                at: clock::now(),
            };
            self.looks.hook(process, report, Instant::now());
        }
        Response::done()
    }

    fn label(&mut self, args: request::Label, reply: Answer) {
        let request::Label { session_id, label } = args;
        let label = label.trim();
        if let Err(refusal) = check_label(&session_id, label) {
            return reply.send(&refusal);
        }
        self.shown_labels.forget(&session_id);
        match self.labels.set(session_id, label.to_owned()) {
            Some(saved) => self.when_saved(saved, reply),
            None => {
                let error = "too many labels wait for a disk that hangs";
                reply.send(&Response::refused(Code::NotSaved, error).hint("it is not set"));
            }
        }
    }

    /// Answer, and show the labels, when they are on disk.
    fn when_saved(&self, saved: oneshot::Receiver<Outcome>, reply: Answer) {
        let hub = self.hub.clone();
        tokio::spawn(async move {
            let mut saving = Errand::new(saved);
            let in_time = saving.in_time().await;
            if let Some(outcome) = in_time {
                let _ = hub.send(Input::Saved(outcome, Some(reply))).await;
                return;
            }
            let refusal = Response::refused(Code::NotSaved, "the disk with the labels hangs");
            reply.send(&refusal.hint("the label is set if ~/.vmux answers while vmuxd lives"));
            if let Some(outcome) = pending::done(&mut Some(saving)).await {
                let _ = hub.send(Input::Saved(outcome, None)).await;
            }
        });
    }

    /// The labels are on disk, or are not.
    pub(in crate::daemon) fn saved(&mut self, outcome: Outcome, reply: Option<Answer>) {
        let response = match &outcome.error {
            None => Response::done(),
            Some(error) => Response::refused(Code::NotSaved, error.clone())
                .hint("`vmux list` shows the labels that are in force"),
        };
        if outcome.error.is_none() {
            // A file that was damaged is a new one now.
            self.problems.remove("labels");
        }
        self.note_problem("saving", outcome.error.clone().map_or(Ok(()), Err));
        self.show_labels(outcome);
        match reply {
            Some(reply) => reply.send(&response),
            None => self.shown_labels.tried(),
        }
    }

    fn scan_then(&mut self, reply: Answer) {
        let (done, scanned) = oneshot::channel();
        self.scan_for(done);
        tokio::spawn(async move {
            let response = match scanned.await {
                Ok(()) => Response::done(),
                Err(_) => Response::refused(Code::Busy, "vmuxd is ending"),
            };
            reply.send(&response);
        });
    }

    /// The session that `query` means; of several the first, to go there.
    pub(in crate::daemon) fn find(&self, query: &str) -> Result<Box<SessionInfo>, Box<Response>> {
        self.find_by(query, query::find_first)
    }

    /// The one session that `query` means.
    fn find_alone(&self, query: &str) -> Result<Box<SessionInfo>, Box<Response>> {
        self.find_by(query, query::find)
    }

    fn find_by(
        &self,
        query: &str,
        find: fn(&str, &[SessionInfo]) -> Found,
    ) -> Result<Box<SessionInfo>, Box<Response>> {
        // Each word is held against every field of every session.
        if query.chars().nth(MAX_QUERY).is_some() {
            let error = format!("a query has at most {MAX_QUERY} characters");
            return Err(Box::new(Response::refused(Code::BadRequest, error)));
        }
        let sessions: Vec<SessionInfo> = self.registry.sessions().cloned().collect();
        let pick = |found: Vec<usize>| found.iter().map(|&it| sessions[it].clone()).collect();
        let query_text = sanitize::clean(query, 80);
        match find(query, &sessions) {
            Found::One(index) => Ok(Box::new(sessions[index].clone())),
            Found::Several(found) => Err(Box::new(Response {
                sessions: Some(pick(found)),
                ..Response::refused(
                    Code::Ambiguous,
                    format!("several sessions match \"{query_text}\""),
                )
            })),
            Found::None { closest } => Err(Box::new(Response {
                sessions: Some(pick(closest)),
                ..Response::refused(Code::NoMatch, format!("no session matches \"{query_text}\""))
            })),
        }
    }
}

fn check_label(session_id: &str, label: &str) -> Result<(), Box<Response>> {
    let refuse = |error: &str| Err(Box::new(Response::refused(Code::BadRequest, error)));
    if session_id.is_empty()
        || session_id.len() > 200
        || sanitize::clean(session_id, 200) != session_id
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
