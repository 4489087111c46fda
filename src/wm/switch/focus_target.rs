//! What has the focus, and can be given it again.

use crate::wm::locate::location::workspace_name;
use crate::wm::manager::WindowManager;

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

impl WindowManager {
    /// The window with the focus.
    pub fn focused(&self) -> Option<FocusedWindow> {
        let row = self.snapshot(false).windows.focused()?;
        let workspace = row.workspace.as_deref().map(workspace_name);
        Some(FocusedWindow { con_id: row.con_id, xid: row.xid, workspace })
    }

    /// What has the focus: a window, else an empty workspace.
    pub fn focus_target(&self) -> Option<FocusTarget> {
        let workspace = || self.snapshot(false).windows.focused_workspace.clone();
        let window = self.focused().map(FocusTarget::Window);
        window.or_else(|| workspace().map(FocusTarget::Workspace))
    }

    /// The same, with what was reported by now. A switch that follows need not read the windows again.
    pub async fn focus_target_now(&mut self) -> Option<FocusTarget> {
        if !self.tracker().is_current()
            && let Err(error) = self.read_windows().await
        {
            log::debug!("the windows cannot be read: {error}");
        }
        self.focus_target()
    }
}
