//! What has the focus, and can be given it again.

/// The window with the focus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FocusedWindow {
    /// Container id; changes when i3 restarts.
    pub con_id: u64,
    /// X11 window id; stays.
    pub xid: Option<u32>,
    /// Name of its workspace.
    pub workspace: Option<String>,
}

/// What has the focus, and can be given it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FocusTarget {
    /// A window.
    Window(FocusedWindow),
    /// A workspace that is empty, by its name in the window manager.
    Workspace(String),
}

impl FocusTarget {
    /// Whether it is the window with this container id.
    pub fn is_window(&self, con_id: u64) -> bool {
        matches!(self, FocusTarget::Window(window) if window.con_id == con_id)
    }
}
