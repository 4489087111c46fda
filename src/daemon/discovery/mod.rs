//! Which processes are sessions, and when each is inspected: one inspector for each process, lent to
//! a worker thread for each inspection.

pub mod candidates;
pub mod current_read;
pub mod message;
pub mod scans;
pub mod schedule;
pub mod schedule_entry;
pub mod screen_read;
pub mod screens;
pub mod servers;
pub mod session_owners;
pub mod worker;

use super::blocking::batches::{LaneSenders, Pause};
use super::blocking::thread_pool::ThreadPool;
use super::blocking::{ADD_WORKER_AFTER, STALLED_AFTER};
use super::clock::Now;
use super::desktop::proc_reader::TimedProcReader;
use crate::claude::inspector::Inspector;
use crate::claude::process::terminal_title::Title;
use crate::proc::ProcRoot;
use crate::session::Timestamp;
use crate::session::hook::HookReport;
use crate::session::process::{Candidate, ProcessId};
use crate::session::registry::observation::Observation;
use current_read::CurrentRead;
use message::WorkerResult;
use scans::Scans;
use schedule::Schedule;
use schedule_entry::{Cause, ScheduleEntry};
use session_owners::SessionOwners;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;
use worker::InspectionJob;

/// While more inspections than this that cannot wait are under way, no single one is waited for: their
/// results are received in batches.
const MAX_URGENT: usize = 8;

/// Every process that looks like a session, with its inspector.
pub struct Inspections {
    pool: ThreadPool,
    results: LaneSenders<WorkerResult>,
    root: ProcRoot,
    /// Reads what may hang: the arguments and the environment of a process.
    reader: TimedProcReader,
    scans: Scans,
    schedule: Schedule,
    /// The processes of the last scan, and those that were found since.
    candidates: Arc<[Arc<Candidate>]>,
    /// Those of them that are teammates of another session.
    teammates: Arc<[Arc<Candidate>]>,
    owners: SessionOwners,
    /// The processes whose inspection runs and cannot wait.
    urgent: HashSet<ProcessId>,
    /// How many jobs of `pool` had ended, and when that was seen first. While none ends, those that wait
    /// may wait for threads that are lost.
    ended: Option<(u64, Instant)>,
}

impl Inspections {
    /// No process is known yet. Threads of `pool` send what they find to `results`; those of
    /// `proc_pool` read processes that may hang.
    pub fn new(
        root: ProcRoot,
        pool: ThreadPool,
        proc_pool: ThreadPool,
        results: LaneSenders<WorkerResult>,
    ) -> Inspections {
        Inspections {
            scans: Scans::new(root.clone(), pool.clone(), results.soon.clone()),
            pool,
            results,
            reader: TimedProcReader::new(root.clone(), proc_pool),
            root,
            schedule: Schedule::default(),
            candidates: Arc::new([]),
            teammates: Arc::new([]),
            owners: SessionOwners::default(),
            urgent: HashSet::new(),
            ended: None,
        }
    }

    /// Where `/proc` is.
    pub fn root(&self) -> &ProcRoot {
        &self.root
    }

    /// Begins the scan that is due since `due`, the next one at `next`; false if another one is running.
    pub fn begin_scan(&mut self, due: Instant, next: Instant, now: Now) -> bool {
        let has_begun = self.scans.begin(due, next, now);
        // The thread that is to do it may hang.
        if !has_begun || self.scans.is_hindered() {
            self.pool.add_worker();
        }
        has_begun
    }

    /// Begins to look for processes that began since the last scan, and the one that a session file has
    /// `named`; true if there may be any. Then a [`WorkerResult::ScanOfNew`] follows.
    pub fn begin_scan_of_new(&mut self, named: Option<u32>, now: Now) -> bool {
        let is_known = |pid: &u32| self.candidates.iter().any(|it| it.process.id.pid == *pid);
        let has_begun = self.scans.begin_new(named.filter(|pid| !is_known(pid)), now);
        if has_begun && self.scans.is_hindered() {
            self.pool.add_worker();
        }
        has_begun
    }

    /// Gives up a scan that hangs; true if it did, and another one is due.
    pub fn give_up_scan(&mut self, now: Instant) -> bool {
        let is_late = self.scans.due().is_some_and(|due| due <= now);
        let is_given_up = self.scans.give_up(now, &self.candidates);
        if is_late {
            self.pool.add_worker();
        }
        is_given_up
    }

    /// The scan that runs, and what holds up scans.
    pub fn scans(&self) -> &Scans {
        &self.scans
    }

    /// The same, to end a scan or prepare one.
    pub fn scans_mut(&mut self) -> &mut Scans {
        &mut self.scans
    }

    /// The processes of the last scan, and those that were found since.
    pub fn candidates(&self) -> &Arc<[Arc<Candidate>]> {
        &self.candidates
    }

    /// Whether any process owns this session.
    pub fn is_owned(&self, session_id: &str) -> bool {
        self.owners.owner_of(session_id).is_some()
    }

    /// Session files in these directories name processes that are candidates whatever their name is.
    pub fn set_session_dirs(&mut self, dirs: Vec<PathBuf>) {
        self.scans.set_dirs(dirs);
    }

    /// Something about `process` changed: inspect it soon.
    pub fn mark_dirty(&mut self, process: ProcessId, cause: Cause, now: Instant) {
        self.schedule.mark_dirty(process, cause, now);
    }

