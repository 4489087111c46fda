//! `inotify_add_watch`, away from the loop: it looks up a path, which on a file system that hangs
//! takes for ever. One thread does it; a path that hangs costs that thread, and another takes over.

use super::interest::Interest;
use crate::daemon::blocking::thread_pool::ThreadPool;
use crate::daemon::blocking::{ADD_WORKER_AFTER, STALLED_AFTER};
use crate::daemon::clock;
use crate::session::shared::SharedPath;
use rustix::fs::inotify::{self, WatchFlags};
use rustix::io::Errno;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::mpsc;

/// A path to be watched.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WatchRequest {
    /// For whom.
    pub interest: Interest,
    /// The path; one that ends in `/` is a directory, in which every name matters.
    pub path: SharedPath,
}

/// The result of a [`WatchRequest`].
#[derive(Debug)]
pub struct WatchResult {
    /// The request.
    pub request: WatchRequest,
    /// The epoch that was given to [`WatchRegistrar::begin`].
    pub epoch: u64,
    /// The watch, if there is one.
    pub point: Option<WatchPoint>,
    /// Whether the kernel grants no more watches.
    pub is_limit_reached: bool,
    /// Whether a part of the path exists but cannot be watched: changes there are not reported.
    pub is_broken: bool,
    /// Whether a nearer directory came into being before the watch was there, which reports nothing
    /// of it: the request is to be made again.
    pub is_outdated: bool,
}

/// A watch on a directory.
#[derive(Debug, PartialEq, Eq)]
pub struct WatchPoint {
    /// The watch descriptor (inotify(7)).
    pub watch: i32,
    /// The name in the directory that matters; `None`: every name does.
    pub name: Option<OsString>,
}

/// The threads that register watches.
pub struct WatchRegistrar {
    fd: Arc<OwnedFd>,
    pool: ThreadPool,
    sender: mpsc::UnboundedSender<WatchResult>,
    results: mpsc::UnboundedReceiver<WatchResult>,
    /// The requests that are under way, and since when.
    under_way: BTreeMap<WatchRequest, Instant>,
    /// When to check whether one of them hangs.
    check_at: Option<Instant>,
}

impl WatchRegistrar {
    /// Registers watches of the inotify instance `fd`, on threads of `pool`.
    pub fn new(fd: Arc<OwnedFd>, pool: ThreadPool) -> WatchRegistrar {
        let (sender, results) = mpsc::unbounded_channel();
        WatchRegistrar { fd, pool, sender, results, under_way: BTreeMap::new(), check_at: None }
    }

    /// Begins to register a watch, whose result [`WatchRegistrar::next`] returns, unless the same
    /// request is under way. The result carries `epoch`, by which the caller knows when this was.
    pub fn begin(&mut self, request: WatchRequest, epoch: u64, now: Instant) {
        if self.under_way.contains_key(&request) {
            return;
        }
        self.under_way.insert(request.clone(), now);
        let (fd, sender) = (Arc::clone(&self.fd), self.sender.clone());
        self.pool.run(move || {
            let _ = sender.send(register(&fd, request, epoch));
        });
        self.check_at.get_or_insert(now + ADD_WORKER_AFTER);
    }

    /// Waits for results, or until requests are to be checked: then there may be none. Both are for
    /// [`WatchRegistrar::end`]. Cancel safe.
    pub async fn next(&mut self) -> Vec<WatchResult> {
        let first = tokio::select! {
            result = self.results.recv() => result,
            () = clock::reached(self.check_at) => None,
        };
        let mut results: Vec<WatchResult> = first.into_iter().collect();
        while let Ok(result) = self.results.try_recv() {
            results.push(result);
        }
        results
    }

    /// These requests are no longer under way. Starts another thread where one hangs.
    pub fn end(&mut self, results: &[WatchResult], now: Instant) {
        for result in results {
            self.under_way.remove(&result.request);
        }
        if self.check_at.is_some_and(|then| then <= now) {
            self.check(now);
        }
        if self.under_way.is_empty() {
            self.check_at = None;
        }
    }

