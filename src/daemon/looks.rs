//! Who is looked at, and when: one inspector for each process, lent to the crew for each look.

use super::clock;
use super::crew::Crew;
pub use super::slot::Cause;
use super::slot::{REINFORCE_AFTER, STALLED_AFTER, Slot};
use crate::claude::candidate;
use crate::claude::inspector::{Inspector, Surroundings};
use crate::proc::ProcRoot;
use crate::proc::scan::{Scanner, Sieve};
use crate::session::Timestamp;
use crate::session::hook::HookReport;
use crate::session::process::{Candidate, ProcessId};
use crate::session::sighting::Sighting;
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::mpsc;

/// What comes back from the crew.
pub enum Found {
    /// The processes that look like sessions.
    Scan {
        /// The scanner, for the next time.
        scanner: Box<Scanner>,
        /// What it found.
        candidates: io::Result<Vec<Candidate>>,
    },
    /// A look at one session.
    Look {
        /// Which one.
        process: ProcessId,
        /// Its inspector, for the next time.
        inspector: Box<Inspector>,
        /// What was seen; `None` if it is no session after all.
        sighting: Option<Box<Sighting>>,
    },
}

/// Every process that looks like a session, and its inspector.
pub struct Looks {
    crew: Crew,
    found: mpsc::UnboundedSender<Found>,
    root: ProcRoot,
    /// At home while no scan runs.
    scanner: Option<Box<Scanner>>,
    /// Directories in which session files name processes.
    session_dirs: Vec<PathBuf>,
    slots: BTreeMap<ProcessId, Slot>,
    peers: Arc<[Candidate]>,
    /// Who holds which session id, by the word of a session file.
    holders: Arc<HashMap<String, ProcessId>>,
}

impl Looks {
    /// Nothing is looked at yet. What is found is sent to `found`.
    pub fn new(root: ProcRoot, found: mpsc::UnboundedSender<Found>) -> Looks {
        let uid = rustix::process::geteuid().as_raw();
        Looks {
            crew: Crew::new(),
            found,
            scanner: Some(Box::new(Scanner::new(root.clone(), uid))),
            root,
            session_dirs: Vec::new(),
            slots: BTreeMap::new(),
            peers: Arc::new([]),
            holders: Arc::default(),
        }
    }

    /// Begin a scan; false if one is running.
    pub fn scan(&mut self, now: Timestamp) -> bool {
        let Some(mut scanner) = self.scanner.take() else {
            self.crew.reinforce();
            return false;
        };
        let found = self.found.clone();
        let dirs = self.session_dirs.clone();
        self.crew.run(move || {
            let named = named_processes(&dirs);
            let is_named = |it: &Candidate| named.binary_search(&it.process.id.pid).is_ok();
            let wanted =
                |it: &Candidate, parent: Option<&Candidate>| is_named(it) || is_session(it, parent);
            let sieve = Sieve { gate: &candidate::may_be_claude, wanted: &wanted };
            let candidates = scanner.scan(&sieve, &named, clock::boot(), now);
            let _ = found.send(Found::Scan { scanner, candidates });
        });
        true
    }

    /// A scan came back: every process is looked at anew. Returns those that are gone.
    pub fn take_scan(
        &mut self,
        scanner: Box<Scanner>,
        candidates: Option<Vec<Candidate>>,
        at: Instant,
    ) -> Vec<ProcessId> {
        self.scanner = Some(scanner);
        let Some(candidates) = candidates else { return Vec::new() };
        self.peers = candidates.clone().into();
        let mut before = std::mem::take(&mut self.slots);
        for subject in candidates {
            let id = subject.process.id;
            let mut slot = before.remove(&id).unwrap_or_else(|| Slot::new(&subject));
            slot.subject = subject;
            slot.due = Some(at);
            self.slots.insert(id, slot);
        }
        before.into_keys().collect()
    }

    /// The processes of the last scan.
    pub fn subjects(&self) -> Arc<[Candidate]> {
        Arc::clone(&self.peers)
    }

    /// Session files in these directories name processes to look at, whatever those are called.
    pub fn set_session_dirs(&mut self, dirs: Vec<PathBuf>) {
        self.session_dirs = dirs;
    }

    /// Something about `process` changed: look at it soon.
    pub fn touch(&mut self, process: ProcessId, cause: Cause, at: Instant) {
        let Some(slot) = self.slots.get_mut(&process) else { return };
        slot.touch(cause, at);
    }

    /// Anything may have changed: look at all.
    pub fn touch_all(&mut self, at: Instant) {
        for slot in self.slots.values_mut() {
            slot.due = Some(at);
        }
    }

    /// The terminal of `process` has another title.
    pub fn title(&mut self, process: ProcessId, title: String, changed: Timestamp, at: Instant) {
        if let Some(slot) = self.slots.get_mut(&process) {
            slot.title = Some((title, changed));
            self.touch(process, Cause::State, at);
        }
    }

