//! inotify: which session is touched when a file changes.
//!
//! Directories are watched, not files: Claude Code creates, replaces and moves its files. Of a path
//! that does not exist yet, the nearest directory that does is watched for the next part of it.
//!
//! Watches are set up by [`super::arming`]. What happened before one was there nobody tells, so
//! whoever it is for is told to look when it is.

use super::arming::{Armed, Arming, Wish};
use super::inotify::{Inotify, RawEvent};
use crate::session::process::ProcessId;
use rustix::fs::inotify::ReadFlags;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
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
    /// None without inotify (`max_user_instances`): then there is never anything to tell.
    inotify: Option<(Inotify, Arming)>,
    /// What each one wants watched, as it was asked for.
    wanted: BTreeMap<Interest, Vec<PathBuf>>,
    directories: HashMap<i32, Directory>,
    /// Watches that ended, or in whose directory others came or went, while watches were being set
    /// up; and when, counted. One that was being set up then may be out of date.
    news: HashMap<i32, u64>,
    count: u64,
    /// Paths of which a part fails.
    broken: BTreeSet<Wish>,
    /// Why not everything is watched, in one line.
    problem: Option<String>,
    /// No events are read before then.
    rests_until: Instant,
}

/// Whoever wants to know; most often that is one.
type Interested = Vec<Interest>;

#[derive(Default)]
struct Directory {
    names: HashMap<OsString, Interested>,
    /// Those who want to know of every name.
    every: Interested,
}

impl Watcher {
    /// A watcher of nothing.
    pub fn new() -> Watcher {
        let inotify = Inotify::new();
        let problem = inotify.as_ref().err().map(|error| {
            format!(
                "no instant updates, only scans: inotify: {error} (fs.inotify.max_user_instances)"
            )
        });
        let with_arming = |inotify: Inotify| {
            let arming = Arming::new(inotify.descriptor());
            (inotify, arming)
        };
        Watcher {
            inotify: inotify.ok().map(with_arming),
            wanted: BTreeMap::new(),
            directories: HashMap::new(),
            news: HashMap::new(),
            count: 0,
            broken: BTreeSet::new(),
            problem,
            rests_until: Instant::now(),
        }
    }

    /// Why not everything is watched, in one line; `None` when all is well.
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// A path that is not watched yet because its file system hangs.
    pub fn hanging(&self) -> Option<&Path> {
        self.inotify.as_ref()?.1.hanging()
    }

    /// From now on tell `who` about these files, and no others. A path that ends in `/` is a
    /// directory, every name in which matters.
    pub fn set(&mut self, who: Interest, paths: &[PathBuf]) {
        if self.wanted.get(&who).is_some_and(|before| before == paths) {
            return;
        }
        let before = self.forget(who);
        self.begin(who, paths);
        if !paths.is_empty() && self.inotify.is_some() {
            self.wanted.insert(who, paths.to_vec());
        }
        if before {
            self.drop_unused();
        }
    }

    /// Wait for changes: at once for the first of a burst, then for what came in a few
    /// milliseconds together. Never returns if there is no inotify.
    pub async fn next(&mut self) -> Touched {
        let Some((inotify, arming)) = &mut self.inotify else {
            return std::future::pending().await;
        };
        let rested = async {
            sleep_until(self.rests_until).await;
            inotify.events().await
        };
        tokio::select! {
            raw = rested => {
                self.rests_until = Instant::now() + BURST;
                self.sort_out(raw)
            }
            armed = arming.next() => self.take_armed(armed),
        }
    }

    /// Watches were set up: whoever they are for is to look, for what was before them.
    fn take_armed(&mut self, armed: Vec<Armed>) -> Touched {
        let mut touched = Touched::default();
        for Armed { wish, begun, spot, full, broken } in armed {
            let was_broken = self.broken.remove(&wish);
            if broken {
                self.broken.insert(wish.clone());
            }
            let Wish { who, path } = wish;
            if full {
                let limit = "fs.inotify.max_user_watches is reached";
                self.problem = Some(format!("some updates come with the next scan only: {limit}"));
            }
            let Some(spot) = spot else { continue };
            let is_wanted = self.wanted.get(&who).is_some_and(|paths| paths.contains(&path));
            if is_wanted && self.news.get(&spot.watch).is_some_and(|news| *news > begun) {
                self.begin(who, &[path]);
                continue;
            }
            let directory = self.directories.entry(spot.watch).or_default();
            if is_wanted {
                let interested = match spot.name {
                    Some(name) => {
                        directory.names.entry(name).or_insert_with(|| Vec::with_capacity(1))
                    }
                    None => &mut directory.every,
                };
                if !interested.contains(&who) {
                    interested.push(who);
                }
                if !(broken && was_broken) {
                    touched.files.insert((who, OsString::new()));
                }
            }
        }
        self.drop_unused();
        if self.is_armed() {
            self.news.clear();
        }
        touched
    }

    /// Try again to watch what could not be looked up, for nobody tells when it can.
    pub fn heal(&mut self) {
        for Wish { who, path } in std::mem::take(&mut self.broken) {
            if self.wanted.get(&who).is_some_and(|paths| paths.contains(&path)) {
                self.begin(who, std::slice::from_ref(&path));
                self.broken.insert(Wish { who, path });
            }
        }
    }

    fn is_armed(&self) -> bool {
        self.inotify.as_ref().is_none_or(|(_, arming)| arming.is_idle())
    }

    fn begin(&mut self, who: Interest, paths: &[PathBuf]) {
        let Some((_, arming)) = &mut self.inotify else { return };
        for path in paths {
            arming.begin(Wish { who, path: path.clone() }, self.count);
        }
    }

