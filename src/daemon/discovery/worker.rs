//! What the worker threads do: one scan of `/proc`, or one inspection of a process. A job may wait
//! for a thread, and then for a disk, so it reads the clock itself.

use super::current_read::{CurrentRead, Resource};
use super::message::WorkerResult;
use super::session_owners::SessionOwners;
use crate::claude::inspector::{Inspector, Surroundings};
use crate::claude::process;
use crate::claude::process::bun_program::is_bun_program;
use crate::claude::process::screen::seen::SeenScreen;
use crate::claude::process::terminal_title::Title;
use crate::claude::session_file::ended::names_of_ended;
use crate::daemon::blocking::on_panic::OnPanic;
use crate::daemon::clock::{self, Now};
use crate::daemon::desktop::proc_reader::TimedProcReader;
use crate::proc::files::ReadProcess;
use crate::proc::scan::{ProcessFilter, Scanner};
use crate::proc::servers::listeners::listeners;
use crate::proc::{ProcFiles, ProcRoot};
use crate::session::hook::HookReports;
use crate::session::process::Candidate;
use crate::system::files::read_at;
use rustix::io::Errno;
use rustix::process::getrlimit;
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::mpsc::UnboundedSender;

/// The part of the limit of open files that a scan may keep open.
const KEPT_OPEN: u64 = 8;

/// Which processes a scan looks for.
pub enum Scope {
    /// Every process.
    All,
    /// These, in order, which began since the last scan. A session file names those that are `named`.
    New {
        /// All of them.
        pids: Vec<u32>,
        /// Candidates whatever their names are.
        named: Vec<u32>,
    },
}

/// One scan of `/proc` and of the directories with session files.
pub struct ScanJob {
    /// The number of the scan.
    pub number: u64,
    /// Which processes to look for.
    pub scope: Scope,
    /// The scanner, which goes back with the result.
    pub scanner: Box<Scanner>,
    /// Where `/proc` is.
    pub root: ProcRoot,
    /// Directories in which session files name processes.
    pub dirs: Vec<PathBuf>,
    /// Those of them that no scan has read before.
    pub new_dirs: Vec<PathBuf>,
    /// What hangs, and is not read.
    pub left_out: Vec<Resource>,
    /// Where the scan says what it reads.
    pub current_read: CurrentRead,
    /// Where the result goes.
    pub results: UnboundedSender<WorkerResult>,
}

impl ScanJob {
    /// Scans, and sends the result.
    pub fn run(self) {
        let ScanJob {
            number,
            scope,
            mut scanner,
            root,
            dirs,
            new_dirs,
            left_out,
            current_read,
            results,
        } = self;
        let _on_panic = OnPanic(|| {
            let scanner = Box::new(new_scanner(&root));
            let candidates = Err(io::Error::other("the scan failed, please report this"));
            let ended = Vec::new();
            let listeners = Err(Errno::CANCELED);
            let scan = WorkerResult::Scan { number, scanner, candidates, ended, listeners };
            let _ = results.send(scan);
        });
        let begin_read = |resource| current_read.set(resource, Instant::now());
        let may_read = |pid| {
            let process = Resource::Process(pid);
            let may = !left_out.contains(&process);
            begin_read(may.then_some(process));
            may
        };
        let filter = ProcessFilter {
            name_fits: &process::may_be_claude,
            may_read: &may_read,
            wanted: &is_session,
        };
        let (boot, now) = (clock::boot(), Now::read().wall);
        let _ = results.send(match scope {
            Scope::All => {
                let named = named_processes(&dirs, &begin_read);
                let is_named = |it: &Candidate| named.binary_search(&it.process.id.pid).is_ok();
                let wanted = |it: &Candidate, parent: Option<&Candidate>| {
                    is_named(it) || is_session(it, parent)
                };
                let filter = ProcessFilter { wanted: &wanted, ..filter };
                let candidates = scanner.scan(&filter, &named, boot, now);
                let live = candidates.as_deref().unwrap_or_default();
                let ended = names_of_ended_in(&new_dirs, &root, live, &begin_read);
                // Here, because a thread that is woken for it takes longer than it does.
                let has_sockets = root.is_of_this_machine();
                let listeners = if has_sockets { listeners() } else { Ok(Vec::new()) };
                WorkerResult::Scan { number, scanner, candidates, ended, listeners }
            }
            Scope::New { pids, named } => {
                let wanted = |it: &Candidate, parent: Option<&Candidate>| {
                    named.contains(&it.process.id.pid) || is_session(it, parent)
                };
                let filter = ProcessFilter { wanted: &wanted, ..filter };
                let candidates = scanner.scan_new(&filter, &pids, boot, now);
                WorkerResult::ScanOfNew { number, scanner, candidates }
            }
        });
    }
}

