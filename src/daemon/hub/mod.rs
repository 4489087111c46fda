//! The hub: one task that owns the registry. Everything that is observed and everything that is asked
//! reaches it as a [`HubEvent`], one after the other, and nothing here waits for a disk or a window
//! manager.
//!
//! The hub reads the clock once a turn; the rest of it is told the time. Its fields are private to
//! this folder: what else there is in vmuxd are values that the hub holds, and tasks that send it
//! events.

pub mod config;
pub mod effects;
pub mod event;
pub mod labels;
pub mod observations;
pub mod pending_calls;
pub mod presence;
pub mod problems;
pub mod requests;
pub mod timer;
pub mod unseen;

use super::blocking::batches::{Lanes, lanes};
use super::blocking::thread_pool::ThreadPool;
use super::blocking::threads::Threads;
use super::clock::{Alarm, Now};
use super::desktop::message::{DesktopReport, TrackedList};
use super::desktop::switch_history::SwitchHistory;
use super::desktop::urgency_hints::UrgencyHints;
use super::desktop::{self, DesktopHandle, proc_reader};
use super::discovery::Inspections;
use super::discovery::message::WorkerResult;
use super::discovery::servers::ServerScans;
use super::home::labels::overlay::LabelOverlay;
use super::home::labels::store::LabelStore;
use super::home::labels::writer::LabelWriter;
use super::hosts::Hosts;
use super::lifecycle::{config_reload::ConfigState, instance::InstanceError, options::Options};
use super::notify::notifier::NotifierHandle;
use super::server::frame::SendBudget;
use super::server::frame_cache::FrameCache;
use super::server::subscribers::Subscribers;
use super::watch::interest::Interest;
use super::watch::processes::ProcessWatcher;
use super::watch::watchers::Watchers;
use crate::proc::ProcRoot;
use crate::session::registry::Registry;
use event::HubEvent;
use pending_calls::PendingCalls;
use presence::Presence;
use problems::Problems;
use requests::Postponed;
use requests::hook::prompts::Prompts;
use requests::start::known::{Bequest, Starts};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use unseen::SavedUnseen;

/// When vmuxd is ready at the latest, counted from when it has its socket and its configuration; a
/// client that starts it waits 5 s.
const READY_WITHIN: Duration = Duration::from_secs(3);

/// What a hub is made of.
pub struct HubParts {
    /// The command line and the environment.
    pub options: Options,
    /// The configuration in force.
    pub config: ConfigState,
    /// What makes this vmuxd the one of its home.
    pub presence: Presence,
    /// All threads.
    pub threads: Threads,
    /// Those for files.
    pub pool: ThreadPool,
    /// Where frames are counted.
    pub budget: SendBudget,
    /// Through this, events reach the hub.
    pub channel: (mpsc::Sender<HubEvent>, mpsc::Receiver<HubEvent>),
    /// Told when the first scan is complete.
    pub ready: oneshot::Sender<()>,
}

/// The one owner of all that vmuxd knows.
pub struct Hub {
    registry: Registry,
    inspections: Inspections,
    server_scans: ServerScans,
    labels: LabelWriter,
    label_overlay: LabelOverlay,
    subscribers: Subscribers,
    budget: SendBudget,
    frames: FrameCache,
    desktop: DesktopHandle,
    switch_history: SwitchHistory,
    config: ConfigState,
    notifier: NotifierHandle,
    urgency_hints: UrgencyHints,
    hosts: Hosts,
    problems: Problems,
    options: Options,
    presence: Presence,
    unseen: SavedUnseen,
    prompts: Prompts,
    starts: Starts,
    threads: Threads,
    /// Threads for files.
    pool: ThreadPool,
    /// When threads that could not be started are tried again.
    retry_threads_at: Option<Instant>,
    /// Where the tasks that the hub starts send events.
    sender: mpsc::Sender<HubEvent>,
    receiver: mpsc::Receiver<HubEvent>,
    worker_results: Lanes<WorkerResult>,
    desktop_reports: mpsc::Receiver<DesktopReport>,
    pending: PendingCalls,
    watcher: Watchers,
    process_watcher: ProcessWatcher,
    tracked: TrackedList,
    next_scan: Instant,
    alarm: Alarm,
    /// Whether the next scan is to have all sessions inspected: changes of files were missed.
    inspect_all: bool,
    /// Who waits for the scan that runs, and who for the one after it.
    scan_waiters: [Vec<oneshot::Sender<()>>; 2],
    /// Told once when vmuxd is ready.
    ready: Option<oneshot::Sender<()>>,
    /// When it is told at the latest, whatever hangs.
    ready_by: Instant,
    postponed: Postponed,
    /// The configuration directories of Claude Code that are known.
    config_dirs: BTreeSet<PathBuf>,
    /// When to give back the memory that only the start needed.
    settles_at: Option<Instant>,
    is_ending: bool,
}