    fn sort_out(&mut self, raw: Vec<RawEvent>) -> Touched {
        let mut touched = Touched::default();
        let mut moved = BTreeSet::new();
        for event in raw {
            if event.flags.contains(ReadFlags::QUEUE_OVERFLOW) {
                touched.overflow = true;
            }
            let ends = ReadFlags::IGNORED | ReadFlags::MOVE_SELF | ReadFlags::UNMOUNT;
            if event.flags.intersects(ends | ReadFlags::ISDIR) {
                self.note_news(event.watch);
            }
            let Some(directory) = self.directories.get(&event.watch) else { continue };
            if event.flags.intersects(ends) {
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

    /// True if there was anything to forget.
    fn forget(&mut self, who: Interest) -> bool {
        if self.wanted.remove(&who).is_none() {
            return false;
        }
        for directory in self.directories.values_mut() {
            directory.every.retain(|it| *it != who);
            directory.names.retain(|_, interested| {
                interested.retain(|it| *it != who);
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
        self.note_news(watch);
        if let (true, Some((inotify, _))) = (remove, &self.inotify) {
            inotify.remove(watch);
        }
    }

    fn note_news(&mut self, watch: i32) {
        if !self.is_armed() {
            self.count += 1;
            self.news.insert(watch, self.count);
        }
    }
}

impl Default for Watcher {
    fn default() -> Watcher {
        Watcher::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const A: Interest = Interest::Session(ProcessId { pid: 1, start: 1 });
    const B: Interest = Interest::Session(ProcessId { pid: 2, start: 1 });

    /// Wait until `who` is told of `name`. It may be told before to look once more.
    async fn told(watcher: &mut Watcher, who: Interest, name: &str) {
        while !watcher.next().await.files.contains(&(who, name.into())) {}
    }

    /// Wait until all watches are there.
    async fn armed(watcher: &mut Watcher) {
        while !watcher.is_armed() {
            watcher.next().await;
        }
    }

    #[tokio::test]
    async fn only_those_concerned_are_told() {
        let dir = tempfile::tempdir().unwrap();
        let mut watcher = Watcher::new();
        watcher.set(A, &[dir.path().join("a.json")]);
        watcher.set(B, &[dir.path().join("b.json")]);
        armed(&mut watcher).await;
        fs::write(dir.path().join("c.json"), "1").unwrap();
        fs::write(dir.path().join("a.json"), "1").unwrap();
        let touched = watcher.next().await;
        assert_eq!(touched.files, BTreeSet::from([(A, "a.json".into())]));
    }

    #[tokio::test]
    async fn who_is_watched_for_looks_at_what_was_before() {
        let dir = tempfile::tempdir().unwrap();
        let mut watcher = Watcher::new();
        watcher.set(A, &[dir.path().join("a.json")]);
        let mut touched = watcher.next().await;
        // On a busy machine it is looked first whether the watch hangs.
        while touched == Touched::default() {
            touched = watcher.next().await;
        }
        assert_eq!(touched.files, BTreeSet::from([(A, OsString::new())]));
    }

    #[tokio::test]
    async fn a_directory_tells_of_every_name() {
        let dir = tempfile::tempdir().unwrap();
        let mut watcher = Watcher::new();
        let path = PathBuf::from(format!("{}/", dir.path().display()));
        watcher.set(Interest::NewSessions, &[path]);
        armed(&mut watcher).await;
        fs::write(dir.path().join("77.json"), "1").unwrap();
        told(&mut watcher, Interest::NewSessions, "77.json").await;
    }

    #[tokio::test]
    async fn a_path_is_followed_as_its_directories_come_into_being() {
        let dir = tempfile::tempdir().unwrap();
        let mut watcher = Watcher::new();
        let path = dir.path().join("projects/x/s.jsonl");
        watcher.set(A, std::slice::from_ref(&path));
        armed(&mut watcher).await;
        for name in ["projects", "projects/x"] {
            fs::create_dir(dir.path().join(name)).unwrap();
            told(&mut watcher, A, "").await;
            armed(&mut watcher).await;
        }
        fs::write(&path, "{}\n").unwrap();
        told(&mut watcher, A, "s.jsonl").await;
    }

    #[tokio::test]
    async fn a_directory_that_was_replaced_is_found_again() {
        let dir = tempfile::tempdir().unwrap();
        let sub = dir.path().join("sub");
        fs::create_dir(&sub).unwrap();
        let mut watcher = Watcher::new();
        watcher.set(A, &[sub.join("f")]);
        armed(&mut watcher).await;
        fs::rename(&sub, dir.path().join("old")).unwrap();
        told(&mut watcher, A, "").await;
        armed(&mut watcher).await;
        fs::create_dir(&sub).unwrap();
        told(&mut watcher, A, "").await;
        armed(&mut watcher).await;
        fs::write(sub.join("f"), "1").unwrap();
        told(&mut watcher, A, "f").await;
    }

    #[tokio::test]
    async fn a_watch_that_ends_while_it_is_set_up_is_set_up_again() {
        let dir = tempfile::tempdir().unwrap();
        let mut watcher = Watcher::new();
        watcher.set(A, &[dir.path().join("a")]);
        armed(&mut watcher).await;
        // The same watch, taken away by the one who wanted it first.
        watcher.set(B, &[dir.path().join("b")]);
        watcher.set(A, &[]);
        armed(&mut watcher).await;
        fs::write(dir.path().join("b"), "1").unwrap();
        told(&mut watcher, B, "b").await;
    }

    #[tokio::test]
    async fn who_wants_nothing_is_told_nothing_and_costs_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let mut watcher = Watcher::new();
        watcher.set(A, &[dir.path().join("a")]);
        watcher.set(A, &[]);
        armed(&mut watcher).await;
        assert!(watcher.directories.is_empty() && watcher.news.is_empty());
    }
}