/// A scanner that knows no process yet.
pub fn new_scanner(root: &ProcRoot) -> Scanner {
    let files = getrlimit(rustix::process::Resource::Nofile).current.unwrap_or(u64::MAX);
    let kept = usize::try_from(files / KEPT_OPEN).unwrap_or(usize::MAX);
    Scanner::new(root.clone(), rustix::process::geteuid().as_raw(), kept)
}

/// A process that equals its parent in every respect has forked and not yet executed its program:
/// Claude Code does that for each command it runs. A lone argument is a title, which says less than
/// what is remembered of the parent.
pub fn is_session(it: &Candidate, parent: Option<&Candidate>) -> bool {
    let is_fork = parent.is_some_and(|parent| {
        let same_title = it.argv.len() == 1 && it.process.comm == parent.process.comm;
        let is_same_image = it.process.image == parent.process.image && it.exe == parent.exe;
        is_same_image && (it.argv == parent.argv || same_title)
    });
    !is_fork && process::is_session(&it.argv, it.exe.as_deref(), &it.process.comm)
}

/// The pid that the name of a session file, or of the key that is there before, begins with:
/// `4711.json`, `4711.<hash>.key`.
pub fn named_process(name: &OsStr) -> Option<u32> {
    let (pid, rest) = name.to_str()?.split_once('.')?;
    (rest == "json" || rest.ends_with(".key")).then(|| pid.parse().ok())?
}

/// The pids that session files in `dirs` name, in order.
fn named_processes(dirs: &[PathBuf], begin_read: &impl Fn(Option<Resource>)) -> Vec<u32> {
    let pid = |entry: std::fs::DirEntry| named_process(&entry.file_name());
    let mut pids = Vec::new();
    for dir in dirs {
        begin_read(Some(Resource::Directory(dir.clone())));
        let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
        pids.extend(entries.filter_map(pid));
    }
    begin_read(None);
    pids.sort_unstable();
    pids.dedup();
    pids
}

/// The names of the sessions that were killed and whose files lie in `dirs`. The `live` ones were not:
/// in a container their files name another pid than they have here.
fn names_of_ended_in(
    dirs: &[PathBuf],
    root: &ProcRoot,
    live: &[Arc<Candidate>],
    begin_read: &impl Fn(Option<Resource>),
) -> Vec<String> {
    let is_gone = |pid, start: Option<u64>| {
        let is = |found: u64| start.is_none_or(|start| start == found);
        !root.process(pid).is_some_and(|process| is(process.id.start))
            && !live.iter().any(|it| it.inner_pid == pid && is(it.inner_start))
    };
    let mut names = Vec::new();
    for dir in dirs {
        begin_read(Some(Resource::Directory(dir.clone())));
        names.extend(names_of_ended(dir, is_gone));
    }
    begin_read(None);
    names
}

fn is_bun_file(program: &File) -> bool {
    let length = program.metadata().map_or(0, |it| it.len());
    is_bun_program(length, &|at, length| {
        read_at(program, at, length).ok().filter(|bytes| bytes.len() == length)
    })
}