impl Hub {
    /// A hub that has seen nothing yet.
    pub fn new(parts: HubParts, now: Now) -> Hub {
        let HubParts { options, config, presence, threads, pool, budget, channel, ready } = parts;
        let (sender, receiver) = channel;
        let (worker_senders, worker_results) = lanes(now.monotonic);
        let (report_sender, desktop_reports) = mpsc::channel(event::CAPACITY);
        let root = ProcRoot::new(&options.proc_root);
        let lock = Some(presence.home.clone());
        let proc_pool = threads.pool("vmux-proc");
        let reader = proc_reader::reader(&root, proc_pool.clone());
        let desktop = desktop::spawn(options.desktop.clone(), reader, report_sender, now);
        Hub {
            registry: Registry::default(),
            server_scans: ServerScans::new(
                &root,
                pool.clone(),
                proc_pool.clone(),
                worker_senders.soon.clone(),
            ),
            inspections: Inspections::new(root, pool.clone(), proc_pool, worker_senders),
            labels: LabelWriter::start(LabelStore::new(options.paths.labels(), lock), pool.clone()),
            label_overlay: LabelOverlay::default(),
            subscribers: Subscribers::new(budget.clone()),
            prompts: Prompts::new(now.wall, budget.clone()),
            starts: Starts::default(),
            budget,
            frames: FrameCache::default(),
            desktop,
            switch_history: SwitchHistory::default(),
            config,
            notifier: NotifierHandle::default(),
            urgency_hints: UrgencyHints::default(),
            hosts: Hosts::new(),
            problems: Problems::default(),
            sender,
            receiver,
            worker_results,
            desktop_reports,
            pending: PendingCalls::default(),
            watcher: Watchers::new(&threads.pool("vmux-watch")),
            process_watcher: ProcessWatcher::default(),
            tracked: TrackedList::default(),
            next_scan: now.monotonic,
            alarm: Alarm::unset(),
            inspect_all: false,
            scan_waiters: Default::default(),
            ready: Some(ready),
            ready_by: now.monotonic + READY_WITHIN,
            postponed: Postponed::default(),
            config_dirs: options.claude_home.iter().cloned().collect(),
            options,
            presence,
            unseen: SavedUnseen::default(),
            threads,
            pool,
            retry_threads_at: None,
            settles_at: Some(now.monotonic + timer::SETTLES_AFTER),
            is_ending: false,
        }
    }

    /// Runs until a signal or a client asks for the end. Errors: this vmuxd is not the one any more.
    pub async fn run(mut self) -> Result<Bequest, InstanceError> {
        let mut event = HubEvent::Started;
        let ended = loop {
            let now = Now::read();
            log::debug!("{event}");
            self.handle_event(event, now);
            self.do_what_is_due(now);
            if self.is_ending {
                break now;
            }
            event = self.next_event(now).await;
        };
        self.subscribers.close("vmuxd ends");
        let bequest = (self.unseen_at_end(), self.record_at_end(ended));
        self.presence.lost.map_or(Ok(bequest), Err)
    }

