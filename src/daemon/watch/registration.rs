//! `inotify_add_watch`, away from the loop: it looks up a path, and on a file system that hangs that
//! takes for ever. One thread does it; a path that hangs costs that thread, and another takes over.

use super::Interest;
use crate::daemon::blocking::thread_pool::Crew;
use crate::daemon::clock;
use crate::daemon::discovery::schedule_entry::{REINFORCE_AFTER, STALLED_AFTER};
use rustix::fs::inotify::{self, WatchFlags};
use rustix::io::Errno;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// Somebody wants a path watched.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wish {
    /// Who.
    pub who: Interest,
    /// The path; one that ends in `/` is a directory, every name in which matters.
    pub path: PathBuf,
}

/// What came of a wish.
#[derive(Debug)]
pub struct Armed {
    /// The wish.
    pub wish: Wish,
    /// What was given to [`Arming::begin`].
    pub begun: u64,
    /// The watch, if there is one.
    pub spot: Option<Spot>,
    /// No more are granted.
    pub full: bool,
    /// A part of the path is there, but fails: what becomes of it nobody tells.
    pub broken: bool,
}

/// A watch on a directory.
#[derive(Debug, PartialEq, Eq)]
pub struct Spot {
    /// Its number.
    pub watch: i32,
    /// The name in the directory that matters; none: all do.
    pub name: Option<OsString>,
}

/// The threads that set up watches.
pub struct Arming {
    fd: Arc<OwnedFd>,
    crew: Crew,
    done: mpsc::UnboundedSender<Armed>,
    armed: mpsc::UnboundedReceiver<Armed>,
    /// What they are at, and since when.
    under_way: BTreeMap<Wish, Instant>,
    /// When to see whether one of them hangs.
    check: Option<Instant>,
}

impl Arming {
    /// Watches of the inotify instance `fd`.
    pub fn new(fd: Arc<OwnedFd>) -> Arming {
        let (done, armed) = mpsc::unbounded_channel();
        Arming {
            fd,
            crew: Crew::new("vmux-watch"),
            done,
            armed,
            under_way: BTreeMap::new(),
            check: None,
        }
    }

    /// Set up a watch, of which [`Arming::next`] will tell, unless that is being done. `begun` says
    /// when, in whatever way the caller counts.
    pub fn begin(&mut self, wish: Wish, begun: u64) {
        let now = Instant::now();
        if self.under_way.contains_key(&wish) {
            return;
        }
        self.under_way.insert(wish.clone(), now);
        let (fd, done) = (Arc::clone(&self.fd), self.done.clone());
        self.crew.run(move || {
            let _ = done.send(arm(&fd, wish, begun));
        });
        self.check.get_or_insert(now + REINFORCE_AFTER);
    }

    /// Wait for the next watches; none when it has turned out that one hangs.
    pub async fn next(&mut self) -> Vec<Armed> {
        let armed = tokio::select! {
            armed = self.armed.recv() => armed,
            () = clock::reached(self.check) => {
                self.see_whether_one_hangs(Instant::now());
                None
            }
        };
        let mut all: Vec<Armed> = armed.into_iter().collect();
        while let Ok(armed) = self.armed.try_recv() {
            all.push(armed);
        }
        for armed in &all {
            self.under_way.remove(&armed.wish);
        }
        if self.under_way.is_empty() {
            self.check = None;
        }
        all
    }

    /// Whether nothing is being done.
    pub fn is_idle(&self) -> bool {
        self.under_way.is_empty()
    }

    /// A path that hangs.
    pub fn hanging(&self) -> Option<&Path> {
        let now = Instant::now();
        let hangs = |since: &Instant| now >= *since + STALLED_AFTER;
        let (wish, _) = self.under_way.iter().find(|(_, since)| hangs(since))?;
        Some(&wish.path)
    }

    fn see_whether_one_hangs(&mut self, now: Instant) {
        if self.crew.reinforce() {
            self.check = Some(now + REINFORCE_AFTER);
            return;
        }
        let marks = |since: &Instant| [*since + REINFORCE_AFTER, *since + STALLED_AFTER];
        self.check = self.under_way.values().flat_map(marks).filter(|mark| *mark > now).min();
    }
}

/// Watch the directory, or the nearest one that exists for the next part of the path below it.
fn arm(fd: &OwnedFd, wish: Wish, begun: u64) -> Armed {
    let flags = WatchFlags::MODIFY
        | WatchFlags::CREATE
        | WatchFlags::DELETE
        | WatchFlags::MOVED_TO
        | WatchFlags::MOVED_FROM
        | WatchFlags::MOVE_SELF
        | WatchFlags::ONLYDIR
        | WatchFlags::EXCL_UNLINK;
    let (mut full, mut broken) = (false, false);
    let mut add = |directory: &Path| match inotify::add_watch(fd, directory, flags) {
        Ok(watch) => Some(watch),
        Err(error) => {
            full |= matches!(error, Errno::NOSPC | Errno::NOMEM);
            broken |= !matches!(error, Errno::NOENT | Errno::NOTDIR);
            None
        }
    };
    let spot = spot(&wish.path, &mut add);
    Armed { wish, begun, spot, full, broken }
}

fn spot(path: &Path, add: &mut dyn FnMut(&Path) -> Option<i32>) -> Option<Spot> {
    let is_directory = path.as_os_str().as_bytes().ends_with(b"/");
    if let Some(watch) = is_directory.then(|| add(path)).flatten() {
        return Some(Spot { watch, name: None });
    }
    let mut below = path;
    while let (Some(parent), Some(name)) = (below.parent(), below.file_name()) {
        if let Some(watch) = add(parent) {
            return Some(Spot { watch, name: Some(name.to_owned()) });
        }
        below = parent;
    }
    None
}
