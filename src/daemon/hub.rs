//! The hub: one task that owns the registry. Everything that is observed and everything that is
//! asked passes through here, one after the other, and nothing here waits for a disk or a window
//! manager.

use super::clock;
use super::exits::Exits;
use super::inbox::{self, Input};
use super::label_keeper::{LabelKeeper, Outcome};
use super::labels::LabelStore;
use super::looks::{Cause, Found, Looks};
use super::options::Options;
use super::subscribers::Subscribers;
use super::watcher::{Interest, Touched, Watcher};
use crate::proc::ProcRoot;
use crate::session::change::Change;
use crate::session::process::ProcessId;
use crate::session::registry::Registry;
use crate::session::sighting::Sighting;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep_until;

/// How long after a first event of a burst the next scan begins.
const BURST: Duration = Duration::from_millis(20);

/// How often to scan when inotify cannot tell of changes.
const BLIND_INTERVAL: Duration = Duration::from_secs(1);

/// The one owner of all there is to know.
pub struct Hub {
    pub(super) registry: Registry,
    pub(super) looks: Looks,
    pub(super) labels: LabelKeeper,
    pub(super) subscribers: Subscribers,
    /// What ails vmuxd: who says so → one line.
    pub(super) problems: BTreeMap<&'static str, String>,
    /// Where tasks of the hub report to it.
    pub(super) hub: mpsc::Sender<Input>,
    options: Options,
    inbox: mpsc::Receiver<Input>,
    found: mpsc::UnboundedReceiver<Found>,
    watcher: Watcher,
    exits: Exits,
    next_scan: Instant,
    /// Who waits for the scan that runs, and who for the one after it.
    scan_waiters: [Vec<oneshot::Sender<()>>; 2],
    ready: Option<oneshot::Sender<()>>,
    config_dirs: BTreeSet<PathBuf>,
    label_reload: Option<oneshot::Receiver<Outcome>>,
    ending: bool,
}

impl Hub {
    /// A hub that has seen nothing yet. `ready` is told when the first scan is complete.
    pub fn new(
        options: Options,
        inbox: (mpsc::Sender<Input>, mpsc::Receiver<Input>),
        ready: oneshot::Sender<()>,
    ) -> Hub {
        let (found_sender, found) = mpsc::unbounded_channel();
        let root = ProcRoot::new(&options.proc_root);
        let labels = LabelKeeper::start(LabelStore::new(options.paths.labels()));
        let mut watcher = Watcher::new();
        watcher.set(Interest::Labels, &[options.paths.labels()]);
        let (hub, inbox) = inbox;
        Hub {
            registry: Registry::default(),
            looks: Looks::new(root, found_sender),
            label_reload: Some(labels.reload()),
            labels,
            subscribers: Subscribers::default(),
            problems: BTreeMap::new(),
            inbox,
            found,
            watcher,
            exits: Exits::new(hub.clone()),
            hub,
            next_scan: Instant::now(),
            scan_waiters: Default::default(),
            ready: Some(ready),
            config_dirs: options.claude_home.iter().cloned().collect(),
            options,
            ending: false,
        }
    }

    /// Live until somebody says stop.
    pub async fn run(mut self) {
        self.watch_new_sessions();
        while !self.ending {
            let due = self.step_due();
            tokio::select! {
                biased;
                input = self.inbox.recv() => match input {
                    Some(input) => self.take(input),
                    None => break,
                },
                found = self.found.recv() => {
                    if let Some(found) = found {
                        self.take_found(found);
                    }
                }
                outcome = reloaded(&mut self.label_reload) => {
                    self.label_reload = None;
                    self.take_labels(outcome);
                }
                touched = self.watcher.next() => self.take_touched(touched),
                () = sleep_until(due.into()) => {}
            }
            self.step();
        }
        self.subscribers.close("vmuxd ends");
    }

    /// When [`Hub::step`] has something to do.
    fn step_due(&self) -> Instant {
        let (at, now) = (Instant::now(), clock::now());
        let looks = self.looks.due(at, now);
        let held = self.registry.due().map(|then| at + clock::until(then, now));
        [looks, held].into_iter().flatten().fold(self.next_scan, Instant::min)
    }

    /// Do what is due.
    fn step(&mut self) {
        let (at, now) = (Instant::now(), clock::now());
        if at >= self.next_scan {
            self.begin_scan();
        }
        for process in self.looks.dispatch(at, now) {
            let change = self.registry.unreadable(process, now);
            self.tell(change);
        }
        for change in self.registry.tick(now) {
            self.subscribers.tell(change);
        }
        if self.scan_waiters[0].is_empty() && self.ready.is_none() {
            return;
        }
        if self.looks.is_quiet() && !self.looks.is_scanning() {
            self.ready.take().map(|ready| ready.send(()));
            for waiter in self.scan_waiters[0].drain(..) {
                let _ = waiter.send(());
            }
        }
    }

    fn begin_scan(&mut self) {
        let interval = match self.watcher.problem() {
            Some(_) => self.options.interval.min(BLIND_INTERVAL),
            None => self.options.interval,
        };
        self.next_scan = Instant::now() + interval;
        if self.looks.scan(clock::now()) {
            let [running, next] = &mut self.scan_waiters;
            running.append(next);
        }
    }

    /// Scan at once; `done` is told when every session was looked at.
    pub(super) fn scan_for(&mut self, done: oneshot::Sender<()>) {
        self.scan_waiters[1].push(done);
        self.next_scan = Instant::now();
    }

