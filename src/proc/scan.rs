//! Finds the few processes that matter among all.
//!
//! A scan reads only the name of every process (about 1.4 µs each), and everything of those whose
//! name may be that of Claude Code. What cannot change while a process runs is kept from scan to
//! scan.

use super::root::{ProcRoot, StatFile};
use crate::session::Timestamp;
use crate::session::process::{Candidate, Process};
use crate::session::shared::SharedPath;
use std::collections::{HashMap, HashSet};
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Before this age a process may still replace its program or its arguments, and they are read
/// with every scan.
const SETTLED_AFTER: chrono::TimeDelta = chrono::TimeDelta::seconds(15);

/// If a start time moves by more than this, the clock was set. It always moves by less, because the
/// time of boot is computed from two clocks.
const CLOCK_WAS_SET_BY: chrono::TimeDelta = chrono::TimeDelta::seconds(1);

/// Scans a `/proc` repeatedly.
pub struct Scanner {
    root: ProcRoot,
    uid: u32,
    /// Of so many known processes `stat` is kept open.
    kept: usize,
    known: HashMap<u32, Known>,
    /// Every pid that the last scan saw.
    listed: HashSet<u32>,
    /// Those that need no further look until the next scan: their name fits, or an earlier scan has seen
    /// them too. A process that is new may be a shell that is about to become another program.
    seen: HashSet<u32>,
}

/// A process that was read.
struct Known {
    candidate: Arc<Candidate>,
    stat: Option<StatFile>,
}

/// Decides whether a process is a candidate.
pub struct ProcessFilter<'a> {
    /// Whether a process with this name may be a candidate; cheap.
    pub name_fits: &'a dyn Fn(&[u8]) -> bool,
    /// Called before a process is read in full, which hangs while the kernel holds its memory. If
    /// this is false it is not read, and what was known of it still holds.
    pub may_read: &'a dyn Fn(u32) -> bool,
    /// Whether a process that was read is a candidate. The second argument is its parent, if that
    /// was read too.
    pub wanted: &'a dyn Fn(&Candidate, Option<&Candidate>) -> bool,
}

impl Scanner {
    /// A scanner of `root` that sees the processes of user `uid` only, and keeps at most so many files
    /// open: none where they would outlive their processes.
    pub fn new(root: ProcRoot, uid: u32, files: usize) -> Scanner {
        let kept = if is_kernels(root.path()) { files } else { 0 };
        let (listed, seen) = (HashSet::new(), HashSet::new());
        Scanner { root, uid, kept, known: HashMap::new(), listed, seen }
    }

    /// The same, with what another scanner found that is lost.
    pub fn knowing(mut self, found: &[Arc<Candidate>]) -> Scanner {
        let known = |it: &Arc<Candidate>| Known { candidate: Arc::clone(it), stat: None };
        self.known = found.iter().map(|it| (it.process.id.pid, known(it))).collect();
        self
    }

    /// Every process of the user whose name fits or whose pid is `named` (in order), and that is
    /// wanted. `boot` is when the machine started, `now` the current time.
    pub fn scan(
        &mut self,
        filter: &ProcessFilter,
        named: &[u32],
        boot: Timestamp,
        now: Timestamp,
    ) -> io::Result<Vec<Arc<Candidate>>> {
        let mut pids = Vec::new();
        let mut listed = HashSet::with_capacity(self.listed.len());
        let mut seen = HashSet::with_capacity(self.listed.len());
        // Of a known process `stat` is read, which tells the name too.
        self.root.each_name(&|pid| self.known.contains_key(&pid), |pid, comm| {
            let fits = comm.is_none_or(filter.name_fits);
            if fits {
                pids.push(pid);
            }
            if fits || self.listed.contains(&pid) {
                seen.insert(pid);
            }
            listed.insert(pid);
        })?;
        // Session files may name far more processes than there are.
        pids.extend(named.iter().filter(|pid| listed.contains(pid)));
        (self.listed, self.seen) = (listed, seen);
        pids.sort_unstable();
        pids.dedup();
        let is_named = |pid: &u32| named.binary_search(pid).is_ok();
        let mut before = std::mem::take(&mut self.known);
        for pid in &pids {
            let known = before.remove(pid);
            let was_known = known.is_some();
            let Some(found) = self.read(filter, *pid, known, boot, now) else { continue };
            let comm = found.candidate.process.comm.as_bytes();
            if !was_known || (filter.name_fits)(comm) || is_named(pid) {
                self.known.insert(*pid, found);
            }
        }
        Ok(self.wanted(filter, &pids))
    }

