//! The hub: one task that owns the registry. Everything that is observed and everything that is
//! asked passes through here, one after the other, and nothing here waits for a disk or a window
//! manager.

pub mod health;
pub mod message;
pub mod observations;
pub mod requests;
pub mod switch;
pub mod tick;

use super::blocking::batches::Batches;
use super::config_reload::Settings;
use super::desktop::proc_reader;
use super::desktop::switch_history::Tour;
use super::desktop::urgency_hints::Urgency;
use super::desktop::{self, Report};
use super::discovery::Looks;
use super::discovery::message::Found;
use super::labels::overlay::ShownLabels;
use super::labels::store::LabelStore;
use super::labels::writer::LabelKeeper;
use super::lifecycle::options::Options;
use super::notifier;
use super::server::frame::{Frame, Outgoing};
use super::server::subscribers::Subscribers;
use super::watch::pidfd::Exits;
use super::watch::{Interest, Watcher};
use crate::proc::ProcRoot;
use crate::protocol::request::Request;
use crate::session::registry::Registry;
use crate::session::registry::change::Change;
use health::Errands;
use message::{Answer, Input};
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
    pub(in crate::daemon) registry: Registry,
    pub(in crate::daemon) looks: Looks,
    pub(in crate::daemon) labels: LabelKeeper,
    pub(in crate::daemon) shown_labels: ShownLabels,
    pub(in crate::daemon) subscribers: Subscribers,
    pub(in crate::daemon) outgoing: Outgoing,
    /// The list, if anybody asked since the last change and the last scan.
    pub(in crate::daemon) listed: Option<Frame>,
    pub(in crate::daemon) desktop: desktop::Handle,
    pub(in crate::daemon) tour: Tour,
    pub(in crate::daemon) settings: Settings,
    pub(in crate::daemon) notifier: notifier::Handle,
    pub(in crate::daemon) urgency: Urgency,
    /// What ails vmuxd: who says so → one line.
    pub(in crate::daemon) problems: BTreeMap<&'static str, String>,
    /// Where tasks of the hub report to it.
    pub(in crate::daemon) hub: mpsc::Sender<Input>,
    pub(in crate::daemon) options: Options,
    inbox: mpsc::Receiver<Input>,
    found: Batches<Found>,
    reports: mpsc::Receiver<Report>,
    pub(in crate::daemon) errands: Errands,
    pub(in crate::daemon) watcher: Watcher,
    pub(in crate::daemon) exits: Exits,
    pub(in crate::daemon) next_scan: Instant,
    /// Who waits for the scan that runs, and who for the one after it.
    pub(in crate::daemon) scan_waiters: [Vec<oneshot::Sender<()>>; 2],
    pub(in crate::daemon) ready: Option<oneshot::Sender<()>>,
    /// When it is told at the latest, whatever hangs.
    pub(in crate::daemon) ready_by: Instant,
    /// Requests that wait until processes that just began were looked at.
    pub(in crate::daemon) postponed: Vec<(Request, Answer)>,
    /// When they are answered at the latest, from what is known then.
    pub(in crate::daemon) postponed_until: Instant,
    /// When new processes were last looked for.
    pub(in crate::daemon) looked_for_new: Instant,
    pub(in crate::daemon) config_dirs: BTreeSet<PathBuf>,
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
        let (report_sender, reports) = mpsc::channel(message::CAPACITY);
        let desktop =
            desktop::spawn(options.desktop.clone(), proc_reader::reader(&root), report_sender);
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
    pub(in crate::daemon) fn scan_for(&mut self, done: oneshot::Sender<()>) {
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
    pub(in crate::daemon) fn end(&mut self) {
        self.ending = true;
    }

    /// Keep what is wrong with `source` for those who ask, and log it when it is new.
    pub(in crate::daemon) fn note_problem<T>(
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

    pub(in crate::daemon) fn tell(&mut self, change: Option<Change>) {
        if let Some(change) = change {
            self.listed = None;
            self.notifier.change(&change);
            self.follow_urgency(&change);
            self.subscribers.tell(change);
        }
    }
}
