//! The connection to the window manager: found, opened, lost, found again.

pub mod discover;

use super::ipc::IpcError;
use super::ipc::client::Client;
use super::ipc::events::Events;
use super::mux::peers::listening;
use super::x11::display_number;
use super::x11::worker::{XThread, XThreads};
use super::x11::xauth;
use crate::proc::files::Reader;
use crate::session::process::Environment;
use discover::{Hints, Lead, leads, sockets_in};
use std::path::PathBuf;
use std::time::Duration;
use tokio::net::UnixStream;
use tokio::time::timeout;

/// An answer takes below a millisecond; after this the window manager is taken for stopped.
pub const DEADLINE: Duration = Duration::from_millis(500);

/// A window manager that answers.
#[derive(Debug)]
pub struct Link {
    /// For questions and commands.
    pub client: Client,
    /// What it tells by itself.
    pub events: Events,
    /// `i3 4.22`.
    pub name: String,
    /// Whether it is sway: the two quote names differently.
    pub sway: bool,
    /// Its socket.
    pub path: PathBuf,
    /// The X server whose windows it manages, if there is one that can be asked.
    pub x: Option<XThread>,
    /// Why the X server cannot be asked.
    pub x_trouble: Option<String>,
    /// Its display, and the files that may open it.
    display: Option<(String, Vec<PathBuf>)>,
    /// What a program needs in its environment to open a window there.
    pub env: Vec<(&'static str, String)>,
}

impl Link {
    /// Tries all leads in order; the error says what was tried. `displays` are names of X displays
    /// that i3 may have published its socket on, `authorities` files that may open them.
    pub async fn open(
        hints: &Hints,
        displays: &[String],
        authorities: &[PathBuf],
        reader: &Reader,
        threads: &mut XThreads,
    ) -> Result<Self, String> {
        let mut tried: Vec<String> = Vec::new();
        let first = leads(hints, &[], &[]);
        for lead in &first {
            match Self::try_lead(lead, displays, authorities, reader, threads).await {
                Ok(link) => return Ok(link),
                Err(error) => stop_at_timeout(lead, error, &mut tried)?,
            }
        }
        if hints.configured.is_none() {
            let published = published(displays, authorities, threads).await;
            let found = hints.runtime_dir.as_deref().map(sockets_in).unwrap_or_default();
            for lead in leads(hints, &published, &found) {
                if first.iter().any(|known| known.path == lead.path) {
                    continue;
                }
                match Self::try_lead(&lead, displays, authorities, reader, threads).await {
                    Ok(link) => return Ok(link),
                    Err(error) => stop_at_timeout(&lead, error, &mut tried)?,
                }
            }
        }
        if tried.is_empty() {
            return Err("no window manager: neither I3SOCK nor SWAYSOCK is set, no X display \
                names a socket of i3, and there is none in XDG_RUNTIME_DIR"
                .into());
        }
        Err(format!("no window manager: {}", tried.join("; ")))
    }

    async fn try_lead(
        lead: &Lead,
        displays: &[String],
        authorities: &[PathBuf],
        reader: &Reader,
        threads: &mut XThreads,
    ) -> Result<Self, IpcError> {
        let mut client = Client::connect(&lead.path, DEADLINE).await?;
        let version = client.version().await?;
        let events = Events::open(&lead.path, DEADLINE).await?;
        let sway = version.is_sway();
        let peer = client.peer_pid();
        // The window manager is connected to it, so its file opens it.
        let own = peer.map(|pid| (reader.env)(pid)).unwrap_or_default();
        let files = xauth::file_of(&own).into_iter().chain(authorities.iter().cloned()).collect();
        let display = x_display(sway, peer, &own, displays).await;
        let env = environment(sway, peer, &own, display.as_deref(), reader);
        let x_trouble = (display.is_none() && !sway).then(|| "no X display is known".to_owned());
        let display = display.map(|name| (name, files));
        let (name, path, x) = (version.name(), lead.path.clone(), None);
        let mut link = Link { client, events, name, sway, path, x, x_trouble, display, env };
        link.revive_x(threads);
        Ok(link)
    }

    /// Starts a thread for the X server where there is none, as far as one can be had.
    pub fn revive_x(&mut self, threads: &mut XThreads) {
        self.x.take_if(|x| x.has_ended());
        let (None, Some((name, files))) = (&self.x, &self.display) else { return };
        match threads.start(name, files.clone(), DEADLINE) {
            Ok(x) => self.x = Some(x),
            Err(error) => self.x_trouble = Some(error),
        }
    }
}

/// Notes a lead that led nowhere. One that is there and does not answer ends the search: another
/// window manager, found later, would be that of another screen.
fn stop_at_timeout(lead: &Lead, error: IpcError, tried: &mut Vec<String>) -> Result<(), String> {
    let shown = lead.path.display();
    match error {
        IpcError::Timeout(_) => {
            Err(format!("the window manager at {shown} (from {}): {error}", lead.from))
        }
        IpcError::Connect { source, .. } => {
            tried.push(format!("{shown} (from {}): {source}", lead.from));
            Ok(())
        }
        _ => {
            tried.push(format!("{shown} (from {}): {error}", lead.from));
            Ok(())
        }
    }
}

/// The sockets that i3 published on the root windows of these displays.
async fn published(
    displays: &[String],
    authorities: &[PathBuf],
    threads: &mut XThreads,
) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for display in displays {
        if let Ok(mut x) = threads.start(display, authorities.to_vec(), DEADLINE)
            && let Ok(Some(path)) = x.i3_socket().await
        {
            paths.push(PathBuf::from(path));
        }
    }
    paths
}

/// The X display whose windows the window manager manages.
///
/// i3: the one in its own environment, else the first that is known. sway: one whose server was
/// started by this sway (the socket's owner is sway itself), for the pids of Xwayland's windows.
async fn x_display(
    sway: bool,
    peer: Option<u32>,
    own: &Environment,
    displays: &[String],
) -> Option<String> {
    if !sway {
        return own.get("DISPLAY").map(str::to_owned).or(displays.first().cloned());
    }
    for display in displays {
        let Some(number) = display_number(display) else { continue };
        let connect = UnixStream::connect(format!("/tmp/.X11-unix/X{number}"));
        let Ok(Ok(stream)) = timeout(DEADLINE, connect).await else { continue };
        let server = stream.peer_cred().ok().and_then(|cred| cred.pid());
        if server.is_some() && server.and_then(|pid| u32::try_from(pid).ok()) == peer {
            return Some(display.clone());
        }
    }
    None
}

/// What a program that vmuxd starts needs to open a window there, and vmuxd itself may lack. sway
/// sets `WAYLAND_DISPLAY` after its start, so that its socket has to be looked for.
fn environment(
    sway: bool,
    peer: Option<u32>,
    own: &Environment,
    display: Option<&str>,
    reader: &Reader,
) -> Vec<(&'static str, String)> {
    let mut env = Vec::new();
    env.extend(display.map(|display| ("DISPLAY", display.to_owned())));
    if sway {
        let listens = peer.map(|pid| listening(reader, pid)).unwrap_or_default();
        let name = |path: &PathBuf| Some(path.file_name()?.to_str()?.to_owned());
        let is_wayland = |path: &PathBuf| name(path).is_some_and(|it| it.starts_with("wayland-"));
        let socket = listens.into_iter().find(is_wayland);
        env.extend(socket.map(|path| ("WAYLAND_DISPLAY", path.display().to_string())));
    } else if let Some(file) = own.get("XAUTHORITY") {
        env.push(("XAUTHORITY", file.to_owned()));
    }
    env
}
