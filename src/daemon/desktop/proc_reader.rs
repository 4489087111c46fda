//! `/proc` for the window manager's room, with a timeout. The kernel can hold the memory of a process,
//! and then a read of its arguments or its environment hangs: another thread reads them, and the
//! desktop task waits for a moment only.

use crate::daemon::blocking::thread_pool::ThreadPool;
use crate::proc::files::ReadProcess;
use crate::proc::{ProcFiles, ProcRoot};
use crate::session::process::{Environment, Process, ProcessId};
use std::collections::{BTreeSet, HashMap};
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
    environments: Arc<Mutex<Environments>>,
}

/// Environments that were read: each stays the same until the process executes another program.
#[derive(Default)]
struct Environments {
    /// By process and [`Process::image`].
    known: HashMap<(ProcessId, u64), Environment>,
    /// With so many, those of processes that are gone are left out.
    tidy_at: usize,
}

/// Fewer environments than this are not worth a look.
const MIN_TIDY: usize = 256;

impl Environments {
    /// Adds what was read. `is_current`: whether a process still runs that program.
    fn add(
        &mut self,
        program: (ProcessId, u64),
        env: Environment,
        is_current: impl Fn((ProcessId, u64)) -> bool,
    ) {
        self.known.insert(program, env);
        if self.known.len() >= self.tidy_at.max(MIN_TIDY) {
            self.known.retain(|program, _| is_current(*program));
            self.tidy_at = self.known.len() * 2;
        }
    }
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
        let Some(program) = self.program(pid) else { return self.read(pid, ProcRoot::env) };
        let known = self.with_environments(|it| it.known.get(&program).cloned());
        known.unwrap_or_else(|| {
            let env = self.read(pid, ProcRoot::env);
            // That of a process that does not answer is empty, too.
            if !env.is_empty() {
                let is_current = |it: (ProcessId, u64)| self.program(it.0.pid) == Some(it);
                self.with_environments(|all| all.add(program, env.clone(), is_current));
            }
            env
        })
    }
    fn children(&self, pid: u32) -> Vec<u32> {
        self.root.children(pid)
    }
}

impl TimedProcReader {
    /// Reads `root`, on threads of `pool`.
    pub fn new(root: ProcRoot, pool: ThreadPool) -> TimedProcReader {
        TimedProcReader { root, pool, in_flight: Arc::default(), environments: Arc::default() }
    }

    /// What a process runs now, if the kernel tells that.
    fn program(&self, pid: u32) -> Option<(ProcessId, u64)> {
        let process = self.root.process(pid)?;
        (process.image != 0).then_some((process.id, process.image))
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

    fn with_environments<T>(&self, act: impl FnOnce(&mut Environments) -> T) -> T {
        act(&mut self.environments.lock().unwrap_or_else(PoisonError::into_inner))
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
    fn an_environment_is_read_again_after_another_program_was_executed() {
        let dir = tempfile::tempdir().unwrap();
        let run = |pid: u32, stack: u32, env: &str| {
            let folder = dir.path().join(pid.to_string());
            fs::create_dir_all(&folder).unwrap();
            let head = format!("{pid} (x) S 1 1 1 0 1 0 1 2 3 4 5 6 7 8 20 0 9 0 777 1 2 3");
            fs::write(folder.join("stat"), format!("{head} 4096 8192 {stack} 0 0")).unwrap();
            fs::write(folder.join("environ"), env).unwrap();
        };
        let reader = reader(&ProcRoot::new(dir.path()), ThreadPool::new("test", Arc::default()));
        let tmux = |pid| loop {
            // On a busy machine a thread may take its time to begin.
            if let Some(found) = reader.env(pid).get("TMUX") {
                return found.to_owned();
            }
        };
        run(1, 70_000, "TMUX=a\0");
        assert_eq!(tmux(1), "a");
        run(1, 70_000, "TMUX=b\0");
        assert_eq!(tmux(1), "a", "the same program");
        run(1, 80_000, "TMUX=b\0");
        assert_eq!(tmux(1), "b");
        run(1, 0, "TMUX=c\0");
        assert_eq!(tmux(1), "c", "what it runs is not told");
    }

    #[test]
    fn environments_of_processes_that_are_gone_are_left_out() {
        let mut all = Environments::default();
        let program = |pid| (ProcessId { pid, start: 1 }, 1);
        let count = u32::try_from(MIN_TIDY).unwrap();
        for pid in 0..count {
            all.add(program(pid), Environment::default(), |it| it.0.pid % 2 == 0);
        }
        assert_eq!((all.known.len(), all.tidy_at), (MIN_TIDY / 2, MIN_TIDY));
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
