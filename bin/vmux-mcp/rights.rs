//! What the configuration allows the session to do, and when that changes.

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::unix::AsyncFd;
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use vmux::config::Config;
use vmux::config::rights::Right;

/// How long after a change the file is read: an editor may write it in several steps.
const EDIT_PAUSE: Duration = Duration::from_millis(50);

/// How often a directory that cannot be watched, such as one that is not there yet, is tried again.
const RETRY: Duration = Duration::from_secs(30);

/// What is allowed by the file, and what the client was shown of it.
pub struct Rights {
    path: PathBuf,
    shown: Mutex<Option<Vec<Right>>>,
    changes: watch::Sender<()>,
}

impl Rights {
    /// Those in the file at `path`.
    pub fn new(path: PathBuf) -> Rights {
        Rights { path, shown: Mutex::new(None), changes: watch::Sender::new(()) }
    }

    /// What the file allows now, each right once. A file that cannot be used allows nothing. May block
    /// on a disk.
    pub fn allowed(&self) -> Vec<Right> {
        let loaded = Config::load(&self.path);
        loaded.map(|(config, _)| config.rights_of_sessions()).unwrap_or_default()
    }

    /// The same, for a client that remembers it.
    pub fn show(&self) -> Vec<Right> {
        let now = self.allowed();
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Some(now.clone());
        now
    }

    /// Becomes ready when what the client was shown is out of date.
    pub fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    /// Reads the file, and tells if something else was shown.
    fn compare(&self) {
        let now = self.allowed();
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.as_ref().is_some_and(|shown| *shown != now) {
            *shown = Some(now);
            self.changes.send_replace(());
        }
    }
}

/// Compares after each change of the file, for as long as the server runs.
pub async fn watch(rights: Arc<Rights>) {
    loop {
        let directory = rights.path.parent().map(Path::to_owned).unwrap_or_default();
        let events = spawn_blocking(move || open(&directory)).await.ok().flatten();
        // tokio deprecates this for types whose descriptor can change; an `OwnedFd` keeps its
        // descriptor for life.
        #[allow(deprecated)]
        let events = events.and_then(|it| AsyncFd::new(it).ok());
        compare(&rights).await;
        match events {
            Some(events) => follow(&events, &rights).await,
            None => tokio::time::sleep(RETRY).await,
        }
    }
}

/// The same, until the directory has gone.
async fn follow(events: &AsyncFd<OwnedFd>, rights: &Arc<Rights>) {
    while let Ok(mut ready) = events.readable().await {
        let (concerns_file, has_gone) = drain(events.get_ref(), &rights.path);
        ready.clear_ready();
        if concerns_file || has_gone {
            tokio::time::sleep(EDIT_PAUSE).await;
            compare(rights).await;
        }
        if has_gone {
            return;
        }
    }
}

async fn compare(rights: &Arc<Rights>) {
    let rights = rights.clone();
    // It fails only when the server ends.
    let _ = spawn_blocking(move || rights.compare()).await;
}

/// Watches a directory.
fn open(directory: &Path) -> Option<OwnedFd> {
    let events = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).ok()?;
    let wanted = WatchFlags::CLOSE_WRITE
        | WatchFlags::CREATE
        | WatchFlags::MOVE
        | WatchFlags::DELETE
        | WatchFlags::DELETE_SELF
        | WatchFlags::MOVE_SELF
        | WatchFlags::ONLYDIR;
    inotify::add_watch(&events, directory, wanted).ok()?;
    Some(events)
}

/// Takes all events. Whether one is about the file, and whether one says that its directory has gone.
fn drain(events: &OwnedFd, path: &Path) -> (bool, bool) {
    let name = path.file_name();
    let mut buffer = [MaybeUninit::uninit(); 4096];
    let mut reader = inotify::Reader::new(events, &mut buffer);
    let gone = ReadFlags::IGNORED | ReadFlags::MOVE_SELF | ReadFlags::DELETE_SELF;
    let (mut concerns_file, mut has_gone) = (false, false);
    while let Ok(event) = reader.next() {
        let flags = event.events();
        has_gone |= flags.intersects(gone);
        concerns_file |= flags.contains(ReadFlags::QUEUE_OVERFLOW)
            || event.file_name().map(|it| it.to_bytes()) == name.map(|it| it.as_encoded_bytes());
    }
    (concerns_file, has_gone)
}
