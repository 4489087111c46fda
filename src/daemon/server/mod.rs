//! The socket: accepts clients of the same user, and speaks with each one in a task of its own.
//!
//! Whatever a client does (nothing, garbage, half a line, never reading), it costs itself only.

pub mod frame;
pub mod subscribers;

use super::hub::message::{Answer, Input, Line, Reply};
use crate::protocol::event::{Change, Event};
use crate::protocol::frame::{MAX_REQUEST, decode, encode};
use crate::protocol::response::{Code, Response};
use frame::Outgoing;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{Instant, sleep, timeout, timeout_at};

/// How many clients there may be at once.
pub const MAX_CLIENTS: usize = 1000;

/// How long a request may take to arrive once it has begun, and a frame to be taken.
const PATIENCE: Duration = Duration::from_secs(10);

/// The same for a part of it, when too much is on its way to all clients.
const IMPATIENCE: Duration = Duration::from_secs(2);

/// How much a burst of events may take, to be written at once.
const BURST: usize = 64 * 1024;

/// How long a client may say nothing between two requests.
const SILENCE: Duration = Duration::from_secs(300);

/// How long the hub may take to answer. The slowest answer is a switch with `attach`.
const ANSWER: Duration = Duration::from_secs(9);

/// How many clients there is room for: sessions and their files need descriptors too.
fn places() -> usize {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    let half = limit.and_then(|it| usize::try_from(it / 2).ok()).unwrap_or(MAX_CLIENTS);
    MAX_CLIENTS.min(half)
}

/// Accept clients for ever.
pub async fn serve(listener: UnixListener, hub: mpsc::Sender<Input>, outgoing: Outgoing) {
    let places = std::sync::Arc::new(Semaphore::new(places()));
    let uid = rustix::process::geteuid().as_raw();
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of file descriptors, most likely: wait until somebody gives one back.
                log::warn!("cannot accept a client: {error}");
                sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        if !stream.peer_cred().is_ok_and(|peer| peer.uid() == uid) {
            log::warn!("refused a client of another user");
            continue;
        }
        match std::sync::Arc::clone(&places).try_acquire_owned() {
            Ok(place) => {
                tokio::spawn(converse(stream, hub.clone(), outgoing.clone(), place));
            }
            Err(_) => {
                let refusal = Response::refused(Code::Busy, "vmuxd has too many clients");
                let _ = stream.try_write(&encode(&refusal));
            }
        }
    }
}

/// Speak with one client until it goes.
async fn converse(
    stream: UnixStream,
    hub: mpsc::Sender<Input>,
    outgoing: Outgoing,
    _place: OwnedSemaphorePermit,
) {
    let (reader, writer) = stream.into_split();
    let mut writer = Writer { socket: writer, outgoing };
    let mut reader = BufReader::with_capacity(4096, reader);
    while let Some(line) = next_line(&mut reader).await {
        let answered = match line {
            Ok(line) => answer(&line, &hub, &writer.outgoing).await,
            Err(refusal) => {
                let _ = writer.send(&encode(&refusal)).await;
                return;
            }
        };
        let sent = match answered {
            Reply::Frame(frame) => writer.send(frame.bytes()).await,
            Reply::Stream(lines) => return stream_to(reader, writer, lines).await,
        };
        if sent.is_err() {
            return;
        }
    }
}

/// The next request line, a refusal after which the connection ends, or `None` at its end.
async fn next_line(reader: &mut BufReader<OwnedReadHalf>) -> Option<Result<Vec<u8>, Response>> {
    match timeout(SILENCE, reader.fill_buf()).await {
        Ok(Ok(bytes)) if !bytes.is_empty() => {}
        _ => return None,
    }
    // A buffer of its own for each request, so that no client holds memory between two.
    let mut line = Vec::new();
    let mut bounded = reader.take(MAX_REQUEST as u64 + 1);
    match timeout(PATIENCE, bounded.read_until(b'\n', &mut line)).await {
        Ok(Ok(_)) => {}
        Ok(Err(_)) => return None,
        Err(_) => {
            let error = "the request did not arrive in time";
            return Some(Err(Response::refused(Code::BadRequest, error)
                .hint("a request is one line of JSON, ended by a line break")));
        }
    }
    if line.len() > MAX_REQUEST {
        let error = format!("the request is longer than {MAX_REQUEST} bytes");
        return Some(Err(Response::refused(Code::BadRequest, error)));
    }
    Some(Ok(line))
}

