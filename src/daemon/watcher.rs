//! inotify: which session is touched when a file changes.
//!
//! Directories are watched, not files: Claude Code creates, replaces and moves its files. Of a path
//! that does not exist yet, the nearest directory that does is watched for the next part of it.

use super::ready;
use crate::session::process::ProcessId;
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use rustix::io::Errno;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::{OsStr, OsString};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use tokio::io::unix::AsyncFd;
use tokio::time::{Instant, sleep_until};

/// Events that come within this time of one another are taken together.
const BURST: std::time::Duration = std::time::Duration::from_millis(4);

/// Who wants to know about a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Interest {
    /// A session.
    Session(ProcessId),
    /// A directory in which session files of new sessions appear.
    NewSessions,
    /// The user's labels.
    Labels,
    /// The configuration.
    Config,
}

/// What changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    /// Who is concerned, and the name of the file.
    pub files: BTreeSet<(Interest, OsString)>,
    /// Events were lost: anything may have changed.
    pub overflow: bool,
}

/// Watches files for many.
pub struct Watcher {
    fd: Option<AsyncFd<OwnedFd>>,
    /// What each one wants watched, as it was asked for.
    wanted: BTreeMap<Interest, Vec<PathBuf>>,
    directories: HashMap<i32, Directory>,
    by_path: HashMap<PathBuf, i32>,
    /// Why not everything is watched, in one line.
    problem: Option<String>,
    /// No events are read before then.
    rests_until: Instant,
}

#[derive(Default)]
struct Directory {
    names: BTreeMap<OsString, BTreeSet<Interest>>,
    /// Those who want to know of every name.
    every: BTreeSet<Interest>,
}

