//! The subscribers: each receives the full state first, then every change, numbered.

use super::frame::{EncodedFrame, SendBudget, WeakFrame};
use super::reply::{Reply, StreamItem};
use crate::protocol::event::{Change, Event, StateEvent};
use crate::session::info::SessionInfo;
use crate::session::state::host::HostInfo;
use tokio::sync::mpsc;

/// How many changes a subscriber may be behind before it is dropped: more than one turn of the hub
/// can bring, such as the end of a thousand sessions, because no client can read during a turn.
const MAX_CHANGES_BEHIND: usize = 4096;

/// The same while the send budget is exceeded.
const MAX_CHANGES_BEHIND_WHEN_FULL: usize = 64;

/// The subscribers, and the count of changes.
#[derive(Default)]
pub struct Subscribers {
    streams: Vec<mpsc::Sender<StreamItem>>,
    /// The number of the last change.
    seq: u64,
    budget: SendBudget,
    /// The full state since the last change, while it is in flight to any subscriber.
    state: WeakFrame,
}

impl Subscribers {
    /// No subscribers yet. Frames count against `budget`.
    pub fn new(budget: SendBudget) -> Subscribers {
        Subscribers { budget, ..Subscribers::default() }
    }

    /// Adds a subscriber, whose stream begins with these; over the budget, refuses it.
    pub fn add<'a>(
        &mut self,
        sessions: impl Iterator<Item = &'a SessionInfo>,
        hosts: Vec<HostInfo>,
    ) -> Reply {
        let first = match self.state.upgrade() {
            Some(state) => state,
            None if self.budget.is_full() => return Reply::Frame(self.budget.refusal()),
            None => self.budget.frame(&StateEvent::new(self.seq, sessions, hosts)),
        };
        self.state = first.downgrade();
        let (sender, receiver) = mpsc::channel(MAX_CHANGES_BEHIND);
        if sender.try_send(StreamItem::Frame(first)).is_ok() {
            self.streams.push(sender);
        }
        Reply::Stream(receiver)
    }

    /// Sends a change to all. A subscriber that does not keep up is dropped, not waited for.
    pub fn send(&mut self, change: Change) {
        self.seq += 1;
        self.state = WeakFrame::default();
        if self.streams.is_empty() {
            return;
        }
        let limit = match self.budget.is_full() {
            true => MAX_CHANGES_BEHIND_WHEN_FULL,
            false => MAX_CHANGES_BEHIND,
        };
        let frame = self.frame(change);
        self.streams.retain(|stream| {
            let behind = stream.max_capacity() - stream.capacity();
            behind < limit && stream.try_send(StreamItem::Frame(frame.clone())).is_ok()
        });
    }

    /// Ends all streams with the reason.
    pub fn close(&mut self, reason: &str) {
        let frame = self.frame(Change::Closed { reason: reason.to_owned() });
        for stream in self.streams.drain(..) {
            let _ = stream.try_send(StreamItem::Last(frame.clone()));
        }
    }

    fn frame(&self, change: Change) -> EncodedFrame {
        self.budget.frame(&Event { seq: self.seq, change })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::key::SessionKey;

    fn gone(pid: u32) -> Change {
        Change::Gone { key: SessionKey::local(pid, 1), session_id: None }
    }

    #[test]
    fn a_subscriber_that_falls_behind_is_dropped() {
        let mut subscribers = Subscribers::default();
        let Reply::Stream(mut slow) = subscribers.add([].iter(), vec![]) else { panic!("refused") };
        for pid in 0..MAX_CHANGES_BEHIND as u32 {
            subscribers.send(gone(pid));
        }
        assert!(subscribers.streams.is_empty());
        let mut taken = 0;
        while slow.try_recv().is_ok() {
            taken += 1;
        }
        assert_eq!((taken, slow.is_closed()), (MAX_CHANGES_BEHIND, true));
    }

    #[test]
    fn over_the_budget_it_is_dropped_sooner_and_none_is_added() {
        let budget = SendBudget::default();
        let mut subscribers = Subscribers::new(budget.clone());
        let _slow = subscribers.add([].iter(), vec![]);
        let much = budget.frame(&"x".repeat(64 * 1024 * 1024));
        for pid in 0..MAX_CHANGES_BEHIND_WHEN_FULL as u32 {
            subscribers.send(gone(pid));
        }
        assert!(subscribers.streams.is_empty());
        assert!(matches!(subscribers.add([].iter(), vec![]), Reply::Frame(_)));
        drop(much);
        assert!(matches!(subscribers.add([].iter(), vec![]), Reply::Stream(_)));
    }
}
