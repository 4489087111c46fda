//! pidfd: a process that ends is noticed at once (pidfd_open(2), Linux 5.3). All of them are waited
//! for in one place (epoll(7)).

use super::epoll::Epoll;
use crate::session::process::ProcessId;
use rustix::event::epoll::EventFlags;
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use std::collections::HashMap;
use std::os::fd::OwnedFd;

/// Waits for processes to end. Where that is not possible, the next scan notices.
#[derive(Default)]
pub struct Exits {
    all: Option<Epoll>,
    /// By pid.
    waiting: HashMap<u32, (ProcessId, OwnedFd)>,
}

impl Exits {
    /// Waits for none yet.
    pub fn new() -> Exits {
        Exits { all: Epoll::new().ok(), waiting: HashMap::new() }
    }

    /// Wait for `process`, which has just been seen alive, to end.
    pub fn wait(&mut self, process: ProcessId) {
        if self.waiting.get(&process.pid).is_some_and(|(known, _)| *known == process) {
            return;
        }
        let Some(all) = &self.all else { return };
        let pid = i32::try_from(process.pid).ok().and_then(Pid::from_raw);
        let Some(fd) = pid.and_then(|pid| pidfd_open(pid, PidfdFlags::NONBLOCK).ok()) else {
            return;
        };
        if all.add(&fd, process.pid.into(), EventFlags::IN).is_ok() {
            self.waiting.insert(process.pid, (process, fd));
        }
    }

    /// `process` is of no interest any more.
    pub fn forget(&mut self, process: ProcessId) {
        // It leaves the others with its descriptor.
        self.waiting.retain(|_, (known, _)| *known != process);
    }

    /// Wait for ends. Never returns where that is not possible.
    pub async fn next(&mut self) -> Vec<ProcessId> {
        let Some(all) = &self.all else { return std::future::pending().await };
        let pids = all.ready().await;
        let pids = pids.into_iter().filter_map(|pid| u32::try_from(pid).ok());
        pids.filter_map(|pid| self.waiting.remove(&pid)).map(|(process, _)| process).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[tokio::test]
    async fn the_end_of_each_is_told_once() {
        let mut exits = Exits::new();
        let mut children = [0, 1].map(|_| Command::new("sleep").arg("1000").spawn().unwrap());
        let ids = children.each_ref().map(|it| ProcessId { pid: it.id(), start: 7 });
        for id in ids {
            exits.wait(id);
            exits.wait(id);
        }
        for (child, id) in children.iter_mut().zip(ids) {
            child.kill().unwrap();
            assert_eq!(exits.next().await, [id]);
            child.wait().unwrap();
        }
        assert!(exits.waiting.is_empty());
    }
}
