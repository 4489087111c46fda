//! What the kernel tells of the processes of sessions: that one has ended, or that something was written
//! on its terminal.

use super::inotify::RawEvent;
use super::output::OutputWatcher;
use super::pidfd::ExitWatcher;
use crate::session::process::ProcessId;
use std::collections::BTreeSet;
use std::fmt;
use std::time::Instant;

/// What [`ProcessWatcher::next`] waited for.
pub enum ProcessEvent {
    /// Processes have ended.
    Ended(Vec<ProcessId>),
    /// Something was written on terminals: [`ProcessWatcher::written`] says on whose.
    Output(Vec<RawEvent>),
}

/// Waits for news of processes.
pub struct ProcessWatcher {
    /// Their ends.
    pub exits: ExitWatcher,
    output: OutputWatcher,
}

impl ProcessWatcher {
    /// Tells of ends by `exits`; waits for no output yet.
    pub fn new(exits: ExitWatcher) -> ProcessWatcher {
        ProcessWatcher { exits, output: OutputWatcher::default() }
    }

    /// Waits for the end of `process`, a session that has just been seen alive, and for output on its
    /// terminal.
    pub fn wait(&mut self, process: ProcessId) {
        self.exits.wait(process);
        self.output.wait(process);
    }

    /// Waits for `process` no longer.
    pub fn forget(&mut self, process: ProcessId) {
        self.exits.forget(process);
        self.output.forget(process);
    }

    /// The processes on whose terminals something was written.
    pub fn written(&mut self, events: &[RawEvent], now: Instant) -> BTreeSet<ProcessId> {
        self.output.take(events, now)
    }

    /// Waits for an event. Cancel safe.
    pub async fn next(&mut self) -> ProcessEvent {
        tokio::select! {
            ended = self.exits.next() => ProcessEvent::Ended(ended),
            events = self.output.next() => ProcessEvent::Output(events),
        }
    }
}

/// For the log.
impl fmt::Display for ProcessEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProcessEvent::Ended(processes) => {
                f.write_str("ended:")?;
                processes.iter().try_for_each(|process| write!(f, " {process}"))
            }
            ProcessEvent::Output(events) => write!(f, "terminals: {} events", events.len()),
        }
    }
}
