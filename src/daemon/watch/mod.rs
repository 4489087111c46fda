//! inotify: which session is concerned when a file changes.
//!
//! Directories are watched, not files: Claude Code creates, replaces and moves its files. Of a path
//! that does not exist yet, the nearest directory that does is watched for the next part of it.
//!
//! Watches are registered by [`registration`]. Changes before the registration are not reported, so
//! once a watch is there, its file counts as changed.

pub mod directories;
pub mod epoll;
pub mod inotify;
pub mod interest;
pub mod output;
pub mod pidfd;
pub mod processes;
pub mod registration;
#[cfg(test)]
mod watch_tests;
pub mod watchers;

use crate::daemon::blocking::thread_pool::ThreadPool;
use crate::session::shared::SharedPath;
use directories::WatchedDirectories;
use inotify::{Inotify, RawEvent};
use interest::Interest;
use registration::{WatchRegistrar, WatchRequest, WatchResult};
use rustix::fs::inotify::ReadFlags;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::OsString;
use std::fmt;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::time::sleep_until;

/// What [`Watcher::next`] waited for.
pub enum WatchEvent {
    /// inotify has events.
    Inotify(Vec<RawEvent>),
    /// Watches were registered; none: requests are to be checked.
    Registered(Vec<WatchResult>),
}

/// What changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileChanges {
    /// Who is concerned, and the name of the file; an empty name: anything may have changed.
    pub files: BTreeSet<(Interest, OsString)>,
    /// Whether events were lost: any file may have changed.
    pub is_overflow: bool,
}

/// Watches files, each for one or several interests.
pub struct Watcher {
    /// `None` without inotify (`max_user_instances`): then no change is ever reported.
    inotify: Option<(Inotify, WatchRegistrar)>,
    /// The paths of each interest, as they were set.
    wanted: BTreeMap<Interest, Box<[SharedPath]>>,
    directories: WatchedDirectories,
    /// Watches that ended, or whose directory gained or lost directories, while registrations were
    /// under way; and in which epoch. A registration that began before may be out of date.
    disturbed: HashMap<i32, u64>,
    /// Counts the disturbances.
    epoch: u64,
    /// Watches that may be of no more use once those are registered that replace them.
    left: Vec<i32>,
    /// Requests of whose path a part cannot be watched.
    broken: BTreeSet<WatchRequest>,
    /// Requests under way that were made to see whether a path still leads to what is watched.
    checks: BTreeSet<WatchRequest>,
    /// Whose paths were found to lead elsewhere.
    moved: BTreeSet<Interest>,
    /// Why not everything is watched, in one line.
    problem: Option<String>,
    /// How long no events are read after a batch of them.
    interval: Duration,
    /// No events are read before this.
    read_after: Option<Instant>,
}

impl Watcher {
    /// A watcher of no files. Watches are registered on threads of `pool`. After a batch of events none
    /// are read for the `interval`.
    pub fn new(pool: ThreadPool, interval: Duration) -> Watcher {
        let inotify = Inotify::new();
        let problem = inotify.as_ref().err().map(|error| {
            format!(
                "no instant updates, only scans: inotify: {error} (fs.inotify.max_user_instances)"
            )
        });
        let with_registrar = |inotify: Inotify| {
            let registrar = WatchRegistrar::new(inotify.descriptor(), pool);
            (inotify, registrar)
        };
        Watcher {
            inotify: inotify.ok().map(with_registrar),
            wanted: BTreeMap::new(),
            directories: WatchedDirectories::default(),
            disturbed: HashMap::new(),
            epoch: 0,
            left: Vec::new(),
            broken: BTreeSet::new(),
            checks: BTreeSet::new(),
            moved: BTreeSet::new(),
            problem,
            interval,
            read_after: None,
        }
    }

    /// Why not everything is watched, in one line; `None` when all is well.
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// Whether all changes are reported.
    pub fn is_complete(&self, now: Instant) -> bool {
        self.problem.is_none() && self.broken.is_empty() && self.hanging(now).is_none()
    }

    /// A path that is not watched yet because its file system hangs.
    pub fn hanging(&self, now: Instant) -> Option<&Path> {
        self.inotify.as_ref()?.1.hanging(now)
    }

