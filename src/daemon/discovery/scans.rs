//! The scans of `/proc` and of the directories with session files: one at a time, on a worker thread,
//! and given up when one of those directories hangs, or a process whose memory the kernel holds.

use super::current_read::{CurrentRead, Resource};
use super::message::WorkerResult;
use super::worker::{ScanJob, Scope, new_scanner};
use crate::claude::process;
use crate::daemon::blocking::pending::{DISK_TIMEOUT, hang_message};
use crate::daemon::blocking::thread_pool::ThreadPool;
use crate::daemon::clock::Now;
use crate::proc::ProcRoot;
use crate::proc::scan::Scanner;
use crate::session::process::Candidate;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tokio::sync::mpsc::UnboundedSender;

/// The scanner, and the scan that runs.
pub struct Scans {
    root: ProcRoot,
    pool: ThreadPool,
    results: UnboundedSender<WorkerResult>,
    /// `None` while a scan runs, which has it.
    scanner: Option<Box<Scanner>>,
    running: Option<RunningScan>,
    prepared: Option<PreparedScan>,
    /// Directories in which session files name processes.
    dirs: Vec<PathBuf>,
    /// Those of them that a scan has read.
    read_dirs: HashSet<PathBuf>,
    /// What hangs, and the number of the scan that was given up there.
    hanging: Vec<(u64, Resource)>,
    /// The number of the last scan.
    number: u64,
    /// Whether a scan was due while another one ran.
    is_missed: bool,
}

struct RunningScan {
    number: u64,
    only_new: bool,
    /// When to check whether it hangs.
    check_at: Instant,
    current_read: CurrentRead,
}

/// A scan that its thread begins by itself, so that the loop is not woken for it. It can be taken back
/// until then.
struct PreparedScan {
    at: Instant,
    number: u64,
    current_read: CurrentRead,
    job: Arc<Mutex<Option<ScanJob>>>,
}

impl PreparedScan {
    fn take(&self) -> Option<ScanJob> {
        take(&self.job)
    }
}

/// No panic can leave half a job behind, so a poisoned lock is used like any other.
fn take(job: &Mutex<Option<ScanJob>>) -> Option<ScanJob> {
    job.lock().unwrap_or_else(PoisonError::into_inner).take()
}

impl Scans {
    /// No scan runs yet. Scans run on `pool`, and send what they find to `results`.
    pub fn new(root: ProcRoot, pool: ThreadPool, results: UnboundedSender<WorkerResult>) -> Scans {
        let scanner = Some(Box::new(new_scanner(&root)));
        Scans {
            root,
            pool,
            results,
            scanner,
            running: None,
            prepared: None,
            dirs: Vec::new(),
            read_dirs: HashSet::new(),
            hanging: Vec::new(),
            number: 0,
            is_missed: false,
        }
    }

    /// Session files in these directories name processes that are candidates whatever their name is.
    pub fn set_dirs(&mut self, dirs: Vec<PathBuf>) {
        if self.dirs != dirs {
            self.recall();
            self.dirs = dirs;
        }
    }

    /// Those directories, but for what hangs.
    pub fn dirs(&self) -> Vec<PathBuf> {
        let answers = |dir: &&PathBuf| !self.hangs(&Resource::Directory((*dir).clone()));
        self.dirs.iter().filter(answers).cloned().collect()
    }

    /// Begins the scan of all processes that is due since `due`; the one after it is due at `next`.
    /// False if another scan runs, after which this one is to follow.
    pub fn begin(&mut self, due: Instant, next: Instant, now: Now) -> bool {
        let begins_itself = self.prepared.as_ref().is_some_and(|it| it.at == due);
        self.recall();
        let has_begun = begins_itself && self.running.is_some();
        let has_begun = has_begun || self.dispatch(Scope::All, Some(next), now);
        self.is_missed = !has_begun;
        has_begun
    }

    /// Has a thread begin a scan of all processes at `at`, and know that the one after it is due at
    /// `next`. Nothing happens if a scan runs, or while the thread may hang.
    pub fn prepare(&mut self, at: Instant, next: Instant) {
        self.recall();
        if self.is_hindered() {
            return;
        }
        let Some(job) = self.job(Scope::All) else { return };
        let (number, current_read) = (job.number, job.current_read.clone());
        let job = Arc::new(Mutex::new(Some(job)));
        self.prepared = Some(PreparedScan { at, number, current_read, job: Arc::clone(&job) });
        self.pool.run_at(at, next, move || take(&job).map_or((), ScanJob::run));
    }