impl Watcher {
    /// A watcher; without inotify (`max_user_instances`), one that never has anything to tell.
    pub fn new() -> Watcher {
        let fd = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)
            .map_err(io::Error::from)
            .and_then(ready::watch);
        let problem = fd.as_ref().err().map(|error| {
            format!(
                "no instant updates, only scans: inotify: {error} (fs.inotify.max_user_instances)"
            )
        });
        Watcher {
            fd: fd.ok(),
            wanted: BTreeMap::new(),
            directories: HashMap::new(),
            by_path: HashMap::new(),
            problem,
            rests_until: Instant::now(),
        }
    }

    /// Why not everything is watched, in one line; `None` when all is well.
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// From now on tell `who` about these files, and no others. A path that ends in `/` is a
    /// directory, every name in which matters.
    pub fn set(&mut self, who: Interest, paths: &[PathBuf]) {
        if self.fd.is_none() || self.wanted.get(&who).is_some_and(|before| before == paths) {
            return;
        }
        let before = self.forget(who);
        for path in paths {
            self.add(who, path);
        }
        if !paths.is_empty() {
            self.wanted.insert(who, paths.to_vec());
        }
        if before {
            self.drop_unused();
        }
    }

    /// Wait for changes: at once for the first of a burst, then for what came in a few
    /// milliseconds together. Never returns if there is no inotify.
    pub async fn next(&mut self) -> Touched {
        let Some(fd) = &self.fd else { return std::future::pending().await };
        sleep_until(self.rests_until).await;
        let mut raw = Vec::new();
        loop {
            let Ok(mut ready) = fd.readable().await else { return std::future::pending().await };
            let read = ready.try_io(|fd| read_events(fd.get_ref(), &mut raw));
            if !matches!(read, Err(_) | Ok(Ok(0))) {
                break;
            }
        }
        self.rests_until = Instant::now() + BURST;
        self.sort_out(raw)
    }

    fn sort_out(&mut self, raw: Vec<RawEvent>) -> Touched {
        let mut touched = Touched::default();
        let mut moved = BTreeSet::new();
        for event in raw {
            if event.flags.contains(ReadFlags::QUEUE_OVERFLOW) {
                touched.overflow = true;
            }
            let Some(directory) = self.directories.get(&event.watch) else { continue };
            if event
                .flags
                .intersects(ReadFlags::IGNORED | ReadFlags::MOVE_SELF | ReadFlags::UNMOUNT)
            {
                moved.extend(directory.names.values().flatten().chain(&directory.every).copied());
                self.lose(event.watch, !event.flags.contains(ReadFlags::IGNORED));
                continue;
            }
            let Some(name) = event.name else { continue };
            let named = directory.names.get(&name).into_iter().flatten();
            for who in named.chain(&directory.every) {
                touched.files.insert((*who, name.clone()));
            }
            // A directory came or went: what is wanted may now lie elsewhere in the tree.
            if event.flags.contains(ReadFlags::ISDIR) {
                moved.extend(directory.names.get(&name).into_iter().flatten().copied());
            }
        }
        for who in moved {
            self.rearm(who);
            touched.files.insert((who, OsString::new()));
        }
        touched
    }

    fn rearm(&mut self, who: Interest) {
        if let Some(paths) = self.wanted.get(&who).cloned() {
            self.forget(who);
            self.set(who, &paths);
        }
    }

    fn add(&mut self, who: Interest, path: &Path) {
        let is_directory = path.as_os_str().as_bytes().ends_with(b"/");
        if is_directory && self.watch(path).is_some_and(|it| it.every.insert(who)) {
            return;
        }
        // The nearest directory that exists, and the next part of the path below it.
        let mut below = path;
        while let (Some(parent), Some(name)) = (below.parent(), below.file_name()) {
            if let Some(directory) = self.watch(parent) {
                directory.names.entry(name.to_owned()).or_default().insert(who);
                return;
            }
            below = parent;
        }
    }

    /// The watched directory at `path`, `None` if it cannot be watched.
    fn watch(&mut self, path: &Path) -> Option<&mut Directory> {
        if let Some(watch) = self.by_path.get(path) {
            return self.directories.get_mut(watch);
        }
        let flags = WatchFlags::MODIFY
            | WatchFlags::CREATE
            | WatchFlags::DELETE
            | WatchFlags::MOVED_TO
            | WatchFlags::MOVED_FROM
            | WatchFlags::MOVE_SELF
            | WatchFlags::ONLYDIR
            | WatchFlags::EXCL_UNLINK;
        match inotify::add_watch(self.fd.as_ref()?.get_ref(), path, flags) {
            Ok(watch) => {
                self.by_path.insert(path.to_owned(), watch);
                Some(self.directories.entry(watch).or_default())
            }
            Err(Errno::NOSPC | Errno::NOMEM) => {
                let limit = "fs.inotify.max_user_watches is reached";
                self.problem = Some(format!("some updates come with the next scan only: {limit}"));
                None
            }
            Err(_) => None,
        }
    }

    /// True if there was anything to forget.
    fn forget(&mut self, who: Interest) -> bool {
        if self.wanted.remove(&who).is_none() {
            return false;
        }
        for directory in self.directories.values_mut() {
            directory.every.remove(&who);
            directory.names.retain(|_, interested| {
                interested.remove(&who);
                !interested.is_empty()
            });
        }
        true
    }

    fn drop_unused(&mut self) {
        let unused = |it: &Directory| it.names.is_empty() && it.every.is_empty();
        let watches: Vec<i32> =
            self.directories.iter().filter(|(_, it)| unused(it)).map(|(watch, _)| *watch).collect();
        for watch in watches {
            self.lose(watch, true);
        }
    }

    fn lose(&mut self, watch: i32, remove: bool) {
        self.directories.remove(&watch);
        // Several names may lead to one directory, which has one watch.
        self.by_path.retain(|_, other| *other != watch);
        if let (true, Some(fd)) = (remove, &self.fd) {
            let _ = inotify::remove_watch(fd.get_ref(), watch);
        }
    }
}

impl Default for Watcher {
    fn default() -> Watcher {
        Watcher::new()
    }
}

