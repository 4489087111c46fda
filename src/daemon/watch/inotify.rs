//! inotify in the loop: the descriptor, and its events as they come.
//!
//! The loop waits for it through a gate: an epoll(7) of its own that opens once (`EPOLLONESHOT`) and
//! is shut until events are asked for again. Without it every event wakes the loop, also those that
//! nobody wants to read yet: 2000 times a second beside 200 busy sessions.

use super::epoll::Epoll;
use rustix::event::epoll::EventFlags;
use rustix::fs::inotify::{self, CreateFlags, ReadFlags};
use rustix::io::Errno;
use std::ffi::{OsStr, OsString};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;

/// An inotify instance.
pub struct Inotify {
    fd: Arc<OwnedFd>,
    gate: Epoll,
    /// Whether the gate opens for the next event.
    is_armed: bool,
}

/// The gate opens when there is something to read, and then is shut.
const ONCE: EventFlags = EventFlags::IN.union(EventFlags::ONESHOT);

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
        let gate = Epoll::new()?;
        gate.add(&fd, 0, ONCE)?;
        Ok(Inotify { fd: fd.into(), gate, is_armed: true })
    }

    /// Its descriptor, for those who set up watches.
    pub fn descriptor(&self) -> Arc<OwnedFd> {
        Arc::clone(&self.fd)
    }

    /// End a watch.
    pub fn remove(&self, watch: i32) {
        let _ = inotify::remove_watch(&self.fd, watch);
    }

    /// Wait for events; all there are.
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

    /// Have the gate open at the next event, or at once if there is one.
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
