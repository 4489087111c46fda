//! The X server: which process owns a window, and where i3 publishes its socket.
//!
//! The tree of i3 contains no pids. The X server knows the process behind every connection: one
//! request of the X Resource extension (`XResQueryClientIds`, X-Resource 1.2) names them all, and
//! the id of a window contains the id of the connection that created it. `_NET_WM_PID` is what a
//! program says of itself, and is wrong in a container: it counts only where the server does not
//! know, and only with the `WM_CLIENT_MACHINE` of this host.
//!
//! All calls here block; [`worker`] keeps them off the runtime.

pub mod activation;
pub mod dial;
pub mod hidden;
pub mod worker;
pub mod xauth;

use crate::proc::{ProcFiles, unix_sockets};
use dial::XConnection;
use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::Duration;
use x11rb::connection::{Connection, RequestConnection};
use x11rb::protocol::res::{self, ClientIdMask, ClientIdSpec, ConnectionExt as _};
use x11rb::protocol::xproto::{AtomEnum, ClientMessageEvent, ConnectionExt as _, EventMask};

/// What the X server knows of processes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WindowOwners {
    /// Window → pid of its process, where it is known.
    pub of_window: HashMap<u32, u32>,
    /// All processes on this host that are connected to the X server.
    pub clients: HashSet<u32>,
}

/// How long a thread waits for the X server: far longer than an answer takes, and not for ever.
const X_TIMEOUT: Duration = Duration::from_secs(5);

/// Why the X server gave no answer, as a message.
pub type XError = String;

/// A connection to the X server.
pub struct XDisplay {
    connection: XConnection,
    root: u32,
    resources: bool,
    hostname: String,
}

impl XDisplay {
    /// Connects to `name`, such as `:0`: with what this process is allowed, else with the cookies
    /// in these authority files.
    pub fn open(name: &str, authorities: &[PathBuf]) -> Result<Self, XError> {
        let (connection, screen) = dial::connect(name, authorities, X_TIMEOUT)?;
        let Some(screen) = connection.setup().roots.get(screen) else {
            return Err(format!("the X server {name} has no such screen"));
        };
        let root = screen.root;
        let resources = connection
            .extension_information(res::X11_EXTENSION_NAME)
            .map_err(|error| error.to_string())?
            .is_some();
        let hostname = crate::proc::hostname();
        Ok(XDisplay { connection, root, resources, hostname })
    }

    /// The socket that i3 published in a property of the root window, which outlives i3.
    pub fn i3_socket(&self) -> Option<String> {
        let atom = self.atom(b"I3_SOCKET_PATH")?;
        let path = self.text(self.root, atom)?;
        (!path.is_empty()).then_some(path)
    }

    /// The processes that own these windows.
    pub fn owners(&self, windows: &[u32]) -> Result<WindowOwners, XError> {
        let mut owners = WindowOwners::default();
        if self.resources {
            self.ask_resources(windows, &mut owners).map_err(|error| error.to_string())?;
        }
        let unknown: Vec<u32> =
            windows.iter().copied().filter(|id| !owners.of_window.contains_key(id)).collect();
        if !unknown.is_empty() {
            self.ask_properties(&unknown, &mut owners).map_err(|error| error.to_string())?;
        }
        Ok(owners)
    }

    /// With one request for the pids of all clients.
    fn ask_resources(
        &self,
        windows: &[u32],
        owners: &mut WindowOwners,
    ) -> Result<(), x11rb::errors::ReplyError> {
        let all = ClientIdSpec { client: 0, mask: ClientIdMask::LOCAL_CLIENT_PID };
        let reply = self.connection.res_query_client_ids(&[all])?.reply()?;
        let mask = !self.connection.setup().resource_id_mask;
        let mut pid_of = HashMap::with_capacity(reply.ids.len());
        for id in &reply.ids {
            let pid = id.value.first().copied().unwrap_or(0);
            if id.spec.mask == ClientIdMask::LOCAL_CLIENT_PID && pid > 1 && is_alive(pid) {
                pid_of.insert(id.spec.client & mask, pid);
                owners.clients.insert(pid);
            }
        }
        for window in windows {
            if let Some(pid) = pid_of.get(&(window & mask)) {
                owners.of_window.insert(*window, *pid);
            }
        }
        Ok(())
    }

    /// With `_NET_WM_PID`, where `WM_CLIENT_MACHINE` is this host. All requests are sent before the
    /// first answer is waited for.
    fn ask_properties(
        &self,
        windows: &[u32],
        owners: &mut WindowOwners,
    ) -> Result<(), x11rb::errors::ReplyError> {
        let Some(atom) = self.atom(b"_NET_WM_PID") else { return Ok(()) };
        let machine = u32::from(AtomEnum::WM_CLIENT_MACHINE);
        let mut asked = Vec::with_capacity(windows.len());
        for window in windows {
            let property = |atom: u32, length| {
                self.connection.get_property(false, *window, atom, AtomEnum::ANY, 0, length)
            };
            asked.push((*window, property(atom, 1)?, property(machine, 64)?));
        }
        for (window, pid, machine) in asked {
            // A window that is gone by now is an error for this window only.
            let (Ok(pid), Ok(machine)) = (pid.reply(), machine.reply()) else { continue };
            let pid = pid.value32().and_then(|mut values| values.next());
            let machine = String::from_utf8_lossy(&machine.value);
            if let Some(pid) = pid.filter(|pid| *pid > 1)
                && machine.trim_end_matches('\0') == self.hostname
            {
                owners.of_window.insert(window, pid);
            }
        }
        Ok(())
    }

