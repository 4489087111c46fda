//! Waiting in the loop for many descriptors in one place (epoll(7)).

use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use tokio::io::unix::AsyncFd;

/// How many are told of at once.
const AT_ONCE: usize = 64;

/// Descriptors that are waited for, each with a number of the caller's.
pub struct Epoll(AsyncFd<Arc<OwnedFd>>);

impl Epoll {
    /// Of none yet.
    pub fn new() -> io::Result<Epoll> {
        let fd = Arc::new(epoll::create(CreateFlags::CLOEXEC)?);
        // tokio deprecates this for types that could swap their descriptor underneath; the one of an
        // `OwnedFd` stays the same for its life. The replacement needs `unsafe`, which the library
        // forbids.
        #[allow(deprecated)]
        AsyncFd::new(fd).map(Epoll)
    }

    /// Wait for `fd`, too. It leaves the others when it is closed.
    pub fn add(&self, fd: impl AsFd, number: u64, flags: EventFlags) -> io::Result<()> {
        Ok(epoll::add(self.0.get_ref(), fd, EventData::new_u64(number), flags)?)
    }

    /// Wait for `fd` once more, which was added before.
    pub fn renew(&self, fd: impl AsFd, number: u64, flags: EventFlags) -> io::Result<()> {
        Ok(epoll::modify(self.0.get_ref(), fd, EventData::new_u64(number), flags)?)
    }

    /// Wait until some are ready: their numbers, never none. Never returns where one cannot wait.
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
    let mut buffer = [MaybeUninit::uninit(); AT_ONCE];
    let (events, _) = epoll::wait(fd, &mut buffer, Some(&Timespec::default()))?;
    if events.is_empty() {
        return Err(io::ErrorKind::WouldBlock.into());
    }
    Ok(events.iter().map(|event| event.data.u64()).collect())
}
