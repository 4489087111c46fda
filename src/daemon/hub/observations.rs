//! What the hub does with observations: scans, inspections, changed files, ended processes, the
//! desktop.

use super::Hub;
use super::problems::ProblemSource;
use super::timer::SCAN_INTERVAL_WITHOUT_INOTIFY;
use crate::daemon::blocking::pending::{PendingCall, hang_message};
use crate::daemon::clock::Now;
use crate::daemon::desktop::message::{DesktopReport, TrackedSession};
use crate::daemon::discovery::message::WorkerResult;
use crate::daemon::discovery::schedule_entry::Cause;
use crate::daemon::discovery::worker::named_process;
use crate::daemon::lifecycle::config_reload::EDIT_PAUSE;
use crate::daemon::watch::interest::Interest;
use crate::daemon::watch::processes::ProcessEvent;
use crate::daemon::watch::watchers::WatchNews;
use crate::session::info::SessionInfo;
use crate::session::key::SessionKey;
use crate::session::process::{Candidate, ProcessId};
use crate::session::registry::observation::Observation;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long after the first file of a burst a scan of all processes begins.
const SCAN_DELAY: Duration = Duration::from_millis(20);

impl Hub {
    /// Worker threads have scanned or inspected.
    pub(super) fn take_worker_results(&mut self, results: Vec<WorkerResult>, now: Now) {
        for result in results {
            self.take_worker_result(result, now);
        }
    }

    fn take_worker_result(&mut self, result: WorkerResult, now: Now) {
        match result {
            WorkerResult::Scan { number, scanner, candidates, ended, listeners } => {
                let begun = self.inspections.scans().began_itself_at(number);
                // An earlier one may have been asked for, which is still to come.
                if let Some(begun) = begun.filter(|it| *it == self.next_scan) {
                    self.note_scan(begun, now);
                }
                if !self.inspections.scans_mut().end(number, scanner) {
                    return self.take_late_scan(now);
                }
                let candidates = candidates.map_err(|error| {
                    format!("cannot scan {}: {error}", self.options.proc_root.display())
                });
                if let Some(candidates) = self.problems.check(ProblemSource::Scan, candidates) {
                    let at = now.monotonic;
                    let inspect_all = std::mem::take(&mut self.inspect_all)
                        || !self.scan_waiters[0].is_empty()
                        || !self.watcher.is_complete(at);
                    let gone = self.inspections.replace_candidates(candidates, inspect_all, at);
                    self.remove_processes(gone, now);
                }
                if !ended.is_empty() {
                    self.desktop.note_ended(ended);
                }
                self.place_sessions(now);
                self.server_scans.note_listeners(listeners, now.monotonic);
                self.follow_scan(now);
            }
            WorkerResult::ScanOfNew { number, scanner, candidates } => {
                if !self.inspections.scans_mut().end(number, scanner) {
                    return self.take_late_scan(now);
                }
                self.inspections.add_candidates(candidates, now.monotonic);
                self.follow_scan(now);
            }
            WorkerResult::Servers { scanner, found } => {
                self.take_servers(scanner, found);
            }
            WorkerResult::Screen(process, read) => {
                self.inspections.end_screen_read(process, read, now.monotonic);
            }
            WorkerResult::Panicked(process) => self.inspections.replace_inspector(process),
            WorkerResult::Inspection { process, inspector, observation } => {
                if self.inspections.end_inspection(
                    process,
                    inspector,
                    observation.as_deref(),
                    now.monotonic,
                ) {
                    let screen_due = observation.as_ref().and_then(|it| it.screen_due);
                    if screen_due.is_some_and(|at| at <= now.wall) {
                        self.inspections.read_screen(process, &self.desktop, now.wall);
                    }
                    match observation {
                        Some(observation) => self.apply(*observation, now),
                        None => self.remove_session(process, now),
                    }
                }
            }
        }
    }