/// One inspection of one process.
pub struct InspectionJob {
    /// The process.
    pub candidate: Arc<Candidate>,
    /// Its inspector, which goes back with the result.
    pub inspector: Box<Inspector>,
    /// The title of its terminal.
    pub title: Option<Title>,
    /// What its screen shows.
    pub screen: Option<Box<SeenScreen>>,
    /// What its hooks reported.
    pub hooks: HookReports,
    /// All processes that look like sessions.
    pub candidates: Arc<[Arc<Candidate>]>,
    /// Those of them that are teammates of another session.
    pub teammates: Arc<[Arc<Candidate>]>,
    /// Which process owns which session.
    pub owners: SessionOwners,
    /// Where session files are; empty unless nothing else tells where those of the process are.
    pub session_dirs: Vec<PathBuf>,
    /// Where `/proc` is.
    pub root: ProcRoot,
    /// Reads what may hang.
    pub reader: TimedProcReader,
    /// Where the inspection says that it reads.
    pub current_read: CurrentRead,
    /// Where the result goes.
    pub results: UnboundedSender<WorkerResult>,
}

impl InspectionJob {
    /// Inspects, and sends the result.
    pub fn run(mut self) {
        let process = self.candidate.process.id;
        let results = self.results;
        let now = Now::read();
        self.current_read.set(Some(Resource::Process(process.pid)), now.monotonic);
        let _on_panic = OnPanic(|| drop(results.send(WorkerResult::Panicked(process))));
        let around = Surroundings {
            peers: &self.candidates,
            teammates: &self.teammates,
            claimed: &|id| self.owners.claim_of_others(id, process),
            session_of: &|process| self.owners.session_of(process),
            holder_of: &|id| self.owners.owner_of(id),
            children: &|| self.root.descendants(process.pid, clock::boot()),
            argv: &|pid| self.reader.argv(pid),
            env: &|pid| self.reader.env(pid),
            usage: &|| self.root.usage(process.pid),
            wants_to_run: &|| ProcFiles::new(self.root.clone()).wants_to_run(process.pid),
            is_bun_program: &|| {
                self.root.open_program(process.pid).is_some_and(|it| is_bun_file(&it))
            },
            session_dirs: &self.session_dirs,
            title: self.title.as_ref(),
            screen: self.screen.as_deref(),
            hooks: &self.hooks,
        };
        let observation = self.inspector.look(&self.candidate, &around, now.wall).map(Box::new);
        let inspector = self.inspector;
        self.current_read.set(None, now.monotonic);
        let _ = results.send(WorkerResult::Inspection { process, inspector, observation });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::testing::candidate;

    #[test]
    fn this_program_was_not_made_by_bun() {
        assert!(!is_bun_file(&File::open(std::env::current_exe().unwrap()).unwrap()));
    }

    #[test]
    fn files_name_a_process_before_it_is_a_session() {
        let pid = |name: &str| named_process(OsStr::new(name));
        assert_eq!((pid("71.json"), pid("71.abc.key")), (Some(71), Some(71)));
        for name in ["71", "71.json.tmp", "71.tmp.json", "x.json", ".key", "7x.abc.key", ""] {
            assert_eq!(pid(name), None, "{name}");
        }
    }

    #[test]
    fn a_session_in_a_container_has_not_ended() {
        let (dir, proc) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        write("1.json", r#"{"pid":1,"name":"lives","procStart":"70"}"#);
        write("2.json", r#"{"pid":2,"name":"killed","procStart":"70"}"#);
        let mut inside = candidate(4000);
        (inside.inner_pid, inside.inner_start) = (1, 70);
        let root = ProcRoot::new(proc.path());
        let dirs = [dir.path().to_owned()];
        let ended = |live: &[_]| names_of_ended_in(&dirs, &root, live, &|_| {});
        assert_eq!(ended(&[Arc::new(inside)]), ["killed"]);
        let mut all = ended(&[]);
        all.sort();
        assert_eq!(all, ["killed", "lives"]);
    }
}
