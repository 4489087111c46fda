//! Moves the window that shows a session to another workspace, without the focus.

use super::locate;
use super::outcome::SwitchError;
use crate::wm::locate::location::workspace_name;
use crate::wm::manager::WindowManager;

impl WindowManager {
    /// Moves the window of the session of process `pid` to the workspace of this name, which is made if there
    /// is none. Done when it is seen there.
    pub async fn move_to_workspace(&mut self, pid: u32, name: &str) -> Result<(), SwitchError> {
        self.read_everything().await.map_err(SwitchError::Unmanaged)?;
        let location = locate(self, pid).await?;
        let Some(window) = &location.place.window else {
            return Err(SwitchError::NoWindow(location.place.how.to_string()));
        };
        let con_id = window.con_id;
        let is_there = |wm: &WindowManager| {
            let row = wm.windows().iter().find(|row| row.con_id == con_id);
            row.is_some_and(|row| row.workspace.as_deref() == Some(name))
        };
        if is_there(self) {
            return Ok(());
        }
        let failed = |error: &dyn std::fmt::Display| SwitchError::Failed(error.to_string());
        let connection = self.tracker().connected().map_err(|error| failed(&error))?;
        let Some(command) = connection.kind.move_command(con_id, name) else {
            let wm = connection.kind.name();
            return Err(SwitchError::Failed(format!("{wm} cannot be told the workspace's name")));
        };
        let outcomes = connection.client.run(&command).await.map_err(|error| failed(&error))?;
        if let Some(outcome) = outcomes.into_iter().find(|outcome| !outcome.success.0) {
            let said = outcome.error.0.unwrap_or_else(|| "it says no more".to_owned());
            return Err(SwitchError::Failed(said));
        }
        self.read_everything().await.map_err(SwitchError::Unmanaged)?;
        match is_there(self) {
            true => Ok(()),
            false => Err(SwitchError::NotSeen(format!("the workspace {}", workspace_name(name)))),
        }
    }
}