    fn take(&mut self, input: Input) {
        match input {
            Input::Ask(request, reply) => self.answer(request, reply),
            Input::Saved(outcome, reply) => self.saved(outcome, reply),
            Input::Exited(process) => self.remove(process),
            Input::Reload => self.label_reload = Some(self.labels.reload()),
            Input::Shutdown => self.ending = true,
        }
    }

    /// End after what is being done now.
    pub(super) fn end(&mut self) {
        self.ending = true;
    }

    fn take_found(&mut self, found: Found) {
        match found {
            Found::Scan { scanner, candidates } => {
                let candidates = self.note_problem(
                    "scan",
                    candidates.map_err(|error| {
                        format!("cannot scan {}: {error}", self.options.proc_root.display())
                    }),
                );
                for gone in self.looks.take_scan(scanner, candidates, Instant::now()) {
                    self.remove(gone);
                }
                if !self.scan_waiters[1].is_empty() {
                    self.next_scan = Instant::now();
                }
            }
            Found::Look { process, inspector, sighting } => {
                if self.looks.take_look(process, inspector, sighting.as_deref()) {
                    match sighting {
                        Some(sighting) => self.see(*sighting),
                        None => self.unsee(process),
                    }
                }
            }
        }
    }

    fn see(&mut self, sighting: Sighting) {
        let process = sighting.process;
        self.watcher.set(Interest::Session(process), &sighting.watch);
        if self.options.proc_root.as_os_str() == "/proc" {
            self.exits.wait(process);
        }
        if let Some(dir) = &sighting.details.config_dir
            && self.config_dirs.insert(dir.clone())
        {
            self.watch_new_sessions();
        }
        let seen = self.registry.see(sighting, clock::now());
        if let Some((session_id, label)) = seen.carried {
            // Nobody waits for it; a failure shows with the next label that is set.
            drop(self.labels.set(session_id, label));
        }
        self.tell(seen.change);
        self.note_watcher();
    }

    /// It looked like a session but is none, or is none any more.
    fn unsee(&mut self, process: ProcessId) {
        self.watcher.set(Interest::Session(process), &[]);
        let change = self.registry.gone(process);
        self.tell(change);
    }

    fn remove(&mut self, process: ProcessId) {
        self.looks.forget(process);
        self.exits.forget(process);
        self.unsee(process);
    }

    fn take_touched(&mut self, touched: Touched) {
        let at = Instant::now();
        if touched.overflow {
            self.next_scan = at;
        }
        for (interest, name) in touched.files {
            match interest {
                Interest::Session(process) => {
                    let is_transcript = name.as_encoded_bytes().ends_with(b".jsonl");
                    let cause = if is_transcript { Cause::Content } else { Cause::State };
                    self.looks.touch(process, cause, at);
                }
                Interest::NewSessions => {
                    if !self.knows_session_file(&name) {
                        self.next_scan = self.next_scan.min(at + BURST);
                    }
                }
                Interest::Labels => self.label_reload = Some(self.labels.reload()),
                Interest::Config => {}
            }
        }
    }

    /// Whether this is the session file of a session that is known already.
    fn knows_session_file(&self, name: &std::ffi::OsStr) -> bool {
        let pid = name.to_str().and_then(|name| name.strip_suffix(".json")?.parse::<u32>().ok());
        pid.is_none_or(|pid| self.registry.sessions().any(|it| it.pid == pid))
    }

    fn watch_new_sessions(&mut self) {
        let dirs: Vec<PathBuf> = self.config_dirs.iter().map(|dir| dir.join("sessions")).collect();
        let every: Vec<PathBuf> = dirs.iter().map(|dir| dir.join("")).collect();
        self.watcher.set(Interest::NewSessions, &every);
        self.looks.set_session_dirs(dirs);
    }

    pub(super) fn take_labels(&mut self, outcome: Option<Outcome>) {
        let Some(outcome) = outcome else { return };
        self.note_problem("labels", outcome.error.map_or(Ok(()), Err));
        for change in self.registry.set_labels(outcome.labels) {
            self.subscribers.tell(change);
        }
    }

    fn note_watcher(&mut self) {
        let problem = self.watcher.problem().map_or(Ok(()), |it| Err(it.to_owned()));
        self.note_problem("inotify", problem);
    }

    /// Keep what is wrong with `source` for those who ask, and log it when it is new.
    pub(super) fn note_problem<T>(
        &mut self,
        source: &'static str,
        result: Result<T, String>,
    ) -> Option<T> {
        match result {
            Ok(value) => {
                self.problems.remove(source);
                Some(value)
            }
            Err(problem) => {
                if self.problems.get(source) != Some(&problem) {
                    log::warn!("{problem}");
                    self.problems.insert(source, problem);
                }
                None
            }
        }
    }

    pub(super) fn tell(&mut self, change: Option<Change>) {
        if let Some(change) = change {
            self.subscribers.tell(change);
        }
    }
}

/// The outcome of a reload, when one is under way.
async fn reloaded(reload: &mut Option<oneshot::Receiver<Outcome>>) -> Option<Outcome> {
    match reload {
        Some(outcome) => outcome.await.ok(),
        None => std::future::pending().await,
    }
}

/// The channel through which everything reaches the hub.
pub fn inbox() -> (mpsc::Sender<Input>, mpsc::Receiver<Input>) {
    mpsc::channel(inbox::CAPACITY)
}
