//! What the hub has others do, and waits for: the pid file, the labels, the places of the sessions.
//! What is late is told, and does not hold up anything any longer.

use super::Hub;
use crate::daemon::blocking::pending::{self, Errand, hangs};
use crate::daemon::labels::writer::Outcome;
use crate::daemon::lifecycle::pid_file;
use crate::wm::manager::FocusedWindow;
use std::time::Instant;

/// Where problems with the pid file stand.
const PID_FILE: &str = "pid file";

/// What may be under way.
#[derive(Debug, Default)]
pub struct Errands {
    /// The pid file is being written.
    pub pid_file: Option<Errand<Result<(), String>>>,
    /// The labels are being read.
    pub labels: Option<Errand<Outcome>>,
    /// Answered when the desktop has placed the sessions of the last scan.
    pub places: Option<Errand<Option<FocusedWindow>>>,
}

/// What was done.
pub enum Done {
    /// The pid file was written, or not.
    PidFile(Result<(), String>),
    /// The labels were read, or will not be.
    Labels(Option<Outcome>),
    /// The sessions were placed.
    Places,
}

impl Errands {
    /// Wait for the next one that is done.
    pub async fn next(&mut self) -> Done {
        tokio::select! {
            written = pending::done(&mut self.pid_file) => Done::PidFile(written.unwrap_or(Ok(()))),
            labels = pending::done(&mut self.labels) => Done::Labels(labels),
            _ = pending::done(&mut self.places) => Done::Places,
        }
    }

    /// When the next one is late.
    pub fn due(&self, at: Instant) -> Option<Instant> {
        let pid_file = self.pid_file.as_ref().and_then(|it| it.due(at));
        let labels = self.labels.as_ref().and_then(|it| it.due(at));
        let places = self.places.as_ref().and_then(|it| it.due(at));
        [pid_file, labels, places].into_iter().flatten().min()
    }
}

impl Hub {
    /// Try again what could not be done, for nobody tells when it can.
    pub(in crate::daemon) fn heal(&mut self) {
        self.watcher.heal();
        if self.problems.contains_key(PID_FILE) && self.errands.pid_file.is_none() {
            self.write_pid_file();
        }
        self.heal_labels();
    }

    /// Write the pid file.
    pub(in crate::daemon) fn write_pid_file(&mut self) {
        let path = self.options.paths.pid_file();
        self.errands.pid_file = Some(Errand::send(move || pid_file::write(&path)));
    }

    pub(in crate::daemon) fn take_done(&mut self, done: Done) {
        match done {
            Done::PidFile(written) => drop(self.note_problem(PID_FILE, written)),
            Done::Labels(outcome) => self.take_labels(outcome),
            Done::Places => {}
        }
    }

    /// Tell of what is late now.
    pub(in crate::daemon) fn note_late(&mut self, at: Instant) {
        if self.errands.labels.as_mut().is_some_and(|it| it.turns_late(at)) {
            let hangs = hangs(&self.options.paths.labels(), "labels are as they were");
            self.note_problem::<()>("labels", Err(hangs));
        }
        if self.errands.pid_file.as_mut().is_some_and(|it| it.turns_late(at)) {
            let hangs = hangs(&self.options.paths.pid_file(), "there is no pid file");
            self.note_problem::<()>(PID_FILE, Err(hangs));
        }
        if self.settings.turns_late(at) {
            let hangs = hangs(&self.options.paths.config(), "it is not read");
            self.note_problem::<()>("config", Err(hangs));
        }
    }
}
