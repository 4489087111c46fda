//! inotify for the loop: the descriptor, and its events in order.
//!
//! The loop waits for it through a gate: an epoll(7) of its own that opens once (`EPOLLONESHOT`) and
//! stays shut until events are asked for again. Without it every event wakes the loop, even while
//! events are left to gather: 2000 times a second with 200 busy sessions.

use super::epoll::Epoll;
use rustix::event::epoll::EventFlags;
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use rustix::io::Errno;
use std::ffi::{OsStr, OsString};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

/// An inotify instance.
pub struct Inotify {
    fd: Arc<OwnedFd>,
    gate: Epoll,
    /// Whether the gate opens for the next event.
    is_armed: bool,
}

/// The gate opens when there is something to read, and shuts again.
const ONCE: EventFlags = EventFlags::IN.union(EventFlags::ONESHOT);

/// One event.
pub struct RawEvent {
    /// The watch descriptor.
    pub watch: i32,
    /// What happened.
    pub flags: ReadFlags,
    /// To which name in the directory; `None`: to the directory itself.
    pub name: Option<OsString>,
}

impl Inotify {
    /// A new instance. Errors: `fs.inotify.max_user_instances` is reached, or no file descriptor is
    /// left.
    pub fn new() -> io::Result<Inotify> {
        let fd = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
        let gate = Epoll::new()?;
        gate.add(&fd, 0, ONCE)?;
        Ok(Inotify { fd: fd.into(), gate, is_armed: true })
    }

    /// The descriptor, with which other threads register watches.
    pub fn descriptor(&self) -> Arc<OwnedFd> {
        Arc::clone(&self.fd)
    }

    /// Watches a file that can be looked up at once. Errors: those of inotify_add_watch(2).
    pub fn add(&self, path: &Path, flags: WatchFlags) -> io::Result<i32> {
        Ok(inotify::add_watch(&self.fd, path, flags)?)
    }

    /// Ends a watch.
    pub fn remove(&self, watch: i32) {
        let _ = inotify::remove_watch(&self.fd, watch);
    }

    /// Waits for events, and returns all that there are. Cancel safe. Never returns if waiting fails.
    pub async fn events(&mut self) -> Vec<RawEvent> {
        loop {
            if self.arm().is_err() {
                return std::future::pending().await;
            }
            self.gate.ready().await;
            self.is_armed = false;
            if let Ok(events) = read_events(&self.fd) {
                return events;
            }
        }
    }

    /// Lets the gate open at the next event, or at once if there is one.
    fn arm(&mut self) -> io::Result<()> {
        if !self.is_armed {
            self.gate.renew(&self.fd, 0, ONCE)?;
            self.is_armed = true;
        }
        Ok(())
    }
}

/// All events there are, at least one.
fn read_events(fd: &OwnedFd) -> io::Result<Vec<RawEvent>> {
    let mut buffer = [MaybeUninit::uninit(); 16 * 1024];
    let mut reader = inotify::Reader::new(fd, &mut buffer);
    let mut events = Vec::new();
    loop {
        match reader.next() {
            Ok(event) => events.push(RawEvent {
                watch: event.wd(),
                flags: event.events(),
                name: event.file_name().map(|it| OsStr::from_bytes(it.to_bytes()).to_owned()),
            }),
            Err(Errno::AGAIN) if !events.is_empty() => return Ok(events),
            Err(error) => return Err(error.into()),
        }
    }
}
