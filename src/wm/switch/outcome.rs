//! What a switch is told, and its result.

use crate::session::place::{Pane, Place};
use crate::wm::terminal;

/// How to go to a session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SwitchOptions {
    /// A terminal with its arguments up to the command (`xterm -e`), in which a detached tmux
    /// session is attached.
    pub attach: Option<Vec<String>>,
    /// Do nothing if only a pane of tmux can be selected, and no window: there are other sessions
    /// to go to.
    pub needs_window: bool,
}

/// The session is in view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Switched {
    /// Where.
    pub place: Place,
    /// What else the user should know, as a clause.
    pub note: Option<String>,
}

/// The session could not be brought into view.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SwitchError {
    /// The process ended.
    #[error("the session has ended")]
    Ended,
    /// No window manager answers.
    #[error("{0}")]
    Unmanaged(String),
    /// No client shows its tmux session.
    #[error("it runs in the tmux session {}, which is attached nowhere", .0.session)]
    Detached(Box<Pane>),
    /// It is shown nowhere, or it is not known where.
    #[error("its window was not found: {0}")]
    NoWindow(String),
    /// One of several windows on several workspaces.
    #[error("it is {how}, and cannot be told which; they are on {workspaces}")]
    OneOf {
        /// `one of the 2 windows of urxvtd (pid 7)`.
        how: String,
        /// Their workspaces.
        workspaces: String,
        /// Name of the process that owns them; empty if it is not known.
        terminal: String,
        /// Whether it has told what it can.
        has_told: bool,
    },
    /// The window closed before it could get the focus.
    #[error("its window closed in the meantime ({0})")]
    Closed(String),
    /// The window manager accepted the command, but the focus was not seen to move.
    #[error("the window manager was told to focus {0}, but the focus did not go there")]
    NotSeen(String),
    /// A call to the window manager failed.
    #[error("the window manager failed: {0}")]
    Failed(String),
    /// The window has the focus, but its pane or tab could not be brought into view, or it is not
    /// known whether it is.
    #[error("its window has the focus, but {0}")]
    Pane(String),
    /// One of several windows on one workspace, which is in view now.
    #[error("its workspace is in view, but it is {how}, and cannot be told which")]
    WorkspaceOnly {
        /// `one of the 2 windows of urxvtd (pid 7)`.
        how: String,
        /// Name of the process that owns them; empty if it is not known.
        terminal: String,
        /// Whether it has told what it can.
        has_told: bool,
    },
    /// Only a pane of tmux was selected, or could be: its client has no window here.
    #[error("only the tmux pane {}: {why}", if *.selected { "was selected" } else { "can be selected" })]
    PaneOnly {
        /// Whether it was selected.
        selected: bool,
        /// Whether no window manager answers.
        is_unmanaged: bool,
        /// Why there is no window, as a clause.
        why: String,
    },
    /// Its pane could not be brought into view, and no window got the focus.
    #[error("its pane could not be brought into view: {0}")]
    Hidden(String),
    /// The vmuxd of the session's host refused, or could not be asked.
    #[error("{0}")]
    Far(String),
    /// The terminal to attach in did not start.
    #[error("{0}")]
    Attach(String),
}

impl SwitchError {
    /// Whether the user is where the session is shown, though it may not be in view itself.
    pub fn is_near(&self) -> bool {
        matches!(self, SwitchError::Pane(_) | SwitchError::WorkspaceOnly { .. })
    }

    /// Whether a window manager that restarts at this moment may be the reason.
    pub fn may_be_a_restart(&self) -> bool {
        match self {
            SwitchError::Unmanaged(_) | SwitchError::Failed(_) => true,
            SwitchError::PaneOnly { is_unmanaged, .. } => *is_unmanaged,
            _ => false,
        }
    }

    /// What the user can do about it.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            SwitchError::Unmanaged(_) => "is i3 or sway running, and is DISPLAY or SWAYSOCK set?",
            SwitchError::Detached(_) => "--attach opens it in a new terminal",
            SwitchError::OneOf { terminal, has_told, .. }
            | SwitchError::WorkspaceOnly { terminal, has_told, .. } => terminal::how_it_tells(
                terminal, *has_told,
            )
            .unwrap_or("the title probe can tell such windows apart; it is off unless configured"),
            SwitchError::Attach(_) => {
                "switch.attach in ~/.vmux/config.toml names the terminal, else $TERMINAL of vmuxd"
            }
            SwitchError::NoWindow(_) => "`vmux why` tells how it was looked for",
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hint_is_for_the_terminal() {
        let hint = |terminal: &str, has_told| {
            let how = "one of the 2 windows of gnome-terminal (pid 7)".to_owned();
            let terminal = terminal.to_owned();
            SwitchError::WorkspaceOnly { how, terminal, has_told }.hint().unwrap()
        };
        assert!(hint("gnome-terminal-", false).contains("gsettings"));
        assert!(!hint("gnome-terminal-", true).contains("gsettings"));
        assert!(hint("kitty", false).contains("listen_on"));
        assert!(hint("kitty", true).contains("--class"));
        assert!(hint("konsole", true).contains("--separate"));
        assert!(hint("foot", false).contains("title probe"));
        assert!(!hint("", false).contains("gsettings"));
    }
}