    /// When a scan begins by itself.
    pub fn prepared_at(&self) -> Option<Instant> {
        self.prepared.as_ref().map(|it| it.at)
    }

    /// When the scan of this number began by itself; `None` if it did not.
    pub fn began_itself_at(&self, number: u64) -> Option<Instant> {
        self.prepared.as_ref().filter(|it| it.number == number).map(|it| it.at)
    }

    /// Takes back the scan that would begin by itself; if it has begun, it is one that runs.
    fn recall(&mut self) {
        let Some(prepared) = self.prepared.take() else { return };
        match prepared.take() {
            Some(job) => {
                job.new_dirs.iter().for_each(|dir| {
                    self.read_dirs.remove(dir);
                });
                self.scanner = Some(job.scanner);
            }
            None => {
                self.running = Some(RunningScan {
                    number: prepared.number,
                    only_new: false,
                    check_at: prepared.at + DISK_TIMEOUT,
                    current_read: prepared.current_read,
                });
            }
        }
    }

    /// Looks for processes that began since the last scan, and for the one that a session file has
    /// `named`, whatever it is called: lists their names at once, which takes a tenth of a millisecond,
    /// and reads the rest on a worker thread. False if there are none, or a scan runs.
    pub fn begin_new(&mut self, named: Option<u32>, now: Now) -> bool {
        self.recall();
        let Some(scanner) = &self.scanner else { return false };
        let mut pids = scanner.new_names(&process::may_be_claude);
        pids.extend(named.filter(|pid| !pids.contains(pid)));
        pids.retain(|pid| !self.hangs(&Resource::Process(*pid)));
        let named = named.into_iter().collect();
        !pids.is_empty() && self.dispatch(Scope::New { pids, named }, None, now)
    }

    fn dispatch(&mut self, scope: Scope, next: Option<Instant>, now: Now) -> bool {
        let only_new = matches!(scope, Scope::New { .. });
        let Some(job) = self.job(scope) else { return false };
        self.running = Some(RunningScan {
            number: job.number,
            only_new,
            check_at: now.monotonic + DISK_TIMEOUT,
            current_read: job.current_read.clone(),
        });
        match next {
            Some(next) => self.pool.run_before(next, move || job.run()),
            None => self.pool.run(move || job.run()),
        }
        true
    }

    /// A scan, with the scanner; none if another one has it.
    fn job(&mut self, scope: Scope) -> Option<ScanJob> {
        let scanner = self.scanner.take()?;
        self.number += 1;
        let dirs = self.dirs();
        let is_of_all = matches!(scope, Scope::All);
        let is_new = |dir: &&PathBuf| is_of_all && self.read_dirs.insert((*dir).clone());
        let new_dirs = dirs.iter().filter(is_new).cloned().collect();
        Some(ScanJob {
            number: self.number,
            scope,
            scanner,
            root: self.root.clone(),
            dirs,
            new_dirs,
            left_out: self.hanging.iter().map(|(_, resource)| resource.clone()).collect(),
            current_read: CurrentRead::default(),
            results: self.results.clone(),
        })
    }

    /// A scan returned; false if it was given up before, and its result does not count.
    pub fn end(&mut self, number: u64, scanner: Box<Scanner>) -> bool {
        self.hanging.retain(|(given_up, _)| *given_up != number);
        if self.began_itself_at(number).is_some() {
            self.prepared = None;
            self.scanner = Some(scanner);
            return true;
        }
        if self.running.as_ref().is_none_or(|running| running.number != number) {
            return false;
        }
        self.running = None;
        self.scanner = Some(scanner);
        true
    }

    /// When [`Scans::give_up`] has something to do.
    pub fn due(&self) -> Option<Instant> {
        self.running.as_ref().map(|running| running.check_at)
    }

