//! The hub: one task that owns the registry. Everything that is observed and everything that is
//! asked passes through here, one after the other, and nothing here waits for a disk or a window
//! manager.

use super::clock;
use super::desktop::{self, Report};
use super::exits::Exits;
use super::inbox::{self, Answer, Input};
use super::label_keeper::{LabelKeeper, Outcome};
use super::labels::LabelStore;
use super::looks::{Found, Looks};
use super::notifier;
use super::options::Options;
use super::settings::Settings;
use super::subscribers::Subscribers;
use super::tour::Tour;
use super::urgency::Urgency;
use super::watcher::{Interest, Watcher};
use crate::proc::ProcRoot;
use crate::protocol::request::Request;
use crate::session::change::Change;
use crate::session::registry::Registry;
use crate::wm::desk::Focus;
use crate::wm::reader::Reader;
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
    pub(super) desktop: desktop::Handle,
    pub(super) tour: Tour,
    pub(super) settings: Settings,
    pub(super) notifier: notifier::Handle,
    pub(super) urgency: Urgency,
    /// What ails vmuxd: who says so → one line.
    pub(super) problems: BTreeMap<&'static str, String>,
    /// Where tasks of the hub report to it.
    pub(super) hub: mpsc::Sender<Input>,
    pub(super) options: Options,
    inbox: mpsc::Receiver<Input>,
    found: mpsc::UnboundedReceiver<Found>,
    reports: mpsc::Receiver<Report>,
    /// Answered when the desktop has placed the sessions of the last scan.
    pub(super) placed: Option<oneshot::Receiver<Option<Focus>>>,
    pub(super) watcher: Watcher,
    pub(super) exits: Exits,
    pub(super) next_scan: Instant,
    /// Who waits for the scan that runs, and who for the one after it.
    pub(super) scan_waiters: [Vec<oneshot::Sender<()>>; 2],
    ready: Option<oneshot::Sender<()>>,
    /// Requests that wait until processes that just began were looked at.
    pub(super) postponed: Vec<(Request, Answer)>,
    /// When new processes were last looked for.
    pub(super) looked_for_new: Instant,
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
        watcher.set(Interest::Config, &[options.paths.config()]);
        let (settings, problem) = Settings::open(options.paths.config());
        let (hub, inbox) = inbox;
        let (report_sender, reports) = mpsc::channel(inbox::CAPACITY);
        let desktop = desktop::spawn(options.desktop.clone(), reader(&root), report_sender);
        let wm = &settings.config.wm;
        desktop.configure(wm.socket.clone(), settings.config.switch.title_probe);
        let mut hub = Hub {
            registry: Registry::default(),
            looks: Looks::new(root, found_sender),
            desktop,
            tour: Tour::default(),
            settings,
            notifier: notifier::Handle::default(),
            urgency: Urgency::default(),
            label_reload: Some(labels.reload()),
            labels,
            subscribers: Subscribers::default(),
            problems: BTreeMap::new(),
            inbox,
            found,
            reports,
            placed: None,
            watcher,
            exits: Exits::new(hub.clone()),
            hub,
            next_scan: Instant::now(),
            scan_waiters: Default::default(),
            ready: Some(ready),
            postponed: Vec::new(),
            looked_for_new: Instant::now(),
            config_dirs: options.claude_home.iter().cloned().collect(),
            options,
            ending: false,
        };
        hub.note_problem("config", problem);
        hub.configure_notifier();
        hub
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
                Some(report) = self.reports.recv() => self.take_report(report),
                _ = answered(&mut self.placed) => self.placed = None,
                outcome = answered(&mut self.label_reload) => {
                    self.label_reload = None;
                    self.take_labels(outcome);
                }
                loaded = self.settings.loaded() => self.take_settings(loaded),
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
        if self.looks.give_up_scan(at) {
            self.begin_scan();
        }
        for subject in self.looks.dispatch(at, now) {
            self.cannot_read(&subject, now);
        }
        for change in self.registry.tick(now) {
            self.tell(Some(change));
        }
        if !self.looks.is_quiet() {
            return;
        }
        for (request, reply) in std::mem::take(&mut self.postponed) {
            self.answer_now(request, reply);
        }
        let settled = self.label_reload.is_none() && self.placed.is_none();
        if settled && !self.looks.is_scanning() {
            self.ready.take().map(|ready| ready.send(()));
            for waiter in self.scan_waiters[0].drain(..) {
                let _ = waiter.send(());
            }
        }
    }

    fn begin_scan(&mut self) {
        let interval = match self.watcher.problem() {
            Some(_) => self.interval().min(BLIND_INTERVAL),
            None => self.interval(),
        };
        self.next_scan = Instant::now() + interval;
        if self.looks.scan(Instant::now(), clock::now()) {
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
            Input::Arrived(arrival) => self.arrived(*arrival),
            Input::Exited(process) => self.remove(process),
            Input::GoTo(process) => self.go_to(process),
            Input::Notifier(source, problem) => {
                self.note_problem(source, problem.map_or(Ok(()), Err));
            }
            Input::Reload => {
                self.label_reload = Some(self.labels.reload());
                self.settings.reload(Duration::ZERO);
            }
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
            self.notifier.change(&change);
            self.follow_urgency(&change);
            self.subscribers.tell(change);
        }
    }
}

/// The answer to a question, when one is open.
async fn answered<T>(question: &mut Option<oneshot::Receiver<T>>) -> Option<T> {
    match question {
        Some(answer) => answer.await.ok(),
        None => std::future::pending().await,
    }
}

/// What the window manager's room may ask of `/proc`.
pub fn reader(root: &ProcRoot) -> Reader {
    let (process, env, argv) = (root.clone(), root.clone(), root.clone());
    Reader {
        root: root.path().to_owned(),
        process: Box::new(move |pid| process.process(pid)),
        env: Box::new(move |pid| env.env(pid)),
        argv: Box::new(move |pid| argv.argv(pid)),
    }
}

/// The channel through which everything reaches the hub.
pub fn inbox() -> (mpsc::Sender<Input>, mpsc::Receiver<Input>) {
    mpsc::channel(inbox::CAPACITY)
}
