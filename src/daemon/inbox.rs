//! What reaches the hub.

use super::label_keeper::Outcome;
use super::switching::Arrival;
use crate::protocol::request::Request;
use crate::session::process::ProcessId;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// A message to the hub.
#[derive(Debug)]
pub enum Input {
    /// A client asks; the answer goes back where it is waited for, after its effect.
    Ask(Request, Answer),
    /// A label was written, or could not be; then somebody is to be answered.
    Saved(Outcome, Answer),
    /// A switch came to its end.
    Arrived(Box<Arrival>),
    /// The user chose the action of a notification: to this session.
    GoTo(ProcessId),
    /// Notifications: whose problem it is, and what it is; none any more.
    Notifier(&'static str, Option<String>),
    /// A process ended.
    Exited(ProcessId),
    /// A signal asks vmuxd to end.
    Shutdown,
    /// A signal asks vmuxd to read its configuration again.
    Reload,
}

/// Where an answer goes.
pub type Answer = oneshot::Sender<Reply>;

/// What a client is sent.
#[derive(Debug)]
pub enum Reply {
    /// One frame.
    Frame(Vec<u8>),
    /// A stream of frames, until the client goes or the hub ends it.
    Stream(mpsc::Receiver<Line>),
}

/// What a subscriber is sent.
#[derive(Debug, Clone)]
pub enum Line {
    /// A frame that all subscribers share.
    Frame(Arc<[u8]>),
    /// The last frame.
    Last(Arc<[u8]>),
}

/// How many messages may wait for the hub.
pub const CAPACITY: usize = 1024;
