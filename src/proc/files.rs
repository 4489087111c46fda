//! Facts about processes, and the files that they have open.

use super::ProcRoot;
use super::pts::{Pts, pts_number};
use crate::session::process::{Environment, Process};
use rustix::termios::{LocalModes, tcgetattr};
use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// How many bytes of what a process watches are read: of some hundred thousand files.
const MAX_WATCHES: u64 = 16 * 1024 * 1024;

/// How many threads of a process are looked at: Claude Code has some twenty.
const MAX_THREADS: usize = 64;

/// Reads the facts of one process. [`ProcRoot`] reads them in the calling thread; a daemon that
/// must not block uses a reader with a timeout, because the kernel may hold the memory in which
/// the arguments and the environment of a process are.
///
/// A process that is gone, or belongs to another user, gives `None` or an empty value.
pub trait ReadProcess: Send + Sync {
    /// `/proc/PID/stat`.
    fn process(&self, pid: u32) -> Option<Process>;
    /// The arguments.
    fn argv(&self, pid: u32) -> Vec<String>;
    /// The variables of [`crate::session::process::ENVIRONMENT`].
    fn env(&self, pid: u32) -> Environment;
    /// Pids of the children.
    fn children(&self, pid: u32) -> Vec<u32>;
}

impl ReadProcess for ProcRoot {
    fn process(&self, pid: u32) -> Option<Process> {
        self.process(pid)
    }
    fn argv(&self, pid: u32) -> Vec<String> {
        self.argv(pid)
    }
    fn env(&self, pid: u32) -> Environment {
        self.env(pid)
    }
    fn children(&self, pid: u32) -> Vec<u32> {
        self.children(pid)
    }
}

/// Which processes there are, by their names (`/proc/PID/comm`).
#[derive(Debug, Default)]
pub struct ProcessNames(HashMap<String, Vec<u32>>);