    /// Whether no request is under way.
    pub fn is_idle(&self) -> bool {
        self.under_way.is_empty()
    }

    /// A path that hangs. One that waits for a thread does not.
    pub fn hanging(&self, now: Instant) -> Option<&Path> {
        if self.pool.is_starved() {
            return None;
        }
        let hangs = |since: &Instant| now >= *since + STALLED_AFTER;
        let (request, _) = self.under_way.iter().find(|(_, since)| hangs(since))?;
        Some(&request.path)
    }

    fn check(&mut self, now: Instant) {
        if self.pool.is_starved() {
            // None has begun: their time counts from now on.
            self.under_way.values_mut().for_each(|since| *since = now);
            self.check_at = Some(now + ADD_WORKER_AFTER);
            return;
        }
        if self.pool.add_worker() {
            self.check_at = Some(now + ADD_WORKER_AFTER);
            return;
        }
        let marks = |since: &Instant| [*since + ADD_WORKER_AFTER, *since + STALLED_AFTER];
        self.check_at = self.under_way.values().flat_map(marks).filter(|mark| *mark > now).min();
    }
}

/// Watches the directory, or the nearest existing one above it for the next part of the path.
fn register(fd: &OwnedFd, request: WatchRequest, epoch: u64) -> WatchResult {
    let flags = WatchFlags::MODIFY
        | WatchFlags::CREATE
        | WatchFlags::DELETE
        | WatchFlags::MOVED_TO
        | WatchFlags::MOVED_FROM
        | WatchFlags::MOVE_SELF
        | WatchFlags::ONLYDIR
        | WatchFlags::EXCL_UNLINK;
    let (mut is_limit_reached, mut is_broken) = (false, false);
    let mut add = |directory: &Path| match inotify::add_watch(fd, directory, flags) {
        Ok(watch) => Some(watch),
        Err(error) => {
            is_limit_reached |= matches!(error, Errno::NOSPC | Errno::NOMEM);
            is_broken |= !matches!(error, Errno::NOENT | Errno::NOTDIR);
            None
        }
    };
    let (point, missing) = add_nearest(&request.path, &mut add);
    let is_outdated = point.is_some() && !is_broken && missing.is_some_and(Path::is_dir);
    WatchResult { request, epoch, point, is_limit_reached, is_broken, is_outdated }
}

/// The watch, and the directory below it that could not be watched.
fn add_nearest<'a>(
    path: &'a Path,
    add: &mut dyn FnMut(&Path) -> Option<i32>,
) -> (Option<WatchPoint>, Option<&'a Path>) {
    let is_directory = path.as_os_str().as_bytes().ends_with(b"/");
    if let Some(watch) = is_directory.then(|| add(path)).flatten() {
        return (Some(WatchPoint { watch, name: None }), None);
    }
    let mut missing = is_directory.then_some(path);
    let mut below = path;
    while let (Some(parent), Some(name)) = (below.parent(), below.file_name()) {
        if let Some(watch) = add(parent) {
            return (Some(WatchPoint { watch, name: Some(name.to_owned()) }), missing);
        }
        missing = Some(parent);
        below = parent;
    }
    (None, missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_missing_path_the_nearest_directory_is_watched_and_the_missing_one_is_told() {
        let found = |path: &'static str| {
            let (point, missing) =
                add_nearest(Path::new(path), &mut |dir| (dir == Path::new("/a")).then_some(7));
            (point.and_then(|it| it.name), missing.and_then(Path::to_str))
        };
        assert_eq!(found("/a/f"), (Some("f".into()), None));
        assert_eq!(found("/a/b/"), (Some("b".into()), Some("/a/b/")));
        assert_eq!(found("/a/b/c/f"), (Some("b".into()), Some("/a/b")));
    }
}
