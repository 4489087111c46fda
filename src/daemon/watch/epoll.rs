//! One descriptor for the loop that waits for many others (epoll(7)).

use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use tokio::io::unix::AsyncFd;

/// How many ready descriptors are returned at once.
const MAX_EVENTS: usize = 64;

/// A set of descriptors, each with a number that the caller chooses.
pub struct Epoll(AsyncFd<Arc<OwnedFd>>);

impl Epoll {
    /// An empty set. Errors: no file descriptor is left.
    pub fn new() -> io::Result<Epoll> {
        let fd = Arc::new(epoll::create(CreateFlags::CLOEXEC)?);
        // tokio deprecates this for types whose descriptor can change; an `OwnedFd` keeps its
        // descriptor for life. The replacement needs `unsafe`, which the library forbids.
        #[allow(deprecated)]
        AsyncFd::new(fd).map(Epoll)
    }

    /// Adds `fd`. It leaves the set when it is closed.
    pub fn add(&self, fd: impl AsFd, number: u64, flags: EventFlags) -> io::Result<()> {
        Ok(epoll::add(self.0.get_ref(), fd, EventData::new_u64(number), flags)?)
    }

    /// Waits again for `fd`, which was added with `EPOLLONESHOT`.
    pub fn renew(&self, fd: impl AsFd, number: u64, flags: EventFlags) -> io::Result<()> {
        Ok(epoll::modify(self.0.get_ref(), fd, EventData::new_u64(number), flags)?)
    }

    /// Waits until some are ready, and returns their numbers, at least one. Never returns if waiting
    /// fails.
    pub async fn ready(&self) -> Vec<u64> {
        loop {
            let Ok(mut guard) = self.0.readable().await else {
                return std::future::pending().await;
            };
            if let Ok(Ok(numbers)) = guard.try_io(|fd| ready_now(fd.get_ref())) {
                return numbers;
            }
        }
    }
}

fn ready_now(fd: &OwnedFd) -> io::Result<Vec<u64>> {
    let mut buffer = [MaybeUninit::uninit(); MAX_EVENTS];
    let (events, _) = epoll::wait(fd, &mut buffer, Some(&Timespec::default()))?;
    if events.is_empty() {
        return Err(io::ErrorKind::WouldBlock.into());
    }
    Ok(events.iter().map(|event| event.data.u64()).collect())
}
