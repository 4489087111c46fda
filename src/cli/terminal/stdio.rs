//! What Rust's own `main` does before it begins, for a `vmux` that has none (see `bin/vmux.rs`).

use signal_hook::consts::SIGPIPE;
use std::fs::OpenOptions;
use std::os::fd::IntoRawFd;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Opens `/dev/null` for each standard stream that is closed, so that a socket does not get its number.
/// Makes writing to a pipe whose reader has gone an error instead of ending the process.
pub fn prepare() {
    let streams = [rustix::stdio::stdin(), rustix::stdio::stdout(), rustix::stdio::stderr()];
    for stream in streams {
        if rustix::io::fcntl_getfd(stream).is_err()
            && let Ok(null) = OpenOptions::new().read(true).write(true).open("/dev/null")
        {
            // It gets the lowest free number, which is the missing one. It stays open.
            let _ = null.into_raw_fd();
        }
    }
    // A handler, unlike SIG_IGN, is not passed on to the programs that are started.
    let _ = signal_hook::flag::register(SIGPIPE, Arc::<AtomicBool>::default());
}
