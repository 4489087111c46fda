//! Being the one vmuxd of this home, and being found: the lock on the home and the socket are checked
//! with a scan once a minute, with every scan while anything is wrong with them, and the socket when
//! anything happens in its directory.

use super::Hub;
use super::event::HubEvent;
use super::problems::ProblemSource;
use crate::daemon::blocking::pending::{self, PendingCall};
use crate::daemon::clock::Now;
use crate::daemon::home::lock::{HomeCheck, HomeLock, HomeState};
use crate::daemon::lifecycle::instance::InstanceError;
use crate::daemon::lifecycle::own_socket::{OwnSocket, SocketCheck};
use std::io::ErrorKind;
use std::os::unix::net::UnixListener;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// How often both are checked while all is well.
const CHECK_INTERVAL: Duration = Duration::from_secs(60);

/// How often binding again is tried.
const MAX_BIND_FAILURES: u32 = 3;

/// What makes this vmuxd the one of its home.
pub struct Presence {
    /// The lock on the home.
    pub home: HomeLock,
    /// The socket, checked by threads that may block.
    pub socket: Arc<Mutex<OwnSocket>>,
    /// Where the server gets a new socket.
    pub listeners: mpsc::UnboundedSender<UnixListener>,
    /// When both were last checked.
    pub checked_at: Option<Instant>,
    /// The checks that are under way.
    pub home_check: Option<PendingCall<HomeCheck>>,
    /// See `home_check`.
    pub socket_check: Option<PendingCall<SocketCheck>>,
    /// How often the socket could not be bound again.
    pub bind_failures: u32,
    /// Why this vmuxd ends: it is not the one any more.
    pub lost: Option<InstanceError>,
}

impl Presence {
    /// The one that holds `home`, or tries to in `home_check`, and answers on `socket`; the server
    /// receives a new socket through `listeners`.
    pub fn new(
        home: HomeLock,
        home_check: Option<PendingCall<HomeCheck>>,
        socket: OwnSocket,
        listeners: mpsc::UnboundedSender<UnixListener>,
    ) -> Presence {
        Presence {
            home,
            socket: Arc::new(Mutex::new(socket)),
            listeners,
            checked_at: None,
            home_check,
            socket_check: None,
            bind_failures: 0,
            lost: None,
        }
    }

    /// Waits for the next check to complete; for ever if none is under way. Cancel safe.
    pub async fn next(&mut self) -> HubEvent {
        tokio::select! {
            home = pending::completed(&mut self.home_check) => HubEvent::HomeChecked(home),
            socket = pending::completed(&mut self.socket_check) => HubEvent::SocketChecked(socket),
        }
    }
}

impl Hub {
    /// Whether the lock on the home and the socket are to be checked with the next scan.
    pub(super) fn is_presence_check_due(&self, now: Instant) -> bool {
        let is_old = |then: Instant| now >= then + CHECK_INTERVAL;
        let sources = [ProblemSource::HomeLock, ProblemSource::PidFile, ProblemSource::Socket];
        self.presence.checked_at.is_none_or(is_old)
            || !self.scan_waiters[1].is_empty()
            || sources.into_iter().any(|source| self.problems.contains(source))
    }

    /// Checks the lock on the home and the socket, away from the loop.
    pub(super) fn check_presence(&mut self, now: Now) {
        self.presence.checked_at = Some(now.monotonic);
        if self.presence.home_check.is_none() {
            let home = self.presence.home.clone();
            let checked = self.pool.call(move || home.check());
            self.presence.home_check = Some(PendingCall::of(now.monotonic, checked));
        }
        self.check_socket(now);
    }

    /// Checks the socket, away from the loop.
    pub(super) fn check_socket(&mut self, now: Now) {
        if self.presence.socket_check.is_none() {
            let socket = Arc::clone(&self.presence.socket);
            let check = move || socket.lock().unwrap_or_else(PoisonError::into_inner).check();
            self.presence.socket_check =
                Some(PendingCall::of(now.monotonic, self.pool.call(check)));
        }
    }

    /// The lock on the home was checked; `None`: it was not.
    pub(super) fn take_home_check(&mut self, check: Option<HomeCheck>, now: Now) {
        let problem = match check {
            None => return,
            Some(Ok(HomeState::Unchanged)) => None,
            Some(Ok(HomeState::Taken)) => {
                self.write_pid_file(now);
                None
            }
            Some(Err(error @ InstanceError::AlreadyRunning { .. })) => {
                return self.end_as_lost(error);
            }
            // The home is away. What is to be written there says so.
            Some(Err(InstanceError::Io { error, .. })) if error.kind() == ErrorKind::NotFound => {
                None
            }
            Some(Err(error)) => Some(error.to_string()),
        };
        // The pid file, which needs the lock, says the same.
        let problem = problem.filter(|_| !self.problems.contains(ProblemSource::PidFile));
        self.problems.set(ProblemSource::HomeLock, problem);
    }

    /// The socket was checked; `None`: it was not.
    pub(super) fn take_socket_check(&mut self, check: Option<SocketCheck>) {
        let error = match check {
            None => return,
            Some(Ok(None)) => None,
            Some(Ok(Some(listener))) => {
                let path = self.options.paths.socket.display();
                log::warn!("the socket {path} had vanished, and is made again");
                let _ = self.presence.listeners.send(listener);
                None
            }
            Some(Err(error @ InstanceError::AlreadyRunning { .. })) => {
                return self.end_as_lost(error);
            }
            Some(Err(error)) => Some(error),
        };
        self.problems.set(ProblemSource::Socket, error.as_ref().map(InstanceError::to_string));
        match error {
            None => self.presence.bind_failures = 0,
            Some(error) => {
                self.presence.bind_failures += 1;
                if self.presence.bind_failures >= MAX_BIND_FAILURES || is_final(&error) {
                    self.end_as_lost(error);
                }
            }
        }
    }

    /// No client can find this vmuxd any more, or another one has taken its place: it ends, so that
    /// the next `vmux` can start one that is found.
    fn end_as_lost(&mut self, error: InstanceError) {
        log::error!("this vmuxd cannot be reached any more, and ends: {error}");
        self.presence.lost = Some(error);
        self.is_ending = true;
    }
}

/// Whether trying again is of no use, as when the runtime directory is gone after a logout.
fn is_final(error: &InstanceError) -> bool {
    match error {
        InstanceError::Io { error, .. } => matches!(
            error.kind(),
            ErrorKind::NotFound
                | ErrorKind::NotADirectory
                | ErrorKind::PermissionDenied
                | ErrorKind::ReadOnlyFilesystem
        ),
        _ => true,
    }
}
