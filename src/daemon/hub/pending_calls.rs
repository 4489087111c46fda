//! What the hub has others do, and waits for: the pid file, the labels, the places of the sessions.
//! What is late is reported as a problem, and holds up nothing any longer. What failed is retried.

use super::Hub;
use super::event::HubEvent;
use super::problems::ProblemSource;
use crate::daemon::blocking::pending::{self, PendingCall, hang_message};
use crate::daemon::clock::Now;
use crate::daemon::home::labels::writer::LabelOutcome;
use crate::daemon::lifecycle::pid_file;
use crate::wm::switch::focus_target::FocusTarget;
use std::time::{Duration, Instant};

/// How often threads that could not be started are tried again.
const THREAD_RETRY_INTERVAL: Duration = Duration::from_millis(100);

/// The calls that are under way.
#[derive(Debug, Default)]
pub struct PendingCalls {
    /// The pid file is being written.
    pub pid_file: Option<PendingCall<Result<(), String>>>,
    /// The labels are being read.
    pub labels: Option<PendingCall<LabelOutcome>>,
    /// Answered when the desktop task has placed the sessions of the last scan.
    pub places: Option<PendingCall<Option<FocusTarget>>>,
}

impl PendingCalls {
    /// Waits for the next one to complete; for ever if none is under way. Cancel safe.
    pub async fn next(&mut self) -> HubEvent {
        tokio::select! {
            written = pending::completed(&mut self.pid_file) => {
                HubEvent::PidFileWritten(written.unwrap_or(Ok(())))
            }
            labels = pending::completed(&mut self.labels) => HubEvent::LabelsRead(labels),
            _ = pending::completed(&mut self.places) => HubEvent::SessionsPlaced,
        }
    }

    /// The first deadline that is to come.
    pub fn deadline(&self, now: Instant) -> Option<Instant> {
        let pid_file = self.pid_file.as_ref().and_then(|it| it.deadline(now));
        let labels = self.labels.as_ref().and_then(|it| it.deadline(now));
        let places = self.places.as_ref().and_then(|it| it.deadline(now));
        [pid_file, labels, places].into_iter().flatten().min()
    }
}

impl Hub {
    /// Tries again what could not be done, and looks for what is not told: no event tells when it can.
    pub(super) fn retry_failed(&mut self, now: Now) {
        self.watcher.check_paths(now.monotonic);
        self.watcher.retry_broken(now.monotonic);
        if self.problems.contains(ProblemSource::PidFile) && self.pending.pid_file.is_none() {
            self.write_pid_file(now);
        }
        self.retry_labels();
    }

    /// Writes the pid file.
    pub(super) fn write_pid_file(&mut self, now: Now) {
        let path = self.options.paths.pid_file();
        let home = self.presence.home.clone();
        let written = self.pool.call(move || pid_file::write(&path, &home));
        self.pending.pid_file = Some(PendingCall::of(now.monotonic, written));
    }

    /// The pid file was written, or could not be.
    pub(super) fn take_pid_file(&mut self, result: Result<(), String>) {
        self.problems.set(ProblemSource::PidFile, result.err());
    }

    /// Starts the threads that could not be started before. Reports that they are missing, and when to
    /// try again.
    pub(super) fn retry_threads(&mut self, now: Now) {
        let error = self.threads.retry().err();
        self.retry_threads_at = error.as_ref().map(|_| now.monotonic + THREAD_RETRY_INTERVAL);
        let problem = error.map(|error| {
            format!(
                "cannot start a thread: {error}: a limit of processes is reached (ulimit -u, \
                 TasksMax of the service); until then what is on disk is not read or written"
            )
        });
        self.problems.set(ProblemSource::Threads, problem);
    }

    /// Reports what has become overdue.
    pub(super) fn report_overdue(&mut self, now: Instant) {
        if self.pool.is_starved() {
            // Nothing hangs: there is no thread to do it.
            self.pending.pid_file.iter_mut().for_each(|it| it.restart(now));
            self.pending.labels.iter_mut().for_each(|it| it.restart(now));
            return self.config.restart(now);
        }
        let paths = &self.options.paths;
        if self.pending.labels.as_mut().is_some_and(|it| it.becomes_overdue(now)) {
            let problem = hang_message(&paths.labels(), "labels are as they were");
            self.problems.set(ProblemSource::Labels, Some(problem));
        }
        if self.pending.pid_file.as_mut().is_some_and(|it| it.becomes_overdue(now)) {
            let problem = hang_message(&paths.pid_file(), "there is no pid file");
            self.problems.set(ProblemSource::PidFile, Some(problem));
        }
        if self.config.becomes_overdue(now) {
            let problem = hang_message(&paths.config(), "it is not read");
            self.problems.set(ProblemSource::Config, Some(problem));
        }
    }
}
