//! inotify in the loop: the descriptor, and its events as they come.
//!
//! The loop waits for it through a gate: an epoll(7) of its own that opens once (`EPOLLONESHOT`) and
//! is shut until events are asked for again. Without it every event wakes the loop, also those that
//! nobody wants to read yet: 2000 times a second beside 200 busy sessions.

use super::ready;
use rustix::event::Timespec;
use rustix::event::epoll::{self, EventData, EventFlags};
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
pub struct Inotify {
    fd: Arc<OwnedFd>,
    gate: AsyncFd<Arc<OwnedFd>>,
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
        let gate = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        epoll::add(&gate, &fd, EventData::new_u64(0), ONCE)?;
        Ok(Inotify { fd: fd.into(), gate: ready::watch(gate.into())?, is_armed: true })
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
            let Ok(mut ready) = self.gate.readable().await else {
                return std::future::pending().await;
            };
            if let Ok(Ok(())) = ready.try_io(|gate| pass(gate.get_ref())) {
                // It is shut now, so nothing can come between.
                ready.clear_ready();
                self.is_armed = false;
                let mut raw = Vec::new();
                if matches!(read_events(&self.fd, &mut raw), Ok(1..)) {
                    return raw;
                }
            }
        }
    }

    /// Have the gate open at the next event, or at once if there is one.
    fn arm(&mut self) -> io::Result<()> {
        if !self.is_armed {
            epoll::modify(self.gate.get_ref(), &self.fd, EventData::new_u64(0), ONCE)?;
            self.is_armed = true;
        }
        Ok(())
    }
}

/// Go through the gate, if it is open.
fn pass(gate: &OwnedFd) -> io::Result<()> {
    let mut buffer = [MaybeUninit::uninit(); 1];
    match epoll::wait(gate, &mut buffer, Some(&Timespec::default()))? {
        ([], _) => Err(io::ErrorKind::WouldBlock.into()),
        _ => Ok(()),
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
