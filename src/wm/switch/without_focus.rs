//! What is done to a window without giving it the focus: the urgency hint, with which i3 and sway colour
//! it and its workspace until it is visited, and another workspace.

use super::locate;
use super::outcome::SwitchError;
use crate::session::place::Window;
use crate::wm::connection::Connection;
use crate::wm::connection::kind::UrgencyRequest;
use crate::wm::locate::location::workspace_name;
use crate::wm::manager::WindowManager;

impl WindowManager {
    /// Sets or clears the urgency hint of a window. The error says why that could not be done.
    pub async fn set_urgent(&mut self, window: &Window, urgent: bool) -> Result<(), String> {
        let Ok(connection) = self.tracker().connected() else {
            return Err("no window manager".to_owned());
        };
        set(connection, window, urgent).await
    }

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

/// Sets or clears the hint. The error says why that could not be done.
async fn set(connection: &mut Connection, window: &Window, urgent: bool) -> Result<(), String> {
    match connection.kind.urgency_request(window.con_id, urgent) {
        UrgencyRequest::Command(command) => {
            let outcomes = connection.client.run(&command).await;
            let outcomes = outcomes.map_err(|error| error.to_string())?;
            match outcomes.into_iter().find(|outcome| !outcome.success.0) {
                Some(outcome) => Err(outcome.error.0.unwrap_or_else(|| "sway refused".to_owned())),
                None => Ok(()),
            }
        }
        UrgencyRequest::XMessage => match (&mut connection.x, window.xid) {
            (Some(x), Some(xid)) => x.demand_attention(xid, urgent).await,
            (None, _) => Err("the X server cannot be asked".to_owned()),
            (_, None) => Err("it is no X11 window".to_owned()),
        },
    }
}