    /// Asks the window manager to mark a window as urgent, or to unmark it (EWMH, `_NET_WM_STATE`).
    pub fn demand_attention(&self, window: u32, urgent: bool) -> Result<(), XError> {
        let atom = |name: &[u8]| {
            self.atom(name).ok_or_else(|| "the X server has no EWMH window manager".to_owned())
        };
        let (state, attention) =
            (atom(b"_NET_WM_STATE")?, atom(b"_NET_WM_STATE_DEMANDS_ATTENTION")?);
        // 1 adds, 0 removes; the second 1 means that the request comes from an application.
        let data = [u32::from(urgent), attention, 0, 1, 0];
        let message = ClientMessageEvent::new(32, window, state, data);
        let mask = EventMask::SUBSTRUCTURE_REDIRECT | EventMask::SUBSTRUCTURE_NOTIFY;
        let sent = self.connection.send_event(false, self.root, mask, message);
        let checked = sent.map_err(|error| error.to_string())?.check();
        checked.map_err(|error| error.to_string())
    }

    fn atom(&self, name: &[u8]) -> Option<u32> {
        let reply = self.connection.intern_atom(true, name).ok()?.reply().ok()?;
        (reply.atom != 0).then_some(reply.atom)
    }

    fn text(&self, window: u32, atom: u32) -> Option<String> {
        let any = AtomEnum::ANY;
        let reply =
            self.connection.get_property(false, window, atom, any, 0, 1024).ok()?.reply().ok()?;
        Some(String::from_utf8_lossy(&reply.value).trim_end_matches('\0').to_owned())
    }
}

/// Whether there is a process with this pid. A program that goes into the background after it has
/// connected to the X server (`urxvtd -o -f`, `tabbed -d`) is known to the server by the pid of the
/// process that it was before.
fn is_alive(pid: u32) -> bool {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    pid.is_some_and(|pid| test_kill_process(pid) != Err(Errno::SRCH))
}

/// Where X servers of this host listen.
pub(crate) const SOCKETS: &str = "/tmp/.X11-unix";

/// The display whose server listens at this path: `:6` for `/tmp/.X11-unix/X6`.
pub fn display_of_socket(path: &Path) -> Option<String> {
    let name = path.strip_prefix(SOCKETS).ok()?.to_str()?;
    let number: u32 = name.strip_prefix('X')?.parse().ok()?;
    Some(format!(":{number}"))
}

/// Whether a display has no server yet, but a Wayland compositor that starts one when a program
/// connects: it holds the socket, and no X server does.
pub fn starts_on_demand(proc: &ProcFiles, name: &str) -> bool {
    let Some(number) = display_number(name) else { return false };
    let inodes = unix_sockets::listeners(proc, &Path::new(SOCKETS).join(format!("X{number}")));
    // Those of other users cannot be read; their X server is one that runs.
    let holds = |pid: &u32| proc.sockets(*pid).iter().any(|inode| inodes.contains(inode));
    let mut holders = proc.pids().into_iter().filter(holds).peekable();
    let is_x_server = |pid| proc.process(pid).is_some_and(|it| it.comm.starts_with('X'));
    holders.peek().is_some() && !holders.any(is_x_server)
}

/// `:1` for `:1`, `:1.0`, `unix:1`, `unix/:1.0`; none for a display on another host.
pub fn display_number(name: &str) -> Option<u32> {
    let (host, rest) = name.rsplit_once(':')?;
    let local = matches!(host, "" | "unix" | "unix/");
    if !local {
        return None;
    }
    let number = rest.split('.').next()?;
    number.parse().ok()
}

#[cfg(test)]
mod testing {
    use super::SOCKETS;
    use std::os::unix::net::UnixListener;

    /// A display whose server says nothing, and its number.
    pub fn silent_display() -> (u32, UnixListener) {
        std::fs::create_dir_all(SOCKETS).unwrap();
        let bind = |number: u32| UnixListener::bind(format!("{SOCKETS}/X{number}"));
        (40_000..60_000).find_map(|it| Some((it, bind(it).ok()?))).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn displays_of_this_host_have_a_number() {
        assert_eq!(display_number(":1"), Some(1));
        assert_eq!(display_number(":1.0"), Some(1));
        assert_eq!(display_number("unix:12.1"), Some(12));
        assert_eq!(display_number("localhost:10.0"), None);
        assert_eq!(display_number("wayland-1"), None);
        assert_eq!(display_number(""), None);
        assert_eq!(display_of_socket(Path::new("/tmp/.X11-unix/X6")).as_deref(), Some(":6"));
        assert_eq!(display_of_socket(Path::new("/tmp/X6")), None);
        assert_eq!(display_of_socket(Path::new("/tmp/.X11-unix/X6_")), None);
    }
}
