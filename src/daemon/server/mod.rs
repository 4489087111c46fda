//! The socket: accepts clients of the same user, each in a task of its own ([`client`]).
//!
//! Whatever a client does (nothing, garbage, half a line, never reading), it harms no other client.

pub mod client;
pub mod frame;
pub mod frame_cache;
pub mod reply;
pub mod subscribers;

use super::hub::event::HubEvent;
use super::hub::problems::ProblemSource;
use crate::protocol::frame::encode;
use crate::protocol::response::{Code, Response};
use frame::SendBudget;
use std::os::unix::net;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UnixListener;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{Sleep, sleep};

/// How many clients there may be at once.
pub const MAX_CLIENTS: usize = 1000;

/// How long to wait after a client could not be accepted.
const ACCEPT_RETRY_PAUSE: Duration = Duration::from_millis(100);

/// Accepting clients works again when it has not failed for this long.
const ACCEPT_RECOVERY: Duration = Duration::from_secs(10);

/// How many clients there is room for: half of the file descriptors, because sessions and their files
/// need some too.
fn client_limit() -> usize {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    let half = limit.and_then(|it| usize::try_from(it / 2).ok()).unwrap_or(MAX_CLIENTS);
    MAX_CLIENTS.min(half)
}

/// Accepts clients until the task is aborted: on `listener`, and instead on each later one that comes
/// through `listeners`. Requests go to `hub`; frames count against `budget`.
pub async fn serve(
    mut listener: UnixListener,
    mut listeners: mpsc::UnboundedReceiver<net::UnixListener>,
    hub: mpsc::Sender<HubEvent>,
    budget: SendBudget,
) {
    let places = Arc::new(Semaphore::new(client_limit()));
    let uid = rustix::process::geteuid().as_raw();
    // Until when accepting clients counts as failing.
    let mut failing: Option<Pin<Box<Sleep>>> = None;
    loop {
        let accepted = tokio::select! {
            Some(new) = listeners.recv() => {
                match UnixListener::from_std(new) {
                    Ok(new) => listener = new,
                    Err(error) => log::error!("cannot listen on the new socket: {error}"),
                }
                continue;
            }
            () = elapsed(&mut failing) => {
                failing = None;
                report(&hub, None).await;
                continue;
            }
            accepted = listener.accept() => accepted,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Most likely no file descriptor is left: wait until one is closed.
                if failing.is_none() {
                    let cause = "too many clients or sessions for its limit of files (ulimit -n)";
                    report(&hub, Some(format!("cannot accept a client: {error}: {cause}"))).await;
                }
                failing = Some(Box::pin(sleep(ACCEPT_RECOVERY)));
                sleep(ACCEPT_RETRY_PAUSE).await;
                continue;
            }
        };
        if !stream.peer_cred().is_ok_and(|peer| peer.uid() == uid) {
            log::warn!("refused a client of another user");
            continue;
        }
        match Arc::clone(&places).try_acquire_owned() {
            Ok(place) => {
                tokio::spawn(client::serve_client(stream, hub.clone(), budget.clone(), place));
            }
            Err(_) => {
                // Its own `stop` is refused, too.
                let refusal = Response::refused(Code::Busy, "vmuxd has too many clients");
                let refusal = refusal.hint(format!(
                    "a program connects and does not hang up: end that one, or vmuxd with \
                     `kill {}`; the next vmux starts it",
                    std::process::id()
                ));
                let _ = stream.try_write(&encode(&refusal));
            }
        }
    }
}

/// Waits until this time is over; for ever if there is none.
async fn elapsed(timer: &mut Option<Pin<Box<Sleep>>>) {
    match timer {
        Some(timer) => timer.await,
        None => std::future::pending().await,
    }
}

async fn report(hub: &mpsc::Sender<HubEvent>, problem: Option<String>) {
    let _ = hub.send(HubEvent::ProblemReported(ProblemSource::Server, problem)).await;
}
