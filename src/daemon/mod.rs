//! The life of vmuxd.
//!
//! Flags → log → lock → stale socket → bind → labels → sources → first scan → ready → serve.
//!
//! | file | job |
//! |---|---|
//! | [`house`], [`pid_file`] | the directory, the lock, the socket; being the only one |
//! | [`server`], [`outgoing`], [`inbox`] | clients; what is on its way to them; what reaches the hub |
//! | [`hub`], [`step`], [`observe`], [`answers`], [`subscribers`] | the owner of the registry; what it does by itself, takes in, answers, tells |
//! | [`scans`], [`reading`], [`looks`], [`slots`], [`slot`], [`batches`], [`holders`], [`crew`] | who there is, who is looked at, when, and on which thread |
//! | [`watcher`], [`arming`], [`inotify`], [`exits`], [`epoll`] | inotify and pidfd: what makes it instant |
//! | [`errand`], [`errands`] | what may take for ever, and is waited for a while |
//! | [`desktop`], [`careful`], [`switching`], [`tour`], [`terminal`] | where sessions are shown, and the way there |
//! | [`settings`], [`notifier`], [`urgency`] | the configuration in force; notifications, urgency hints |
//! | [`labels`], [`label_keeper`], [`shown_labels`] | the user's labels on disk, and those that are shown |
//! | [`journal`] | the log |

pub mod answers;
pub mod arming;
pub mod batches;
pub mod careful;
pub mod clock;
pub mod crew;
pub mod desktop;
mod desktop_reports;
mod desktop_task;
pub mod epoll;
pub mod errand;
pub mod errands;
pub mod exits;
pub mod holders;
pub mod house;
pub mod hub;
pub mod inbox;
pub mod inotify;
pub mod journal;
pub mod label_keeper;
pub mod labels;
pub mod looks;
pub mod notifier;
pub mod observe;
pub mod options;
pub mod outgoing;
pub mod pid_file;
pub mod reading;
pub mod scans;
pub mod server;
pub mod settings;
pub mod shown_labels;
pub mod signals;
pub mod slot;
pub mod slots;
pub mod step;
pub mod subscribers;
pub mod switching;
pub mod terminal;
pub mod tour;
pub mod urgency;
pub mod watcher;

use crate::protocol::socket::Paths;
use errand::Errand;
use house::{House, HouseError};
use options::Options;
use outgoing::Outgoing;
use settings::Settings;
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
    let (hub_sender, hub_receiver) = inbox::open();
    signals::listen(hub_sender.clone())?;
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
        pid_file::remove(&pid_file);
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