struct RawEvent {
    watch: i32,
    flags: ReadFlags,
    name: Option<OsString>,
}

/// Read all events there are; how many that were.
fn read_events(fd: &OwnedFd, into: &mut Vec<RawEvent>) -> io::Result<usize> {
    let mut buffer = [MaybeUninit::uninit(); 16 * 1024];
    let mut reader = inotify::Reader::new(fd, &mut buffer);
    let before = into.len();
    loop {
        match reader.next() {
            Ok(event) => into.push(RawEvent {
                watch: event.wd(),
                flags: event.events(),
                name: event.file_name().map(|it| OsStr::from_bytes(it.to_bytes()).to_owned()),
            }),
            Err(Errno::AGAIN) if into.len() > before => return Ok(into.len() - before),
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const A: Interest = Interest::Session(ProcessId { pid: 1, start: 1 });
    const B: Interest = Interest::Session(ProcessId { pid: 2, start: 1 });

    fn names(touched: &Touched, who: Interest) -> Vec<&str> {
        let its = touched.files.iter().filter(|(other, _)| *other == who);
        its.filter_map(|(_, name)| name.to_str()).collect()
    }

    #[tokio::test]
    async fn only_those_concerned_are_told() {
        let dir = tempfile::tempdir().unwrap();
        let mut watcher = Watcher::new();
        watcher.set(A, &[dir.path().join("a.json")]);
        watcher.set(B, &[dir.path().join("b.json")]);
        fs::write(dir.path().join("c.json"), "1").unwrap();
        fs::write(dir.path().join("a.json"), "1").unwrap();
        let touched = watcher.next().await;
        assert_eq!((names(&touched, A), names(&touched, B)), (vec!["a.json"], vec![]));
    }

    #[tokio::test]
    async fn a_directory_tells_of_every_name() {
        let dir = tempfile::tempdir().unwrap();
        let mut watcher = Watcher::new();
        let path = PathBuf::from(format!("{}/", dir.path().display()));
        watcher.set(Interest::NewSessions, &[path]);
        fs::write(dir.path().join("77.json"), "1").unwrap();
        assert_eq!(names(&watcher.next().await, Interest::NewSessions), ["77.json"]);
    }

    #[tokio::test]
    async fn a_path_is_followed_as_its_directories_come_into_being() {
        let dir = tempfile::tempdir().unwrap();
        let mut watcher = Watcher::new();
        let path = dir.path().join("projects/x/s.jsonl");
        watcher.set(A, std::slice::from_ref(&path));
        fs::create_dir(dir.path().join("projects")).unwrap();
        assert!(!names(&watcher.next().await, A).is_empty());
        fs::create_dir(dir.path().join("projects/x")).unwrap();
        assert!(!names(&watcher.next().await, A).is_empty());
        fs::write(&path, "{}\n").unwrap();
        assert_eq!(names(&watcher.next().await, A), ["s.jsonl"]);
    }

    #[tokio::test]
    async fn a_directory_that_was_replaced_is_found_again() {
        let dir = tempfile::tempdir().unwrap();
        let sub = dir.path().join("sub");
        fs::create_dir(&sub).unwrap();
        let mut watcher = Watcher::new();
        watcher.set(A, &[sub.join("f")]);
        fs::rename(&sub, dir.path().join("old")).unwrap();
        assert!(!names(&watcher.next().await, A).is_empty());
        fs::create_dir(&sub).unwrap();
        assert!(!names(&watcher.next().await, A).is_empty());
        fs::write(sub.join("f"), "1").unwrap();
        assert_eq!(names(&watcher.next().await, A), ["f"]);
    }

    #[tokio::test]
    async fn who_wants_nothing_is_told_nothing_and_costs_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let mut watcher = Watcher::new();
        watcher.set(A, &[dir.path().join("a")]);
        watcher.set(A, &[]);
        assert!(watcher.directories.is_empty() && watcher.by_path.is_empty());
    }
}
