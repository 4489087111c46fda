//! The life of vmuxd.
//!
//! Flags → log → lock → stale socket → bind → labels → sources → first scan → ready → serve.
//!
//! | file | job |
//! |---|---|
//! | [`house`], [`pid_file`] | the directory, the lock, the socket; being the only one |
//! | [`server`], [`inbox`] | clients; what reaches the hub |
//! | [`hub`], [`observe`], [`answers`], [`subscribers`] | the owner of the registry; what it takes in, answers, tells |
//! | [`scans`], [`looks`], [`slot`], [`crew`] | who there is, who is looked at, when, and on which thread |
//! | [`watcher`], [`exits`] | inotify and pidfd: what makes it instant |
//! | [`desktop`], [`switching`], [`tour`], [`terminal`] | where sessions are shown, and the way there |
//! | [`settings`], [`notifier`], [`urgency`] | the configuration in force; notifications, urgency hints |
//! | [`labels`], [`label_keeper`] | the user's labels on disk |

pub mod answers;
pub mod clock;
pub mod crew;
pub mod desktop;
mod desktop_reports;
mod desktop_task;
pub mod exits;
pub mod house;
pub mod hub;
pub mod inbox;
pub mod label_keeper;
pub mod labels;
pub mod looks;
pub mod notifier;
pub mod observe;
pub mod options;
pub mod pid_file;
pub mod ready;
pub mod scans;
pub mod server;
pub mod settings;
pub mod signals;
pub mod slot;
pub mod subscribers;
pub mod switching;
pub mod terminal;
pub mod tour;
pub mod urgency;
pub mod watcher;

use house::{House, HouseError};
use options::Options;
use pid_file::PidFile;
use std::io;
use thiserror::Error;
use tokio::sync::oneshot;

/// Why vmuxd did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// No place to live.
    #[error(transparent)]
    House(#[from] HouseError),
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
    let (house, listener) = House::open(&options.paths)?;
    let listener = tokio::net::UnixListener::from_std(listener)?;
    allow_many_files();
    let (hub_sender, hub_receiver) = hub::inbox();
    signals::listen(hub_sender.clone())?;
    let (ready, first_scan) = oneshot::channel();
    let pid_file = PidFile::write(options.paths.pid_file());
    log::info!("vmuxd {} on {}", crate::protocol::VERSION, options.paths.socket.display());
    let mut hub = hub::Hub::new(options, (hub_sender.clone(), hub_receiver), ready);
    let _pid_file = hub.note_problem("pid file", pid_file);
    let server = tokio::spawn(async move {
        // Whoever connects from now on sees a complete list.
        if first_scan.await.is_ok() {
            tell_service_manager();
        }
        server::serve(listener, hub_sender).await;
    });
    hub.run().await;
    server.abort();
    drop(house);
    // Let the last frames reach those who asked for the end or listened to it.
    tokio::task::yield_now().await;
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    Ok(())
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
