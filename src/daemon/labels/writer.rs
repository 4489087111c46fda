//! Label writes, one after the other, away from the loop: a disk may take its time, or hang.

use super::store::{LabelError, LabelStore};
use crate::session::registry::Labels;
use tokio::sync::{mpsc, oneshot};

/// How many tasks may wait for a disk that hangs; more are refused.
const MOST_WAITING: usize = 1024;

/// What to do with the labels.
enum Task {
    Reload(oneshot::Sender<Outcome>),
    Set { session_id: String, label: String, done: oneshot::Sender<Outcome> },
}

/// The labels after the task, and what went wrong.
#[derive(Debug)]
pub struct Outcome {
    /// The how manieth task that was: outcomes may arrive by several ways, in another order.
    pub number: u64,
    /// The labels in force now.
    pub labels: Labels,
    /// Why the task failed, in one line.
    pub error: Option<String>,
}

/// Sends tasks to the one thread that touches `labels.json`.
#[derive(Clone)]
pub struct LabelKeeper {
    tasks: mpsc::Sender<Task>,
}

impl LabelKeeper {
    /// Take over `store`.
    pub fn start(mut store: LabelStore) -> LabelKeeper {
        let (tasks, mut inbox) = mpsc::channel(MOST_WAITING);
        tokio::spawn(async move {
            let mut number = 0;
            while let Some(task) = inbox.recv().await {
                number += 1;
                let carried_out = tokio::task::spawn_blocking(move || {
                    carry_out(&mut store, task, number);
                    store
                });
                match carried_out.await {
                    Ok(back) => store = back,
                    Err(_) => return,
                }
            }
        });
        LabelKeeper { tasks }
    }

    /// Read the file again; the answer comes when that is done. None comes if too much waits.
    pub fn reload(&self) -> oneshot::Receiver<Outcome> {
        let (done, outcome) = oneshot::channel();
        let _ = self.tasks.try_send(Task::Reload(done));
        outcome
    }

    /// Set a label, or remove it if it is empty; the answer comes when it is on disk. `None` if too
    /// much waits: then it will not be set.
    pub fn set(&self, session_id: String, label: String) -> Option<oneshot::Receiver<Outcome>> {
        let (done, outcome) = oneshot::channel();
        self.tasks.try_send(Task::Set { session_id, label, done }).ok()?;
        Some(outcome)
    }
}

fn carry_out(store: &mut LabelStore, task: Task, number: u64) {
    let (result, done): (Result<(), LabelError>, _) = match task {
        Task::Reload(done) => (store.reload().map(|_| ()), done),
        Task::Set { session_id, label, done } => (store.set(&session_id, &label), done),
    };
    // A file that is damaged is still damaged if it has not changed.
    let error = result.err().map(|error| error.to_string());
    let error = error.or_else(|| store.damage().map(str::to_owned));
    // Whoever asked may have gone by now.
    let _ = done.send(Outcome { number, labels: store.labels(), error });
}
