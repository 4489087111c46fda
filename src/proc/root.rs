//! Reads a `/proc`: the names of all processes, or one process.

use super::namespaces::{file_root, has_other};
use super::pts::{is_terminal, may_feed};
use super::stat;
use crate::session::Timestamp;
use crate::session::process::{Candidate, Child, Environment, Process};
use crate::session::shared::SharedPath;
use chrono::TimeDelta;
use rustix::fs::{AtFlags, CWD, Mode, OFlags, RawDir, StatxFlags, statx};
use rustix::io::Errno;
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read};
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// How much of a file of a process is read, in bytes. An environment has up to 6 MiB (execve(2)),
/// and the variables that matter come well before that.
const MAX_FILE: u64 = 1024 * 1024;

/// `stat` of a process, to be read again and again: half of what a read costs is to open and close it.
/// The kernel binds the file to the process and not to its pid: once that process is gone, a read fails
/// (`ESRCH`), also when another one has the pid by then.
#[derive(Debug)]
pub struct StatFile(OwnedFd);

impl StatFile {
    /// What it says now; `None` once the process is gone.
    pub fn read(&self) -> Option<Process> {
        // One read gives all of it: at most 52 fields of 20 digits.
        let mut buffer = [MaybeUninit::uninit(); 2048];
        let (bytes, _) = rustix::io::pread(&self.0, &mut buffer, 0).ok()?;
        stat::parse_stat(bytes)
    }
}

/// A `/proc`, or a directory that looks like one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcRoot {
    path: PathBuf,
    ticks_per_second: u64,
}

impl ProcRoot {
    /// The `/proc` at `path`.
    pub fn new(path: impl Into<PathBuf>) -> ProcRoot {
        ProcRoot { path: path.into(), ticks_per_second: rustix::param::clock_ticks_per_second() }
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it is the `/proc` of this machine: the kernel's sockets are those of its processes.
    pub fn is_of_this_machine(&self) -> bool {
        self.path == Path::new("/proc")
    }

    /// Calls `each` with every pid and the name of the process; without the name, which is not read,
    /// where that `is_known`.
    pub fn each_name(
        &self,
        is_known: &dyn Fn(u32) -> bool,
        mut each: impl FnMut(u32, Option<&[u8]>),
    ) -> io::Result<()> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let dir = rustix::fs::openat(CWD, &self.path, flags, Mode::empty())?;
        let mut buffer = Vec::with_capacity(32 * 1024);
        let mut entries = RawDir::new(&dir, buffer.spare_capacity_mut());
        while let Some(entry) = entries.next() {
            let entry = entry?;
            let Some(pid) = stat::number::<u32>(entry.file_name().to_bytes()) else { continue };
            if is_known(pid) {
                each(pid, None);
                continue;
            }
            let mut path = [0_u8; 16];
            let Some(path) = comm_path(pid, &mut path) else { continue };
            let flags = OFlags::RDONLY | OFlags::CLOEXEC;
            let file = match rustix::fs::openat(&dir, path, flags, Mode::empty()) {
                Ok(file) => file,
                // Without descriptors or memory it cannot be opened, although the process exists.
                Err(error @ (Errno::MFILE | Errno::NFILE | Errno::NOMEM)) => {
                    return Err(error.into());
                }
                // A process may end at any moment; then it is left out.
                Err(_) => continue,
            };
            let mut comm = [MaybeUninit::uninit(); 64];
            if let Ok((comm, _)) = rustix::io::read(&file, &mut comm) {
                each(pid, Some(comm.strip_suffix(b"\n").unwrap_or(comm)));
            }
        }
        Ok(())
    }

    /// The process `pid`; `None` if there is none.
    pub fn process(&self, pid: u32) -> Option<Process> {
        self.open_stat(pid)?.read()
    }

    /// `stat` of the process `pid`; `None` if there is none.
    pub fn open_stat(&self, pid: u32) -> Option<StatFile> {
        let path = self.path.join(format!("{pid}/stat"));
        let flags = OFlags::RDONLY | OFlags::CLOEXEC;
        rustix::fs::openat(CWD, &path, flags, Mode::empty()).ok().map(StatFile)
    }

