//! What the threads that scan and inspect send back to the hub.

use crate::claude::inspector::Inspector;
use crate::proc::scan::Scanner;
use crate::session::process::{Candidate, ProcessId};
use crate::session::registry::observation::Sighting;
use std::io;
use std::sync::Arc;

/// What comes back from the crew.
pub enum Found {
    /// The processes that look like sessions.
    Scan {
        /// Which one.
        number: u64,
        /// The scanner, for the next time.
        scanner: Box<Scanner>,
        /// What it found.
        candidates: io::Result<Vec<Arc<Candidate>>>,
    },
    /// Those that began since the last scan.
    New {
        /// Which one.
        number: u64,
        /// The scanner, for the next time.
        scanner: Box<Scanner>,
        /// What was found.
        candidates: Vec<Arc<Candidate>>,
    },
    /// A look at one session.
    Look {
        /// Which one.
        process: ProcessId,
        /// Its inspector, for the next time.
        inspector: Box<Inspector>,
        /// What was seen; `None` if it is no session after all.
        sighting: Option<Box<Sighting>>,
    },
    /// A look failed by a bug, and its inspector is lost.
    Lost(ProcessId),
}
