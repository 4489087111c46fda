//! What resolution finds: the place, and what has to be brought into view there.

use super::snapshot::Tab;
use crate::session::place::{Pane, Place, Window};
use crate::session::sanitize::clean;
use crate::session::state::Confidence;
use crate::wm::ipc::windows::WindowRow;
use crate::wm::mux::generic::Part;

/// Where a session is, in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What is told to others.
    pub place: Place,
    /// Container ids of the windows it may be; one when it is known.
    pub choices: Vec<u64>,
    /// Panes to bring into view, the innermost first.
    pub hops: Vec<Hop>,
    /// The tab to bring into view.
    pub tab: Option<Tab>,
    /// Panes of other multiplexers to bring into view.
    pub parts: Vec<Part>,
    /// Whether another pane of such a multiplexer may be in view instead.
    pub hidden: bool,
    /// Why there is no window, if there is none.
    pub obstacle: Option<Obstacle>,
}

/// A pane of tmux on the way from the session to the window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// The pane, in the session of the client that shows it.
    pub pane: Pane,
    /// Whether it is the active pane of the window that the client shows.
    pub in_view: bool,
    /// The title a program in it has set.
    pub title: String,
}

/// Why a session is shown nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// Its tmux session, or the one around it, is shown by no client.
    Detached(Box<Pane>),
    /// Another multiplexer shows it to nobody.
    DetachedOther(String),
    /// There is no window manager to ask.
    Unmanaged,
    /// No window was found; why, as a clause.
    NoWindow(String),
}

/// Longest text of another program that is quoted in a clause.
const QUOTED: usize = 60;

impl Found {
    /// Found in this window.
    pub fn window(row: &WindowRow, how: String, confidence: Confidence) -> Self {
        Found {
            place: Place {
                workspace: row.workspace.as_deref().map(workspace_name),
                output: row.output.as_deref().map(workspace_name),
                window: Some(Window {
                    con_id: row.con_id,
                    xid: row.xid,
                    pid: row.pid.unwrap_or(0),
                    focused: row.focused,
                }),
                candidates: 1,
                pane: None,
                how,
                confidence,
            },
            choices: vec![row.con_id],
            hops: Vec::new(),
            tab: None,
            parts: Vec::new(),
            hidden: false,
            obstacle: None,
        }
    }

    /// One of these windows. The workspace is known when they are all on the same.
    pub fn one_of(rows: &[&WindowRow], how: String) -> Self {
        let same = |of: fn(&WindowRow) -> Option<&str>| {
            let first = rows.first().and_then(|row| of(row))?;
            rows.iter().all(|row| of(row) == Some(first)).then(|| workspace_name(first))
        };
        Found {
            place: Place {
                workspace: same(|row| row.workspace.as_deref()),
                output: same(|row| row.output.as_deref()),
                window: None,
                candidates: u32::try_from(rows.len()).unwrap_or(u32::MAX),
                pane: None,
                how,
                confidence: Confidence::Low,
            },
            choices: rows.iter().map(|row| row.con_id).collect(),
            hops: Vec::new(),
            tab: None,
            parts: Vec::new(),
            hidden: false,
            obstacle: None,
        }
    }

    /// Shown nowhere.
    pub fn nowhere(obstacle: Obstacle, how: String) -> Self {
        Found {
            place: Place {
                workspace: None,
                output: None,
                window: None,
                candidates: 0,
                pane: None,
                how,
                confidence: Confidence::Certain,
            },
            choices: Vec::new(),
            hops: Vec::new(),
            tab: None,
            parts: Vec::new(),
            hidden: false,
            obstacle: Some(obstacle),
        }
    }

    /// Whether the window is known.
    pub fn is_known(&self) -> bool {
        self.place.window.is_some()
    }

    /// Whether every pane on the way is in view.
    pub fn in_view(&self) -> bool {
        self.hops.iter().all(|hop| hop.in_view)
    }
}

/// A workspace's name, without what could steer a terminal. White space stays as it is: the name
/// must still be the one the window manager knows.
pub fn workspace_name(name: &str) -> String {
    if name.chars().any(char::is_control) {
        name.chars().filter(|c| !c.is_control()).collect()
    } else {
        name.to_owned()
    }
}

/// `xterm (pid 4711)`.
pub fn named(comm: &str, pid: u32) -> String {
    format!("{} (pid {pid})", clean(comm, QUOTED))
}
