//! How a reply travels from the hub to the client that waits for it.

use super::frame::{EncodedFrame, SendBudget};
use crate::protocol::request::BootTime;
use crate::protocol::response::Response;
use tokio::sync::{mpsc, oneshot};

/// Where the reply to one request goes. Dropped without a reply, the client is told that vmuxd ends.
#[derive(Debug)]
pub struct ReplySender {
    sender: oneshot::Sender<Reply>,
    budget: SendBudget,
    /// The process that asks; `None` if it is vmuxd itself, or not known.
    asker: Option<u32>,
    /// Until when the request may be carried out.
    until: Option<BootTime>,
}

impl ReplySender {
    /// A sender, and the receiver of its reply. Frames count against `budget`.
    pub fn new(budget: SendBudget) -> (ReplySender, oneshot::Receiver<Reply>) {
        let (sender, receiver) = oneshot::channel();
        (ReplySender { sender, budget, asker: None, until: None }, receiver)
    }

    /// The same for a client with this pid.
    pub fn asked_by(mut self, asker: Option<u32>) -> ReplySender {
        self.asker = asker;
        self
    }

    /// The same for a request that may be carried out until then.
    pub fn due(mut self, until: Option<BootTime>) -> ReplySender {
        self.until = until;
        self
    }

    /// Until when the request may be carried out, if there is such a time.
    pub fn until(&self) -> Option<BootTime> {
        self.until
    }

    /// Pid of the client that asks.
    pub fn asker(&self) -> Option<u32> {
        self.asker
    }

    /// Replies with this response. A client that has gone is ignored.
    pub fn send(self, response: &Response) {
        let frame = self.budget.answer(response);
        self.send_reply(Reply::Frame(frame));
    }

    /// Replies with something already encoded, or with a stream.
    pub fn send_reply(self, reply: Reply) {
        let _ = self.sender.send(reply);
    }

    /// Waits until the client no longer waits for this reply.
    pub async fn is_abandoned(&mut self) {
        self.sender.closed().await;
    }
}

/// What a client is sent.
#[derive(Debug)]
pub enum Reply {
    /// One frame.
    Frame(EncodedFrame),
    /// A stream of frames, until the client goes or the hub ends it.
    Stream(mpsc::Receiver<StreamItem>),
}

/// One frame of a stream.
#[derive(Debug, Clone)]
pub enum StreamItem {
    /// A frame that all subscribers share.
    Frame(EncodedFrame),
    /// The last frame.
    Last(EncodedFrame),
}
