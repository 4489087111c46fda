//! The scan of `/proc` and of the directories with session files: one at a time, by the crew, and
//! given up when one of those directories hangs.

use super::clock;
use super::crew::Crew;
use super::looks::Found;
use super::slot::STALLED_AFTER;
use crate::claude::candidate;
use crate::proc::ProcRoot;
use crate::proc::scan::{Scanner, Sieve};
use crate::session::Timestamp;
use crate::session::process::Candidate;
use crate::session::text::harmless;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tokio::sync::mpsc;

/// The scanner, and the scan that it is away on.
pub struct Scans {
    root: ProcRoot,
    /// At home while no scan runs.
    scanner: Option<Box<Scanner>>,
    running: Option<Running>,
    /// Directories in which session files name processes.
    dirs: Vec<PathBuf>,
    /// Those that hang, and the number of the scan that was lost there.
    hanging: Vec<(u64, PathBuf)>,
    begun: u64,
}

struct Running {
    number: u64,
    /// When to see whether it hangs.
    check: Instant,
    listing: Listing,
}

/// The directory that is being listed.
type Listing = Arc<Mutex<Option<PathBuf>>>;

impl Scans {
    /// Nothing runs yet.
    pub fn new(root: ProcRoot) -> Scans {
        let scanner = Some(new_scanner(&root));
        Scans { root, scanner, running: None, dirs: Vec::new(), hanging: Vec::new(), begun: 0 }
    }

    /// Session files in these directories name processes to look at, whatever those are called.
    pub fn set_dirs(&mut self, dirs: Vec<PathBuf>) {
        self.dirs = dirs;
    }

    /// Begin a scan, of which `found` will tell; false if one is running.
    pub fn begin(
        &mut self,
        crew: &Crew,
        found: &mpsc::UnboundedSender<Found>,
        at: Instant,
        now: Timestamp,
    ) -> bool {
        let Some(mut scanner) = self.scanner.take() else { return false };
        self.begun += 1;
        let number = self.begun;
        let listing = Listing::default();
        let check = at + STALLED_AFTER;
        self.running = Some(Running { number, check, listing: Arc::clone(&listing) });
        let hangs = |dir: &PathBuf| self.hanging.iter().any(|(_, other)| other == dir);
        let dirs: Vec<PathBuf> = self.dirs.iter().filter(|dir| !hangs(dir)).cloned().collect();
        let found = found.clone();
        crew.run(move || {
            let named = named_processes(&dirs, &listing);
            let is_named = |it: &Candidate| named.binary_search(&it.process.id.pid).is_ok();
            let wanted =
                |it: &Candidate, parent: Option<&Candidate>| is_named(it) || is_session(it, parent);
            let sieve = Sieve { gate: &candidate::may_be_claude, wanted: &wanted };
            let candidates = scanner.scan(&sieve, &named, clock::boot(), now);
            let _ = found.send(Found::Scan { number, scanner, candidates });
        });
        true
    }

    /// A scan came back; false if it was given up before, and what it says does not count.
    pub fn is_back(&mut self, number: u64, scanner: Box<Scanner>) -> bool {
        self.hanging.retain(|(lost, _)| *lost != number);
        if self.running.as_ref().is_none_or(|running| running.number != number) {
            return false;
        }
        self.running = None;
        self.scanner = Some(scanner);
        true
    }

    /// When [`Scans::give_up`] has something to do.
    pub fn due(&self) -> Option<Instant> {
        self.running.as_ref().map(|running| running.check)
    }

    /// Give up a scan that hangs in a directory; true if it did. That directory is left out until
    /// it answers.
    pub fn give_up(&mut self, at: Instant) -> bool {
        let Some(running) = self.running.as_mut().filter(|it| it.check <= at) else { return false };
        running.check = at + STALLED_AFTER;
        let listing = running.listing.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(dir) = listing else { return false };
        let shown = harmless(&dir.display().to_string());
        log::warn!("{shown} does not answer: it is left out until it does");
        self.hanging.push((running.number, dir));
        self.running = None;
        self.scanner = Some(new_scanner(&self.root));
        true
    }

    /// Processes that began since the last scan, found here and now; none while a scan runs.
    pub fn find_new(&mut self, now: Timestamp) -> Vec<Candidate> {
        let Some(scanner) = &mut self.scanner else { return Vec::new() };
        let sieve = Sieve { gate: &candidate::may_be_claude, wanted: &is_session };
        scanner.scan_new(&sieve, clock::boot(), now)
    }

    /// Whether a directory hangs.
    pub fn is_hindered(&self) -> bool {
        !self.hanging.is_empty()
    }

    /// Whether a scan runs.
    pub fn is_running(&self) -> bool {
        self.running.is_some()
    }
}

fn new_scanner(root: &ProcRoot) -> Box<Scanner> {
    Box::new(Scanner::new(root.clone(), rustix::process::geteuid().as_raw()))
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
fn named_processes(dirs: &[PathBuf], listing: &Listing) -> Vec<u32> {
    let note = |dir| *listing.lock().unwrap_or_else(PoisonError::into_inner) = dir;
    let pid = |entry: std::fs::DirEntry| {
        entry.file_name().to_str()?.strip_suffix(".json")?.parse::<u32>().ok()
    };
    let mut pids = Vec::new();
    for dir in dirs {
        note(Some(dir.clone()));
        let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
        pids.extend(entries.filter_map(pid));
    }
    note(None);
    pids.sort_unstable();
    pids.dedup();
    pids
}
