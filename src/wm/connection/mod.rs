//! The connection to the window manager: found, and opened.

pub mod discover;
pub mod kind;
pub mod locker;

use super::ipc::IpcError;
use super::ipc::client::IpcClient;
use super::ipc::events::EventStream;
use super::ipc::windows::WindowRow;
use super::x11::hidden::HiddenWindow;
use super::x11::starts_on_demand;
use super::x11::worker::{XWorker, XWorkers};
use super::x11::xauth;
use crate::proc::ProcFiles;
use discover::{SocketCandidate, SocketHints, candidates, sockets_in};
use kind::WmKind;
use std::path::PathBuf;
use std::time::Duration;

/// An answer takes less than a millisecond; after this the window manager counts as stopped.
pub const ANSWER_WITHIN: Duration = Duration::from_millis(500);

/// There is no trace of a window manager that vmux speaks with: none may run at all.
pub const NO_TRACE: &str = "no window manager: neither I3SOCK nor SWAYSOCK is set, no X display names \
    a socket of i3, and there is none in XDG_RUNTIME_DIR";

/// A window manager that answers.
#[derive(Debug)]
pub struct Connection {
    /// For questions and commands.
    pub client: IpcClient,
    /// What it reports by itself.
    pub events: EventStream,
    /// `i3 4.22`.
    pub name: String,
    /// Its socket, and what named that.
    pub source: SocketCandidate,
    /// Which one it is, where the two differ.
    pub kind: WmKind,
    /// The X server whose windows it manages, if there is one that can be asked.
    pub x: Option<XWorker>,
    /// Why the X server cannot be asked.
    pub x_trouble: Option<String>,
    /// Its display, and the files that may open it.
    display: Option<(String, Vec<PathBuf>)>,
    /// What a program needs in its environment to open a window there.
    pub env: Vec<(&'static str, String)>,
}

/// A window manager that is connected, and how it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WmDescription {
    /// Name and version.
    pub name: String,
    /// Its socket.
    pub socket: PathBuf,
    /// What named the socket: `I3SOCK`, `the runtime directory` …
    pub found_by: &'static str,
    /// The X display whose windows it manages.
    pub display: Option<String>,
    /// How many windows it has, and how many of them are of X11.
    pub windows: (usize, usize),
    /// Why it does not answer, if it does not: as a clause.
    pub trouble: Option<String>,
}

/// What is known of X displays before the window manager is found.
#[derive(Debug, Clone, Default)]
pub struct KnownDisplays {
    /// Names of displays on which i3 may have published its socket.
    pub names: Vec<String>,
    /// Authority files that may open them.
    pub authorities: Vec<PathBuf>,
}

impl KnownDisplays {
    /// The displays of sessions, and the files that may open them, each once. The displays only count
    /// `with_names`.
    pub fn set(
        &mut self,
        displays: impl IntoIterator<Item = (String, Option<PathBuf>)>,
        with_names: bool,
    ) {
        let (names, files): (Vec<String>, Vec<Option<PathBuf>>) = displays.into_iter().unzip();
        self.authorities = distinct(files.into_iter().flatten());
        if with_names {
            self.names = distinct(names);
        }
    }
}

fn distinct<T: PartialEq>(all: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut distinct: Vec<T> = Vec::new();
    for one in all {
        if !distinct.contains(&one) {
            distinct.push(one);
        }
    }
    distinct
}

impl Connection {
    /// Tries all sockets in order. The error says what was tried.
    pub async fn open(
        hints: &SocketHints,
        displays: &KnownDisplays,
        proc: &ProcFiles,
        workers: &mut XWorkers,
    ) -> Result<Self, String> {
        let mut tried: Vec<String> = Vec::new();
        let first = candidates(hints, &[], &[]);
        for candidate in &first {
            match Self::try_candidate(candidate, displays, proc, workers).await {
                Ok(connection) => return Ok(connection),
                Err(error) => stop_at_timeout(candidate, error, &mut tried)?,
            }
        }
        if hints.configured.is_none() {
            let published = published_sockets(displays, proc, workers).await;
            let found = hints.runtime_dir.as_deref().map(sockets_in).unwrap_or_default();
            for candidate in candidates(hints, &published, &found) {
                if first.iter().any(|known| known.path == candidate.path) {
                    continue;
                }
                match Self::try_candidate(&candidate, displays, proc, workers).await {
                    Ok(connection) => return Ok(connection),
                    Err(error) => stop_at_timeout(&candidate, error, &mut tried)?,
                }
            }
        }
        if tried.is_empty() {
            return Err(NO_TRACE.into());
        }
        Err(format!("no window manager: {}", tried.join("; ")))
    }

