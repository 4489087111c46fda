//! The scans for servers: one at a time, on a worker thread, and who waits for their result.
//!
//! Every scan of processes tells what listens. Only if that is not what the last scan for servers saw, or
//! a client asks, does another one begin.
//!
//! | file | job |
//! |---|---|
//! | [`claims`] | the files in which projects write down their servers; pure |
//! | [`git_index`] | the files that git knows; pure |
//! | [`sources`] | whether a source has changed since a server started |
//! | [`ports`] | which free port was given to whom; pure |
//! | [`ending`] | ends the processes of a server |

pub mod claims;
pub mod ending;
pub mod git_index;
pub mod ports;
pub mod sources;

use crate::daemon::blocking::on_panic::OnPanic;
use crate::daemon::blocking::thread_pool::ThreadPool;
use crate::daemon::clock;
use crate::daemon::desktop::proc_reader;
use crate::daemon::discovery::message::WorkerResult;
use crate::daemon::server::reply::ReplySender;
use crate::proc::ProcRoot;
use crate::proc::servers::listeners::Listener;
use crate::proc::servers::{FoundServer, LiveSession, scanner::ServerScanner};
use crate::session::info::server::ServerInfo;
use crate::session::process::ProcessId;
use ports::PortReservations;
use sources::SourceChecks;
use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::UnboundedSender;

/// How long a request waits for a scan; then it is answered from what is known.
const ANSWER_WITHIN: Duration = Duration::from_secs(1);

/// The scanner, the scan that runs, and what the last one found.
pub struct ServerScans {
    pool: ThreadPool,
    results: UnboundedSender<WorkerResult>,
    /// `None` while a scan runs, which has it; and where the kernel's sockets are not those of the
    /// `/proc` that is scanned.
    scanner: Option<Box<ServerScanner>>,
    is_possible: bool,
    /// Since when a scan is due.
    due_since: Option<Instant>,
    /// What listened a moment ago: if all is as the last scan left it, none is needed.
    listeners: Option<Vec<Listener>>,
    /// Whether the next scan reads the processes although no socket is new.
    look_closer: bool,
    /// Who waits for the scan that runs, and who for the one after it.
    waiters: [Vec<ServerWaiter>; 2],
    /// When they are answered at the latest.
    answer_by: Option<Instant>,
    found: Vec<FoundServer>,
    /// Used by the scan that runs.
    sources: Arc<Mutex<SourceChecks>>,
    /// Shared with the threads that look for free ports.
    pub reservations: Arc<Mutex<PortReservations>>,
    problem: Option<String>,
}

/// A client that waits for the servers.
pub struct ServerWaiter {
    /// To it.
    pub reply: ReplySender,
    /// Whether it asks about this machine alone.
    pub is_local: bool,
}

impl ServerScans {
    /// Nothing is known yet. Scans run on `pool`, and read what may hang on `proc_pool`.
    pub fn new(
        root: &ProcRoot,
        pool: ThreadPool,
        proc_pool: ThreadPool,
        results: UnboundedSender<WorkerResult>,
    ) -> ServerScans {
        let is_possible = root.is_of_this_machine();
        let sources = Arc::new(Mutex::new(SourceChecks::new(pool.clone())));
        let uid = rustix::process::geteuid().as_raw();
        let scanner = || Box::new(ServerScanner::new(proc_reader::reader(root, proc_pool), uid));
        ServerScans {
            pool,
            results,
            scanner: is_possible.then(scanner),
            is_possible,
            due_since: None,
            listeners: None,
            look_closer: false,
            waiters: Default::default(),
            answer_by: None,
            found: Vec::new(),
            sources,
            reservations: Arc::default(),
            problem: (!is_possible)
                .then(|| "another /proc than the kernel's is scanned".to_owned()),
        }
    }

    /// A scan is due.
    pub fn want(&mut self, now: Instant) {
        self.due_since.get_or_insert(now);
        self.listeners = None;
    }

    /// The processes have been scanned, and this listened at that moment: a scan is due, but not needed
    /// if nothing has changed.
    pub fn note_listeners(&mut self, listeners: rustix::io::Result<Vec<Listener>>, now: Instant) {
        let is_only_due = self.due_since.is_none() || self.listeners.is_some();
        self.due_since.get_or_insert(now);
        self.listeners = listeners.ok().filter(|_| is_only_due && self.problem.is_none());
    }

    /// Whether a scan is to begin. It waits until the sessions are known that servers may belong to, but
    /// not for ever.
    pub fn is_wanted(&self, are_sessions_known: impl FnOnce() -> bool, now: Instant) -> bool {
        self.scanner.is_some()
            && self
                .due_since
                .is_some_and(|then| are_sessions_known() || now - then >= ANSWER_WITHIN)
    }

