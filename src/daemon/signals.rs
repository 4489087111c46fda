//! Signals: the first SIGTERM or SIGINT ends vmuxd cleanly, the second at once.

use super::inbox::Input;
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
