//! Those who listen: the full state first, then every change, each counted.

use super::inbox::Line;
use crate::protocol::event::{Change, Event};
use crate::protocol::frame::encode;
use crate::session::info::SessionInfo;
use std::sync::Arc;
use tokio::sync::mpsc;

/// How many changes a subscriber may be behind before it is dropped: more than one turn of the hub
/// can bring, such as the end of a thousand sessions, for in that time nobody can take any.
const MOST_BEHIND: usize = 4096;

/// The subscribers, and the count of changes.
#[derive(Default)]
pub struct Subscribers {
    lines: Vec<mpsc::Sender<Line>>,
    seq: u64,
}

impl Subscribers {
    /// One more, which is told of `sessions` first.
    pub fn add<'a>(
        &mut self,
        sessions: impl Iterator<Item = &'a SessionInfo>,
    ) -> mpsc::Receiver<Line> {
        let (sender, receiver) = mpsc::channel(MOST_BEHIND);
        let change = Change::State { sessions: sessions.cloned().collect() };
        let first = encode(&Event { seq: self.seq, change });
        if sender.try_send(Line::Frame(first.into())).is_ok() {
            self.lines.push(sender);
        }
        receiver
    }

    /// Tell all of a change. One that does not keep up is dropped, not waited for.
    pub fn tell(&mut self, change: Change) {
        self.seq += 1;
        if self.lines.is_empty() {
            return;
        }
        let frame: Arc<[u8]> = encode(&Event { seq: self.seq, change }).into();
        self.lines.retain(|line| line.try_send(Line::Frame(Arc::clone(&frame))).is_ok());
    }

    /// End all streams, and say why.
    pub fn close(&mut self, reason: &str) {
        let change = Change::Closed { reason: reason.to_owned() };
        let frame: Arc<[u8]> = encode(&Event { seq: self.seq, change }).into();
        for line in self.lines.drain(..) {
            let _ = line.try_send(Line::Last(Arc::clone(&frame)));
        }
    }
}