    /// A scan has ended: another one is due if it was asked for meanwhile.
    fn follow_scan(&mut self, now: Now) {
        self.report_hanging_scan();
        if self.inspections.scans_mut().take_missed() || !self.scan_waiters[1].is_empty() {
            self.next_scan = now.monotonic;
        }
        if self.next_scan > now.monotonic {
            let next = self.next_scan + self.interval();
            self.inspections.scans_mut().prepare(self.next_scan, next);
        }
    }

    /// A scan has ended that had been given up. What it hung on answers now, and the scans since
    /// then have left it out.
    fn take_late_scan(&mut self, now: Now) {
        self.report_hanging_scan();
        self.next_scan = now.monotonic;
    }

    /// Reports what holds up scans, or that nothing does.
    pub(super) fn report_hanging_scan(&mut self) {
        self.problems.set(ProblemSource::HangingScan, self.inspections.scans().problem());
    }

    /// Has the desktop task place all candidates.
    fn place_sessions(&mut self, now: Now) {
        let name = |process| {
            self.registry.get(SessionKey::from(process)).and_then(|it| it.details.name.clone())
        };
        let session = |it: &Arc<Candidate>| TrackedSession {
            title: name(it.process.id),
            ..it.as_ref().into()
        };
        self.desktop.set_sessions(self.tracked.of(self.inspections.candidates(), session));
        // Nobody else waits until they are placed.
        if self.ready.is_some() || !self.scan_waiters[0].is_empty() {
            self.pending.places = Some(PendingCall::of(now.monotonic, self.desktop.focused()));
        }
    }

    /// The desktop task reports.
    pub(super) fn take_desktop_report(&mut self, report: DesktopReport, now: Now) {
        match report {
            DesktopReport::Places(places) => {
                for (process, place) in places {
                    let change = self.registry.set_place(process.into(), place);
                    self.publish(change);
                }
            }
            DesktopReport::Focused(focused) => {
                self.switch_history.note_focus_report();
                let session = focused.process.map(SessionKey::from);
                let change = self.registry.set_focus(session);
                self.notifier.send_focus(session);
                if let Some(session) = session {
                    self.urgency_hints.visit(session);
                }
                self.publish(change);
            }
            DesktopReport::Title { process, title, at } => {
                self.inspections.set_title(process, &title, at, now.monotonic);
            }
            DesktopReport::Status(status) => self.problems.set_desktop(&status),
        }
    }

    /// A session was seen. A new name, its title, may tell where: each scan looks for that.
    fn apply(&mut self, observation: Observation, now: Now) {
        let process = observation.process;
        let known = self.registry.get(process.into());
        if known.is_some_and(|it| it.details.name != observation.details.name) {
            self.next_scan = now.monotonic;
        }
        self.watcher.set(Interest::Session(process), &observation.watch, now.monotonic);
        if self.options.proc_root.as_os_str() == "/proc" {
            self.process_watcher.wait(process);
        }
        let dir = observation.details.config_dir.as_ref();
        if let Some(dir) = dir.filter(|it| !self.config_dirs.contains(&***it)) {
            self.config_dirs.insert(dir.to_path_buf());
            self.watch_new_sessions(now);
        }
        let seen = self.registry.apply(observation, now.wall);
        if let Some((session_id, label)) = seen.carried {
            self.carry_label(session_id, label);
        }
        self.publish(seen.change);
    }

    /// The files of a session do not answer. It is shown all the same, even if they never did.
    pub(super) fn mark_unreadable(&mut self, candidate: &Candidate, now: Now) {
        let session = SessionKey::from(candidate.process.id);
        if self.registry.get(session).is_none() {
            let observation = Observation::of_nothing_but(candidate, now.wall);
            let seen = self.registry.apply(observation, now.wall);
            self.publish(seen.change);
        }
        let change = self.registry.mark_unreadable(session, now.wall);
        self.publish(change);
    }

    /// A process is not a session, or not any more.
    fn remove_session(&mut self, process: ProcessId, now: Now) {
        self.watcher.set(Interest::Session(process), &[], now.monotonic);
        let change = self.registry.remove(process.into());
        self.publish(change);
    }