    /// The state of `pid` (proc_pid_stat(5)) and the processor time that it has used; `None` if there
    /// is no such process.
    pub fn usage(&self, pid: u32) -> Option<(char, TimeDelta)> {
        let bytes = self.read(pid, "stat").ok()?;
        let ticks = stat::parse_cpu_ticks(&bytes)?;
        let millis = u128::from(ticks) * 1_000 / u128::from(self.ticks_per_second);
        let used = TimeDelta::try_milliseconds(i64::try_from(millis).ok()?)?;
        Some((stat::parse_stat(&bytes)?.state, used))
    }

    /// The arguments of `pid`; empty if it ended or has none.
    pub fn argv(&self, pid: u32) -> Vec<String> {
        self.read(pid, "cmdline").map(|bytes| stat::parse_cmdline(&bytes)).unwrap_or_default()
    }

    /// What is kept of the environment that `pid` was started with; empty if it cannot be read. That of
    /// mosh-client holds the key of its connection (mosh-client(1)), and is not read.
    pub fn env(&self, pid: u32) -> Environment {
        if self.read(pid, "comm").is_ok_and(|comm| comm.trim_ascii() == b"mosh-client") {
            return Environment::default();
        }
        self.read(pid, "environ").map(|bytes| stat::parse_environ(&bytes)).unwrap_or_default()
    }

    /// The target of a link of `pid`: `exe`, `cwd`, `fd/0` …
    pub fn link(&self, pid: u32, name: &str) -> Option<PathBuf> {
        fs::read_link(self.path.join(pid.to_string()).join(name)).ok()
    }

    /// The directory of `pid`, also one that was removed; `None` if it may not be read.
    pub fn directory(&self, pid: u32) -> Option<SharedPath> {
        let target = self.link(pid, "cwd")?;
        // The kernel adds these words to what has no name any more (proc_pid_exe(5), of `exe`).
        let removed = target.to_str().and_then(|it| it.strip_suffix(" (deleted)"));
        let path = self.path.join(format!("{pid}/cwd"));
        // A file system that hangs is not asked.
        let stat = || statx(CWD, &path, AtFlags::STATX_DONT_SYNC, StatxFlags::NLINK);
        let is_removed = |_: &&str| stat().map_or(true, |it| it.stx_nlink == 0);
        Some(removed.filter(is_removed).map_or(&*target, Path::new).into())
    }

    /// Whether a link of `pid` has this target; `None`: it cannot be read.
    pub fn is_link_to(&self, pid: u32, name: &str, target: Option<&Path>) -> bool {
        let path = self.path.join(format!("{pid}/{name}"));
        let mut buffer = [MaybeUninit::uninit(); 1024];
        match rustix::fs::readlinkat_raw(CWD, &path, &mut buffer) {
            // A target that fills the buffer may go on.
            Ok((_, [])) => self.link(pid, name).as_deref() == target,
            Ok((found, _)) => target.is_some_and(|it| it.as_os_str().as_bytes() == &*found),
            Err(_) => target.is_none(),
        }
    }

    /// The program of `pid`, also one that is deleted; `None` if it may not be read.
    pub fn open_program(&self, pid: u32) -> Option<fs::File> {
        fs::File::open(self.path.join(format!("{pid}/exe"))).ok()
    }

    /// The user that `pid` runs as.
    pub fn uid(&self, pid: u32) -> Option<u32> {
        fs::metadata(self.path.join(pid.to_string())).ok().map(|it| it.uid())
    }

    /// Everything about a process that looks like a session. `boot` is when the machine started.
    pub fn candidate(&self, process: Process, boot: Timestamp) -> Candidate {
        let pid = process.id.pid;
        let cmdline = self.read(pid, "cmdline").unwrap_or_default();
        let inner = self.read(pid, "status").ok().and_then(|it| stat::parse_inner_pid(&it));
        let exe = self.link(pid, "exe").map(SharedPath::from);
        let root = SharedPath::from(file_root(&self.path, pid));
        let mut env = self.env(pid);
        // Who may read the link may read the environment too, so that there is no HOME in it.
        if env.get("HOME").is_none() && exe.is_some() && *root == *Path::new("/") {
            let users = fs::read("/etc/passwd").unwrap_or_default();
            let home = self.uid(pid).and_then(|uid| stat::parse_home(&users, uid));
            home.iter().for_each(|home| env.add("HOME", home));
        }
        Candidate {
            started_at: self.started_at(&process, boot),
            argv: stat::parse_cmdline(&cmdline).into(),
            argv_bytes: cmdline.len(),
            exe,
            cwd: self.directory(pid),
            env,
            inner_pid: inner.unwrap_or(pid),
            is_fed: self.link(pid, "fd/0").is_some_and(|input| may_feed(&input)),
            shows_output: self.link(pid, "fd/1").map(|output| is_terminal(&output)),
            inner_start: self.inner_start(&process),
            root,
            process,
        }
    }

