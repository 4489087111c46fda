//! Where a session is shown: workspace, window, multiplexer pane.

use super::state::Confidence;
use serde::{Deserialize, Serialize};

/// Where a session is shown, and how that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Name of the workspace; `__i3_scratch` for a window in the scratchpad.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    /// Name of the output the workspace is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// The window, when it is one and known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// How many windows it may be: 1 when known, more for "one of these", 0 when it has none.
    pub candidates: u32,
    /// The tmux pane, when it runs in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pane: Option<Pane>,
    /// How it was found, as a clause: `the only window of xterm (pid 4711)`.
    pub how: String,
    /// How far it may be believed.
    pub confidence: Confidence,
}

/// A window of i3 or sway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Container id (`con_id`); changes when i3 restarts.
    pub con_id: u64,
    /// X11 window id; none for a native Wayland window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub xid: Option<u32>,
    /// Pid of the process that owns the window, 0 if not known.
    pub pid: u32,
    /// Whether it has the focus.
    pub focused: bool,
}

/// A tmux pane.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pane {
    /// Path of the tmux server's socket.
    pub socket: String,
    /// `$1`.
    pub session_id: String,
    /// The session's name, as a person sees it. Clean text.
    pub session: String,
    /// `@1`.
    pub window_id: String,
    /// `%1`.
    pub pane_id: String,
    /// The terminal of the client that shows it, none when the session is detached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_tty: Option<String>,
}
