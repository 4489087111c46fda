//! The hub: one task that owns the registry. Everything that is observed and everything that is
//! asked passes through here, one after the other, and nothing here waits for a disk or a window
//! manager.

use super::clock;
use super::exits::Exits;
use super::inbox::{self, Input};
use super::label_keeper::{LabelKeeper, Outcome};
use super::labels::LabelStore;
use super::looks::{Found, Looks};
use super::options::Options;
use super::subscribers::Subscribers;
use super::watcher::{Interest, Watcher};
use crate::proc::ProcRoot;
use crate::session::change::Change;
use crate::session::registry::Registry;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep_until;

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
    pub(super) options: Options,
    inbox: mpsc::Receiver<Input>,
    found: mpsc::UnboundedReceiver<Found>,
    pub(super) watcher: Watcher,
    pub(super) exits: Exits,
    pub(super) next_scan: Instant,
    /// Who waits for the scan that runs, and who for the one after it.
    pub(super) scan_waiters: [Vec<oneshot::Sender<()>>; 2],
    ready: Option<oneshot::Sender<()>>,
    pub(super) config_dirs: BTreeSet<PathBuf>,
    pub(super) label_reload: Option<oneshot::Receiver<Outcome>>,
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
        let labels_read = self.label_reload.is_none();
        if self.looks.is_quiet() && !self.looks.is_scanning() && labels_read {
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
