//! What a thread is reading just now: seen by others when the thread does not come back.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// What can hang.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Thing {
    /// A directory, on a file system that hangs.
    Directory(PathBuf),
    /// A process, whose memory the kernel holds.
    Process(u32),
}

/// A note of the thread, for all to see.
#[derive(Debug, Clone, Default)]
pub struct Reading(Arc<Mutex<(Option<Thing>, Option<Instant>)>>);

impl Reading {
    /// This is read from now on; or nothing that can hang.
    pub fn note(&self, thing: Option<Thing>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (thing, Some(Instant::now()));
    }

    /// What is being read, and since when; nothing yet, if the thread has not begun.
    pub fn now(&self) -> (Option<Thing>, Option<Instant>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