    /// When `process` started, by the wall clock.
    pub fn started_at(&self, process: &Process, boot: Timestamp) -> Timestamp {
        let ticks = process.id.start;
        let seconds = i64::try_from(ticks / self.ticks_per_second).unwrap_or(i64::MAX / 2_000);
        let rest = (ticks % self.ticks_per_second) * 1_000 / self.ticks_per_second;
        TimeDelta::try_seconds(seconds)
            .and_then(|after| boot.checked_add_signed(after))
            .and_then(|at| at.checked_add_signed(TimeDelta::milliseconds(rest.cast_signed())))
            .unwrap_or(boot)
    }

    /// The living descendants of `pid`, without `pid`. Their arguments are not read: that hangs
    /// while the kernel holds the memory of one.
    pub fn descendants(&self, pid: u32, boot: Timestamp) -> Vec<Child> {
        let mut seen = BTreeSet::from([pid]);
        let mut todo = vec![pid];
        let mut found = Vec::new();
        while let Some(parent) = todo.pop() {
            for child in self.children(parent) {
                if !seen.insert(child) {
                    continue;
                }
                let Some(process) = self.process(child) else { continue };
                todo.push(child);
                found.push(Child { born: self.started_at(&process, boot), process });
            }
        }
        found
    }

    /// The children of `pid`: those of each of its threads, for any thread may fork. If the kernel
    /// keeps no list of them (`CONFIG_PROC_CHILDREN`), the parent of every process is read.
    pub fn children(&self, pid: u32) -> Vec<u32> {
        // The parent of the first process, and of those whose parent is in another PID namespace.
        if pid == 0 {
            return Vec::new();
        }
        let tasks = self.path.join(pid.to_string()).join("task");
        let mut found = Vec::new();
        let mut listed = false;
        for task in fs::read_dir(tasks).into_iter().flatten().flatten() {
            if let Ok(bytes) = read_bounded(&task.path().join("children")) {
                listed = true;
                found.extend(stat::parse_pids(&bytes));
            }
        }
        if listed {
            return found;
        }
        let all = fs::read_dir(&self.path).into_iter().flatten().flatten();
        all.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .filter(|&other| self.process(other).is_some_and(|it| it.ppid == pid))
            .collect()
    }

    /// When `process` started, in ticks as it reads it itself: `stat` shows the times of the reader's
    /// time namespace.
    fn inner_start(&self, process: &Process) -> u64 {
        let (pid, start) = (process.id.pid, process.id.start);
        if !has_other(&self.path, pid, "time") {
            return start;
        }
        let offset = |process: &str| {
            let bytes = read_bounded(&self.path.join(process).join("timens_offsets")).ok()?;
            stat::parse_boottime_offset(&bytes)
        };
        let (Some(its), Some(own)) = (offset(&pid.to_string()), offset("self")) else {
            return start;
        };
        let ticks = i128::from(self.ticks_per_second) * (its - own) / 1_000_000_000;
        u64::try_from(i128::from(start) + ticks).unwrap_or(start)
    }

    fn read(&self, pid: u32, name: &str) -> io::Result<Vec<u8>> {
        read_bounded(&self.path.join(pid.to_string()).join(name))
    }
}

/// `PID/comm` in `buffer`.
fn comm_path(pid: u32, buffer: &mut [u8; 16]) -> Option<&str> {
    use io::Write;
    let mut rest = &mut buffer[..];
    write!(rest, "{pid}/comm").ok()?;
    let length = 16 - rest.len();
    std::str::from_utf8(&buffer[..length]).ok()
}

