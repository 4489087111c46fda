//! Waiting for a file descriptor in the loop.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use tokio::io::unix::AsyncFd;

/// `fd`, ready to be waited for.
pub fn watch(fd: Arc<OwnedFd>) -> io::Result<AsyncFd<Arc<OwnedFd>>> {
    // tokio deprecates this for types that could swap their descriptor underneath; the one of an
    // `OwnedFd` stays the same for its life. The replacement needs `unsafe`, which the library forbids.
    #[allow(deprecated)]
    AsyncFd::new(fd)
}