    /// Gives up a scan that hangs; true if it did. What it hangs on is left out of scans until it
    /// answers; of the processes `known` from before, what was known holds.
    pub fn give_up(&mut self, now: Instant, known: &[Arc<Candidate>]) -> bool {
        let Some(running) = self.running.as_mut().filter(|it| it.check_at <= now) else {
            return false;
        };
        let (resource, since) = running.current_read.get();
        let deadline = since.unwrap_or(now) + DISK_TIMEOUT;
        let Some(resource) = resource.filter(|_| deadline <= now) else {
            running.check_at = deadline.max(now + DISK_TIMEOUT / 4);
            return false;
        };
        self.hanging.push((running.number, resource));
        self.running = None;
        self.scanner = Some(Box::new(new_scanner(&self.root).knowing(known)));
        true
    }

    /// What hangs, in one line.
    pub fn problem(&self) -> Option<String> {
        let (_, first) = self.hanging.first()?;
        let line = match first {
            Resource::Directory(dir) => hang_message(dir, "its sessions are unknown"),
            Resource::Process(pid) => format!(
                "process {pid} does not answer (cat /proc/{pid}/cmdline hangs too): what it waits \
                 for must come back, or the process be killed; until then it is left out, or as it was"
            ),
        };
        match self.hanging.len() {
            1 => Some(line),
            all => Some(format!("{line} (and {} more)", all - 1)),
        }
    }

    /// Whether something hangs that scans read.
    pub fn is_hindered(&self) -> bool {
        !self.hanging.is_empty()
    }

    /// Whether a scan runs.
    pub fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// Whether a scan runs that looks for new processes only.
    pub fn is_finding_new(&self) -> bool {
        self.running.as_ref().is_some_and(|running| running.only_new)
    }

    /// Whether a scan was due while another one ran. Clears that.
    pub fn take_missed(&mut self) -> bool {
        std::mem::take(&mut self.is_missed)
    }

    fn hangs(&self, resource: &Resource) -> bool {
        self.hanging.iter().any(|(_, other)| other == resource)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

    struct World {
        scans: Scans,
        results: UnboundedReceiver<WorkerResult>,
        _dir: tempfile::TempDir,
    }

    impl World {
        fn new() -> World {
            let dir = tempfile::tempdir().unwrap();
            let (sender, results) = unbounded_channel();
            let pool = ThreadPool::new("test", Arc::default());
            World { scans: Scans::new(ProcRoot::new(dir.path()), pool, sender), results, _dir: dir }
        }

        fn receive(&mut self) -> (u64, Box<Scanner>) {
            match self.results.blocking_recv() {
                Some(WorkerResult::Scan { number, scanner, .. }) => (number, scanner),
                _ => panic!("no scan"),
            }
        }
    }

    #[test]
    fn a_scan_begins_by_itself_again_and_again() {
        let mut world = World::new();
        let mut at = Now::read().monotonic;
        for number in 1..=3 {
            let next = at + Duration::from_millis(20);
            world.scans.prepare(at, next);
            assert!(!world.scans.is_running() && world.scans.prepared_at() == Some(at));
            let (found, scanner) = world.receive();
            assert_eq!((found, world.scans.began_itself_at(found)), (number, Some(at)));
            assert!(world.scans.end(found, scanner));
            assert_eq!(world.scans.prepared_at(), None);
            at = next;
        }
    }

    #[test]
    fn it_is_taken_back_when_another_one_is_due_before() {
        let mut world = World::new();
        let now = Now::read();
        let later = now.monotonic + Duration::from_secs(3600);
        world.scans.set_dirs(vec!["/nowhere".into()]);
        world.scans.prepare(later, later);
        assert!(world.scans.begin(now.monotonic, later, now) && world.scans.is_running());
        let (number, scanner) = world.receive();
        assert_eq!((number, world.scans.began_itself_at(number)), (2, None));
        assert!(world.scans.end(number, scanner) && !world.scans.take_missed());
    }

    #[test]
    fn one_that_has_begun_is_not_begun_again() {
        let mut world = World::new();
        let now = Now::read();
        let later = now.monotonic + Duration::from_secs(3600);
        for (due, is_it) in [(now.monotonic, true), (later, false)] {
            world.scans.prepare(now.monotonic, later);
            let (number, scanner) = world.receive();
            assert_eq!(world.scans.begin(due, later, now), is_it);
            assert!(world.scans.is_running());
            assert!(world.scans.end(number, scanner));
            assert_eq!(world.scans.take_missed(), !is_it, "what was asked for is to follow");
        }
    }
}