async fn answer(line: &[u8], hub: &mpsc::Sender<Input>, outgoing: &Outgoing) -> Reply {
    let refuse = |response: Response| Reply::Frame(outgoing.frame(&response));
    let request = match decode(line) {
        Ok(request) => request,
        Err(refusal) => return refuse(*refusal),
    };
    let (reply, replied) = Answer::new(outgoing.clone());
    let asked = async {
        hub.send(Input::Ask(request, reply)).await.ok()?;
        replied.await.ok()
    };
    match timeout(ANSWER, asked).await {
        Ok(Some(reply)) => reply,
        Ok(None) => refuse(Response::refused(Code::Busy, "vmuxd is ending")),
        Err(_) => refuse(Response::refused(Code::Busy, "vmuxd did not answer in time")),
    }
}

/// The way to a client.
struct Writer {
    socket: OwnedWriteHalf,
    outgoing: Outgoing,
}

impl Writer {
    /// Have the client take this, as long as there is patience for it.
    async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        let end = Instant::now() + PATIENCE;
        let mut rest = bytes;
        while !rest.is_empty() {
            let pause = end.min(Instant::now() + IMPATIENCE);
            match timeout_at(pause, self.socket.write(rest)).await {
                Ok(taken) => rest = rest.get(taken?..).unwrap_or_default(),
                Err(_) if pause < end && !self.outgoing.is_full() => {}
                Err(_) => {
                    log::info!("cut off a client that does not read");
                    return Err(io::ErrorKind::TimedOut.into());
                }
            }
        }
        Ok(())
    }
}

/// Pass on events until the client goes, falls too far behind, or the hub ends the stream.
async fn stream_to(
    mut reader: BufReader<OwnedReadHalf>,
    mut writer: Writer,
    mut lines: mpsc::Receiver<Line>,
) {
    let mut ignored = [0; 256];
    loop {
        let first = tokio::select! {
            line = lines.recv() => line,
            // What a subscriber says is of no interest, but that it has gone is.
            read = reader.read(&mut ignored) => match read {
                Ok(1..) => continue,
                _ => return,
            },
        };
        let Some(first) = first else {
            let reason = "the subscriber fell too far behind".to_owned();
            let closed = Event { seq: 0, change: Change::Closed { reason } };
            let _ = writer.send(&encode(&closed)).await;
            return;
        };
        if send_burst(&mut writer, first, &mut lines).await.is_none() {
            return;
        }
    }
}

/// Send a line and those that wait behind it, in one write if they are short. `None` at the end.
async fn send_burst(
    writer: &mut Writer,
    first: Line,
    lines: &mut mpsc::Receiver<Line>,
) -> Option<()> {
    let mut burst = Vec::new();
    let mut next = Some(first);
    while let Some(line) = next.take() {
        let is_last = matches!(line, Line::Last(_));
        let (Line::Frame(frame) | Line::Last(frame)) = line;
        if burst.len() + frame.bytes().len() > BURST {
            writer.send(&burst).await.ok()?;
            burst.clear();
        }
        match frame.bytes().len() {
            // Shared with others, and not copied.
            BURST.. => writer.send(frame.bytes()).await.ok()?,
            _ => burst.extend_from_slice(frame.bytes()),
        }
        if is_last {
            writer.send(&burst).await.ok()?;
            return None;
        }
        next = lines.try_recv().ok();
    }
    writer.send(&burst).await.ok()
}