    /// From now on watches these paths for `interest`, and no others. A path that ends in `/` is a
    /// directory, in which every name matters.
    pub fn set(&mut self, interest: Interest, paths: &[SharedPath], now: Instant) {
        if self.wanted.get(&interest).map_or(&[][..], |before| before) == paths {
            return;
        }
        if self.inotify.is_none() {
            return;
        }
        let before = self.wanted.remove(&interest).unwrap_or_default();
        let left = self.directories.forget(interest, &before, paths);
        let is_new = |path: &&SharedPath| !before.contains(path);
        self.request(interest, paths.iter().filter(is_new), now);
        if !paths.is_empty() {
            self.wanted.insert(interest, paths.into());
        }
        self.drop_watches(left);
    }

    /// Waits for changes: returns at once for the first of a burst, then for those that come within
    /// the interval together. Never returns if there is no inotify. Cancel safe.
    pub async fn next(&mut self) -> WatchEvent {
        let Some((inotify, registrar)) = &mut self.inotify else {
            return std::future::pending().await;
        };
        let read_after = self.read_after;
        let events = async {
            if let Some(then) = read_after {
                sleep_until(then.into()).await;
            }
            inotify.events().await
        };
        tokio::select! {
            events = events => WatchEvent::Inotify(events),
            results = registrar.next() => WatchEvent::Registered(results),
        }
    }

    /// What an event of [`Watcher::next`] means.
    pub fn take(&mut self, event: WatchEvent, now: Instant) -> FileChanges {
        match event {
            WatchEvent::Inotify(events) => {
                self.read_after = Some(now + self.interval);
                self.take_events(events, now)
            }
            WatchEvent::Registered(results) => {
                if let Some((_, registrar)) = &mut self.inotify {
                    registrar.end(&results, now);
                }
                self.take_results(results, now)
            }
        }
    }

    /// Watches were registered: their files count as changed, because earlier changes were missed.
    fn take_results(&mut self, results: Vec<WatchResult>, now: Instant) -> FileChanges {
        let mut changes = FileChanges::default();
        let (mut outdated, mut moved) = (BTreeSet::new(), BTreeSet::new());
        for result in results {
            let WatchResult { request, epoch, point, is_limit_reached, is_broken, is_outdated } =
                result;
            let was_broken = self.broken.remove(&request);
            let is_check = self.checks.remove(&request);
            if is_broken {
                self.broken.insert(request.clone());
            }
            let WatchRequest { interest, path } = request;
            if is_limit_reached {
                let limit = "fs.inotify.max_user_watches is reached";
                self.problem = Some(format!("some updates come with the next scan only: {limit}"));
            }
            let Some(point) = point else { continue };
            let is_wanted = self.wanted.get(&interest).is_some_and(|paths| paths.contains(&path));
            if is_check && is_wanted {
                if !self.directories.is_interested(&point, interest) {
                    moved.extend(self.interested_beside(&path));
                }
                continue;
            }
            if is_wanted && self.disturbed.get(&point.watch).is_some_and(|then| *then > epoch) {
                self.request(interest, [&path], now);
                continue;
            }
            if !is_wanted {
                self.left.push(point.watch);
            }
            self.directories.add(point, is_wanted.then_some(interest));
            if is_outdated {
                outdated.insert(interest);
            }
            if is_wanted && !(is_broken && was_broken) {
                changes.files.insert((interest, OsString::new()));
            }
        }
        changes.files.extend(moved.iter().map(|interest| (*interest, OsString::new())));
        for interest in outdated.union(&moved) {
            self.watch_again(*interest, now);
        }
        self.moved.extend(moved);
        let left = std::mem::take(&mut self.left);
        self.drop_watches(left);
        if self.is_registered() {
            self.disturbed.clear();
        }
        changes
    }

    /// Looks whether paths still lead to the directories that are watched: no event tells that a link was
    /// turned, or that a directory further up was moved. Of each directory the first path is looked at.
    pub fn check_paths(&mut self, now: Instant) {
        if !self.is_registered() {
            return;
        }
        let mut parents = BTreeSet::new();
        for (interest, paths) in &self.wanted {
            if let Some(path) = paths.first().filter(|path| parents.insert(path.parent())) {
                self.checks.insert(WatchRequest { interest: *interest, path: path.clone() });
            }
        }
        let Some((_, registrar)) = &mut self.inotify else { return };
        for check in &self.checks {
            registrar.begin(check.clone(), self.epoch, now);
        }
    }