pub(super) fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    // Room for a whole `stat`: `read_to_end` fills an empty vector in steps of 32 bytes at first.
    let mut bytes = Vec::with_capacity(1024);
    fs::File::open(path)?.take(MAX_FILE).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    use std::process::{Command, Stdio};

    #[test]
    fn a_process_of_another_time_namespace_sees_another_start() {
        use std::os::unix::fs::symlink;
        let dir = tempfile::tempdir().unwrap();
        let add = |name: &str, namespace: &str, boottime: &str| {
            fs::create_dir_all(dir.path().join(name).join("ns")).unwrap();
            symlink(format!("time:[{namespace}]"), dir.path().join(name).join("ns/time")).unwrap();
            let offsets = format!("monotonic           0         0\nboottime  {boottime}\n");
            fs::write(dir.path().join(name).join("timens_offsets"), offsets).unwrap();
            let stat = format!("{name} (claude) S 1 1 1 0 1 0 1 2 3 4 5 6 7 8 20 0 9 0 777 1 2");
            fs::write(dir.path().join(name).join("stat"), stat).unwrap();
        };
        add("self", "1", "0 0");
        let root = ProcRoot::new(dir.path());
        for (pid, namespace, boottime, start) in
            [(5, "1", "0 0", 777), (6, "2", "100 500000000", 10_827), (7, "2", "-7 0", 77)]
        {
            add(&pid.to_string(), namespace, boottime);
            let process = root.process(pid).unwrap();
            assert_eq!(root.inner_start(&process), start, "{boottime}");
        }
        fs::write(dir.path().join("7/timens_offsets"), "boottime x").unwrap();
        assert_eq!(root.inner_start(&root.process(7).unwrap()), 777);
    }

    #[test]
    fn a_directory_that_was_removed_keeps_its_name() {
        let dir = tempfile::tempdir().unwrap();
        let named = |name: &str| {
            let path = dir.path().join(name);
            fs::create_dir(&path).unwrap();
            let child = Command::new("cat").current_dir(&path).stdin(Stdio::piped()).spawn();
            (path, child.unwrap())
        };
        let (removed, mut one) = named("removed");
        let (there, mut two) = named("there (deleted)");
        fs::remove_dir(&removed).unwrap();
        let root = ProcRoot::new("/proc");
        assert_eq!(root.link(one.id(), "cwd").unwrap(), dir.path().join("removed (deleted)"));
        assert_eq!(root.directory(one.id()), Some(removed.as_path().into()));
        assert_eq!(root.directory(two.id()), Some(there.as_path().into()));
        for child in [&mut one, &mut two] {
            drop(child.stdin.take());
            child.wait().unwrap();
        }
    }

    #[test]
    fn the_environment_of_mosh_client_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        for (pid, comm) in [("5", "mosh-client\n"), ("6", "bash\n")] {
            fs::create_dir(dir.path().join(pid)).unwrap();
            fs::write(dir.path().join(pid).join("comm"), comm).unwrap();
            fs::write(dir.path().join(pid).join("environ"), "TMUX=a\0").unwrap();
        }
        let root = ProcRoot::new(dir.path());
        assert!(root.env(5).is_empty());
        assert_eq!(root.env(6).get("TMUX"), Some("a"));
    }

    #[test]
    fn descendants_are_found_although_their_arguments_cannot_be_read() {
        let dir = tempfile::tempdir().unwrap();
        for (pid, children) in [(1, "2"), (2, "3"), (3, "")] {
            let task = dir.path().join(format!("{pid}/task/{pid}"));
            fs::create_dir_all(&task).unwrap();
            fs::write(task.join("children"), children).unwrap();
            let stat =
                format!("{pid} (sh) S {} 1 1 0 1 0 1 2 3 4 5 6 7 8 20 0 9 0 777 1 2", pid - 1);
            fs::write(dir.path().join(format!("{pid}/stat")), stat).unwrap();
            // Opening this blocks.
            let cmdline = dir.path().join(format!("{pid}/cmdline"));
            mknodat(CWD, &cmdline, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
        }
        let (send, found) = std::sync::mpsc::channel();
        let root = ProcRoot::new(dir.path());
        let boot = chrono::DateTime::from_timestamp(0, 0).unwrap();
        std::thread::spawn(move || send.send(root.descendants(1, boot)));
        let found = found.recv_timeout(std::time::Duration::from_secs(120)).unwrap();
        assert_eq!(found.iter().map(|it| it.process.id.pid).collect::<Vec<_>>(), [2, 3]);
    }
}
