//! Label writes, one after the other, away from the loop: a disk may take its time.

use super::labels::{LabelError, LabelStore};
use crate::session::registry::Labels;
use tokio::sync::{mpsc, oneshot};

/// What to do with the labels.
enum Task {
    Reload(oneshot::Sender<Outcome>),
    Set { session_id: String, label: String, done: oneshot::Sender<Outcome> },
}

/// The labels after the task, and what went wrong.
#[derive(Debug)]
pub struct Outcome {
    /// The labels in force now.
    pub labels: Labels,
    /// Why the task failed, in one line.
    pub error: Option<String>,
}

/// Sends tasks to the one thread that touches `labels.json`.
#[derive(Clone)]
pub struct LabelKeeper {
    tasks: mpsc::UnboundedSender<Task>,
}

impl LabelKeeper {
    /// Take over `store`.
    pub fn start(mut store: LabelStore) -> LabelKeeper {
        let (tasks, mut inbox) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Some(task) = inbox.recv().await {
                let carried_out = tokio::task::spawn_blocking(move || {
                    carry_out(&mut store, task);
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

    /// Read the file again; the answer comes when that is done.
    pub fn reload(&self) -> oneshot::Receiver<Outcome> {
        let (done, outcome) = oneshot::channel();
        let _ = self.tasks.send(Task::Reload(done));
        outcome
    }

    /// Set a label, or remove it if it is empty; the answer comes when it is on disk.
    pub fn set(&self, session_id: String, label: String) -> oneshot::Receiver<Outcome> {
        let (done, outcome) = oneshot::channel();
        let _ = self.tasks.send(Task::Set { session_id, label, done });
        outcome
    }
}

fn carry_out(store: &mut LabelStore, task: Task) {
    let (result, done): (Result<(), LabelError>, _) = match task {
        Task::Reload(done) => (store.reload().map(|_| ()), done),
        Task::Set { session_id, label, done } => (store.set(&session_id, &label), done),
    };
    let error = result.err().map(|error| error.to_string());
    // Whoever asked may have gone by now.
    let _ = done.send(Outcome { labels: store.labels(), error });
}
