//! What a worker thread reads at this moment, visible to the loop when the thread does not return.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Something whose reads can hang.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resource {
    /// A directory, on a file system that hangs.
    Directory(PathBuf),
    /// A process, whose memory the kernel holds.
    Process(u32),
}

/// Shared between a thread and the loop: what the thread reads, and since when.
#[derive(Debug, Clone, Default)]
pub struct CurrentRead(Arc<Mutex<(Option<Resource>, Option<Instant>)>>);

impl CurrentRead {
    /// The thread begins to read this; `None`: nothing that can hang.
    pub fn set(&self, resource: Option<Resource>, now: Instant) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (resource, Some(now));
    }

    /// What is read, and since when; no time if the thread has not begun yet.
    pub fn get(&self) -> (Option<Resource>, Option<Instant>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
