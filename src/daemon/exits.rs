//! pidfd: a process that ends is noticed at once (pidfd_open(2), Linux 5.3). All of them are waited
//! for in one place (epoll(7)).

use super::ready;
use crate::session::process::ProcessId;
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use std::collections::HashMap;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use tokio::io::unix::AsyncFd;

/// How many ends are taken at once.
const AT_ONCE: usize = 64;

/// Waits for processes to end. Where that is not possible, the next scan notices.
#[derive(Default)]
pub struct Exits {
    all: Option<AsyncFd<Arc<OwnedFd>>>,
    /// By pid.
    waiting: HashMap<u32, (ProcessId, OwnedFd)>,
}

impl Exits {
    /// Waits for none yet.
    pub fn new() -> Exits {
        let all = epoll::create(CreateFlags::CLOEXEC).ok();
        Exits { all: all.and_then(|fd| ready::watch(fd.into()).ok()), waiting: HashMap::new() }
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
        let data = EventData::new_u64(process.pid.into());
        if epoll::add(all.get_ref(), &fd, data, EventFlags::IN).is_ok() {
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
        loop {
            let Ok(mut ready) = all.readable().await else { return std::future::pending().await };
            if let Ok(Ok(pids)) = ready.try_io(|fd| ended(fd.get_ref())) {
                let ended = pids.iter().filter_map(|pid| self.waiting.remove(pid));
                return ended.map(|(process, _)| process).collect();
            }
        }
    }
}

/// The pids of processes that have ended, as they were given.
fn ended(all: &OwnedFd) -> io::Result<Vec<u32>> {
    let mut buffer = [MaybeUninit::uninit(); AT_ONCE];
    let (events, _) = epoll::wait(all, &mut buffer, Some(&Timespec::default()))?;
    if events.is_empty() {
        return Err(io::ErrorKind::WouldBlock.into());
    }
    Ok(events.iter().filter_map(|event| u32::try_from(event.data.u64()).ok()).collect())
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
