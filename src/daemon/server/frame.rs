//! Frames in flight to clients. Their bytes are counted, so that clients that ask and do not read
//! cannot fill the memory: over the budget, slow clients are cut off and large answers are refused.

use crate::protocol::frame::encode;
use crate::protocol::response::{Code, Response};
use serde::Serialize;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Weak};

/// The most bytes that may be in flight; what the kernel has taken is not counted.
const MAX_BYTES_IN_FLIGHT: usize = 32 * 1024 * 1024;

/// An answer up to this size is never refused: the refusal would take as much.
const ALWAYS_ALLOWED_BYTES: usize = 4096;

/// Counts the bytes in flight to all clients. Clones share one count.
#[derive(Debug, Clone, Default)]
pub struct SendBudget {
    bytes: Arc<AtomicUsize>,
}

/// One encoded message. Its bytes count while any clone of it exists.
#[derive(Debug, Clone)]
pub struct EncodedFrame(Arc<CountedBytes>);

/// Refers to an [`EncodedFrame`] without keeping it in memory.
#[derive(Debug, Default)]
pub struct WeakFrame(Weak<CountedBytes>);

#[derive(Debug)]
struct CountedBytes {
    bytes: Box<[u8]>,
    budget: SendBudget,
}

impl SendBudget {
    /// Encodes `message` as a frame, over the budget or not.
    pub fn frame<T: Serialize>(&self, message: &T) -> EncodedFrame {
        let bytes = encode(message).into_boxed_slice();
        self.bytes.fetch_add(bytes.len(), Relaxed);
        EncodedFrame(Arc::new(CountedBytes { bytes, budget: self.clone() }))
    }

    /// Encodes an answer; over the budget, a refusal in place of a large one.
    pub fn answer(&self, response: &Response) -> EncodedFrame {
        let was_full = self.is_full();
        let frame = self.frame(response);
        if was_full && frame.bytes().len() > ALWAYS_ALLOWED_BYTES { self.refusal() } else { frame }
    }

    /// The answer to a client while the budget is exceeded.
    pub fn refusal(&self) -> EncodedFrame {
        let error = "vmuxd holds too many answers that other clients do not take";
        self.frame(&Response::refused(Code::Busy, error).hint("those are cut off: try again"))
    }

    /// Whether too many bytes are in flight.
    pub fn is_full(&self) -> bool {
        self.bytes.load(Relaxed) > MAX_BYTES_IN_FLIGHT
    }
}

impl EncodedFrame {
    /// The bytes to send, with the line break at their end.
    pub fn bytes(&self) -> &[u8] {
        &self.0.bytes
    }

    /// A reference for those who ask for the same while this frame is in flight.
    pub fn downgrade(&self) -> WeakFrame {
        WeakFrame(Arc::downgrade(&self.0))
    }
}

impl WeakFrame {
    /// The frame, if it is still in flight.
    pub fn upgrade(&self) -> Option<EncodedFrame> {
        self.0.upgrade().map(EncodedFrame)
    }
}

impl Drop for CountedBytes {
    fn drop(&mut self) {
        self.budget.bytes.fetch_sub(self.bytes.len(), Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_in_flight_counts_once_and_until_it_is_gone() {
        let budget = SendBudget::default();
        let big = budget.frame(&"x".repeat(MAX_BYTES_IN_FLIGHT));
        let weak = big.downgrade();
        assert!(budget.is_full() && weak.upgrade().is_some());
        let long = Response::refused(Code::Other, "x".repeat(ALWAYS_ALLOWED_BYTES));
        assert!(budget.answer(&long).bytes().len() < ALWAYS_ALLOWED_BYTES);
        assert_eq!(budget.answer(&Response::done()).bytes(), b"{\"ok\":true}\n");
        let before = budget.bytes.load(Relaxed);
        drop((big.clone(), weak.upgrade()));
        assert_eq!(budget.bytes.load(Relaxed), before);
        drop(big);
        assert!(weak.upgrade().is_none());
        assert_eq!(budget.bytes.load(Relaxed), 0);
        assert!(budget.answer(&long).bytes().len() > ALWAYS_ALLOWED_BYTES);
    }
}
