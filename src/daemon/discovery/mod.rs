//! Who is looked at, and when: one inspector for each process, lent to the crew for each look.

pub mod current_read;
pub mod message;
pub mod scans;
pub mod schedule;
pub mod schedule_entry;
pub mod session_owners;

use super::blocking::thread_pool::{Crew, IfLost};
use super::clock;
use crate::claude::inspector::{Inspector, Surroundings};
use crate::claude::terminal_title::Title;
use crate::proc::ProcRoot;
use crate::proc::scan::Scanner;
use crate::session::Timestamp;
use crate::session::hook::HookReport;
use crate::session::process::{Candidate, ProcessId};
use crate::session::registry::observation::Sighting;
use message::Found;
use scans::Scans;
use schedule::Slots;
pub use schedule_entry::Cause;
use schedule_entry::{REINFORCE_AFTER, STALLED_AFTER, Slot};
use session_owners::Holders;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::mpsc;

/// So many looks that wait are many.
const MANY: usize = 8;

/// Every process that looks like a session, and its inspector.
pub struct Looks {
    crew: Crew,
    found: mpsc::UnboundedSender<Found>,
    root: ProcRoot,
    scans: Scans,
    slots: Slots,
    peers: Arc<[Arc<Candidate>]>,
    holders: Holders,
}

impl Looks {
    /// Nothing is looked at yet. What is found is sent to `found`.
    pub fn new(root: ProcRoot, found: mpsc::UnboundedSender<Found>) -> Looks {
        Looks {
            crew: Crew::new("vmux-files"),
            found,
            scans: Scans::new(root.clone()),
            root,
            slots: Slots::default(),
            peers: Arc::new([]),
            holders: Holders::default(),
        }
    }

    /// Begin a scan; false if one is running.
    pub fn scan(&mut self, at: Instant, now: Timestamp) -> bool {
        let begun = self.scans.begin(&self.crew, &self.found, at, now);
        // The thread that would do it may be lost.
        if !begun || self.scans.is_hindered() {
            self.crew.reinforce();
        }
        begun
    }

    /// A scan came back; false if it had been given up.
    pub fn is_scan_back(&mut self, number: u64, scanner: Box<Scanner>) -> bool {
        self.scans.is_back(number, scanner)
    }

    /// Give up a scan that hangs; true if it did, and another one is due.
    pub fn give_up_scan(&mut self, at: Instant) -> bool {
        let is_late = self.scans.due().is_some_and(|due| due <= at);
        let given_up = self.scans.give_up(at, &self.peers);
        if is_late {
            self.crew.reinforce();
        }
        given_up
    }

    /// What holds up scans, in one line.
    pub fn trouble(&self) -> Option<String> {
        self.scans.trouble()
    }

    /// Whether a scan should have begun while another one ran.
    pub fn take_missed_scan(&mut self) -> bool {
        self.scans.take_missed()
    }

    /// What a scan found: every process is looked at anew. Returns those that are gone.
    pub fn take_scan(&mut self, candidates: Vec<Arc<Candidate>>, at: Instant) -> Vec<ProcessId> {
        self.peers = candidates.clone().into();
        let slots = self.slots.all();
        let mut before = std::mem::take(slots);
        for subject in candidates {
            let id = subject.process.id;
            let mut slot = before.remove(&id).unwrap_or_else(|| Slot::new(&subject));
            slot.subject = subject;
            slot.due = Some(at);
            slots.insert(id, slot);
        }
        before.into_keys().collect()
    }

    /// The processes of the last scan.
    pub fn subjects(&self) -> &[Arc<Candidate>] {
        &self.peers
    }

    /// Session files in these directories name processes to look at, whatever those are called.
    pub fn set_session_dirs(&mut self, dirs: Vec<PathBuf>) {
        self.scans.set_dirs(dirs);
    }

    /// Something about `process` changed: look at it soon.
    pub fn touch(&mut self, process: ProcessId, cause: Cause, at: Instant) {
        self.slots.touch(process, cause, at);
    }

    /// Anything may have changed: look at all.
    pub fn touch_all(&mut self, at: Instant) {
        for slot in self.slots.all().values_mut() {
            slot.due = Some(at);
        }
    }

    /// The terminal of `process` has another title.
    pub fn title(&mut self, process: ProcessId, title: &str, seen: Timestamp, at: Instant) {
        if let Some(slot) = self.slots.get(process) {
            slot.title = Some(Title::new(title, seen, slot.title.as_ref()));
            self.touch(process, Cause::State, at);
        }
    }

