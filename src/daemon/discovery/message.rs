//! What the threads that scan and inspect send back to the hub.

use super::screen_read::ScreenRead;
use crate::claude::inspector::Inspector;
use crate::proc::scan::Scanner;
use crate::proc::servers::listeners::Listener;
use crate::proc::servers::{FoundServer, scanner::ServerScanner};
use crate::session::process::{Candidate, ProcessId};
use crate::session::registry::observation::Observation;
use std::fmt;
use std::io;
use std::sync::Arc;

/// The result of one job of a worker thread.
pub enum WorkerResult {
    /// All processes that look like sessions.
    Scan {
        /// The number of the scan.
        number: u64,
        /// The scanner, for the next scan.
        scanner: Box<Scanner>,
        /// What it found. Errors: `/proc` cannot be read.
        candidates: io::Result<Vec<Arc<Candidate>>>,
        /// The names of sessions that were killed before, from directories that it read for the first
        /// time.
        ended: Vec<String>,
        /// What listened at its end. Errors: the kernel does not tell.
        listeners: rustix::io::Result<Vec<Listener>>,
    },
    /// Processes that look like sessions and began since the last scan.
    ScanOfNew {
        /// The number of the scan.
        number: u64,
        /// The scanner, for the next scan.
        scanner: Box<Scanner>,
        /// What it found.
        candidates: Vec<Arc<Candidate>>,
    },
    /// The inspection of one process.
    Inspection {
        /// The process.
        process: ProcessId,
        /// Its inspector, for the next inspection.
        inspector: Box<Inspector>,
        /// What was seen; `None` if it is not a session after all.
        observation: Option<Box<Observation>>,
    },
    /// The screen of one process was read.
    Screen(ProcessId, ScreenRead),
    /// A scan for servers.
    Servers {
        /// The scanner, for the next scan; `None` if it was lost by a panic.
        scanner: Option<Box<ServerScanner>>,
        /// What it found. Errors: the kernel does not tell.
        found: io::Result<Vec<FoundServer>>,
    },
    /// An inspection panicked, and its inspector is lost.
    Panicked(ProcessId),
}

/// For the log: kind, pids and counts only.
impl fmt::Display for WorkerResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WorkerResult::Scan { number, candidates: Ok(candidates), .. } => {
                write!(f, "scan {number}: {} candidates", candidates.len())
            }
            WorkerResult::Scan { number, candidates: Err(_), .. } => {
                write!(f, "scan {number} failed")
            }
            WorkerResult::ScanOfNew { number, candidates, .. } => {
                write!(f, "scan {number}: {} new candidates", candidates.len())
            }
            WorkerResult::Inspection { process, observation, .. } => match observation {
                Some(seen) => write!(f, "{process} is {:?}", seen.verdict.state.name()),
                None => write!(f, "{process} is not a session"),
            },
            WorkerResult::Screen(process, _) => write!(f, "the screen of {process} was read"),
            WorkerResult::Servers { found: Ok(found), .. } => write!(f, "{} servers", found.len()),
            WorkerResult::Servers { found: Err(_), .. } => f.write_str("no scan for servers"),
            WorkerResult::Panicked(process) => write!(f, "the inspection of {process} panicked"),
        }
    }
}
