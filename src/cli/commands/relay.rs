//! `vmux relay`: carries the protocol of the vmuxd here on standard input and output, for the vmuxd of
//! another machine that runs it over ssh.
//!
//! It ends when its standard input does, or when that has been silent for [`SILENT_AFTER`]: after a
//! silent cut of the network nothing else would tell. So the main thread reads and never waits for
//! anything else: what is to be written goes through a queue to a thread of its own, the event stream
//! has a thread, and so has each request.

use crate::cli::commands::config::load;
use crate::cli::error::{CliError, CliResult, FAILED};
use crate::client::Client;
use crate::client::connect::Endpoint;
use crate::client::error::plain;
use crate::protocol::VERSION;
use crate::protocol::event::Event;
use crate::protocol::frame::{MAX_REQUEST, decode, encode};
use crate::protocol::relay::{
    Away, BeatReply, Greeting, MAX_FAR_LINE, NearLine, RELAY, RelayReply, RelayRequest,
    SILENT_AFTER, SyncLine, SyncMark,
};
use crate::protocol::request::{BootTime, Request, SendRequest};
use crate::protocol::response::{Code, Response};
use crate::session::registry::change::Change;
use crate::session::sanitize::clean;
use crate::system::boottime::boottime;
use chrono::Utc;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io::{self, BufRead, BufReader, StdinLock, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

/// How many requests are answered at once. A vmuxd asks for what its user does.
const MAX_REQUESTS: usize = 32;

/// How many lines may wait to be written.
const MAX_LINES: usize = 256;

/// Between two tries to reach a vmuxd that is away: from the first to the last.
const PAUSE: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(10));

/// The longest error that is passed on, in characters.
const MAX_ERROR: usize = 300;

/// What the threads share.
#[derive(Clone)]
struct Relay {
    endpoint: Endpoint,
    lines: SyncSender<Vec<u8>>,
    /// How many requests are being answered.
    requests: Arc<AtomicUsize>,
}

/// Runs the command until the near side ends or falls silent.
pub fn run(endpoint: &Endpoint) -> CliResult {
    let (lines, queue) = sync_channel(MAX_LINES);
    let relay = Relay { endpoint: endpoint.clone(), lines, requests: Arc::default() };
    spawn(move || write_lines(&queue))?;
    let (version, clock) = (VERSION.to_owned(), Some(BootTime::at(boottime())));
    relay.send(encode(&Greeting { relay: RELAY, version, now: Utc::now(), clock }));
    let events = relay.clone();
    spawn(move || events.send_events())?;
    let mut input = BufReader::new(io::stdin().lock());
    loop {
        match next_line(&mut input) {
            Ok(Some(line)) => relay.take(&line)?,
            Ok(None) => return Ok(()),
            Err(error) => return Err(CliError::new(FAILED, format!("relay: {}", plain(&error)))),
        }
    }
}

fn spawn(work: impl FnOnce() + Send + 'static) -> CliResult {
    let spawned = thread::Builder::new().spawn(work);
    spawned.map(drop).map_err(|error| CliError::new(FAILED, format!("relay: {}", plain(&error))))
}

/// Writes what comes through the queue. Without a reader there is nothing left to do.
fn write_lines(queue: &Receiver<Vec<u8>>) {
    let mut output = io::stdout().lock();
    for first in queue {
        let more = queue.try_iter().take(MAX_LINES);
        let lines = std::iter::once(first).chain(more).collect::<Vec<_>>().concat();
        if output.write_all(&lines).and_then(|()| output.flush()).is_err() {
            std::process::exit(0);
        }
    }
}

/// The next line; `None` at the end, or when nothing has come for [`SILENT_AFTER`].
fn next_line(input: &mut BufReader<StdinLock<'_>>) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let deadline = Instant::now() + SILENT_AFTER;
    loop {
        if input.buffer().is_empty() && !is_readable(deadline)? {
            return Ok(None);
        }
        let buffered = input.fill_buf()?;
        if buffered.is_empty() {
            return Ok(None);
        }
        let end = buffered.iter().position(|byte| *byte == b'\n');
        let length = end.map_or(buffered.len(), |end| end + 1);
        line.extend_from_slice(&buffered[..length]);
        input.consume(length);
        if line.len() > MAX_REQUEST {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a line is too long"));
        }
        if line.ends_with(b"\n") {
            line.pop();
            return Ok(Some(line));
        }
    }
}