    /// Who is interested in a path that is in the same directory as `path`, or in that.
    fn interested_beside(&self, path: &Path) -> impl Iterator<Item = Interest> {
        let parent = path.parent();
        let is_there =
            move |other: &SharedPath| other.parent() == parent || Some(&**other) == parent;
        let wanted = self.wanted.iter().filter(move |(_, paths)| paths.iter().any(is_there));
        wanted.map(|(interest, _)| *interest)
    }

    /// Requests again what could not be watched: no event tells when it can.
    pub fn retry_broken(&mut self, now: Instant) {
        for WatchRequest { interest, path } in std::mem::take(&mut self.broken) {
            if self.wanted.get(&interest).is_some_and(|paths| paths.contains(&path)) {
                self.request(interest, [&path], now);
                self.broken.insert(WatchRequest { interest, path });
            }
        }
    }

    /// Whether no registration is under way.
    fn is_registered(&self) -> bool {
        self.inotify.as_ref().is_none_or(|(_, registrar)| registrar.is_idle())
    }

    fn request<'a>(
        &mut self,
        interest: Interest,
        paths: impl IntoIterator<Item = &'a SharedPath>,
        now: Instant,
    ) {
        let Some((_, registrar)) = &mut self.inotify else { return };
        for path in paths {
            registrar.begin(WatchRequest { interest, path: path.clone() }, self.epoch, now);
        }
    }

    fn take_events(&mut self, events: Vec<RawEvent>, now: Instant) -> FileChanges {
        let mut changes = FileChanges::default();
        let mut moved = BTreeSet::new();
        for event in events {
            if event.flags.contains(ReadFlags::QUEUE_OVERFLOW) {
                changes.is_overflow = true;
            }
            let ends = ReadFlags::IGNORED | ReadFlags::MOVE_SELF | ReadFlags::UNMOUNT;
            if event.flags.intersects(ends | ReadFlags::ISDIR) {
                self.note_disturbance(event.watch);
            }
            if !self.directories.contains(event.watch) {
                continue;
            }
            if event.flags.intersects(ends) {
                moved.extend(self.directories.interested(event.watch));
                self.drop_watch(event.watch, !event.flags.contains(ReadFlags::IGNORED));
                continue;
            }
            let Some(name) = event.name else { continue };
            let named = self.directories.interested_in_name(event.watch, &name);
            let every_name = self.directories.interested_in_every_name(event.watch);
            changes.files.extend(named.chain(every_name).map(|interest| (interest, name.clone())));
            // A directory appeared or vanished: a path may lead elsewhere now.
            if event.flags.contains(ReadFlags::ISDIR) {
                moved.extend(self.directories.interested_in_name(event.watch, &name));
            }
        }
        for interest in moved {
            self.watch_again(interest, now);
            changes.files.insert((interest, OsString::new()));
        }
        changes
    }

    /// Whose paths were found to lead elsewhere since this was asked last.
    pub fn take_moved(&mut self) -> BTreeSet<Interest> {
        std::mem::take(&mut self.moved)
    }

    /// Watches the paths of `interest` anew, wherever they lead now.
    pub fn watch_again(&mut self, interest: Interest, now: Instant) {
        if let Some(paths) = self.wanted.get(&interest).cloned() {
            let before = self.forget(interest);
            self.left.extend(before);
            self.set(interest, &paths, now);
        }
    }

    /// Watches nothing for `interest` any more. Returns the watches that may be of no more use.
    fn forget(&mut self, interest: Interest) -> Vec<i32> {
        match self.wanted.remove(&interest) {
            Some(paths) => self.directories.forget(interest, &paths, &[]),
            None => Vec::new(),
        }
    }

    /// Ends those of these watches in which there is no interest.
    fn drop_watches(&mut self, watches: Vec<i32>) {
        for watch in watches {
            if self.directories.is_unused(watch) {
                self.drop_watch(watch, true);
            }
        }
    }

    fn drop_watch(&mut self, watch: i32, remove: bool) {
        self.directories.remove(watch);
        self.note_disturbance(watch);
        if let (true, Some((inotify, _))) = (remove, &self.inotify) {
            inotify.remove(watch);
        }
    }

    fn note_disturbance(&mut self, watch: i32) {
        if !self.is_registered() {
            self.epoch += 1;
            self.disturbed.insert(watch, self.epoch);
        }
    }
}

/// For the log.
impl fmt::Display for WatchEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WatchEvent::Inotify(events) => write!(f, "inotify: {} events", events.len()),
            WatchEvent::Registered(results) => write!(f, "inotify: {} watches", results.len()),
        }
    }
}
