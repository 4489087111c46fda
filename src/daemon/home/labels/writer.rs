//! Reads and writes of the labels, one after the other, away from the hub's loop: a disk may take its
//! time, or hang.

use super::store::{LabelError, LabelStore};
use crate::daemon::blocking::thread_pool::ThreadPool;
use crate::session::registry::Labels;
use std::fmt;
use tokio::sync::{mpsc, oneshot};

/// How many jobs may wait for a disk that hangs; more are refused.
const MAX_WAITING_JOBS: usize = 1024;

/// What to do with the labels.
enum LabelJob {
    Reload(oneshot::Sender<LabelOutcome>),
    Set { session_id: String, label: String, done: oneshot::Sender<LabelOutcome> },
}

/// The labels after a job, and what went wrong.
#[derive(Debug)]
pub struct LabelOutcome {
    /// The number of the job: outcomes reach the hub by several ways, perhaps in another order.
    pub number: u64,
    /// The labels in force after the job.
    pub labels: Labels,
    /// Why the job failed, in one line.
    pub error: Option<String>,
}

/// For the log: no label.
impl fmt::Display for LabelOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let result = if self.error.is_none() { "ok" } else { "failed" };
        write!(f, "job {} {result}, {} labels", self.number, self.labels.len())
    }
}

/// Sends jobs to the one task that reads and writes `labels.json`.
#[derive(Clone)]
pub struct LabelWriter {
    jobs: mpsc::Sender<LabelJob>,
}

impl LabelWriter {
    /// Starts the task, which owns `store` from now on, and uses threads of `pool`.
    pub fn start(mut store: LabelStore, pool: ThreadPool) -> LabelWriter {
        let (jobs, mut queue) = mpsc::channel(MAX_WAITING_JOBS);
        tokio::spawn(async move {
            let mut number = 0;
            while let Some(job) = queue.recv().await {
                number += 1;
                let again = store.reopen();
                let finished = pool.call(move || {
                    execute(&mut store, job, number);
                    store
                });
                // A job that panicked has lost its store.
                store = finished.await.unwrap_or(again);
            }
        });
        LabelWriter { jobs }
    }

    /// Reads the file again; the outcome comes when that is done, and never if too many jobs wait.
    pub fn reload(&self) -> oneshot::Receiver<LabelOutcome> {
        let (done, outcome) = oneshot::channel();
        let _ = self.jobs.try_send(LabelJob::Reload(done));
        outcome
    }

    /// Sets a label, or removes it if it is empty; the outcome comes when it is on disk. `None` if
    /// too many jobs wait: then it will not be set.
    pub fn set(
        &self,
        session_id: String,
        label: String,
    ) -> Option<oneshot::Receiver<LabelOutcome>> {
        let (done, outcome) = oneshot::channel();
        self.jobs.try_send(LabelJob::Set { session_id, label, done }).ok()?;
        Some(outcome)
    }
}

fn execute(store: &mut LabelStore, job: LabelJob, number: u64) {
    let (result, done): (Result<(), LabelError>, _) = match job {
        LabelJob::Reload(done) => (store.reload().map(|_| ()), done),
        LabelJob::Set { session_id, label, done } => (store.set(&session_id, &label), done),
    };
    // A damaged file that has not changed is not reported again by the store, but is still damaged.
    let error = result.err().map(|error| error.to_string());
    let error = error.or_else(|| store.damage().map(str::to_owned));
    // The client may have gone by now.
    let _ = done.send(LabelOutcome { number, labels: store.labels(), error });
}
