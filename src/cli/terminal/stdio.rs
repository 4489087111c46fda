//! What Rust's own `main` does before it begins, for a `vmux` that has none (see `bin/vmux.rs`).

use signal_hook::consts::SIGPIPE;
use std::fs::OpenOptions;
use std::os::fd::IntoRawFd;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// A closed standard stream becomes `/dev/null`, lest the socket get its number. Writing to a pipe
/// whose reader has gone is an error, not the end.
pub fn prepare() {
    let streams = [rustix::stdio::stdin(), rustix::stdio::stdout(), rustix::stdio::stderr()];
    for stream in streams {
        if rustix::io::fcntl_getfd(stream).is_err()
            && let Ok(null) = OpenOptions::new().read(true).write(true).open("/dev/null")
        {
            // The lowest number that is free is the one that is missing; it stays open.
            let _ = null.into_raw_fd();
        }
    }
    // A handler, unlike SIG_IGN, is not passed on to the programs that are started.
    let _ = signal_hook::flag::register(SIGPIPE, Arc::<AtomicBool>::default());
}