    /// Pids whose names fit and that no scan has seen yet, or only the last one under another name.
    /// It costs a fraction of a scan, so it is done when a client asks. Reading a name never
    /// blocks.
    pub fn new_names(&self, name_fits: &dyn Fn(&[u8]) -> bool) -> Vec<u32> {
        let mut pids = Vec::new();
        // What cannot be listed now is found by the next scan.
        let _ = self.root.each_name(&|pid| self.seen.contains(&pid), |pid, comm| {
            if comm.is_some_and(name_fits) {
                pids.push(pid);
            }
        });
        pids
    }

    /// Those of the new `pids` that are wanted.
    pub fn scan_new(
        &mut self,
        filter: &ProcessFilter,
        pids: &[u32],
        boot: Timestamp,
        now: Timestamp,
    ) -> Vec<Arc<Candidate>> {
        for pid in pids {
            let Some(found) = self.read(filter, *pid, None, boot, now) else { continue };
            // A fork is compared to its parent, which may have changed its name since the last scan.
            let parent = found.candidate.process.ppid;
            if let Some(before) = self.known.remove(&parent) {
                let read = self.read(filter, parent, Some(before), boot, now);
                self.known.extend(read.map(|it| (parent, it)));
            }
            self.known.insert(*pid, found);
        }
        let found = self.wanted(filter, pids);
        // The others may still become candidates: they stay new.
        self.seen.extend(found.iter().map(|it| it.process.id.pid));
        found
    }

    fn wanted(&self, filter: &ProcessFilter, pids: &[u32]) -> Vec<Arc<Candidate>> {
        let known = |pid: &u32| self.known.get(pid).map(|it| &it.candidate);
        let parent = |it: &Candidate| known(&it.process.ppid).map(Arc::as_ref);
        let found = pids.iter().filter_map(known);
        found.filter(|it| (filter.wanted)(it, parent(it))).cloned().collect()
    }

    /// Reads one process. `before` is what was known of it.
    fn read(
        &self,
        filter: &ProcessFilter,
        pid: u32,
        before: Option<Known>,
        boot: Timestamp,
        now: Timestamp,
    ) -> Option<Known> {
        let (before, open) = before.map(|it| (it.candidate, it.stat)).unzip();
        let kept = open.flatten().and_then(|stat| Some((stat.read()?, stat)));
        let (process, stat) = match kept {
            Some(read) => read,
            None => {
                let stat = self.root.open_stat(pid)?;
                (stat.read()?, stat)
            }
        };
        let candidate = self.candidate(filter, process, before, boot, now)?;
        Some(Known { candidate, stat: Some(stat).filter(|_| self.known.len() < self.kept) })
    }

