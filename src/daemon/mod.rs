//! The life of vmuxd.
//!
//! Flags → log → lock → stale socket → bind → labels → sources → first scan → ready → serve.
//!
//! | folder or file | job |
//! |---|---|
//! | [`lifecycle`] | being one process: options, lock, pid file, signals, log |
//! | [`hub`] | the one owner of the registry; everything reaches it as an event |
//! | [`server`] | clients: requests, answers, subscribers, bytes on their way |
//! | [`discovery`] | which processes there are, which is inspected when, on which thread |
//! | [`watch`] | inotify and pidfd: events between two scans |
//! | [`desktop`] | where sessions are shown, and the way there |
//! | [`labels`] | the user's labels on disk, and those that are shown |
//! | [`config_reload`], [`notifier`] | the configuration in force; notifications |
//! | [`blocking`] | calls that may block for ever, kept off the loop |
//! | [`clock`] | the time |

pub mod blocking;
pub mod clock;
pub mod config_reload;
pub mod desktop;
pub mod discovery;
pub mod hub;
pub mod labels;
pub mod lifecycle;
pub mod notifier;
pub mod server;
pub mod watch;

use crate::protocol::socket::Paths;
use blocking::pending::Errand;
use config_reload::Settings;
use lifecycle::instance::{House, HouseError};
use lifecycle::options::Options;
use server::frame::Outgoing;
use std::io;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::time::Duration;
use thiserror::Error;
use tokio::sync::oneshot;

/// How long it may take to make the socket.
const MOVING_IN: Duration = Duration::from_secs(5);

/// Why vmuxd did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// No place to live.
    #[error(transparent)]
    House(#[from] HouseError),
    /// The directory of the socket does not answer.
    #[error("{} does not answer: its file system hangs", .0.display())]
    Hangs(PathBuf),
    /// The runtime could not be set up.
    #[error("cannot start: {0}")]
    Io(#[from] io::Error),
}

/// Live until a signal or a client says stop.
pub fn run(options: Options) -> Result<(), StartError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(16)
        .build()?;
    let lived = runtime.block_on(live(options));
    // A thread on a hanging file system would hold up the end for ever.
    runtime.shutdown_background();
    lived
}

async fn live(options: Options) -> Result<(), StartError> {
    let (house, listener) = move_in(options.paths.clone()).await?;
    let listener = tokio::net::UnixListener::from_std(listener)?;
    allow_many_files();
    let (hub_sender, hub_receiver) = hub::message::open();
    lifecycle::signals::listen(hub_sender.clone())?;
    let (ready, first_scan) = oneshot::channel();
    let pid_file = options.paths.pid_file();
    let (settings, problem) = Settings::open(options.paths.config()).await;
    log::info!("vmuxd {} on {}", crate::protocol::VERSION, options.paths.socket.display());
    let outgoing = Outgoing::default();
    let mut hub = hub::Hub::new(
        options,
        settings,
        outgoing.clone(),
        (hub_sender.clone(), hub_receiver),
        ready,
    );
    hub.note_problem("config", problem);
    let server = tokio::spawn(async move {
        // Whoever connects from now on sees a complete list, or as much of it as does not hang.
        if first_scan.await.is_ok() {
            tell_service_manager();
        }
        server::serve(listener, hub_sender, outgoing).await;
    });
    hub.run().await;
    server.abort();
    // A disk that hangs does not hold up the end.
    Errand::send(move || {
        drop(house);
        lifecycle::pid_file::remove(&pid_file);
    })
    .in_time()
    .await;
    // Let the last frames reach those who asked for the end or listened to it.
    tokio::task::yield_now().await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    Ok(())
}

/// Take the house. Nothing goes without the socket, so a directory that hangs is the end.
async fn move_in(paths: Paths) -> Result<(House, UnixListener), StartError> {
    let socket = paths.socket.clone();
    let house = Errand::send(move || House::open(&paths)).within(MOVING_IN).await;
    house.ok_or(StartError::Hangs(socket))?.map_err(StartError::House)
}

/// Tell systemd, or whoever started us and set `NOTIFY_SOCKET`, that we are ready.
fn tell_service_manager() {
    if let Err(error) = sd_notify::notify(&[sd_notify::NotifyState::Ready]) {
        log::warn!("cannot tell the service manager that vmuxd is ready: {error}");
    }
}

/// Each client and each session costs a file descriptor: use what the system grants.
fn allow_many_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.unwrap_or(u64::MAX).min(4096);
    if limit.current.is_some_and(|current| current < wanted) {
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), ..limit });
    }
}