    /// The terminal of `process` has shown this title since `seen`.
    pub fn set_title(&mut self, process: ProcessId, title: &str, seen: Timestamp, now: Instant) {
        if let Some(entry) = self.schedule.get(process) {
            entry.title = Some(Title::new(title, seen, entry.title.as_ref()));
            self.mark_dirty(process, Cause::State, now);
        }
    }

    /// A hook of `process` reported.
    pub fn add_hook_report(&mut self, process: ProcessId, report: HookReport, now: Instant) {
        if let Some(entry) = self.schedule.get(process) {
            entry.hooks.add(report);
            self.mark_dirty(process, Cause::State, now);
        }
    }

    /// An inspection returned; false if its process is gone by now, and what was seen does not count.
    pub fn end_inspection(
        &mut self,
        process: ProcessId,
        inspector: Box<Inspector>,
        observation: Option<&Observation>,
        now: Instant,
    ) -> bool {
        self.urgent.remove(&process);
        if self.urgent.is_empty() {
            // At the start all are urgent at once.
            self.urgent = HashSet::new();
        }
        let Some(entry) = self.schedule.get(process) else { return false };
        entry.inspector = Some(inspector);
        entry.dispatched = None;
        entry.is_stalled = false;
        entry.is_watched = observation.is_some_and(|it| it.is_watched);
        entry.is_suspended = observation.is_some_and(|it| it.suspended);
        entry.screen.may_tell = observation.is_some_and(|it| it.screen_due.is_some());
        entry.recheck_at = observation.and_then(|it| it.look_again_at);
        entry.is_decided_by_file = observation.is_some_and(Observation::may_transcript_wait);
        if observation.is_some_and(|it| it.polls_transcript) {
            entry.mark_dirty(Cause::Content, now);
        }
        self.owners.set(process, observation);
        true
    }

    /// The inspector of `process` was lost by a panic. A new one inspects it with the next scan.
    pub fn replace_inspector(&mut self, process: ProcessId) {
        self.urgent.remove(&process);
        if let Some(entry) = self.schedule.get(process) {
            let ScheduleEntry { title, hooks, queued, .. } = entry;
            let (title, hooks, queued) = (title.take(), std::mem::take(hooks), *queued);
            *entry = ScheduleEntry { title, hooks, queued, ..ScheduleEntry::new(&entry.candidate) };
        }
    }

    /// When [`Inspections::dispatch`] or [`Inspections::give_up_scan`] has something to do.
    pub fn due(&mut self, now: Now) -> Option<Instant> {
        self.scans.due().into_iter().chain(self.schedule.due(now)).min()
    }

    /// Which results may be received in batches, while more are to come.
    pub fn pause(&self) -> Pause {
        match self.pool.backlog() {
            0 => Pause::None,
            _ if self.urgent.len() > MAX_URGENT => Pause::All,
            _ => Pause::Later,
        }
    }

    /// Whether every known process is inspected, as far as its files answer.
    pub fn is_settled(&self, now: Instant) -> bool {
        !self.scans.is_finding_new() && self.schedule.is_settled(now)
    }

    /// Dispatches the inspections that are due. Returns the processes whose files have just turned
    /// out not to answer.
    pub fn dispatch(&mut self, now: Now) -> Vec<Arc<Candidate>> {
        let mut stalled = Vec::new();
        let due = self.schedule.all_due(now);
        if due.is_empty() {
            return stalled;
        }
        let is_late = self
            .schedule
            .first_dispatched()
            .is_some_and(|it| it + ADD_WORKER_AFTER <= now.monotonic);
        let count = self.pool.ended();
        let ended = self.ended.filter(|(before, _)| *before == count);
        let (_, at) = *self.ended.insert(ended.unwrap_or((count, now.monotonic)));
        let may_begin = self.pool.is_starved() || now.monotonic < at + STALLED_AFTER;
        for process in due {
            let Some(entry) = self.schedule.get(process) else { continue };
            if entry.dispatched.is_some() {
                if entry.check_read(may_begin, now.monotonic) {
                    self.urgent.remove(&process);
                    stalled.push(Arc::clone(&entry.candidate));
                }
                continue;
            }
            if !entry.is_due(now) && !entry.may_come_early(now) {
                continue;
            }
            let Some(inspector) = entry.inspector.take() else { continue };
            let can_wait = entry.can_wait && entry.recheck_at.is_none_or(|then| now.wall < then);
            (entry.due, entry.recheck_at) = (None, None);
            entry.dispatched = Some(now.monotonic);
            entry.current_read = CurrentRead::default();
            entry.last_dispatched = Some(now.monotonic);
            let is_unreadable = entry.candidate.is_unreadable();
            let job = InspectionJob {
                session_dirs: if is_unreadable { self.scans.dirs() } else { Vec::new() },
                candidate: Arc::clone(&entry.candidate),
                inspector,
                title: entry.title,
                screen: entry.screen.seen.clone(),
                hooks: entry.hooks.clone(),
                candidates: Arc::clone(&self.candidates),
                teammates: Arc::clone(&self.teammates),
                owners: self.owners.clone(),
                root: self.root.clone(),
                reader: self.reader.clone(),
                current_read: entry.current_read.clone(),
                results: if can_wait { &self.results.later } else { &self.results.soon }.clone(),
            };
            match can_wait {
                true => self.pool.run_later(move || job.run()),
                false => {
                    self.urgent.insert(process);
                    self.pool.run(move || job.run());
                }
            }
        }
        if is_late {
            self.pool.add_worker();
        }
        stalled
    }
}
