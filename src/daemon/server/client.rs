//! One client: its requests, one line each, answered in order, or a stream of events.

use super::frame::SendBudget;
use super::reply::{Reply, ReplySender, StreamItem};
use crate::daemon::hub::event::HubEvent;
use crate::protocol::event::{Change, Event};
use crate::protocol::frame::{MAX_REQUEST, decode_timed, encode};
use crate::protocol::response::{Code, Response};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::timeout;

/// How long a request may take to arrive once its first byte has.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a client may take to read a frame.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);

/// How long it may read nothing of a frame while the send budget is exceeded.
const SEND_TIMEOUT_WHEN_FULL: Duration = Duration::from_secs(2);

/// How many bytes of events are put together into one write.
const MAX_BATCH_BYTES: usize = 64 * 1024;

/// How long a client may be silent between two requests.
const IDLE_TIMEOUT: Duration = Duration::from_secs(300);

/// How long the hub may take to reply. The slowest reply is that to a switch with `attach`.
const REPLY_TIMEOUT: Duration = Duration::from_secs(9);

/// Serves one client until it goes, which frees its `_place`.
pub async fn serve_client(
    stream: UnixStream,
    hub: mpsc::Sender<HubEvent>,
    budget: SendBudget,
    _place: OwnedSemaphorePermit,
) {
    let peer = stream.peer_cred().ok().and_then(|peer| peer.pid());
    let asker = peer.and_then(|pid| u32::try_from(pid).ok());
    let (reader, writer) = stream.into_split();
    let mut writer = ClientWriter { socket: writer, budget };
    let mut reader = BufReader::with_capacity(4096, reader);
    while let Some(line) = next_line(&mut reader).await {
        let reply = match line {
            Ok(line) => ask_hub(&line, &hub, &writer.budget, asker).await,
            Err(refusal) => {
                let _ = writer.send(&encode(&refusal)).await;
                return;
            }
        };
        let sent = match reply {
            Reply::Frame(frame) => writer.send(frame.bytes()).await,
            Reply::Stream(items) => return send_stream(reader, writer, items).await,
        };
        if sent.is_err() {
            return;
        }
    }
}

/// The next request line; a refusal, after which the connection ends; `None` at its end.
async fn next_line(reader: &mut BufReader<OwnedReadHalf>) -> Option<Result<Vec<u8>, Response>> {
    match timeout(IDLE_TIMEOUT, reader.fill_buf()).await {
        Ok(Ok(bytes)) if !bytes.is_empty() => {}
        _ => return None,
    }
    // A buffer of its own for each request, so that no client holds memory between two.
    let mut line = Vec::new();
    let mut bounded = reader.take(MAX_REQUEST as u64 + 1);
    match timeout(REQUEST_TIMEOUT, bounded.read_until(b'\n', &mut line)).await {
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

async fn ask_hub(
    line: &[u8],
    hub: &mpsc::Sender<HubEvent>,
    budget: &SendBudget,
    asker: Option<u32>,
) -> Reply {
    let refuse = |response: Response| Reply::Frame(budget.frame(&response));
    let (request, until) = match decode_timed(line) {
        Ok(decoded) => decoded,
        Err(refusal) => return refuse(*refusal),
    };
    let (sender, receiver) = ReplySender::new(budget.clone());
    let sender = sender.asked_by(asker).due(until);
    let asked = async {
        hub.send(HubEvent::Request(request, sender)).await.ok()?;
        receiver.await.ok()
    };
    match timeout(REPLY_TIMEOUT, asked).await {
        Ok(Some(reply)) => reply,
        Ok(None) => refuse(Response::ending()),
        Err(_) => refuse(Response::refused(Code::Busy, "vmuxd did not answer in time")),
    }
}

/// The sending half of a client's connection.
struct ClientWriter {
    socket: OwnedWriteHalf,
    budget: SendBudget,
}

impl ClientWriter {
    /// Sends all of `bytes`. Errors: the client has gone, or reads too slowly.
    async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        match timeout(SEND_TIMEOUT, self.send_while_read(bytes)).await {
            Ok(Some(sent)) => sent,
            Ok(None) | Err(_) => {
                log::info!("cut off a client that does not read");
                Err(io::ErrorKind::TimedOut.into())
            }
        }
    }

    /// Sends all of `bytes`; `None` if the client reads nothing for too long over the budget.
    async fn send_while_read(&mut self, bytes: &[u8]) -> Option<io::Result<()>> {
        let mut rest = bytes;
        while !rest.is_empty() {
            match timeout(SEND_TIMEOUT_WHEN_FULL, self.socket.write(rest)).await {
                Ok(Ok(taken)) => rest = rest.get(taken..).unwrap_or_default(),
                Ok(Err(error)) => return Some(Err(error)),
                Err(_) if self.budget.is_full() => return None,
                Err(_) => {}
            }
        }
        Some(Ok(()))
    }
}

/// Passes on events until the client goes, falls too far behind, or the hub ends the stream.
async fn send_stream(
    mut reader: BufReader<OwnedReadHalf>,
    mut writer: ClientWriter,
    mut items: mpsc::Receiver<StreamItem>,
) {
    let mut ignored = [0; 256];
    loop {
        let first = tokio::select! {
            item = items.recv() => item,
            // What a subscriber sends is ignored; that it has gone ends the stream.
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
        if send_batch(&mut writer, first, &mut items).await.is_none() {
            return;
        }
    }
}

/// Sends an item and those that wait behind it, in one write if they are short. `None` at the end
/// of the stream.
async fn send_batch(
    writer: &mut ClientWriter,
    first: StreamItem,
    items: &mut mpsc::Receiver<StreamItem>,
) -> Option<()> {
    let mut batch = Vec::new();
    let mut next = Some(first);
    while let Some(item) = next.take() {
        let is_last = matches!(item, StreamItem::Last(_));
        let (StreamItem::Frame(frame) | StreamItem::Last(frame)) = item;
        if batch.len() + frame.bytes().len() > MAX_BATCH_BYTES {
            writer.send(&batch).await.ok()?;
            batch.clear();
        }
        match frame.bytes().len() {
            // Its bytes are shared with other subscribers, and not copied.
            MAX_BATCH_BYTES.. => writer.send(frame.bytes()).await.ok()?,
            _ => batch.extend_from_slice(frame.bytes()),
        }
        if is_last {
            writer.send(&batch).await.ok()?;
            return None;
        }
        next = items.try_recv().ok();
    }
    writer.send(&batch).await.ok()
}