/// Waits until standard input can be read, or is at its end. False: not until `deadline`.
fn is_readable(deadline: Instant) -> io::Result<bool> {
    let stdin = io::stdin();
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let left = Timespec::try_from(left).map_err(|_| io::ErrorKind::InvalidInput)?;
        match poll(&mut [PollFd::new(&stdin, PollFlags::IN)], Some(&left)) {
            Ok(count) => return Ok(count > 0),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

impl Relay {
    /// Takes a line of the near side, without waiting. One that is not understood is of a later
    /// version.
    fn take(&self, line: &[u8]) -> CliResult {
        match NearLine::parse(line) {
            Ok(NearLine::Beat(beat)) => {
                // A near side that reads nothing gets no answer either.
                let clock = Some(BootTime::at(boottime()));
                let reply = BeatReply { beat: beat.beat, now: Utc::now(), clock };
                let _ = self.lines.try_send(encode(&reply));
                Ok(())
            }
            Ok(NearLine::Request(request)) => self.answer(&request),
            Ok(NearLine::Unknown) | Err(_) => Ok(()),
        }
    }

    fn answer(&self, asked: &RelayRequest) -> CliResult {
        let may_start = || load(&self.endpoint).start.from_hosts;
        let (id, request) = (asked.id, request(asked.request.get().as_bytes(), may_start));
        if self.requests.fetch_add(1, Ordering::Relaxed) >= MAX_REQUESTS {
            self.requests.fetch_sub(1, Ordering::Relaxed);
            let reply = Response::refused(Code::Busy, "too many requests at once");
            let _ = self.lines.try_send(encode(&RelayReply { id, reply }));
            return Ok(());
        }
        let (relay, until) = (self.clone(), asked.until);
        spawn(move || {
            let ask = |request| relay.ask(&request, until);
            let reply = request.map_or_else(|refusal| *refusal, ask);
            let mut line = encode(&RelayReply { id, reply });
            if line.len() > MAX_FAR_LINE {
                let reply = Response::refused(Code::Busy, "the answer is too long to be relayed");
                line = encode(&RelayReply { id, reply });
            }
            relay.send(line);
            relay.requests.fetch_sub(1, Ordering::Relaxed);
        })
    }

    /// Asks vmuxd, unless the near side does not wait any longer. vmuxd is told until when it does, for
    /// it may take its time, too.
    fn ask(&self, request: &Request, until: Option<BootTime>) -> Response {
        let ask = |mut client: Client| match until.is_some_and(|it| it.is_past(boottime())) {
            true => Ok(request.too_late()),
            false => client.ask_until(request, until).map_err(|error| plain(&error)),
        };
        let answer = self.client().and_then(ask);
        answer.unwrap_or_else(|error| Response::refused(Code::Busy, error))
    }

    fn client(&self) -> Result<Client, String> {
        self.endpoint.client().map_err(|error| clean(&CliError::from(error).message, MAX_ERROR))
    }

    /// Passes on the event stream, and connects again when it ends.
    fn send_events(&self) {
        let mut pause = PAUSE.0;
        loop {
            let begun = Instant::now();
            let away = match self.pass_on_events() {
                Ok(()) => "vmuxd has ended".to_owned(),
                Err(error) => clean(&error, MAX_ERROR),
            };
            self.send(encode(&Away { away }));
            pause = if begun.elapsed() > PAUSE.1 { PAUSE.0 } else { (pause * 2).min(PAUSE.1) };
            thread::sleep(pause);
        }
    }

    fn pass_on_events(&self) -> Result<(), String> {
        let mut client = self.client()?;
        client.subscribe().map_err(|error| plain(&error))?;
        while let Some(line) = client.event().map_err(|error| plain(&error))? {
            let seq = line.event.seq;
            match line.event.change {
                Change::State { sessions, .. } => {
                    self.send(encode(&SyncLine { sync: SyncMark::Begin }));
                    for session in sessions.into_iter().filter(|it| it.host.is_none()) {
                        let change = Change::Session { session: Box::new(session) };
                        self.send(encode(&Event { seq, change }));
                    }
                    self.send(encode(&SyncLine { sync: SyncMark::End }));
                }
                // What the vmuxd here learned from its own hosts is theirs to tell: no loops.
                Change::Session { session } if session.host.is_none() => self.send_raw(line.raw),
                Change::Gone { key, .. } if key.host.is_none() => self.send_raw(line.raw),
                Change::Closed { reason } => return Err(reason),
                _ => {}
            }
        }
        Ok(())
    }

    fn send_raw(&self, line: String) {
        self.send((line + "\n").into_bytes());
    }

    /// Hands a line to the thread that writes, and waits for room. It never ends before the process.
    fn send(&self, line: Vec<u8>) {
        let _ = self.lines.send(line);
    }
}

/// The request in a line. The near side follows the sessions already, ends nothing here, speaks for no
/// hook of this machine, and answers no prompt. It starts a session only where the user of this machine
/// allows it, and not on a third one.
fn request(line: &[u8], may_start: impl Fn() -> bool) -> Result<Request, Box<Response>> {
    match decode(line)? {
        Request::New(args) if args.host.is_none() && may_start() => Ok(Request::New(args)),
        Request::New(_) => Err(Box::new(
            Response::refused(Code::BadRequest, "no session may be started from other hosts")
                .hint("`from_hosts = true` in [start] of the configuration there allows it"),
        )),
        Request::Subscribe(_)
        | Request::Stop(_)
        | Request::Hook(_)
        | Request::Ask(_)
        | Request::Answered(_)
        | Request::Answer(_)
        | Request::AnswerOnce(_)
        | Request::Reserve(_)
        | Request::Starting(_)
        | Request::End(_)
        | Request::Move(_)
        | Request::Past(_) => {
            Err(Box::new(Response::refused(Code::BadRequest, "not over a relay")))
        }
        // Another machine needs a right of its own here.
        Request::Send(args) => {
            Ok(Request::Send(SendRequest { door: Some("hosts".to_owned()), ..args }))
        }
        request => Ok(request),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_ends_nothing_and_subscribes_once() {
        let request = |line: &[u8]| request(line, || false);
        assert!(request(br#"{"action":"list"}"#).is_ok());
        let answer = br#"{"action":"answer","args":{"prompt":"k","answer":"always"}}"#;
        for line in [&br#"{"action":"stop"}"#[..], br#"{"action":"subscribe"}"#, answer, b"x"] {
            assert_eq!(request(line).unwrap_err().code, Some(Code::BadRequest));
        }
        for action in ["end", "past", "reserve"] {
            let args = r#"{"pid":7,"start":1,"name":"web"}"#;
            let line = format!(r#"{{"action":"{action}","args":{args}}}"#);
            assert!(request(line.as_bytes()).is_err(), "{line}");
        }
    }

    #[test]
    fn a_relay_starts_only_what_the_user_here_allows_and_here() {
        let here = br#"{"action":"new","args":{"name":"web"}}"#;
        let further = br#"{"action":"new","args":{"name":"web","host":"gpu"}}"#;
        assert!(request(here, || true).is_ok());
        assert!(request(here, || false).is_err() && request(further, || true).is_err());
    }

    #[test]
    fn a_text_that_a_relay_passes_on_comes_from_hosts() {
        let send = br#"{"action":"send","args":{"query":"a","text":"b","door":"user"}}"#;
        let Ok(Request::Send(args)) = request(send, || false) else { panic!() };
        assert_eq!(args.door.as_deref(), Some("hosts"), "whatever it says");
    }
}
