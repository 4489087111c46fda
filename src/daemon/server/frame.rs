//! Frames on their way to clients. They are counted, so that clients who ask and do not read cannot
//! fill the memory: when too much is on its way, the slow ones are cut off, and what is asked
//! meanwhile is refused.

use crate::protocol::frame::encode;
use crate::protocol::response::{Code, Response};
use serde::Serialize;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Weak};

/// The most bytes that may be on their way, what the kernel has taken not counted.
const MOST: usize = 32 * 1024 * 1024;

/// An answer of this size is never refused: the refusal would take as much.
const SMALL: usize = 4096;

/// The count of all that is on its way.
#[derive(Debug, Clone, Default)]
pub struct Outgoing {
    bytes: Arc<AtomicUsize>,
}

/// A frame that is counted while anybody holds it; many may hold the same one.
#[derive(Debug, Clone)]
pub struct Frame(Arc<Counted>);

/// A frame that is there as long as somebody else holds it.
#[derive(Debug, Default)]
pub struct Shared(Weak<Counted>);

#[derive(Debug)]
struct Counted {
    bytes: Box<[u8]>,
    all: Outgoing,
}

impl Outgoing {
    /// A frame that says this.
    pub fn frame<T: Serialize>(&self, message: &T) -> Frame {
        let bytes = encode(message).into_boxed_slice();
        self.bytes.fetch_add(bytes.len(), Relaxed);
        Frame(Arc::new(Counted { bytes, all: self.clone() }))
    }

    /// The same for an answer, or for a refusal if too much is on its way.
    pub fn answer(&self, response: &Response) -> Frame {
        let was_full = self.is_full();
        let frame = self.frame(response);
        if was_full && frame.bytes().len() > SMALL { self.refusal() } else { frame }
    }

    /// The refusal.
    pub fn refusal(&self) -> Frame {
        let error = "vmuxd holds too many answers that other clients do not take";
        self.frame(&Response::refused(Code::Busy, error).hint("those are cut off: try again"))
    }

    /// Whether too much is on its way.
    pub fn is_full(&self) -> bool {
        self.bytes.load(Relaxed) > MOST
    }
}

impl Frame {
    /// What is to be sent.
    pub fn bytes(&self) -> &[u8] {
        &self.0.bytes
    }

    /// To be shared with those who ask while it is on its way.
    pub fn share(&self) -> Shared {
        Shared(Arc::downgrade(&self.0))
    }
}

impl Shared {
    /// The frame, if it is on its way.
    pub fn get(&self) -> Option<Frame> {
        self.0.upgrade().map(Frame)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.all.bytes.fetch_sub(self.bytes.len(), Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_on_its_way_counts_once_and_until_it_is_gone() {
        let outgoing = Outgoing::default();
        let big = outgoing.frame(&"x".repeat(MOST));
        let shared = big.share();
        assert!(outgoing.is_full() && shared.get().is_some());
        let long = Response::refused(Code::Other, "x".repeat(SMALL));
        assert!(outgoing.answer(&long).bytes().len() < SMALL);
        assert_eq!(outgoing.answer(&Response::done()).bytes(), b"{\"ok\":true}\n");
        let before = outgoing.bytes.load(Relaxed);
        drop((big.clone(), shared.get()));
        assert_eq!(outgoing.bytes.load(Relaxed), before);
        drop(big);
        assert!(shared.get().is_none());
        assert_eq!(outgoing.bytes.load(Relaxed), 0);
        assert!(outgoing.answer(&long).bytes().len() > SMALL);
    }
}
