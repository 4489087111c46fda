//! Commands to the window manager, and whether their effect is seen.
//!
//! One `[con_id=N] focus` does it all: workspace, output, tabs, floating, scratchpad. Two commands
//! in a row bounce when the focus follows the mouse (measured, `docs/windows.md`), and across
//! outputs one may, for i3 takes the pointer along and may set it on another window. i3's
//! "success" is not believed: the focus must be seen.

use super::outcome::SwitchError;
use crate::wm::ipc::IpcError;
use crate::wm::ipc::events::Event;
use crate::wm::locate::location::named;
use crate::wm::manager::Desk;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// The event follows the command within milliseconds.
const SEEN_WITHIN: Duration = Duration::from_millis(500);

/// A focus that the pointer takes away is gone within 5 ms.
const STAYS_AFTER: Duration = Duration::from_millis(12);

/// What became of a command to focus.
pub(in crate::wm) enum Tried {
    /// The window has the focus.
    Seen,
    /// The window manager knows no such window; what it said.
    NoSuchWindow(String),
}

impl Desk {
    /// Gives a window the focus, and sees that it keeps it.
    pub(in crate::wm) async fn focus(&mut self, con_id: u64) -> Result<Tried, SwitchError> {
        let crosses = self.crosses_outputs(con_id);
        for _ in 0..2 {
            if let Tried::NoSuchWindow(said) = self.focus_once(con_id).await? {
                return Ok(Tried::NoSuchWindow(said));
            }
            // The pointer is there now: a second command does not move it again.
            if !crosses || self.stays(con_id).await? {
                return Ok(Tried::Seen);
            }
        }
        self.confirm(con_id).await
    }

    /// Whether a window is on another output than the focus, as last read.
    fn crosses_outputs(&self, con_id: u64) -> bool {
        let output = |row: Option<&crate::wm::ipc::windows::WindowRow>| {
            row.and_then(|row| row.output.clone())
        };
        let focused = self.scene.windows.iter().find(|row| row.focused);
        focused.is_none() || output(focused) != output(self.scene.window(con_id))
    }

    async fn focus_once(&mut self, con_id: u64) -> Result<Tried, SwitchError> {
        // What was said before the command must not be taken for its effect.
        if self.hear_all().map_err(failed)?.contains(&con_id) {
            return Ok(Tried::NoSuchWindow("it closed just now".into()));
        }
        let Some(link) = &mut self.link else { return Err(failed(IpcError::Closed)) };
        let outcomes = link.client.run(&format!("[con_id={con_id}] focus")).await;
        let outcomes = outcomes.map_err(failed)?;
        match outcomes.as_slice() {
            [outcome] if outcome.success.0 => {}
            [outcome] => {
                let said = outcome.error.0.clone().unwrap_or_else(|| "it says no more".into());
                return Ok(Tried::NoSuchWindow(said));
            }
            _ => return Err(SwitchError::Failed("it gave no outcome".into())),
        }
        let deadline = Instant::now() + SEEN_WITHIN;
        while let Some(event) = self.next_within(deadline).await? {
            if event == (Event::Closed { con_id }) {
                // It closed before, and the focus went to another one of the same number.
                return Ok(Tried::NoSuchWindow("it closed just now".into()));
            }
            if event == (Event::Focus { con_id }) {
                return Ok(Tried::Seen);
            }
        }
        self.confirm(con_id).await
    }