    async fn try_candidate(
        candidate: &SocketCandidate,
        displays: &KnownDisplays,
        proc: &ProcFiles,
        workers: &mut XWorkers,
    ) -> Result<Self, IpcError> {
        let mut client = IpcClient::connect(&candidate.path, ANSWER_WITHIN).await?;
        let version = client.version().await?;
        let events = EventStream::open(&candidate.path, ANSWER_WITHIN).await?;
        let (name, kind, source) = (version.name(), WmKind::of(&version), candidate.clone());
        let pid = client.peer_pid();
        let own = pid.map(|pid| proc.env(pid)).unwrap_or_default();
        let display = kind.x_display(pid, &own, &displays.names, proc);
        let env = kind.environment(pid, &own, display.as_deref(), proc);
        let x_trouble = (display.is_none() && kind.needs_x_server())
            .then(|| "no X display is known".to_owned());
        // The window manager is connected to the display, so its own file opens it.
        let files = xauth::file_of(&own).into_iter().chain(displays.authorities.iter().cloned());
        let display = display.map(|name| (name, files.collect()));
        let mut connection =
            Connection { client, events, name, source, kind, x: None, x_trouble, display, env };
        connection.update_x(workers, &[]);
        Ok(connection)
    }

    /// How it was found, with these windows.
    pub fn describe(&self, rows: &[WindowRow]) -> WmDescription {
        WmDescription {
            name: self.name.clone(),
            socket: self.source.path.clone(),
            found_by: self.source.from,
            display: self.display.as_ref().map(|(name, _)| name.clone()),
            windows: (rows.len(), rows.iter().filter(|row| row.xid.is_some()).count()),
            trouble: None,
        }
    }

    /// The windows that the program of these X11 windows hides; none if the X server does not tell.
    pub async fn hidden_beside(&mut self, shown: Vec<u32>) -> Vec<HiddenWindow> {
        match &mut self.x {
            Some(x) if !shown.is_empty() => x.hidden_beside(shown).await.unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    /// With these windows: starts a worker for the X server if one is wanted and there is none, as
    /// far as one can be had, or ends it.
    pub fn update_x(&mut self, workers: &mut XWorkers, windows: &[WindowRow]) {
        let is_wanted = self.kind.wants_x_server(windows);
        self.x.take_if(|x| x.has_ended() || !is_wanted);
        if !is_wanted {
            return;
        }
        let (None, Some((name, files))) = (&self.x, &self.display) else { return };
        match workers.start(name, files.clone(), ANSWER_WITHIN) {
            Ok(x) => self.x = Some(x),
            Err(error) => self.x_trouble = Some(error),
        }
    }
}

/// Notes a socket behind which nothing answers. A window manager that is there and hangs ends the
/// search: another one, found later, would manage another screen.
fn stop_at_timeout(
    candidate: &SocketCandidate,
    error: IpcError,
    tried: &mut Vec<String>,
) -> Result<(), String> {
    let shown = format!("{} (from {})", candidate.path.display(), candidate.from);
    match error {
        IpcError::Timeout(_) => return Err(format!("the window manager at {shown}: {error}")),
        IpcError::Connect { source, .. } => tried.push(format!("{shown}: {source}")),
        _ => tried.push(format!("{shown}: {error}")),
    }
    Ok(())
}

/// The sockets that i3 published on the root windows of these displays.
async fn published_sockets(
    displays: &KnownDisplays,
    proc: &ProcFiles,
    workers: &mut XWorkers,
) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for display in &displays.names {
        // There is no i3, and to connect would start an X server that nothing needs.
        if starts_on_demand(proc, display) {
            continue;
        }
        let worker = workers.start(display, displays.authorities.clone(), ANSWER_WITHIN);
        if let Ok(mut x) = worker
            && let Ok(Some(path)) = x.i3_socket().await
        {
            paths.push(PathBuf::from(path));
        }
    }
    paths
}