impl ProcessNames {
    /// The pids of those that are called so.
    pub fn called(&self, name: &str) -> &[u32] {
        self.0.get(name).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Processes and their open files, under one `/proc`. Files of another user's process are
/// unreadable, and count as absent.
pub struct ProcFiles {
    root: ProcRoot,
    processes: Box<dyn ReadProcess>,
}

impl ProcFiles {
    /// Reads everything in the calling thread.
    pub fn new(root: ProcRoot) -> Self {
        ProcFiles::with(root.clone(), root)
    }

    /// Leaves the facts of [`ReadProcess`] to `processes`.
    pub fn with(root: ProcRoot, processes: impl ReadProcess + 'static) -> Self {
        ProcFiles { root, processes: Box::new(processes) }
    }

    /// The `/proc` that is read.
    pub fn root(&self) -> &ProcRoot {
        &self.root
    }

    /// `/proc/PID/stat`.
    pub fn process(&self, pid: u32) -> Option<Process> {
        self.processes.process(pid)
    }

    /// The arguments of a process.
    pub fn argv(&self, pid: u32) -> Vec<String> {
        self.processes.argv(pid)
    }

    /// The variables of [`crate::session::process::ENVIRONMENT`] in a process's environment.
    pub fn env(&self, pid: u32) -> Environment {
        self.processes.env(pid)
    }

    /// Pids of the children of a process.
    pub fn children(&self, pid: u32) -> Vec<u32> {
        self.processes.children(pid)
    }

    /// The directory that a process is in.
    pub fn cwd(&self, pid: u32) -> Option<PathBuf> {
        self.root.directory(pid).map(|it| it.to_path_buf())
    }

    /// All processes by name; those that were read before an error. It takes some 5 µs a process.
    pub fn names(&self) -> ProcessNames {
        let mut names: HashMap<String, Vec<u32>> = HashMap::new();
        let _ = self.root.each_name(&|_| false, |pid, name| {
            let name = String::from_utf8_lossy(name.unwrap_or_default()).into_owned();
            names.entry(name).or_default().push(pid);
        });
        ProcessNames(names)
    }

    /// All pids.
    pub fn pids(&self) -> Vec<u32> {
        let Ok(entries) = fs::read_dir(self.root.path()) else { return Vec::new() };
        entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
    }

    /// Whether a process runs as this user.
    pub fn is_own(&self, pid: u32) -> bool {
        self.root.uid(pid) == Some(rustix::process::geteuid().as_raw())
    }

    /// The program that a process runs, if its file is still there: after an upgrade the link
    /// names one that was deleted.
    pub fn program(&self, pid: u32) -> Option<PathBuf> {
        self.root.link(pid, "exe").filter(|program| program.is_file())
    }

    /// The open files of a process: descriptor and target.
    pub fn open_files(&self, pid: u32) -> Vec<(u32, PathBuf)> {
        let Ok(entries) = fs::read_dir(self.path(pid, "fd")) else { return Vec::new() };
        let file = |entry: fs::DirEntry| {
            let number = entry.file_name().to_str()?.parse().ok()?;
            Some((number, fs::read_link(entry.path()).ok()?))
        };
        entries.flatten().filter_map(file).collect()
    }

    /// The terminal on the standard input, output or error of a process.
    pub fn terminal(&self, pid: u32) -> Option<Pts> {
        (0..=2).find_map(|fd| {
            let path = self.path(pid, &format!("fd/{fd}"));
            let number = pts_number(&fs::read_link(&path).ok()?)?;
            let instance = fs::metadata(&path).ok()?.dev();
            Some(Pts { instance, number })
        })
    }

    /// Whether a process is in the foreground of its terminal: what is typed there reaches it.
    pub fn is_in_foreground(&self, pid: u32) -> bool {
        let stat = fs::read(self.path(pid, "stat")).unwrap_or_default();
        super::stat::parse_foreground(&stat).unwrap_or(false)
    }

    /// Whether any thread of a process runs, waits for its turn or for a disk now (proc_pid_stat(5)). The
    /// state of the process is that of its first thread.
    pub fn wants_to_run(&self, pid: u32) -> bool {
        let threads = fs::read_dir(self.path(pid, "task")).into_iter().flatten().flatten();
        threads.take(MAX_THREADS).any(|thread| {
            let bytes = fs::read(thread.path().join("stat")).unwrap_or_default();
            super::stat::parse_stat(&bytes).is_some_and(|it| matches!(it.state, 'R' | 'D'))
        })
    }

    /// Whether keys reach whoever reads the terminal of a process, and not only whole lines (termios(3),
    /// `ICANON`): a shell leaves lines to what it starts. True where that is not known.
    pub fn takes_keys(&self, pid: u32) -> bool {
        let device = self.terminal(pid).and_then(|terminal| terminal.open(false));
        let modes = device.and_then(|it| tcgetattr(it).ok()).map(|it| it.local_modes);
        modes.is_none_or(|it| !it.contains(LocalModes::ICANON))
    }

    /// When the terminal on the standard input of a process was last read from, in seconds since
    /// 1970: what `w` calls idle time. Linux updates it every 8 seconds at most. 0 if not known.
    pub fn last_input(&self, pid: u32) -> i64 {
        fs::metadata(self.path(pid, "fd/0")).map_or(0, |data| data.atime())
    }

    /// The terminals whose master a process holds: it is the program that displays them.
    ///
    /// Linux names the terminal of a master in `fdinfo` (`tty-index`, since 4.14).
    pub fn masters(&self, pid: u32) -> Vec<Pts> {
        let Some(instance) = self.devpts(pid) else { return Vec::new() };
        let is_master = |target: &Path| {
            target == Path::new("/dev/ptmx") || target == Path::new("/dev/pts/ptmx")
        };
        self.open_files(pid)
            .iter()
            .filter(|(_, target)| is_master(target))
            .filter_map(|(fd, _)| Some(Pts { instance, number: self.tty_index(pid, *fd)? }))
            .collect()
    }

    /// Device number of the devpts file system that a process sees.
    pub fn devpts(&self, pid: u32) -> Option<u64> {
        Some(fs::metadata(self.path(pid, "root/dev/pts")).ok()?.dev())
    }

    /// Inode numbers of the sockets that a process has open.
    pub fn sockets(&self, pid: u32) -> Vec<u64> {
        let inode = |target: &Path| {
            target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
        };
        self.open_files(pid).iter().filter_map(|(_, target)| inode(target)).collect()
    }

    /// Whether a process watches this inode with inotify. A reloader may watch ten thousands of files,
    /// which are megabytes of lines here, the newest first.
    pub fn watches(&self, pid: u32, inode: u64) -> bool {
        let is_it = |line: &str| {
            let told = line.strip_prefix("inotify ").and_then(|it| it.split("ino:").nth(1));
            let number = told.and_then(|it| it.split(' ').next());
            number.and_then(|it| u64::from_str_radix(it, 16).ok()) == Some(inode)
        };
        let is_watched = |fd| {
            let info = fs::File::open(self.path(pid, &format!("fdinfo/{fd}")));
            let lines = info.map(|it| BufReader::new(it.take(MAX_WATCHES)).lines());
            lines.is_ok_and(|lines| lines.map_while(Result::ok).any(|it| is_it(&it)))
        };
        let mut files = self.open_files(pid).into_iter();
        files.any(|(fd, target)| target.as_os_str() == "anon_inode:inotify" && is_watched(fd))
    }

    /// The inode of the directory that a process is in, as the kernel has it in mind: a file system
    /// that hangs is not asked (statx(2), `AT_STATX_DONT_SYNC`).
    pub fn cwd_inode(&self, pid: u32) -> Option<u64> {
        use rustix::fs::{AtFlags, CWD, StatxFlags, statx};
        let flags = AtFlags::STATX_DONT_SYNC;
        Some(statx(CWD, self.path(pid, "cwd"), flags, StatxFlags::INO).ok()?.stx_ino)
    }

    fn tty_index(&self, pid: u32, fd: u32) -> Option<u64> {
        let info = fs::read_to_string(self.path(pid, &format!("fdinfo/{fd}"))).ok()?;
        let line = info.lines().find_map(|line| line.strip_prefix("tty-index:"))?;
        line.trim().parse().ok()
    }

    fn path(&self, pid: u32, name: &str) -> PathBuf {
        self.root.path().join(pid.to_string()).join(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_wants_to_run_when_any_of_its_threads_does() {
        let dir = tempfile::tempdir().unwrap();
        let files = ProcFiles::new(ProcRoot::new(dir.path()));
        let set = |thread: u32, state: char| {
            let task = dir.path().join(format!("5/task/{thread}"));
            fs::create_dir_all(&task).unwrap();
            let stat = format!("{thread} (x) {state} 1 1 1 0 1 0 1 2 3 4 5 6 7 8 20 0 9 0 777 1 2");
            fs::write(task.join("stat"), stat).unwrap();
            files.wants_to_run(5)
        };
        assert!(!files.wants_to_run(5), "there is none");
        assert_eq!([set(5, 'S'), set(6, 'S'), set(7, 'R')], [false, false, true]);
        assert_eq!([set(7, 'D'), set(7, 'T'), set(7, 'S')], [true, false, false]);
    }
}
