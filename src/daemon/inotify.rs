//! inotify in the loop: the descriptor, and its events as they come.

use super::ready;
use rustix::fs::inotify::{self, CreateFlags, ReadFlags};
use rustix::io::Errno;
use std::ffi::{OsStr, OsString};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;
use tokio::io::unix::AsyncFd;

/// An inotify instance.
pub struct Inotify(AsyncFd<Arc<OwnedFd>>);

/// What it tells.
pub struct RawEvent {
    /// Of which watch.
    pub watch: i32,
    /// What happened.
    pub flags: ReadFlags,
    /// To which name in its directory.
    pub name: Option<OsString>,
}

impl Inotify {
    /// A new one, of which there may be only so many (`fs.inotify.max_user_instances`).
    pub fn new() -> io::Result<Inotify> {
        let fd = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
        ready::watch(fd.into()).map(Inotify)
    }

    /// Its descriptor, for those who set up watches.
    pub fn descriptor(&self) -> Arc<OwnedFd> {
        Arc::clone(self.0.get_ref())
    }

    /// End a watch.
    pub fn remove(&self, watch: i32) {
        let _ = inotify::remove_watch(self.0.get_ref(), watch);
    }

    /// Wait for events; all there are.
    pub async fn events(&self) -> Vec<RawEvent> {
        let mut raw = Vec::new();
        loop {
            let Ok(mut ready) = self.0.readable().await else {
                return std::future::pending().await;
            };
            let read = ready.try_io(|fd| read_events(fd.get_ref(), &mut raw));
            if !matches!(read, Err(_) | Ok(Ok(0))) {
                return raw;
            }
        }
    }
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
