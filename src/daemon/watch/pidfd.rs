//! pidfd: the end of a process is noticed at once (pidfd_open(2), Linux 5.3). One epoll(7) waits for
//! all of them.

use super::epoll::Epoll;
use crate::session::process::ProcessId;
use rustix::event::epoll::EventFlags;
use rustix::process::{Pid, PidfdFlags, Resource, getrlimit, pidfd_open};
use std::collections::HashMap;
use std::os::fd::OwnedFd;

/// The part of the limit of open files that is left for clients, inotify and files.
const LEFT_FOR_OTHERS: u64 = 4;

/// Waits for processes to end. Where that is not possible, the next scan notices.
#[derive(Default)]
pub struct ExitWatcher {
    epoll: Option<Epoll>,
    /// Of so many processes at most.
    capacity: usize,
    /// By pid.
    waiting: HashMap<u32, (ProcessId, OwnedFd)>,
}

impl ExitWatcher {
    /// Waits for no process yet.
    pub fn new() -> ExitWatcher {
        let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
        let capacity = usize::try_from(files - files / LEFT_FOR_OTHERS).unwrap_or(usize::MAX);
        ExitWatcher { epoll: Epoll::new().ok(), capacity, waiting: HashMap::new() }
    }

    /// Waits for the end of `process`, which has just been seen alive.
    pub fn wait(&mut self, process: ProcessId) {
        if self.waiting.get(&process.pid).is_some_and(|(known, _)| *known == process) {
            return;
        }
        if self.waiting.len() >= self.capacity {
            return;
        }
        let Some(epoll) = &self.epoll else { return };
        let pid = i32::try_from(process.pid).ok().and_then(Pid::from_raw);
        let Some(fd) = pid.and_then(|pid| pidfd_open(pid, PidfdFlags::NONBLOCK).ok()) else {
            return;
        };
        if epoll.add(&fd, process.pid.into(), EventFlags::IN).is_ok() {
            self.waiting.insert(process.pid, (process, fd));
        }
    }

    /// Waits for `process` no longer.
    pub fn forget(&mut self, process: ProcessId) {
        // Closing its descriptor removes it from the epoll.
        if self.waiting.get(&process.pid).is_some_and(|(known, _)| *known == process) {
            self.waiting.remove(&process.pid);
        }
    }

    /// Waits until processes have ended, and returns them. Never returns where that is not possible.
    pub async fn next(&mut self) -> Vec<ProcessId> {
        let Some(epoll) = &self.epoll else { return std::future::pending().await };
        let pids = epoll.ready().await;
        let pids = pids.into_iter().filter_map(|pid| u32::try_from(pid).ok());
        pids.filter_map(|pid| self.waiting.remove(&pid)).map(|(process, _)| process).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[tokio::test]
    async fn the_end_of_each_process_is_reported_once() {
        let mut watcher = ExitWatcher::new();
        let mut children = [0, 1].map(|_| Command::new("sleep").arg("1000").spawn().unwrap());
        let ids = children.each_ref().map(|it| ProcessId { pid: it.id(), start: 7 });
        for id in ids {
            watcher.wait(id);
            watcher.wait(id);
        }
        for (child, id) in children.iter_mut().zip(ids) {
            child.kill().unwrap();
            assert_eq!(watcher.next().await, [id]);
            child.wait().unwrap();
        }
        assert!(watcher.waiting.is_empty());
    }
}
