//! What is wrong with vmuxd's surroundings, for those who ask (`problems`) and for the log.

use std::collections::{BTreeMap, BTreeSet};

/// What a problem is about; at most one problem each. Problems are listed in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemSource {
    /// The configuration.
    Config,
    /// The connection to the window manager.
    Desktop,
    /// Directories and processes that do not answer to scans.
    HangingScan,
    /// The lock on vmux's home.
    HomeLock,
    /// inotify is not there, or a limit is reached.
    Inotify,
    /// Reading the labels.
    Labels,
    /// Notifications on the desktop.
    Notifications,
    /// The pid file.
    PidFile,
    /// Messages to the phone.
    Push,
    /// Writing labels.
    LabelWrite,
    /// The scan of `/proc`.
    Scan,
    /// Accepting clients.
    Server,
    /// The socket, which vanished.
    Socket,
    /// Threads that cannot be started.
    Threads,
    /// Which sessions are unseen, on disk.
    Unseen,
    /// A path that cannot be watched because it hangs.
    HangingWatch,
}

/// The problems that there are now.
#[derive(Debug, Default)]
pub struct Problems(BTreeMap<ProblemSource, String>);

impl Problems {
    /// Sets or clears the problem of `source`, one line for the user. Logs it when it is new.
    pub fn set(&mut self, source: ProblemSource, problem: Option<String>) {
        let Some(problem) = problem else { return self.clear(source) };
        if self.0.get(&source) != Some(&problem) {
            log::warn!("{problem}");
            self.0.insert(source, problem);
        }
    }

    /// The same for a result: its error is the problem, its value is returned.
    pub fn check<T>(&mut self, source: ProblemSource, result: Result<T, String>) -> Option<T> {
        let (value, problem) = match result {
            Ok(value) => (Some(value), None),
            Err(problem) => (None, Some(problem)),
        };
        self.set(source, problem);
        value
    }

    /// `source` has no problem any more.
    pub fn clear(&mut self, source: ProblemSource) {
        self.0.remove(&source);
    }

    /// Whether `source` has a problem.
    pub fn contains(&self, source: ProblemSource) -> bool {
        self.0.contains_key(&source)
    }

    /// All problems, one line each.
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.0.values().cloned().collect();
        // One cause may have several effects with the same line.
        let mut seen = BTreeSet::new();
        lines.retain(|line| seen.insert(line.clone()));
        lines
    }
}