    /// A hook of `process` reported.
    pub fn hook(&mut self, process: ProcessId, report: HookReport, at: Instant) {
        if let Some(slot) = self.slots.get(process) {
            slot.hook = Some(report).filter(HookReport::is_of_the_turn).or(slot.hook.take());
            self.touch(process, Cause::State, at);
        }
    }

    /// A look came back. What was seen, unless the process is gone by now.
    pub fn take_look(
        &mut self,
        process: ProcessId,
        inspector: Box<Inspector>,
        sighting: Option<&Sighting>,
    ) -> bool {
        let Some(slot) = self.slots.get(process) else { return false };
        slot.inspector = Some(inspector);
        slot.sent = None;
        slot.stalled = false;
        slot.again_at = sighting.and_then(|it| it.look_again_at);
        slot.is_told_by_file = sighting.is_some_and(|it| {
            it.is_decided_by_session_file() && it.verdict.state.reason().is_none()
        });
        self.holders.note(process, sighting);
        true
    }

    /// The inspector of `process` was lost. A new one looks with the next scan.
    pub fn replace(&mut self, process: ProcessId) {
        if let Some(slot) = self.slots.get(process) {
            let Slot { title, hook, .. } = slot;
            *slot = Slot { title: title.take(), hook: hook.take(), ..Slot::new(&slot.subject) };
        }
    }

    /// `process` ended.
    pub fn forget(&mut self, process: ProcessId) {
        self.slots.all().remove(&process);
        self.holders.forget(process);
    }

    /// When [`Looks::dispatch`] has something to do, at the time `at` = `now`.
    pub fn due(&mut self, at: Instant, now: Timestamp) -> Instant {
        let look = self.slots.due(at, now);
        self.scans.due().map_or(look, |scan| scan.min(look))
    }

    /// Look for the processes that have begun since the last scan. True if there may be any; then
    /// [`Found::New`] tells.
    pub fn scan_new(&mut self, at: Instant, now: Timestamp) -> bool {
        let begun = self.scans.begin_new(&self.crew, &self.found, at, now);
        if begun && self.scans.is_hindered() {
            self.crew.reinforce();
        }
        begun
    }

    /// These are new; they are looked at next.
    pub fn take_new(&mut self, new: Vec<Arc<Candidate>>, at: Instant) {
        if new.is_empty() {
            return;
        }
        self.peers = self.peers.iter().chain(&new).cloned().collect();
        for subject in new {
            let mut slot = Slot::new(&subject);
            slot.due = Some(at);
            self.slots.all().insert(subject.process.id, slot);
        }
    }

    /// Whether a scan runs.
    pub fn is_scanning(&self) -> bool {
        self.scans.is_running()
    }

    /// Whether many looks are still to come back.
    pub fn is_backed_up(&self) -> bool {
        self.crew.backlog() >= MANY
    }

    /// Whether nothing is being looked at, and nothing is due.
    pub fn is_quiet(&self, at: Instant) -> bool {
        !self.scans.is_finding_new() && self.slots.is_quiet(at)
    }

    /// Send off the looks whose time has come. Returns those whose files do not answer.
    pub fn dispatch(&mut self, at: Instant, now: Timestamp) -> Vec<Arc<Candidate>> {
        let mut stalled = Vec::new();
        let mut late = false;
        if !self.slots.is_any_due(at) {
            return stalled;
        }
        for (process, slot) in self.slots.all() {
            if let Some(sent) = slot.sent {
                late |= at >= sent + REINFORCE_AFTER;
                if !slot.stalled && at >= sent + STALLED_AFTER {
                    slot.stalled = true;
                    stalled.push(Arc::clone(&slot.subject));
                }
                continue;
            }
            if !slot.is_due(at, now) {
                continue;
            }
            let Some(mut inspector) = slot.inspector.take() else { continue };
            (slot.due, slot.again_at) = (None, None);
            (slot.sent, slot.last) = (Some(at), Some(at));
            let (process, subject) = (*process, Arc::clone(&slot.subject));
            let (title, hook) = (slot.title, slot.hook.clone());
            let (root, found) = (self.root.clone(), self.found.clone());
            let (peers, holders) = (Arc::clone(&self.peers), self.holders.clone());
            self.crew.run(move || {
                let _lost = IfLost(|| drop(found.send(Found::Lost(process))));
                let around = Surroundings {
                    peers: &peers,
                    claimed: &|id| holders.of_others(id, process),
                    children: &|| root.descendants(process.pid, clock::boot()),
                    title: title.as_ref(),
                    hook: hook.as_ref(),
                };
                // It may have waited for its turn.
                let now = clock::now();
                let sighting = inspector.look(&subject, &around, now).map(Box::new);
                let _ = found.send(Found::Look { process, inspector, sighting });
            });
        }
        if late {
            self.crew.reinforce();
        }
        stalled
    }
}
