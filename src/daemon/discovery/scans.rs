//! The scan of `/proc` and of the directories with session files: one at a time, by the crew, and
//! given up when one of those directories hangs, or a process whose memory the kernel holds.

use super::current_read::{Reading, Thing};
use super::message::Found;
use crate::claude::process;
use crate::daemon::blocking::pending::{PATIENCE, hangs};
use crate::daemon::blocking::thread_pool::{Crew, IfLost};
use crate::daemon::clock;
use crate::proc::ProcRoot;
use crate::proc::scan::{ProcessFilter, Scanner};
use crate::session::Timestamp;
use crate::session::process::Candidate;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
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
    /// What hangs, and the number of the scan that was lost there.
    hanging: Vec<(u64, Thing)>,
    begun: u64,
    /// One was to begin while another one ran.
    missed: bool,
}

struct Running {
    number: u64,
    only_new: bool,
    /// When to see whether it hangs.
    check: Instant,
    reading: Reading,
}

/// What a scan is to look for.
enum Scope {
    /// Every process.
    All,
    /// Processes that began since the last scan.
    New(Vec<u32>),
}

impl Scans {
    /// Nothing runs yet.
    pub fn new(root: ProcRoot) -> Scans {
        let scanner = Some(Box::new(new_scanner(&root)));
        Scans {
            root,
            scanner,
            running: None,
            dirs: Vec::new(),
            hanging: Vec::new(),
            begun: 0,
            missed: false,
        }
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
        let begun = self.send(Scope::All, crew, found, at, now);
        self.missed = !begun;
        begun
    }

    /// Look for processes that began since the last scan: their names here and now, which takes a
    /// tenth of a millisecond, and the rest elsewhere. False if there are none, or a scan runs.
    pub fn begin_new(
        &mut self,
        crew: &Crew,
        found: &mpsc::UnboundedSender<Found>,
        at: Instant,
        now: Timestamp,
    ) -> bool {
        let Some(scanner) = &self.scanner else { return false };
        let mut pids = scanner.new_names(&process::may_be_claude);
        pids.retain(|pid| !self.hangs(&Thing::Process(*pid)));
        !pids.is_empty() && self.send(Scope::New(pids), crew, found, at, now)
    }

    fn send(
        &mut self,
        scope: Scope,
        crew: &Crew,
        found: &mpsc::UnboundedSender<Found>,
        at: Instant,
        now: Timestamp,
    ) -> bool {
        let Some(mut scanner) = self.scanner.take() else { return false };
        self.begun += 1;
        let number = self.begun;
        let reading = Reading::default();
        let only_new = matches!(scope, Scope::New(_));
        let check = at + PATIENCE;
        self.running = Some(Running { number, only_new, check, reading: reading.clone() });
        let dirs = self.dirs.iter().filter(|dir| !self.hangs(&Thing::Directory((*dir).clone())));
        let dirs: Vec<PathBuf> = dirs.cloned().collect();
        let left_out: Vec<Thing> = self.hanging.iter().map(|(_, thing)| thing.clone()).collect();
        let found = found.clone();
        let root = self.root.clone();
        crew.run(move || {
            let _lost = IfLost(|| {
                let scanner = Box::new(new_scanner(&root));
                let candidates = Err(io::Error::other("the scan failed, please report this"));
                let _ = found.send(Found::Scan { number, scanner, candidates });
            });
            let may_read = |pid| {
                let process = Thing::Process(pid);
                let may = !left_out.contains(&process);
                reading.note(may.then_some(process));
                may
            };
            let filter = ProcessFilter {
                name_fits: &process::may_be_claude,
                may_read: &may_read,
                wanted: &is_session,
            };
            let boot = clock::boot();
            let _ = found.send(match scope {
                Scope::All => {
                    let named = named_processes(&dirs, &reading);
                    let is_named = |it: &Candidate| named.binary_search(&it.process.id.pid).is_ok();
                    let wanted = |it: &Candidate, parent: Option<&Candidate>| {
                        is_named(it) || is_session(it, parent)
                    };
                    let filter = ProcessFilter { wanted: &wanted, ..filter };
                    let candidates = scanner.scan(&filter, &named, boot, now);
                    Found::Scan { number, scanner, candidates }
                }
                Scope::New(pids) => {
                    let candidates = scanner.scan_new(&filter, &pids, boot, now);
                    Found::New { number, scanner, candidates }
                }
            });
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

    /// Give up a scan that hangs; true if it did. What it hangs on is left out until it answers;
    /// of the processes `known` from before, what was known holds.
    pub fn give_up(&mut self, at: Instant, known: &[Arc<Candidate>]) -> bool {
        let Some(running) = self.running.as_mut().filter(|it| it.check <= at) else { return false };
        let (thing, since) = running.reading.now();
        let late_at = since.map_or(at, |since| since) + PATIENCE;
        let Some(thing) = thing.filter(|_| late_at <= at) else {
            running.check = late_at.max(at + PATIENCE / 4);
            return false;
        };
        self.hanging.push((running.number, thing));
        self.running = None;
        self.scanner = Some(Box::new(new_scanner(&self.root).knowing(known)));
        true
    }

    /// What hangs, in one line.
    pub fn trouble(&self) -> Option<String> {
        let (_, first) = self.hanging.first()?;
        let line = match first {
            Thing::Directory(dir) => hangs(dir, "its sessions are unknown"),
            Thing::Process(pid) => format!(
                "process {pid} does not answer (cat /proc/{pid}/cmdline hangs too): what it waits \
                 for must come back, or the process be killed; until then it is left out, or as it was"
            ),
        };
        match self.hanging.len() {
            1 => Some(line),
            all => Some(format!("{line} (and {} more)", all - 1)),
        }
    }

    /// Whether something hangs.
    pub fn is_hindered(&self) -> bool {
        !self.hanging.is_empty()
    }

    /// Whether a scan runs.
    pub fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// Whether processes are looked for that began since the last scan.
    pub fn is_finding_new(&self) -> bool {
        self.running.as_ref().is_some_and(|running| running.only_new)
    }

    /// Whether a scan should have begun while another one ran.
    pub fn take_missed(&mut self) -> bool {
        std::mem::take(&mut self.missed)
    }

    fn hangs(&self, thing: &Thing) -> bool {
        self.hanging.iter().any(|(_, other)| other == thing)
    }
}

fn new_scanner(root: &ProcRoot) -> Scanner {
    Scanner::new(root.clone(), rustix::process::geteuid().as_raw())
}

/// A process that is called like its parent in every respect has forked and not yet become what it
/// is to be: Claude Code does that for each command it runs. A lone argument is a title, which says
/// less than what is remembered of the parent.
fn is_session(it: &Candidate, parent: Option<&Candidate>) -> bool {
    let is_fork = parent.is_some_and(|parent| {
        let same_title = it.argv.len() == 1 && it.process.comm == parent.process.comm;
        it.exe == parent.exe && (it.argv == parent.argv || same_title)
    });
    !is_fork && process::is_session(&it.argv, it.exe.as_deref(), &it.process.comm)
}

/// The pids that session files in `dirs` speak of, in order.
fn named_processes(dirs: &[PathBuf], reading: &Reading) -> Vec<u32> {
    let pid = |entry: std::fs::DirEntry| {
        entry.file_name().to_str()?.strip_suffix(".json")?.parse::<u32>().ok()
    };
    let mut pids = Vec::new();
    for dir in dirs {
        reading.note(Some(Thing::Directory(dir.clone())));
        let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
        pids.extend(entries.filter_map(pid));
    }
    reading.note(None);
    pids.sort_unstable();
    pids.dedup();
    pids
}
