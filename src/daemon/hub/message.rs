//! What reaches the hub.

use super::switch::Arrival;
use crate::daemon::labels::writer::Outcome;
use crate::daemon::server::frame::{Frame, Outgoing};
use crate::protocol::request::Request;
use crate::protocol::response::Response;
use crate::session::process::ProcessId;
use tokio::sync::{mpsc, oneshot};

/// A message to the hub.
#[derive(Debug)]
pub enum Input {
    /// A client asks; the answer goes back where it is waited for, after its effect.
    Ask(Request, Answer),
    /// A label was written, or could not be; then somebody is to be answered, unless that was done
    /// before.
    Saved(Outcome, Option<Answer>),
    /// A switch came to its end.
    Arrived(Box<Arrival>),
    /// The user chose the action of a notification: to this session.
    GoTo(ProcessId),
    /// Notifications: whose problem it is, and what it is; none any more.
    Notifier(&'static str, Option<String>),
    /// A signal asks vmuxd to end.
    Shutdown,
    /// A signal asks vmuxd to read its configuration again.
    Reload,
}

/// Where an answer goes.
#[derive(Debug)]
pub struct Answer {
    to: oneshot::Sender<Reply>,
    outgoing: Outgoing,
}

impl Answer {
    /// An answer, and where it comes out.
    pub fn new(outgoing: Outgoing) -> (Answer, oneshot::Receiver<Reply>) {
        let (to, answered) = oneshot::channel();
        (Answer { to, outgoing }, answered)
    }

    /// Hand it over. Whoever asked may have gone by now.
    pub fn send(self, response: &Response) {
        let frame = self.outgoing.answer(response);
        self.give(Reply::Frame(frame));
    }

    /// The same for what is ready to be sent.
    pub fn give(self, reply: Reply) {
        let _ = self.to.send(reply);
    }

    /// Wait until nobody waits for it any more.
    pub async fn is_pointless(&mut self) {
        self.to.closed().await;
    }
}

/// What a client is sent.
#[derive(Debug)]
pub enum Reply {
    /// One frame.
    Frame(Frame),
    /// A stream of frames, until the client goes or the hub ends it.
    Stream(mpsc::Receiver<Line>),
}

/// What a subscriber is sent.
#[derive(Debug, Clone)]
pub enum Line {
    /// A frame that all subscribers share.
    Frame(Frame),
    /// The last frame.
    Last(Frame),
}

/// How many messages may wait for the hub.
pub const CAPACITY: usize = 1024;

/// The channel through which everything reaches the hub.
pub fn open() -> (mpsc::Sender<Input>, mpsc::Receiver<Input>) {
    mpsc::channel(CAPACITY)
}