    /// Whether no other window takes the focus right afterwards.
    ///
    /// The X server has moved the pointer when it has answered another question, and i3 has heard
    /// of it when it has answered two: how long that takes depends on how busy the machine is.
    async fn stays(&mut self, con_id: u64) -> Result<bool, SwitchError> {
        let Some(link) = &mut self.link else { return Err(failed(IpcError::Closed)) };
        if let Some(x) = &mut link.x {
            // Only the waiting counts, not the answer.
            let _ = x.i3_socket().await;
            for _ in 0..2 {
                link.client.version().await.map_err(failed)?;
            }
        }
        let deadline = Instant::now() + STAYS_AFTER;
        while let Some(event) = self.next_within(deadline).await? {
            if matches!(event, Event::Focus { con_id: other } if other != con_id) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The next event, kept for others too; none when there is none until then.
    async fn next_within(&mut self, deadline: Instant) -> Result<Option<Event>, SwitchError> {
        let Some(link) = &mut self.link else { return Err(failed(IpcError::Closed)) };
        let Ok(event) = timeout_at(deadline, link.events.next()).await else { return Ok(None) };
        let event = event.map_err(failed)?;
        self.keep(event.clone());
        Ok(Some(event))
    }

    /// Whether the tree says that the window has the focus.
    async fn confirm(&mut self, con_id: u64) -> Result<Tried, SwitchError> {
        self.look().await.map_err(failed)?;
        match self.scene.window(con_id) {
            Some(row) if row.focused => Ok(Tried::Seen),
            Some(row) => Err(SwitchError::NotSeen(named(&row.class, row.pid.unwrap_or_default()))),
            None => Ok(Tried::NoSuchWindow("it is no longer in the tree".into())),
        }
    }

    /// Goes to a workspace.
    pub(in crate::wm) async fn show_workspace(&mut self, name: &str) -> Result<(), SwitchError> {
        let Some(link) = &mut self.link else { return Err(failed(IpcError::Closed)) };
        let Some(command) = workspace_command(name, link.sway) else {
            return Err(SwitchError::Failed("sway cannot be told the workspace's name".into()));
        };
        link.client.run(&command).await.map_err(failed)?;
        let rows = link.client.workspaces().await.map_err(failed)?;
        let there = rows.iter().any(|row| row.focused.0 && row.name.0.as_deref() == Some(name));
        if there {
            return Ok(());
        }
        Err(SwitchError::NotSeen(format!(
            "the workspace {}",
            crate::wm::locate::location::workspace_name(name)
        )))
    }
}

fn failed(error: IpcError) -> SwitchError {
    SwitchError::Failed(error.to_string())
}

/// Words that sway takes for directions even inside quotes.
const DIRECTIONS: &[&str] =
    &["next", "prev", "next_on_output", "prev_on_output", "current", "back_and_forth", "number"];

/// The command that goes to a workspace by name; none where the name cannot be said.
///
/// i3 reads `\"` and `\\` inside quotes; sway 1.7 takes them as they are, so that there a name
/// with both kinds of quotes, or one that ends in a backslash, cannot be said.
fn workspace_command(name: &str, sway: bool) -> Option<String> {
    let quoted = if !sway {
        format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
    } else if name.ends_with('\\') || DIRECTIONS.contains(&name) {
        return None;
    } else if !name.contains('"') {
        format!("\"{name}\"")
    } else if !name.contains('\'') {
        format!("'{name}'")
    } else {
        return None;
    };
    Some(format!("workspace --no-auto-back-and-forth {quoted}"))
}

#[cfg(test)]
mod tests {
    use super::workspace_command;

    #[test]
    fn names_are_quoted_as_each_reads_them() {
        let i3 = |name| workspace_command(name, false).unwrap();
        assert_eq!(i3("3: web"), "workspace --no-auto-back-and-forth \"3: web\"");
        assert_eq!(i3("q\"u\\"), "workspace --no-auto-back-and-forth \"q\\\"u\\\\\"");
        let sway = |name| workspace_command(name, true);
        assert_eq!(sway("q\"\\u").unwrap(), "workspace --no-auto-back-and-forth 'q\"\\u'");
        assert_eq!((sway("q\\"), sway("next")), (None, None));
        assert_eq!(sway("it's").unwrap(), "workspace --no-auto-back-and-forth \"it's\"");
        assert_eq!(sway("it's \"x\""), None);
    }
}
