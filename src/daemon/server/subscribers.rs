//! Those who listen: the full state first, then every change, each counted.

use super::frame::{Frame, Outgoing, Shared};
use crate::daemon::hub::message::{Line, Reply};
use crate::protocol::event::{Beginning, Change, Event};
use crate::session::info::SessionInfo;
use tokio::sync::mpsc;

/// How many changes a subscriber may be behind before it is dropped: more than one turn of the hub
/// can bring, such as the end of a thousand sessions, for in that time nobody can take any.
const MOST_BEHIND: usize = 4096;

/// The same when too much is on its way to all clients.
const MOST_WHEN_FULL: usize = 64;

/// The subscribers, and the count of changes.
#[derive(Default)]
pub struct Subscribers {
    lines: Vec<mpsc::Sender<Line>>,
    seq: u64,
    outgoing: Outgoing,
    /// The full state since the last change, while it is on its way to somebody.
    state: Shared,
}

impl Subscribers {
    /// None yet.
    pub fn new(outgoing: Outgoing) -> Subscribers {
        Subscribers { outgoing, ..Subscribers::default() }
    }

    /// One more, which is told of `sessions` first.
    pub fn add<'a>(&mut self, sessions: impl Iterator<Item = &'a SessionInfo>) -> Reply {
        let first = match self.state.get() {
            Some(state) => state,
            None if self.outgoing.is_full() => return Reply::Frame(self.outgoing.refusal()),
            None => self.outgoing.frame(&Beginning::new(self.seq, sessions)),
        };
        self.state = first.share();
        let (sender, receiver) = mpsc::channel(MOST_BEHIND);
        if sender.try_send(Line::Frame(first)).is_ok() {
            self.lines.push(sender);
        }
        Reply::Stream(receiver)
    }

    /// Tell all of a change. One that does not keep up is dropped, not waited for.
    pub fn tell(&mut self, change: Change) {
        self.seq += 1;
        self.state = Shared::default();
        if self.lines.is_empty() {
            return;
        }
        let most = if self.outgoing.is_full() { MOST_WHEN_FULL } else { MOST_BEHIND };
        let frame = self.frame(change);
        self.lines.retain(|line| {
            let behind = line.max_capacity() - line.capacity();
            behind < most && line.try_send(Line::Frame(frame.clone())).is_ok()
        });
    }

    /// End all streams, and say why.
    pub fn close(&mut self, reason: &str) {
        let frame = self.frame(Change::Closed { reason: reason.to_owned() });
        for line in self.lines.drain(..) {
            let _ = line.try_send(Line::Last(frame.clone()));
        }
    }

    fn frame(&self, change: Change) -> Frame {
        self.outgoing.frame(&Event { seq: self.seq, change })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::process::ProcessId;

    fn gone(pid: u32) -> Change {
        Change::Gone { process: ProcessId { pid, start: 1 }, session_id: None }
    }

    #[test]
    fn one_that_falls_behind_is_dropped() {
        let mut subscribers = Subscribers::default();
        let Reply::Stream(mut slow) = subscribers.add([].iter()) else { panic!("refused") };
        for pid in 0..MOST_BEHIND as u32 {
            subscribers.tell(gone(pid));
        }
        assert!(subscribers.lines.is_empty());
        let mut taken = 0;
        while slow.try_recv().is_ok() {
            taken += 1;
        }
        assert_eq!((taken, slow.is_closed()), (MOST_BEHIND, true));
    }

    #[test]
    fn when_too_much_is_on_its_way_it_is_dropped_sooner_and_none_is_added() {
        let outgoing = Outgoing::default();
        let mut subscribers = Subscribers::new(outgoing.clone());
        let _slow = subscribers.add([].iter());
        let much = outgoing.frame(&"x".repeat(64 * 1024 * 1024));
        for pid in 0..MOST_WHEN_FULL as u32 {
            subscribers.tell(gone(pid));
        }
        assert!(subscribers.lines.is_empty());
        assert!(matches!(subscribers.add([].iter()), Reply::Frame(_)));
        drop(much);
        assert!(matches!(subscribers.add([].iter()), Reply::Stream(_)));
    }
}
