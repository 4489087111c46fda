//! The urgency hint of a window: i3 and sway colour it and its workspace until it is visited.

use crate::session::place::Window;
use crate::wm::connection::Connection;
use crate::wm::connection::kind::UrgencyRequest;
use crate::wm::manager::WindowManager;

impl WindowManager {
    /// Sets or clears the urgency hint of a window. The error says why that could not be done.
    pub async fn set_urgent(&mut self, window: &Window, urgent: bool) -> Result<(), String> {
        let Ok(connection) = self.tracker().connected() else {
            return Err("no window manager".to_owned());
        };
        set(connection, window, urgent).await
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
