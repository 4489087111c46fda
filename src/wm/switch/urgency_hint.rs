//! The urgency hint of a window: i3 and sway colour it and its workspace until it is visited.
//!
//! i3 has no command for it: a client asks the window manager through the X server
//! (`_NET_WM_STATE_DEMANDS_ATTENTION`, EWMH 1.5). sway has one (sway(5)).

use crate::session::place::Window;
use crate::wm::manager::Desk;

impl Desk {
    /// Set or clear it; why that could not be done.
    pub async fn set_urgent(&mut self, window: &Window, urgent: bool) -> Result<(), String> {
        let Some(link) = &mut self.link else { return Err("no window manager".to_owned()) };
        if link.sway {
            let word = if urgent { "enable" } else { "disable" };
            let command = format!("[con_id={}] urgent {word}", window.con_id);
            let outcomes = link.client.run(&command).await.map_err(|error| error.to_string())?;
            let failed = outcomes.into_iter().find(|outcome| !outcome.success.0);
            return match failed {
                Some(outcome) => Err(outcome.error.0.unwrap_or_else(|| "sway refused".to_owned())),
                None => Ok(()),
            };
        }
        match (&mut link.x, window.xid) {
            (Some(x), Some(xid)) => x.demand_attention(xid, urgent).await,
            (None, _) => Err("the X server cannot be asked".to_owned()),
            (_, None) => Err("it is no X11 window".to_owned()),
        }
    }
}
