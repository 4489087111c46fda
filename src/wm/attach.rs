//! Brings a detached tmux session back, in a new terminal of the user's choice.

use super::desk::Desk;
use super::focus::{SwitchError, Switched};
use crate::session::place::Pane;

impl Desk {
    /// Attaches a detached tmux session in a new terminal, and goes there.
    pub(super) async fn attach(
        &mut self,
        _pid: u32,
        pane: &Pane,
        _terminal: &[String],
    ) -> Result<Switched, SwitchError> {
        Err(SwitchError::Detached(Box::new(pane.clone())))
    }
}