    /// Begins a scan for the servers of these sessions, unless one runs or it would find nothing new.
    /// `are_these`: whether the sessions of the last scan are still the same.
    pub fn begin(
        &mut self,
        are_these: impl FnOnce(&[LiveSession]) -> bool,
        sessions: impl FnOnce() -> Vec<LiveSession>,
        now: Instant,
    ) {
        let Some(mut scanner) = self.scanner.take() else { return };
        self.due_since = None;
        let as_before = |it: Vec<Listener>| scanner.is_settled(&it, are_these);
        if self.listeners.take().is_some_and(as_before) && !lock(&self.sources).is_due(now) {
            self.scanner = Some(scanner);
            return;
        }
        let sessions = sessions();
        let [running, next] = &mut self.waiters;
        running.append(next);
        let look_closer = std::mem::take(&mut self.look_closer);
        let results = self.results.clone();
        let is_asked = !self.waiters[0].is_empty();
        let sources = Arc::clone(&self.sources);
        self.pool.run(move || {
            let _on_panic = OnPanic(|| {
                let found = Err(io::Error::other("the scan failed, please report this"));
                let _ = results.send(WorkerResult::Servers { scanner: None, found });
            });
            let found = scanner.scan(sessions, look_closer, clock::boot(), now);
            let found = found.map_err(io::Error::from).map(|mut found| {
                lock(&sources).check(&mut found, is_asked, now);
                found
            });
            let _ = results.send(WorkerResult::Servers { scanner: Some(scanner), found });
        });
    }

    /// A scan returned. If the servers are not as they were, returns the processes that hold them now,
    /// and those that did.
    pub fn end(
        &mut self,
        scanner: Option<Box<ServerScanner>>,
        found: io::Result<Vec<FoundServer>>,
    ) -> Option<(BTreeSet<ProcessId>, BTreeSet<ProcessId>)> {
        self.scanner = scanner;
        let (found, problem) = match found {
            Ok(found) => (found, None),
            Err(error) => (Vec::new(), Some(error.to_string())),
        };
        self.problem = problem;
        let before = std::mem::replace(&mut self.found, found);
        if before == self.found {
            return None;
        }
        let holders = |of: &[FoundServer]| -> BTreeSet<ProcessId> {
            of.iter().flat_map(|it| &it.holders).copied().collect()
        };
        let (now, before) = (holders(&self.found), holders(&before));
        Some((&now - &before, &before - &now))
    }

    /// A request waits for the next scan that begins.
    pub fn wait(&mut self, waiter: ServerWaiter, now: Instant) {
        if !self.is_waited_for() {
            self.answer_by = Some(now + ANSWER_WITHIN);
        }
        self.waiters[1].push(waiter);
        self.want(now);
    }

    /// Those that waited for the scan that has ended; all, if their time is up.
    pub fn take_waiters(&mut self, now: Instant) -> Vec<ServerWaiter> {
        let mut done = match self.scanner {
            Some(_) => std::mem::take(&mut self.waiters[0]),
            None => Vec::new(),
        };
        if !self.is_possible || self.answer_by.is_some_and(|then| then <= now) {
            done.extend(self.waiters.iter_mut().flat_map(std::mem::take));
        }
        if !self.is_waited_for() {
            self.answer_by = None;
        }
        done
    }

    /// When [`ServerScans::take_waiters`] has something to do.
    pub fn due(&self) -> Option<Instant> {
        self.answer_by
    }

    fn is_waited_for(&self) -> bool {
        self.waiters.iter().any(|it| !it.is_empty())
    }

    /// Why servers cannot be seen, if they cannot.
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// What the last scan found.
    pub fn servers(&self) -> impl Iterator<Item = &ServerInfo> {
        self.found.iter().map(|it| &it.info)
    }

    /// The server that these are the pid and the start of, if a scan has found it.
    pub fn find(&self, process: ProcessId) -> Option<&FoundServer> {
        let is_it =
            |it: &&FoundServer| (it.info.pid, it.info.start) == (process.pid, process.start);
        self.found.iter().find(is_it)
    }

    /// Processes have ended. If one of them held a socket, the next scan begins soon and looks closer.
    pub fn note_ended(&mut self, ended: &[ProcessId], now: Instant) {
        if self.found.iter().any(|it| it.holders.iter().any(|it| ended.contains(it))) {
            self.look_closer = true;
            self.want(now);
        }
    }
}

/// A panic elsewhere leaves nothing there that could be wrong.
fn lock(sources: &Mutex<SourceChecks>) -> MutexGuard<'_, SourceChecks> {
    sources.lock().unwrap_or_else(PoisonError::into_inner)
}
