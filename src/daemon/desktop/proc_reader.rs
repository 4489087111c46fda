//! `/proc` for the window manager's room, with a timeout. The kernel can hold the memory of a process,
//! and then a read of its arguments or its environment hangs: another thread reads them, and the
//! desktop task waits for a moment only.

use crate::daemon::blocking::thread_pool::ThreadPool;
use crate::proc::files::ReadProcess;
use crate::proc::{ProcFiles, ProcRoot};
use crate::session::process::{Environment, Process};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

/// How long a read is waited for. It takes some 10 µs; on a busy machine the thread may not run at
/// once.
const READ_TIMEOUT: Duration = Duration::from_millis(300);

/// The same while another read hangs: the task waits for each of them in turn.
const READ_TIMEOUT_WHEN_STALLED: Duration = Duration::from_millis(20);

/// Reads of one `/proc` that may hang, each with a timeout. Clones share their threads.
#[derive(Clone)]
pub struct TimedProcReader {
    root: ProcRoot,
    pool: ThreadPool,
    /// Processes of which a read has not returned: no other read of them begins until it has.
    in_flight: Arc<Mutex<BTreeSet<u32>>>,
}

/// Reads `root` with a timeout, on threads of `pool`. A process that does not answer reads as one
/// without arguments and environment.
pub fn reader(root: &ProcRoot, pool: ThreadPool) -> ProcFiles {
    ProcFiles::with(root.clone(), TimedProcReader::new(root.clone(), pool))
}

impl ReadProcess for TimedProcReader {
    fn process(&self, pid: u32) -> Option<Process> {
        self.root.process(pid)
    }
    fn argv(&self, pid: u32) -> Vec<String> {
        self.read(pid, ProcRoot::argv)
    }
    fn env(&self, pid: u32) -> Environment {
        self.read(pid, ProcRoot::env)
    }
    fn children(&self, pid: u32) -> Vec<u32> {
        self.root.children(pid)
    }
}

impl TimedProcReader {
    /// Reads `root`, on threads of `pool`.
    pub fn new(root: ProcRoot, pool: ThreadPool) -> TimedProcReader {
        TimedProcReader { root, pool, in_flight: Arc::default() }
    }

    fn read<T>(&self, pid: u32, read: impl Fn(&ProcRoot, u32) -> T + Send + 'static) -> T
    where
        T: Default + Send + 'static,
    {
        let is_stalled = self.with_in_flight(|in_flight| {
            let is_stalled = !in_flight.is_empty();
            in_flight.insert(pid).then_some(is_stalled)
        });
        let Some(is_stalled) = is_stalled else { return T::default() };
        let (sender, result) = mpsc::channel();
        let reader = self.clone();
        self.pool.run(move || {
            let found = read(&reader.root, pid);
            reader.with_in_flight(|in_flight| in_flight.remove(&pid));
            // The task may have given up.
            let _ = sender.send(found);
        });
        if is_stalled {
            self.pool.add_worker();
        }
        let timeout = if is_stalled { READ_TIMEOUT_WHEN_STALLED } else { READ_TIMEOUT };
        result.recv_timeout(timeout).unwrap_or_else(|_| {
            log::info!("process {pid} does not answer: its window or its state may not be known");
            T::default()
        })
    }

    fn with_in_flight<T>(&self, act: impl FnOnce(&mut BTreeSet<u32>) -> T) -> T {
        act(&mut self.in_flight.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    use std::fs;

    #[test]
    fn a_process_that_hangs_is_read_once_and_holds_up_no_other() {
        let dir = tempfile::tempdir().unwrap();
        for (pid, env) in [("1", "TMUX=a\0"), ("2", "TMUX=b\0")] {
            fs::create_dir(dir.path().join(pid)).unwrap();
            fs::write(dir.path().join(pid).join("environ"), env).unwrap();
        }
        let hung = dir.path().join("3/environ");
        fs::create_dir(dir.path().join("3")).unwrap();
        mknodat(CWD, &hung, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
        let reader = reader(&ProcRoot::new(dir.path()), ThreadPool::new("test", Arc::default()));
        let tmux = |pid| reader.env(pid).get("TMUX").map(str::to_owned);
        // On a busy machine a thread may take its time to begin.
        while tmux(1).as_deref() != Some("a") {}
        assert_eq!(tmux(3), None);
        // Another thread takes over.
        while tmux(2).is_none() {}
        assert_eq!(tmux(3), None);
        // The read returns.
        fs::write(&hung, "TMUX=c\0").unwrap();
        fs::remove_file(&hung).unwrap();
        fs::write(&hung, "TMUX=c\0").unwrap();
        while tmux(3).is_none() {}
    }

    #[test]
    fn of_many_that_hang_only_the_first_is_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        for pid in 1..=20 {
            let path = dir.path().join(format!("{pid}/environ"));
            fs::create_dir(dir.path().join(pid.to_string())).unwrap();
            mknodat(CWD, &path, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
        }
        let reader = reader(&ProcRoot::new(dir.path()), ThreadPool::new("test", Arc::default()));
        let begun = std::time::Instant::now();
        for pid in 1..=20 {
            assert!(reader.env(pid).is_empty());
        }
        assert!(begun.elapsed() < READ_TIMEOUT * 20, "{:?}", begun.elapsed());
        // Their threads end.
        for pid in 1..=20 {
            fs::write(dir.path().join(format!("{pid}/environ")), "").unwrap();
        }
    }
}
