//! Everything in which i3 and sway differ. Other files ask here, and not which of the two it is.

use crate::proc::{ProcFiles, unix_sockets};
use crate::session::process::Environment;
use crate::wm::ipc::reply::Version;
use crate::wm::ipc::windows::WindowRow;
use crate::wm::x11::display_of_socket;
use std::path::PathBuf;

/// Which window manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WmKind {
    /// i3, which manages the windows of an X server.
    I3,
    /// sway, which is the display server itself and may run an X server for X11 programs.
    Sway,
}

/// How a window manager is asked to set the urgency hint of a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UrgencyRequest {
    /// By this command.
    Command(String),
    /// By a message through the X server.
    XMessage,
}

/// Words that sway takes for directions, even inside quotes.
const DIRECTIONS: &[&str] =
    &["next", "prev", "next_on_output", "prev_on_output", "current", "back_and_forth", "number"];

impl WmKind {
    /// The kind that gave this version.
    pub fn of(version: &Version) -> Self {
        if version.is_sway() { WmKind::Sway } else { WmKind::I3 }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            WmKind::I3 => "i3",
            WmKind::Sway => "sway",
        }
    }

    /// Whether the owners of its windows are known only to an X server.
    pub fn needs_x_server(self) -> bool {
        self == WmKind::I3
    }

    /// Whether to be connected to the X server, with these windows. sway starts its X server only
    /// when the first program connects.
    pub fn wants_x_server(self, windows: &[WindowRow]) -> bool {
        self == WmKind::I3 || windows.iter().any(|row| row.xid.is_some())
    }

    /// The command that goes to a workspace by name; `None` if the name cannot be expressed.
    ///
    /// i3 reads `\"` and `\\` inside double quotes. sway 1.7 takes backslashes as they are, and
    /// single quotes as well: there is no way to express a name with both kinds of quotes, or one
    /// that ends in a backslash.
    pub fn workspace_command(self, name: &str) -> Option<String> {
        Some(format!("workspace --no-auto-back-and-forth {}", self.quoted(name)?))
    }

    /// The command that moves a window to a workspace, in the same way.
    pub fn move_command(self, con_id: u64, name: &str) -> Option<String> {
        let name = self.quoted(name)?;
        let to = "move --no-auto-back-and-forth container to workspace";
        Some(format!("[con_id={con_id}] {to} {name}"))
    }

    fn quoted(self, name: &str) -> Option<String> {
        Some(match self {
            WmKind::I3 => format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\"")),
            WmKind::Sway if name.ends_with('\\') || DIRECTIONS.contains(&name) => return None,
            WmKind::Sway if !name.contains('"') => format!("\"{name}\""),
            WmKind::Sway if !name.contains('\'') => format!("'{name}'"),
            WmKind::Sway => return None,
        })
    }

    /// How the urgency hint of a window is set or cleared. sway has a command (sway(5)); i3 has
    /// none, and does what EWMH 1.5 asks of a window manager.
    pub fn urgency_request(self, con_id: u64, urgent: bool) -> UrgencyRequest {
        match self {
            WmKind::I3 => UrgencyRequest::XMessage,
            WmKind::Sway => {
                let word = if urgent { "enable" } else { "disable" };
                UrgencyRequest::Command(format!("[con_id={con_id}] urgent {word}"))
            }
        }
    }

    /// The X display whose windows the window manager with this pid and environment manages.
    ///
    /// i3: the one in its environment, else the first of `displays`. sway: the one on whose socket
    /// it listens, to start the X server when a program connects.
    pub fn x_display(
        self,
        pid: Option<u32>,
        env: &Environment,
        displays: &[String],
        proc: &ProcFiles,
    ) -> Option<String> {
        match self {
            WmKind::I3 => env.get("DISPLAY").map(str::to_owned).or(displays.first().cloned()),
            WmKind::Sway => {
                let sockets = unix_sockets::listening(proc, pid?);
                sockets.iter().find_map(|path| display_of_socket(path))
            }
        }
    }

    /// What a program that vmuxd starts needs in its environment to open a window there, and vmuxd
    /// itself may lack. sway sets `WAYLAND_DISPLAY` after its start, so its socket has to be
    /// looked for.
    pub fn environment(
        self,
        pid: Option<u32>,
        env: &Environment,
        display: Option<&str>,
        proc: &ProcFiles,
    ) -> Vec<(&'static str, String)> {
        let mut out = Vec::new();
        out.extend(display.map(|display| ("DISPLAY", display.to_owned())));
        match self {
            WmKind::I3 => {
                let file = env.get("XAUTHORITY");
                out.extend(file.map(|file| ("XAUTHORITY", file.to_owned())));
            }
            WmKind::Sway => {
                let sockets = pid.map(|pid| unix_sockets::listening(proc, pid)).unwrap_or_default();
                let is_wayland = |path: &PathBuf| {
                    let name = path.file_name().and_then(|name| name.to_str());
                    name.is_some_and(|name| name.starts_with("wayland-"))
                };
                let socket = sockets.into_iter().find(is_wayland);
                out.extend(socket.map(|path| ("WAYLAND_DISPLAY", path.display().to_string())));
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_as_each_reads_them() {
        let i3 = |name| WmKind::I3.workspace_command(name).unwrap();
        assert_eq!(i3("3: web"), "workspace --no-auto-back-and-forth \"3: web\"");
        assert_eq!(i3("q\"u\\"), "workspace --no-auto-back-and-forth \"q\\\"u\\\\\"");
        let sway = |name| WmKind::Sway.workspace_command(name);
        assert_eq!(sway("q\"\\u").unwrap(), "workspace --no-auto-back-and-forth 'q\"\\u'");
        assert_eq!((sway("q\\"), sway("next")), (None, None));
        assert_eq!(sway("it's").unwrap(), "workspace --no-auto-back-and-forth \"it's\"");
        assert_eq!(sway("it's \"x\""), None);
        let moves = WmKind::I3.move_command(7, "3");
        let command = "[con_id=7] move --no-auto-back-and-forth container to workspace \"3\"";
        assert_eq!(moves.as_deref(), Some(command));
        assert_eq!(WmKind::Sway.move_command(7, "next"), None);
    }
}