    /// A hook of `process` reported.
    pub fn hook(&mut self, process: ProcessId, report: HookReport, at: Instant) {
        if let Some(slot) = self.slots.get_mut(&process) {
            slot.hook = Some(report);
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
        let Some(slot) = self.slots.get_mut(&process) else { return false };
        slot.inspector = Some(inspector);
        slot.sent = None;
        slot.stalled = false;
        slot.again_at = sighting.and_then(|it| it.look_again_at);
        slot.decided_by_file = sighting.is_some_and(Sighting::is_decided_by_session_file);
        let id = sighting.filter(|it| it.is_id_from_session_file());
        let id = id.and_then(|it| it.session_id.as_ref());
        if id.is_some_and(|id| self.holders.get(id) != Some(&process)) {
            let holders = Arc::make_mut(&mut self.holders);
            holders.retain(|_, holder| *holder != process);
            holders.extend(id.map(|id| (id.clone(), process)));
        }
        true
    }

    /// `process` ended.
    pub fn forget(&mut self, process: ProcessId) {
        self.slots.remove(&process);
        if self.holders.values().any(|holder| *holder == process) {
            Arc::make_mut(&mut self.holders).retain(|_, holder| *holder != process);
        }
    }

    /// When [`Looks::dispatch`] has something to do, at the time `at` = `now`.
    pub fn due(&self, at: Instant, now: Timestamp) -> Option<Instant> {
        self.slots.values().filter_map(|slot| slot.due(at, now)).min()
    }

    /// Find the processes that have begun since the last scan, here and now: it takes a tenth of a
    /// millisecond. True if there are any; they are looked at next.
    pub fn scan_new(&mut self, at: Instant, now: Timestamp) -> bool {
        let Some(scanner) = &mut self.scanner else { return false };
        let sieve = Sieve { gate: &candidate::may_be_claude, wanted: &is_session };
        let new = scanner.scan_new(&sieve, clock::boot(), now);
        if new.is_empty() {
            return false;
        }
        self.peers = self.peers.iter().chain(&new).cloned().collect();
        for subject in new {
            let mut slot = Slot::new(&subject);
            slot.due = Some(at);
            self.slots.insert(subject.process.id, slot);
        }
        true
    }

    /// Whether a scan runs.
    pub fn is_scanning(&self) -> bool {
        self.scanner.is_none()
    }

    /// Whether nothing is being looked at, and nothing waits to be.
    pub fn is_quiet(&self) -> bool {
        self.slots.values().all(Slot::is_quiet)
    }

    /// Send off the looks whose time has come. Returns those whose files do not answer.
    pub fn dispatch(&mut self, at: Instant, now: Timestamp) -> Vec<ProcessId> {
        let mut stalled = Vec::new();
        let mut late = false;
        for (process, slot) in &mut self.slots {
            if let Some(sent) = slot.sent {
                late |= at >= sent + REINFORCE_AFTER;
                if !slot.stalled && at >= sent + STALLED_AFTER {
                    slot.stalled = true;
                    stalled.push(*process);
                }
                continue;
            }
            if !slot.is_due(at, now) {
                continue;
            }
            let Some(mut inspector) = slot.inspector.take() else { continue };
            (slot.due, slot.again_at) = (None, None);
            (slot.sent, slot.last) = (Some(at), Some(at));
            let (process, subject) = (*process, slot.subject.clone());
            let (title, hook) = (slot.title.clone(), slot.hook.clone());
            let (root, found) = (self.root.clone(), self.found.clone());
            let (peers, holders) = (Arc::clone(&self.peers), Arc::clone(&self.holders));
            self.crew.run(move || {
                let around = Surroundings {
                    peers: &peers,
                    claimed: &|id| holders.get(id).copied(),
                    children: &|| root.descendants(process.pid, clock::boot()),
                    title: title.as_ref().map(|(text, changed)| (text.as_str(), *changed)),
                    hook: hook.as_ref(),
                };
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

/// A process that is called like its parent in every respect has forked and not yet become what it
/// is to be: Claude Code does that for each command it runs. A lone argument is a title, which says
/// less than what is remembered of the parent.
fn is_session(it: &Candidate, parent: Option<&Candidate>) -> bool {
    let is_fork = parent.is_some_and(|parent| {
        let same_title = it.argv.len() == 1 && it.process.comm == parent.process.comm;
        it.exe == parent.exe && (it.argv == parent.argv || same_title)
    });
    !is_fork && candidate::is_session(&it.argv, it.exe.as_deref(), &it.process.comm)
}

/// The pids that session files in `dirs` speak of, in order.
fn named_processes(dirs: &[PathBuf]) -> Vec<u32> {
    let entries = dirs.iter().filter_map(|dir| std::fs::read_dir(dir).ok()).flatten().flatten();
    let pid = |entry: std::fs::DirEntry| {
        entry.file_name().to_str()?.strip_suffix(".json")?.parse::<u32>().ok()
    };
    let mut pids: Vec<u32> = entries.filter_map(pid).collect();
    pids.sort_unstable();
    pids.dedup();
    pids
}
