//! The life of vmuxd.
//!
//! Flags → log → locks → stale socket → bind → configuration → hub: labels, first scan → ready → serve.
//!
//! | folder or file | job |
//! |---|---|
//! | [`lifecycle`] | vmuxd as a process: options, locks, socket, files, signals, log |
//! | [`hub`] | the one owner of the registry; everything reaches it as an event |
//! | [`server`] | clients: requests, replies, subscribers, frames in flight |
//! | [`discovery`] | which processes are sessions, which is inspected when, on which thread |
//! | [`watch`] | inotify and pidfd: events between two scans |
//! | [`desktop`] | where sessions are shown, and how the user gets there |
//! | [`home`] | what vmuxd keeps in vmux's home: its lock, labels, what outlives a restart |
//! | [`hosts`] | the sessions of other machines, over ssh |
//! | [`notify`] | telling the user: on the desktop, on the phone |
//! | [`blocking`] | calls that may block for ever, kept off the loops |
//! | [`clock`] | the time |

pub mod blocking;
pub mod clock;
pub mod desktop;
pub mod discovery;
pub mod home;
pub mod hosts;
pub mod hub;
pub mod lifecycle;
pub mod notify;
pub mod server;
pub mod watch;

use crate::protocol::socket::Paths;
use blocking::pending::{DISK_TIMEOUT, PendingCall};
use blocking::thread_pool::ThreadPool;
use blocking::threads::Threads;
use clock::Now;
use home::lock::{HomeCheck, HomeLock};
use hub::presence::Presence;
use hub::{Hub, HubParts};
use lifecycle::config_reload::ConfigState;
use lifecycle::instance::InstanceError;
use lifecycle::options::Options;
use lifecycle::own_socket::OwnSocket;
use lifecycle::ready;
use server::frame::SendBudget;
use std::io;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// More open files than this are not needed.
const MAX_FILES: u64 = 65536;

/// How long it may take to make the socket.
const BIND_TIMEOUT: Duration = Duration::from_secs(5);

/// How long the last frames may take to reach the clients.
const LAST_FRAMES_PAUSE: Duration = Duration::from_millis(20);

/// Why vmuxd did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// There is another vmuxd, or no place for the socket.
    #[error(transparent)]
    Instance(#[from] InstanceError),
    /// The directory of the socket does not answer.
    #[error("{} does not answer: its file system hangs", .0.display())]
    Hangs(PathBuf),
    /// The runtime could not be set up.
    #[error("cannot start: {0}")]
    Io(#[from] io::Error),
}

/// Runs vmuxd until a signal or a client asks for its end.
pub fn run(options: Options) -> Result<(), StartError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let result = runtime.block_on(live(options));
    // Not waited for: a thread on a hanging file system never ends.
    runtime.shutdown_background();
    result
}

async fn live(options: Options) -> Result<(), StartError> {
    let now = Now::read();
    let threads = Threads::default();
    let pool = threads.pool("vmux-files");
    let mut config = ConfigState::open(options.paths.config(), pool.clone(), now.monotonic);
    let home = HomeLock::new(&options.paths);
    let home_check = lock_home(&home, &pool, now).await?;
    let (socket, listener) = open_socket(options.paths.clone(), &pool).await?;
    let listener = tokio::net::UnixListener::from_std(listener)?;
    raise_file_limit();
    let (sender, receiver) = hub::event::channel();
    lifecycle::signals::listen(sender.clone())?;
    let (ready, first_scan) = oneshot::channel();
    let (pid_file, unseen_file) = (options.paths.pid_file(), options.paths.unseen());
    let record_file = options.paths.record();
    config.opened().await;
    log::info!("vmuxd {} on {}", crate::protocol::VERSION, options.paths.socket.display());
    let budget = SendBudget::default();
    let channel = (sender.clone(), receiver);
    let (listener_sender, listeners) = mpsc::unbounded_channel();
    let presence = Presence::new(home.clone(), home_check, socket, listener_sender);
    let socket = Arc::clone(&presence.socket);
    let parts = HubParts {
        options,
        config,
        presence,
        threads,
        pool: pool.clone(),
        budget: budget.clone(),
        channel,
        ready,
    };
    let hub = Hub::new(parts, now);
    let server = tokio::spawn(async move {
        // From now on a client sees a complete list, or as much of it as does not hang.
        if first_scan.await.is_ok() {
            tell_service_manager();
        }
        server::serve(listener, listeners, sender, budget).await;
    });
    let result = hub.run().await;
    server.abort();
    // A disk that hangs does not hold up the end.
    let ((unseen, record), result) = match result {
        Ok(bequest) => (bequest, Ok(())),
        Err(error) => ((None, None), Err(error)),
    };
    let clean_up = move || {
        if let Some(unseen) = unseen {
            // Nobody is there to be told that it cannot be written.
            let _ = home::unseen::write(&unseen_file, &unseen, &home);
        }
        if let Some(record) = record {
            let _ = home::record::write(&record_file, &record, &home);
        }
        socket.lock().unwrap_or_else(PoisonError::into_inner).close();
        lifecycle::pid_file::remove(&pid_file);
        home.release();
    };
    let _ = timeout(DISK_TIMEOUT, pool.call_or_run_here(clean_up)).await;
    tokio::task::yield_now().await;
    tokio::time::sleep(LAST_FRAMES_PAUSE).await;
    Ok(result?)
}

/// Takes the lock on vmux's home. A home that does not answer in time, or in which nothing can be
/// written, is not waited for: then the hub goes on trying, with the result.
async fn lock_home(
    home: &HomeLock,
    pool: &ThreadPool,
    now: Now,
) -> Result<Option<PendingCall<HomeCheck>>, StartError> {
    let opened = home.clone();
    let opened = pool.call_or_run_here(move || opened.open());
    let mut check = PendingCall::of(now.monotonic, opened);
    match check.in_time().await {
        Some(Err(error @ InstanceError::AlreadyRunning { .. })) => Err(error.into()),
        Some(_) => Ok(None),
        None => Ok(Some(check)),
    }
}

/// Takes the lock and binds. Without the socket vmuxd is of no use, so a directory that hangs ends it.
async fn open_socket(
    paths: Paths,
    pool: &ThreadPool,
) -> Result<(OwnSocket, UnixListener), StartError> {
    let path = paths.socket.clone();
    let opened = pool.call_or_run_here(move || OwnSocket::open(&paths));
    match timeout(BIND_TIMEOUT, opened).await {
        Ok(Ok(opened)) => opened.map_err(StartError::Instance),
        Ok(Err(_)) | Err(_) => Err(StartError::Hangs(path)),
    }
}

fn tell_service_manager() {
    if let Err(error) = ready::tell() {
        log::warn!("cannot tell the service manager that vmuxd is ready: {error}");
    }
}

/// Raises the limit of open files: each client and each session needs file descriptors.
fn raise_file_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.unwrap_or(u64::MAX).min(MAX_FILES);
    if limit.current.is_some_and(|current| current < wanted) {
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), ..limit });
    }
}
