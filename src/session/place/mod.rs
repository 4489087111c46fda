//! Where a session is shown: workspace, window, multiplexer pane; and what carries it
//! to another host ([`carrier`]).

pub mod carrier;

use super::shared::Text;
use super::state::Confidence;
use serde::{Deserialize, Serialize};

/// Where a session is shown, and how that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Name of the workspace; `__i3_scratch` for a window in the scratchpad.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<Text>,
    /// Name of the output (monitor) that shows the workspace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Text>,
    /// The window, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// How many windows it may be: 1 if it is known, more if it is one of several, 0 if there is none.
    pub candidates: u32,
    /// The tmux pane, if it runs in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pane: Option<Box<Pane>>,
    /// How it was found, as a clause: `the only window of xterm (pid 4711)`.
    pub how: Text,
    /// How reliable this is.
    pub confidence: Confidence,
}

/// A window of i3 or sway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Container id (`con_id`). It changes when i3 restarts.
    pub con_id: u64,
    /// X11 window id; absent for a native Wayland window.
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
    /// Id of the tmux session: `$1`.
    pub session_id: String,
    /// Name of the tmux session, cleaned.
    pub session: String,
    /// Id of the tmux window: `@1`.
    pub window_id: String,
    /// Id of the pane: `%1`.
    pub pane_id: String,
    /// The terminal of the client that shows it; absent if the tmux session is detached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_tty: Option<String>,
}

impl Place {
    /// Whether it is in a tmux session that no client shows.
    pub fn is_detached(&self) -> bool {
        self.window.is_none() && self.pane.as_ref().is_some_and(|pane| pane.client_tty.is_none())
    }
}
