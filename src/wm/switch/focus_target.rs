//! What has the focus, and can be given it again.

use super::command::{self, FocusResult};
use super::outcome::SwitchError;
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
    /// Gives the focus to a window that had it before. After a restart of i3 the window has
    /// another container id, and is found by its X11 id.
    pub async fn focus_window(&mut self, con_id: u64, xid: Option<u32>) -> Result<(), SwitchError> {
        self.read_everything().await.map_err(SwitchError::Unmanaged)?;
        let row = match xid {
            Some(xid) => self.windows().iter().find(|row| row.xid == Some(xid)),
            None => self.windows().iter().find(|row| row.con_id == con_id),
        };
        let Some(row) = row else {
            return Err(SwitchError::Closed("it is not in the window manager's tree".into()));
        };
        let (con_id, focused) = (row.con_id, row.focused);
        if focused {
            return Ok(());
        }
        match command::focus(self.tracker(), con_id).await? {
            FocusResult::Focused => Ok(()),
            FocusResult::NoSuchWindow(said) => Err(SwitchError::Closed(said)),
        }
    }

    /// Gives the focus to what had it before.
    pub async fn focus(&mut self, target: &FocusTarget) -> Result<(), SwitchError> {
        match target {
            FocusTarget::Window(window) => self.focus_window(window.con_id, window.xid).await,
            FocusTarget::Workspace(name) => {
                self.read_everything().await.map_err(SwitchError::Unmanaged)?;
                command::show_workspace(self.tracker(), name).await
            }
        }
    }
}
