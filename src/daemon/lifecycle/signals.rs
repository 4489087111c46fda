//! Signals: the first SIGTERM or SIGINT ends vmuxd cleanly, the second one at once. SIGHUP has the
//! configuration and the labels read again.

use crate::daemon::hub::event::HubEvent;
use std::io;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

/// Exit code after a second signal.
const EXIT_AT_ONCE: i32 = 1;

/// Passes signals on to the hub, in a task of its own. Errors: a handler cannot be set.
pub fn listen(hub: mpsc::Sender<HubEvent>) -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    // With a handler, a write beyond RLIMIT_FSIZE fails instead of ending vmuxd. A handler once set
    // stays for good.
    let _ = signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()))?;
    tokio::spawn(async move {
        let mut is_ending = false;
        loop {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
                _ = hang_up.recv() => {
                    let _ = hub.send(HubEvent::ReloadRequested).await;
                    continue;
                }
            }
            if is_ending {
                std::process::exit(EXIT_AT_ONCE);
            }
            is_ending = true;
            // In a task of its own: a hub that hangs must not hold up the second signal.
            let hub = hub.clone();
            tokio::spawn(async move { hub.send(HubEvent::ShutdownRequested).await });
        }
    });
    Ok(())
}