    /// What there is to know of a `process`. `before` is what was known of the one that had its pid.
    fn candidate(
        &self,
        filter: &ProcessFilter,
        mut process: Process,
        before: Option<Arc<Candidate>>,
        boot: Timestamp,
        now: Timestamp,
    ) -> Option<Arc<Candidate>> {
        let pid = process.id.pid;
        let same = before.filter(|it| it.process.id == process.id);
        if let Some(before) = &same {
            process.state = settled_state(before.process.state, process.state);
        }
        let known_start = same.as_ref().map(|it| it.started_at);
        let is_same_image = |it: &Arc<Candidate>| {
            let is_told = process.image != 0;
            it.process.image == process.image
                && (is_told || self.root.is_link_to(pid, "exe", it.exe.as_deref()))
        };
        let before = same.filter(is_same_image);
        let is_settled =
            |it: &Candidate| it.process.comm == process.comm && now - it.started_at > SETTLED_AFTER;
        let before = match before {
            Some(settled) if is_settled(&settled) => {
                let started_at = self.root.started_at(&process, boot);
                let is_there = self.root.is_link_to(pid, "cwd", settled.cwd.as_deref());
                let cwd = match is_there {
                    true => settled.cwd.clone(),
                    false => self.root.directory(pid),
                };
                return Some(updated(settled, process, cwd, started_at));
            }
            young => young,
        };
        if process.has_ended() || self.root.uid(pid)? != self.uid {
            return None;
        }
        if !(filter.may_read)(pid) {
            let cwd = before.as_ref().and_then(|it| it.cwd.clone());
            let started_at = self.root.started_at(&process, boot);
            return before.map(|before| updated(before, process, cwd, started_at));
        }
        let mut candidate = self.root.candidate(process, boot);
        candidate.started_at = settled_start(known_start, candidate.started_at);
        // Node builds overwrite their arguments with a title; the earlier ones tell more.
        let titled = before
            .as_ref()
            .filter(|it| it.exe == candidate.exe && candidate.argv.len() == 1 && it.argv.len() > 1);
        if let Some(before) = titled {
            candidate.argv.clone_from(&before.argv);
        }
        // The same value, so that all who know it see at once that nothing changed.
        Some(before.filter(|it| **it == candidate).unwrap_or_else(|| Arc::new(candidate)))
    }
}

/// Whether the kernel made this `/proc`.
fn is_kernels(path: &Path) -> bool {
    rustix::fs::statfs(path).is_ok_and(|it| it.f_type == rustix::fs::PROC_SUPER_MAGIC)
}

/// What is known of a process, updated. If nothing changed the same value is shared.
fn updated(
    before: Arc<Candidate>,
    process: Process,
    cwd: Option<SharedPath>,
    started_at: Timestamp,
) -> Arc<Candidate> {
    let started_at = settled_start(Some(before.started_at), started_at);
    if before.process == process && before.cwd == cwd && before.started_at == started_at {
        return before;
    }
    Arc::new(Candidate { process, cwd, started_at, ..Candidate::clone(&before) })
}

/// The state of a process as `found` now; as it was `known` where only chance told the two apart:
/// whether it runs or sleeps at the moment says nothing.
fn settled_state(known: char, found: char) -> char {
    let is_alive = |state: char| matches!(state, 'R' | 'S' | 'D');
    if is_alive(known) && is_alive(found) { known } else { found }
}

