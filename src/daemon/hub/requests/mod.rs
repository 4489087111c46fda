//! Requests and their replies, one file a verb where a verb is more than a line.

pub mod doctor;
pub mod find;
pub mod hook;
pub mod hosts;
pub mod keys;
pub mod marks;
pub mod peek;
pub mod servers;
pub mod show;
pub mod start;
pub mod switch;

use super::Hub;
use crate::daemon::clock::Now;
use crate::daemon::server::reply::{Reply, ReplySender};
use crate::protocol::request::Request;
use crate::protocol::response::Response;
use std::time::{Duration, Instant};

/// The longest title in a note or an error, in characters.
const MAX_TITLE: usize = 40;

/// However often clients ask, new processes are looked for no more often than this.
const SEARCH_INTERVAL: Duration = Duration::from_millis(50);

/// How long a request waits for new processes; then it is answered from what is known.
const MAX_POSTPONEMENT: Duration = Duration::from_millis(500);

/// Requests that wait until processes that have just begun are inspected.
#[derive(Default)]
pub struct Postponed {
    requests: Vec<(Request, ReplySender)>,
    /// When they are answered at the latest, from what is known then.
    answer_by: Option<Instant>,
    /// When new processes were last looked for.
    last_search: Option<Instant>,
}

impl Postponed {
    /// Whether no request waits.
    pub fn is_empty(&self) -> bool {
        self.requests.is_empty()
    }

    /// When the requests are answered at the latest; `None` if there are none.
    pub fn deadline(&self) -> Option<Instant> {
        self.answer_by.filter(|_| !self.is_empty())
    }

    /// The requests, which wait no longer.
    pub fn take(&mut self) -> Vec<(Request, ReplySender)> {
        std::mem::take(&mut self.requests)
    }

    fn push(&mut self, request: Request, reply: ReplySender, now: Instant) {
        if self.is_empty() {
            self.answer_by = Some(now + MAX_POSTPONEMENT);
        }
        self.requests.push((request, reply));
    }

    /// Whether new processes are to be looked for, so long after the last time.
    fn is_search_due(&mut self, now: Instant) -> bool {
        let is_due = self.last_search.is_none_or(|then| now - then >= SEARCH_INTERVAL);
        if is_due {
            self.last_search = Some(now);
        }
        is_due
    }
}

impl Hub {
    /// A client asks. A request about the present waits for the processes that have begun since the
    /// last scan, and for a look at what no event reports.
    pub(super) fn handle_request(&mut self, request: Request, reply: ReplySender, now: Now) {
        let is_about_now = match &request {
            Request::Switch(args) => !args.query.as_deref().is_some_and(|it| self.is_process(it)),
            Request::List(_)
            | Request::Table(_)
            | Request::Status(_)
            | Request::Why(_)
            | Request::Doctor(_)
            | Request::Servers(_)
            | Request::Past(_)
            | Request::Send(_)
            | Request::Pending(_)
            | Request::Answer(_)
            | Request::AnswerOnce(_) => true,
            _ => false,
        };
        if is_about_now && self.is_behind(now) {
            self.postponed.push(request, reply, now.monotonic);
        } else {
            self.answer(request, reply, now);
        }
    }

    /// Whether a query is the pid of a session that is known, or its key: whatever has begun since, that
    /// session is meant.
    fn is_process(&self, query: &str) -> bool {
        let pid = query.split_once(':').map_or(query, |(pid, _)| pid);
        pid.parse().is_ok_and(|pid| self.registry.has_pid(pid))
    }

    /// Whether something is not inspected yet that may have changed.
    fn is_behind(&mut self, now: Now) -> bool {
        let is_due = self.postponed.is_search_due(now.monotonic);
        let has_begun = is_due && self.inspections.begin_scan_of_new(None, now);
        let is_looked_at = is_due && self.inspections.refresh(&self.desktop, now);
        has_begun || is_looked_at || !self.postponed.is_empty()
    }

    /// Answers a request, at once or when its effect has taken place.
    pub(super) fn answer(&mut self, request: Request, reply: ReplySender, now: Now) {
        if reply.until().is_some_and(|it| it.is_past(now.boottime)) {
            log::info!("{}: the request came too late", request.action());
            return reply.send(&request.too_late());
        }
        let Some((request, reply)) = self.forward(request, reply) else { return };
        let response = match request {
            Request::List(_) => return reply.send_reply(Reply::Frame(self.list())),
            Request::Table(_) | Request::Status(_) => {
                return reply.send_reply(Reply::Frame(self.rendered(request, now)));
            }
            Request::Switch(args) => return self.switch(args, reply, now),
            Request::Label(args) => return self.label(args, reply, now),
            Request::Scan(_) => return self.scan(reply, now),
            Request::Servers(args) => return self.ask_servers(args, reply, now),
            Request::FreePort(args) => return self.free_port(args, reply, now),
            Request::StopServer(args) => return self.stop_server(args, reply),
            Request::Peek(args) => return self.peek(&args, reply),
            Request::Carriers(args) => return self.carriers(&args.query, reply),
            Request::Select(args) => return self.select(args, reply),
            Request::Mark(args) => return self.mark(args, reply),
            Request::Subscribe(_) => {
                let hosts = self.host_infos();
                return reply.send_reply(self.subscribers.add(self.registry.sessions(), hosts));
            }
            Request::Stop(_) => {
                self.is_ending = true;
                Response::done()
            }
            Request::Doctor(args) => return self.doctor(args, reply, now),
            Request::Version(_) => self.version(),
            Request::Why(args) => self.why(&args.query),
            Request::Ack(args) => self.acknowledge(&args.query),
            Request::Snooze(args) => self.snooze(&args, now),
            Request::Hosts(args) => self.hosts_reply(&args),
            Request::Hook(args) => self.hook(args, now),
            Request::Ask(args) => return self.ask(*args, reply, now),
            Request::Answered(args) => self.take_answered(&args.prompt),
            Request::Pending(args) => return self.pending(&args, reply),
            Request::Answer(args) => return self.answer_prompt(args, reply, now),
            Request::AnswerOnce(args) => return self.answer_once(&args, reply, now),
            Request::Reserve(args) => return self.reserve(args, reply, now),
            Request::New(args) => return self.begin(*args, reply),
            Request::Starting(step) => self.tell_step(*step),
            Request::Move(args) => return self.move_window(args, reply),
            Request::End(args) => return self.end_session(args, reply, now),
            Request::Past(_) => self.past(now),
            Request::Send(args) => return self.send_text(args, reply, now),
        };
        reply.send(&response);
    }
}