    /// Waits for the next event. `now` is when the last one was handled.
    async fn next_event(&mut self, now: Now) -> HubEvent {
        let due = self.due(now);
        let pause = self.inspections.pause();
        tokio::select! {
            biased;
            event = self.receiver.recv() => event.unwrap_or(HubEvent::ShutdownRequested),
            Some(report) = self.desktop_reports.recv() => HubEvent::Desktop(report),
            event = self.pending.next() => event,
            event = self.presence.next() => event,
            event = self.unseen.next() => event,
            event = self.starts.next() => event,
            loaded = self.config.loaded() => HubEvent::ConfigRead(loaded.map(Box::new)),
            event = self.watcher.next() => HubEvent::Watch(event),
            results = self.worker_results.next(pause, now.monotonic) => {
                HubEvent::WorkerResults(results)
            }
            report = self.hosts.next() => HubEvent::Host(report),
            event = self.process_watcher.next() => HubEvent::Process(event),
            () = self.threads.failed() => HubEvent::ThreadMissing,
            () = self.alarm.reached(due) => HubEvent::Timer,
        }
    }

    fn handle_event(&mut self, event: HubEvent, now: Now) {
        match event {
            HubEvent::Started => self.start(now),
            HubEvent::Request(request, reply) => self.handle_request(request, reply, now),
            HubEvent::SwitchEnded(end) => self.end_switch(*end, now),
            HubEvent::LabelWritten(outcome, reply) => self.end_label(outcome, reply),
            HubEvent::LabelsRead(outcome) => self.take_labels(outcome),
            HubEvent::ConfigRead(loaded) => self.take_config(loaded.map(|it| *it), now),
            HubEvent::UnseenRead(read) => self.take_unseen(read, now),
            HubEvent::UnseenWritten(written) => self.take_unseen_written(written),
            HubEvent::RecordRead(read) => self.take_record(read),
            HubEvent::RecordWritten(written) => self.take_record_written(written),
            HubEvent::PidFileWritten(result) => self.take_pid_file(result),
            HubEvent::WorkerResults(results) => self.take_worker_results(results, now),
            HubEvent::Desktop(report) => self.take_desktop_report(report, now),
            HubEvent::ThreadMissing => self.retry_threads(now),
            HubEvent::SessionsPlaced | HubEvent::Timer => {}
            HubEvent::Host(report) => self.take_host_report(report),
            HubEvent::FarReplied(replied) => self.end_far_request(*replied),
            HubEvent::Watch(event) => self.take_watch_event(event, now),
            HubEvent::Process(event) => self.take_process_event(event, now),
            HubEvent::NotificationClicked { session, attach } => {
                self.switch_to_clicked(session, attach, now)
            }
            HubEvent::NotificationSnoozed(session) => self.snooze_notified(session, now),
            HubEvent::NotificationAnswered { session, prompt, allow } => {
                self.answer_notified(session, prompt, allow, now)
            }
            HubEvent::HookEnded(prompt) => self.take_hook_end(&prompt),
            HubEvent::ProblemReported(source, problem) => self.problems.set(source, problem),
            HubEvent::HomeChecked(check) => self.take_home_check(check, now),
            HubEvent::SocketChecked(check) => self.take_socket_check(check),
            HubEvent::ReloadRequested => {
                self.reload_labels(now);
                self.config.reload(Duration::ZERO, now.monotonic);
            }
            HubEvent::ShutdownRequested => self.is_ending = true,
        }
    }

    /// The first turn of the loop.
    fn start(&mut self, now: Now) {
        let at = now.monotonic;
        self.ready_by = at + READY_WITHIN;
        let paths = &self.options.paths;
        self.watcher.set(Interest::Labels, &[paths.labels().into()], at);
        self.watcher.set(Interest::Config, &[paths.config().into()], at);
        self.watcher.set(Interest::Socket, &[paths.socket.as_path().into()], at);
        self.report_config();
        self.write_pid_file(now);
        self.reload_labels(now);
        self.read_unseen(now);
        self.read_record(now);
        self.configure_desktop();
        self.configure_notifier(now);
        self.configure_hosts(now);
        self.watch_new_sessions(now);
    }
}
