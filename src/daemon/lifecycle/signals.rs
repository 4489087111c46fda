//! Signals: the first SIGTERM or SIGINT ends vmuxd cleanly, the second at once.

use crate::daemon::hub::message::Input;
use std::io;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

/// Exit code after a second signal.
const IMPATIENT: i32 = 1;

/// Pass signals on to the hub.
pub fn listen(hub: mpsc::Sender<Input>) -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    // A write beyond RLIMIT_FSIZE is an error, not the end; a handler once set stays for good.
    let _ = signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()))?;
    tokio::spawn(async move {
        let mut ending = false;
        loop {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
                _ = hang_up.recv() => {
                    let _ = hub.send(Input::Reload).await;
                    continue;
                }
            }
            if ending {
                std::process::exit(IMPATIENT);
            }
            ending = true;
            // Not waited for: a hub that hangs must not keep the second signal from us.
            let hub = hub.clone();
            tokio::spawn(async move { hub.send(Input::Shutdown).await });
        }
    });
    Ok(())
}
