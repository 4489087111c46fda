//! Ending the processes of a server: each is named by a pidfd, so that no other process is meant.

use crate::daemon::watch::epoll::Epoll;
use crate::proc::ProcRoot;
use crate::proc::servers::tree::Tree;
use crate::session::process::ProcessId;
use rustix::event::epoll::EventFlags;
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use std::collections::{BTreeMap, BTreeSet};
use std::os::fd::OwnedFd;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How long processes may take to end.
const ENDS_WITHIN: Duration = Duration::from_secs(5);

/// The processes of a server: the topmost one and all that descend from it, without sessions and what
/// they run, and those that hold its sockets.
pub fn family(
    root: &ProcRoot,
    top: ProcessId,
    holders: &[ProcessId],
    sessions: &BTreeSet<u32>,
) -> Vec<ProcessId> {
    let entries = std::fs::read_dir(root.path()).into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let tree = Tree::new(pids.filter_map(|pid| root.process(pid)), sessions.iter().copied());
    let is_below = |pid: u32| {
        let mut path = tree.ancestry(pid).take_while(|it| !sessions.contains(&it.id.pid));
        path.any(|it| it.id == top)
    };
    let mut family: Vec<ProcessId> = tree
        .processes()
        .map(|it| it.id)
        .filter(|it| is_below(it.pid) || holders.contains(it))
        .collect();
    // The topmost one first: otherwise it would begin others in place of those that end.
    family.sort_by_key(|it| (*it != top, it.start));
    family
}

/// A descriptor of each process that was asked to end; else the error of the first one that may not be
/// asked.
pub type AskedToEnd = Result<Vec<(u32, OwnedFd)>, (u32, Errno)>;

/// Asks these processes to end. Those that are gone already are left out.
pub fn ask(root: &ProcRoot, family: &[ProcessId]) -> AskedToEnd {
    let mut asked = Vec::new();
    for process in family {
        let pid = i32::try_from(process.pid).ok().and_then(Pid::from_raw);
        let Some(fd) = pid.and_then(|pid| pidfd_open(pid, PidfdFlags::NONBLOCK).ok()) else {
            continue;
        };
        // The descriptor holds whoever has the pid now.
        if root.process(process.pid).is_none_or(|it| it.id != *process) {
            continue;
        }
        match pidfd_send_signal(&fd, Signal::TERM) {
            Ok(()) => asked.push((process.pid, fd)),
            Err(Errno::SRCH) => {}
            Err(error) => return Err((process.pid, error)),
        }
    }
    Ok(asked)
}

/// Waits until they have ended. Returns the pids of those that have not, after a while.
pub async fn living(asked: Vec<(u32, OwnedFd)>) -> Vec<u32> {
    let mut waiting: BTreeMap<u32, OwnedFd> = asked.into_iter().collect();
    let deadline = Instant::now() + ENDS_WITHIN;
    if let Ok(epoll) = Epoll::new() {
        for (pid, fd) in &waiting {
            // One that cannot be waited for is said to live: the user looks again.
            let _ = epoll.add(fd, (*pid).into(), EventFlags::IN);
        }
        while !waiting.is_empty() {
            let Ok(ended) = timeout_at(deadline, epoll.ready()).await else { break };
            // Closing its descriptor removes it from the epoll.
            waiting.retain(|pid, _| !ended.contains(&u64::from(*pid)));
        }
    }
    waiting.into_keys().collect()
}