    /// Processes have ended, or written to their terminals.
    pub(super) fn take_process_event(&mut self, event: ProcessEvent, now: Now) {
        match event {
            ProcessEvent::Ended(ended) => self.remove_processes(ended, now),
            ProcessEvent::Output(events) => {
                let written = self.process_watcher.written(&events, now.monotonic);
                self.inspections.note_output(&written, &self.desktop, now);
            }
        }
    }

    /// These processes have ended.
    pub(super) fn remove_processes(&mut self, ended: Vec<ProcessId>, now: Now) {
        self.server_scans.note_ended(&ended, now.monotonic);
        for process in ended {
            self.inspections.forget(process, now.monotonic);
            self.process_watcher.forget(process);
            self.remove_session(process, now);
            self.registry.set_place(process.into(), None);
        }
    }

    /// Watched files have changed, or watches were registered.
    pub(super) fn take_watch_event(&mut self, news: WatchNews, now: Now) {
        let changes = self.watcher.take(news, now.monotonic);
        if changes.is_overflow {
            log::debug!("inotify: events were lost");
            self.next_scan = now.monotonic;
            self.inspect_all = true;
        }
        for (interest, name) in changes.files {
            log::debug!("changed: {interest}");
            self.take_file_change(interest, &name, now);
        }
        self.report_watcher(now.monotonic);
    }

    fn take_file_change(&mut self, interest: Interest, name: &OsStr, now: Now) {
        match interest {
            Interest::Session(process) if self.is_of_another_session(process, name) => {}
            Interest::Session(process) => {
                // A session file, or a directory that appeared or vanished; all other files are logs.
                let name = name.as_encoded_bytes();
                let is_state = name.is_empty() || name.ends_with(b".json");
                let cause = if is_state { Cause::State } else { Cause::Content };
                self.inspections.mark_dirty(process, cause, now.monotonic);
            }
            // Without a name, the directory has appeared, or is watched only now.
            Interest::NewSessions if !name.is_empty() && self.knows_session_file(name) => {}
            Interest::NewSessions => {
                self.inspections.begin_scan_of_new(named_process(name), now);
                self.next_scan = self.next_scan.min(now.monotonic + SCAN_DELAY);
            }
            Interest::Labels => self.reload_labels(now),
            Interest::Socket => self.check_socket(now),
            Interest::Config => self.config.reload(EDIT_PAUSE, now.monotonic),
        }
    }

    /// Whether this is the transcript of another session, in a directory in which every name matters.
    fn is_of_another_session(&self, process: ProcessId, name: &OsStr) -> bool {
        let Some(id) = name.to_str().and_then(|it| it.strip_suffix(".jsonl")) else { return false };
        let is_its = |it: &SessionInfo| it.session_id.as_deref() == Some(id);
        !self.registry.get(process.into()).is_some_and(is_its) && self.inspections.is_owned(id)
    }

    /// Whether this file belongs to a session that is known already, or to none.
    fn knows_session_file(&self, name: &OsStr) -> bool {
        named_process(name).is_none_or(|pid| self.registry.has_pid(pid))
    }

    /// Watches the directories in which session files of new sessions appear.
    pub(super) fn watch_new_sessions(&mut self, now: Now) {
        let dirs: Vec<PathBuf> = self.config_dirs.iter().map(|dir| dir.join("sessions")).collect();
        let every_name = Vec::from_iter(dirs.iter().map(|dir| dir.join("").into()));
        self.watcher.set(Interest::NewSessions, &every_name, now.monotonic);
        self.inspections.set_session_dirs(dirs);
        self.report_watcher(now.monotonic);
    }

    fn report_watcher(&mut self, now: Instant) {
        let problem = self.watcher.problem().map(str::to_owned);
        if problem.is_some() {
            self.next_scan = self.next_scan.min(now + SCAN_INTERVAL_WITHOUT_INOTIFY);
        }
        self.problems.set(ProblemSource::Inotify, problem);
        let hanging = self.watcher.hanging(now);
        let problem = hanging.map(|path| hang_message(path, "only scans tell of changes"));
        self.problems.set(ProblemSource::HangingWatch, problem);
    }
}
