//! pidfd: a process that ends is noticed at once (pidfd_open(2), Linux 5.3).

use super::inbox::Input;
use super::ready;
use crate::session::process::ProcessId;
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use std::collections::HashMap;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

/// Waits for processes to end. Where that is not possible, the next scan notices.
pub struct Exits {
    hub: mpsc::Sender<Input>,
    waiting: HashMap<ProcessId, AbortHandle>,
}

impl Exits {
    /// Tells `hub` of every end.
    pub fn new(hub: mpsc::Sender<Input>) -> Exits {
        Exits { hub, waiting: HashMap::new() }
    }

    /// Wait for `process`, which has just been seen alive, to end.
    pub fn wait(&mut self, process: ProcessId) {
        if self.waiting.contains_key(&process) {
            return;
        }
        let pid = i32::try_from(process.pid).ok().and_then(Pid::from_raw);
        let Some(fd) = pid.and_then(|pid| pidfd_open(pid, PidfdFlags::NONBLOCK).ok()) else {
            return;
        };
        let Ok(fd) = ready::watch(fd.into()) else { return };
        let hub = self.hub.clone();
        let task = tokio::spawn(async move {
            if fd.readable().await.is_ok() {
                let _ = hub.send(Input::Exited(process)).await;
            }
        });
        self.waiting.insert(process, task.abort_handle());
    }

    /// `process` is of no interest any more.
    pub fn forget(&mut self, process: ProcessId) {
        if let Some(task) = self.waiting.remove(&process) {
            task.abort();
        }
    }
}