/// When a process or the machine started, as `found` now and as it was `known`: the two differ by
/// nanoseconds at each scan, and what begins with it must not begin again each time.
pub(super) fn settled_start(known: Option<Timestamp>, found: Timestamp) -> Timestamp {
    known.filter(|known| (found - *known).abs() <= CLOCK_WAS_SET_BY).unwrap_or(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use std::fs;
    use std::io::{Read, Write};
    use std::process::{Command, Stdio};

    /// A `/proc` in a directory with one process per `(pid, comm, cmdline)`.
    fn world(processes: &[(u32, &[u8], &[u8])]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (pid, comm, cmdline) in processes {
            add(&dir, *pid, comm, cmdline);
        }
        fs::write(dir.path().join("uptime"), "1 1").unwrap();
        dir
    }

    fn add(dir: &tempfile::TempDir, pid: u32, comm: &[u8], cmdline: &[u8]) {
        let at = dir.path().join(pid.to_string());
        fs::create_dir(&at).unwrap();
        fs::write(at.join("comm"), [comm, &b"\n"[..]].concat()).unwrap();
        fs::write(at.join("cmdline"), cmdline).unwrap();
        fs::write(at.join("environ"), b"HOME=/h\0TOKEN=secret\0").unwrap();
        let head = format!("{pid} (");
        let tail = b") S 1 1 1 0 1 0 1 2 3 4 5 6 7 8 20 0 9 0 777 1 2";
        fs::write(at.join("stat"), [head.as_bytes(), comm, tail].concat()).unwrap();
    }

    const CLAUDES: ProcessFilter = ProcessFilter {
        name_fits: &|comm| comm.starts_with(b"claude"),
        may_read: &|_| true,
        wanted: &|_, _| true,
    };

    fn scan(dir: &tempfile::TempDir, named: &[u32]) -> Vec<(u32, Vec<String>)> {
        let uid = rustix::process::geteuid().as_raw();
        let mut scanner = Scanner::new(ProcRoot::new(dir.path()), uid, 0);
        let now = chrono::DateTime::from_timestamp(1_000_000, 0).unwrap();
        let mut last = Vec::new();
        for _ in 0..2 {
            let found = scanner.scan(&CLAUDES, named, now, now).unwrap();
            last = found.into_iter().map(|it| (it.process.id.pid, it.argv.to_vec())).collect();
        }
        last
    }

    #[test]
    fn a_proc_of_the_kernel_is_known_by_whatever_path() {
        let is = |path: &str| is_kernels(Path::new(path));
        assert!(is("/proc") && is("/proc/../proc") && !is("/") && !is("/nowhere"));
    }

    #[test]
    fn only_the_wanted_names_are_read() {
        let dir =
            world(&[(1, b"init", b"init\0"), (20, b"claude", b"claude\0-c\0"), (3, b"cl", b"")]);
        assert_eq!(scan(&dir, &[]), [(20, vec!["claude".into(), "-c".into()])]);
    }

    #[test]
    fn the_parent_of_a_new_process_is_as_it_is_now() {
        let dir = world(&[(20, b"claude", b"node\0/bin/claude\0")]);
        let uid = rustix::process::geteuid().as_raw();
        let mut scanner = Scanner::new(ProcRoot::new(dir.path()), uid, 0);
        let now = chrono::DateTime::from_timestamp(1_000_000, 0).unwrap();
        scanner.scan(&CLAUDES, &[], now, now).unwrap();
        let titled = b"20 (claude-now) S 1 1 1 0 1 0 1 2 3 4 5 6 7 8 20 0 9 0 777 1 2";
        fs::write(dir.path().join("20/stat"), titled).unwrap();
        add(&dir, 21, b"claude-now", b"claude\0");
        let fork = b"21 (claude-now) S 20 1 1 0 1 0 1 2 3 4 5 6 7 8 20 0 9 0 778 1 2";
        fs::write(dir.path().join("21/stat"), fork).unwrap();
        let is_fork = |it: &Candidate, parent: Option<&Candidate>| {
            parent.is_some_and(|parent| parent.process.comm == it.process.comm)
        };
        let filter = ProcessFilter { wanted: &is_fork, ..CLAUDES };
        assert_eq!(scanner.scan_new(&filter, &[21], now, now).len(), 1);
    }

    #[test]
    fn a_named_pid_is_looked_at_whatever_its_name() {
        let dir = world(&[(7, b"2.1.329", b"claude\0bg-spare\0"), (8, b"x", b"")]);
        assert_eq!(scan(&dir, &[7, 9]), [(7, vec!["claude".into(), "bg-spare".into()])]);
    }

    #[test]
    fn names_of_any_bytes_and_half_gone_processes_are_survived() {
        let dir = world(&[(5, b"claude\xff) (", b"\xff\0"), (6, b"claude", b"")]);
        fs::remove_file(dir.path().join("6/stat")).unwrap();
        fs::create_dir(dir.path().join("99")).unwrap();
        assert_eq!(scan(&dir, &[]), [(5, vec!["\u{fffd}".into()])]);
    }

    #[test]
    fn arguments_that_are_overwritten_by_a_title_are_remembered() {
        let dir = world(&[(20, b"claude", b"claude\0-p\0go\0")]);
        let uid = rustix::process::geteuid().as_raw();
        let mut scanner = Scanner::new(ProcRoot::new(dir.path()), uid, 0);
        let now = chrono::DateTime::from_timestamp(0, 0).unwrap();
        scanner.scan(&CLAUDES, &[], now, now).unwrap();
        fs::write(dir.path().join("20/cmdline"), b"claude\0\0\0").unwrap();
        let found = scanner.scan(&CLAUDES, &[], now, now).unwrap();
        assert_eq!(*found[0].argv, ["claude", "-p", "go"]);
    }

    #[test]
    fn another_stack_means_other_arguments() {
        let dir = world(&[(20, b"claude", b"claude\0-p\0go\0")]);
        let stat = dir.path().join("20/stat");
        let image = |stack: u32, cmdline: &[u8]| {
            let text =
                format!("20 (claude) S 1 1 1 0 1 0 1 2 3 4 5 6 7 8 20 0 9 0 777 1 2 3 4 5 {stack}");
            fs::write(&stat, text).unwrap();
            fs::write(dir.path().join("20/cmdline"), cmdline).unwrap();
        };
        image(7, b"claude\0-p\0go\0");
        let uid = rustix::process::geteuid().as_raw();
        let mut scanner = Scanner::new(ProcRoot::new(dir.path()), uid, 0);
        let at = |seconds| chrono::DateTime::from_timestamp(seconds, 0).unwrap();
        let mut argv =
            |now| scanner.scan(&CLAUDES, &[], at(0), at(now)).unwrap().remove(0).argv.clone();
        assert_eq!(*argv(100), ["claude", "-p", "go"]);
        image(7, b"unread\0");
        assert_eq!(*argv(200), ["claude", "-p", "go"], "what cannot change is kept");
        // The old arguments tell nothing about a lone new one.
        image(8, b"claude\0");
        assert_eq!(*argv(300), ["claude"]);
    }

    #[test]
    fn when_the_clock_is_set_processes_have_started_by_the_new_one() {
        let dir = world(&[(20, b"claude", b"claude\0")]);
        let uid = rustix::process::geteuid().as_raw();
        let mut scanner = Scanner::new(ProcRoot::new(dir.path()), uid, 0);
        let at = |seconds| chrono::DateTime::from_timestamp(seconds, 0).unwrap();
        let mut scan = |boot, now| scanner.scan(&CLAUDES, &[], boot, now).unwrap().remove(0);
        let first = scan(at(100_000), at(200_000));
        let jitter = chrono::TimeDelta::milliseconds(20);
        let same = scan(at(100_000) + jitter, at(200_005));
        assert!(Arc::ptr_eq(&first, &same), "nothing has changed");
        let set_back = scan(at(96_400), at(196_410));
        assert_eq!(first.started_at - set_back.started_at, chrono::TimeDelta::hours(1));
    }

    #[test]
    fn a_young_process_has_one_start() {
        let dir = world(&[(20, b"claude", b"claude\0")]);
        let uid = rustix::process::geteuid().as_raw();
        let mut scanner = Scanner::new(ProcRoot::new(dir.path()), uid, 0);
        let boot = chrono::DateTime::from_timestamp(100_000, 0).unwrap();
        let mut started = |jitter: i64| {
            let boot = boot + chrono::TimeDelta::nanoseconds(jitter);
            let now = boot + chrono::TimeDelta::seconds(8);
            scanner.scan(&CLAUDES, &[], boot, now).unwrap().remove(0).started_at
        };
        let first = started(0);
        assert_eq!([started(700), started(-300)], [first, first]);
    }

    #[test]
    fn what_is_kept_open_tells_of_the_next_program_and_of_the_end() {
        let mut shell = Command::new("sh");
        shell.args(["-c", "echo; read _; exec sleep 1000"]);
        let mut child = shell.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        // A program that writes has its arguments, which one that has just begun has not.
        child.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
        let pid = child.id();
        let filter = ProcessFilter { name_fits: &|_| false, ..CLAUDES };
        let uid = rustix::process::geteuid().as_raw();
        let mut scanner = Scanner::new(ProcRoot::new("/proc"), uid, 1);
        let [boot, now] =
            [0, i64::from(u32::MAX)].map(|it| DateTime::from_timestamp(it, 0).unwrap());
        let mut scan = || scanner.scan(&filter, &[pid], boot, now).unwrap();
        let is_sleep = || ProcRoot::new("/proc").argv(pid).first().is_some_and(|it| it == "sleep");
        assert_eq!(scan()[0].argv.len(), 3);
        let first = scan();
        assert!(Arc::ptr_eq(&first[0], &scan()[0]), "nothing has changed");
        child.stdin.take().unwrap().write_all(b"\n").unwrap();
        while !is_sleep() {
            std::thread::yield_now();
        }
        let second = scan();
        assert_eq!(*second[0].argv, ["sleep", "1000"]);
        assert_ne!(second[0].process.image, first[0].process.image);
        let stat = ProcRoot::new("/proc").open_stat(pid).unwrap();
        assert_eq!(stat.read().unwrap().comm, "sleep");
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(stat.read(), None);
        assert!(scan().is_empty());
    }

    #[test]
    fn processes_of_others_are_left_out() {
        let dir = world(&[(20, b"claude", b"claude\0")]);
        let mut scanner = Scanner::new(ProcRoot::new(dir.path()), u32::MAX, 0);
        let now = chrono::DateTime::from_timestamp(0, 0).unwrap();
        assert!(scanner.scan(&CLAUDES, &[], now, now).unwrap().is_empty());
    }

    #[test]
    fn a_shell_that_becomes_claude_right_after_a_scan_is_found() {
        let dir = world(&[(1, b"init", b""), (20, b"bash", b"bash\0")]);
        let uid = rustix::process::geteuid().as_raw();
        let mut scanner = Scanner::new(ProcRoot::new(dir.path()), uid, 0);
        let now = chrono::DateTime::from_timestamp(1_000_000, 0).unwrap();
        assert!(scanner.scan(&CLAUDES, &[], now, now).unwrap().is_empty());
        assert!(scanner.new_names(CLAUDES.name_fits).is_empty());
        fs::write(dir.path().join("20/comm"), "claude\n").unwrap();
        assert_eq!(scanner.new_names(CLAUDES.name_fits), [20]);
        // One that was seen twice is not read again before the next scan.
        for _ in 0..2 {
            fs::write(dir.path().join("20/comm"), "bash\n").unwrap();
            scanner.scan(&CLAUDES, &[], now, now).unwrap();
        }
        fs::write(dir.path().join("20/comm"), "claude\n").unwrap();
        assert!(scanner.new_names(CLAUDES.name_fits).is_empty());
    }

    #[test]
    fn between_scans_new_processes_are_found_by_themselves() {
        let dir = world(&[(1, b"init", b""), (20, b"claude", b"claude\0")]);
        let uid = rustix::process::geteuid().as_raw();
        let mut scanner = Scanner::new(ProcRoot::new(dir.path()), uid, 0);
        let now = chrono::DateTime::from_timestamp(1_000_000, 0).unwrap();
        assert_eq!(scanner.scan(&CLAUDES, &[], now, now).unwrap().len(), 1);
        assert!(scanner.new_names(CLAUDES.name_fits).is_empty());
        add(&dir, 21, b"claude", b"claude\0");
        let pids = scanner.new_names(CLAUDES.name_fits);
        let new = scanner.scan_new(&CLAUDES, &pids, now, now);
        assert_eq!(new.iter().map(|it| it.process.id.pid).collect::<Vec<_>>(), [21]);
        assert!(scanner.new_names(CLAUDES.name_fits).is_empty());
        assert_eq!(scanner.scan(&CLAUDES, &[], now, now).unwrap().len(), 2);
    }

    #[test]
    fn what_may_not_be_read_is_as_it_was() {
        let dir = world(&[(20, b"claude", b"claude\0-c\0"), (21, b"claude", b"claude\0")]);
        let uid = rustix::process::geteuid().as_raw();
        let now = chrono::DateTime::from_timestamp(0, 0).unwrap();
        let mut lost = Scanner::new(ProcRoot::new(dir.path()), uid, 0);
        let known = lost.scan(&CLAUDES, &[], now, now).unwrap();
        let mut scanner = Scanner::new(ProcRoot::new(dir.path()), uid, 0).knowing(&known[..1]);
        fs::write(dir.path().join("20/cmdline"), b"hangs").unwrap();
        let unread = ProcessFilter { may_read: &|_| false, ..CLAUDES };
        let found = scanner.scan(&unread, &[], now, now).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(*found[0].argv, ["claude", "-c"]);
    }
}
