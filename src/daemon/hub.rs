//! The hub: one task that owns the registry. Everything that is observed and everything that is
//! asked passes through here, one after the other, and nothing here waits for a disk or a window
//! manager.

use super::batches::Batches;
use super::careful;
use super::desktop::{self, Report};
use super::errands::Errands;
use super::exits::Exits;
use super::inbox::{self, Answer, Input};
use super::label_keeper::LabelKeeper;
use super::labels::LabelStore;
use super::looks::{Found, Looks};
use super::notifier;
use super::options::Options;
use super::outgoing::{Frame, Outgoing};
use super::settings::Settings;
use super::shown_labels::ShownLabels;
use super::subscribers::Subscribers;
use super::tour::Tour;
use super::urgency::Urgency;
use super::watcher::{Interest, Watcher};
use crate::proc::ProcRoot;
use crate::protocol::request::Request;
use crate::session::registry::Registry;
use crate::session::registry::change::Change;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep_until;

/// When vmuxd is ready at the latest, counted from when it has its socket and its configuration;
/// whoever starts it waits 5 s.
const READY_BY: Duration = Duration::from_secs(3);

/// The one owner of all there is to know.
pub struct Hub {
    pub(super) registry: Registry,
    pub(super) looks: Looks,
    pub(super) labels: LabelKeeper,
    pub(super) shown_labels: ShownLabels,
    pub(super) subscribers: Subscribers,
    pub(super) outgoing: Outgoing,
    /// The list, if anybody asked since the last change and the last scan.
    pub(super) listed: Option<Frame>,
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
    found: Batches<Found>,
    reports: mpsc::Receiver<Report>,
    pub(super) errands: Errands,
    pub(super) watcher: Watcher,
    pub(super) exits: Exits,
    pub(super) next_scan: Instant,
    /// Who waits for the scan that runs, and who for the one after it.
    pub(super) scan_waiters: [Vec<oneshot::Sender<()>>; 2],
    pub(super) ready: Option<oneshot::Sender<()>>,
    /// When it is told at the latest, whatever hangs.
    pub(super) ready_by: Instant,
    /// Requests that wait until processes that just began were looked at.
    pub(super) postponed: Vec<(Request, Answer)>,
    /// When they are answered at the latest, from what is known then.
    pub(super) postponed_until: Instant,
    /// When new processes were last looked for.
    pub(super) looked_for_new: Instant,
    pub(super) config_dirs: BTreeSet<PathBuf>,
    ending: bool,
}

impl Hub {
    /// A hub that has seen nothing yet. `ready` is told when the first scan is complete.
    pub fn new(
        options: Options,
        settings: Settings,
        outgoing: Outgoing,
        inbox: (mpsc::Sender<Input>, mpsc::Receiver<Input>),
        ready: oneshot::Sender<()>,
    ) -> Hub {
        let (found_sender, found) = mpsc::unbounded_channel();
        let root = ProcRoot::new(&options.proc_root);
        let labels = LabelKeeper::start(LabelStore::new(options.paths.labels()));
        let mut watcher = Watcher::new();
        watcher.set(Interest::Labels, &[options.paths.labels()]);
        watcher.set(Interest::Config, &[options.paths.config()]);
        let (hub, inbox) = inbox;
        let (report_sender, reports) = mpsc::channel(inbox::CAPACITY);
        let desktop =
            desktop::spawn(options.desktop.clone(), careful::reader(&root), report_sender);
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
            errands: Errands::default(),
            labels,
            shown_labels: ShownLabels::default(),
            subscribers: Subscribers::new(outgoing.clone()),
            outgoing,
            listed: None,
            problems: BTreeMap::new(),
            inbox,
            found: Batches::new(found),
            reports,
            watcher,
            exits: Exits::new(),
            hub,
            next_scan: Instant::now(),
            scan_waiters: Default::default(),
            ready: Some(ready),
            ready_by: Instant::now() + READY_BY,
            postponed: Vec::new(),
            postponed_until: Instant::now(),
            looked_for_new: Instant::now(),
            config_dirs: options.claude_home.iter().cloned().collect(),
            options,
            ending: false,
        };
        hub.write_pid_file();
        hub.reload_labels();
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
                found = self.found.next(self.looks.is_backed_up()) => {
                    found.into_iter().for_each(|found| self.take_found(found));
                }
                Some(report) = self.reports.recv() => self.take_report(report),
                done = self.errands.next() => self.take_done(done),
                loaded = self.settings.loaded() => self.take_settings(loaded),
                touched = self.watcher.next() => self.take_touched(touched),
                ended = self.exits.next() => self.remove_all(ended),
                () = sleep_until(due.into()) => {}
            }
            self.step();
        }
        self.subscribers.close("vmuxd ends");
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
            Input::GoTo(process) => self.go_to(process),
            Input::Notifier(source, problem) => {
                self.note_problem(source, problem.map_or(Ok(()), Err));
            }
            Input::Reload => {
                self.reload_labels();
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
            self.listed = None;
            self.notifier.change(&change);
            self.follow_urgency(&change);
            self.subscribers.tell(change);
        }
    }
}
