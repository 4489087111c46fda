//! Where a session is shown, and the route to it.

use crate::session::place::{Pane, Place, Window};
use crate::session::sanitize::clean;
use crate::session::shared::Text;
use crate::session::state::Confidence;
use crate::wm::ipc::windows::WindowRow;
use crate::wm::mux::generic::PaneTarget;
use crate::wm::terminal::Tab;

/// Longest text of another program that is quoted in a clause, in characters.
const MAX_QUOTED: usize = 60;

/// Where a session is shown, in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// What is told to clients of vmuxd.
    pub place: Place,
    /// What has to be brought into view, from the outside (the window) to the inside (the pane
    /// that the session runs in).
    pub route: Vec<Step>,
    /// Why there is no window, if there is none.
    pub obstacle: Option<Obstacle>,
}

/// One step on the way from the screen to a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A window of the window manager, by its container id. Several ids: it is one of these
    /// windows, and not known which.
    Window(Vec<u64>),
    /// A tab of a terminal that can be told to show it.
    Tab(Tab),
    /// The window of a terminal inside the window of another program, such as tabbed(1), which
    /// cannot be told to show it.
    Embedded {
        /// Whether no other terminal is embedded there.
        is_alone: bool,
    },
    /// A client of tmux that shows another session, and can be switched.
    TmuxClient(ClientStep),
    /// A pane of tmux.
    TmuxPane(TmuxStep),
    /// A popup of tmux, which is in view as long as it is open.
    TmuxPopup,
    /// A pane of another multiplexer, which may show another pane instead.
    MuxPane(PaneTarget),
}

impl Step {
    /// Whether the step is inside a multiplexer.
    pub fn is_in_multiplexer(&self) -> bool {
        match self {
            Step::Window(_) | Step::Tab(_) | Step::Embedded { .. } => false,
            Step::TmuxClient(_) | Step::TmuxPane(_) | Step::TmuxPopup | Step::MuxPane(_) => true,
        }
    }
}

/// A pane of tmux on the route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TmuxStep {
    /// Pid of the tmux server.
    pub server: u32,
    /// The pane, in the session of the client that shows it.
    pub pane: Pane,
    /// Whether it is the active pane of the window that the client shows.
    pub in_view: bool,
    /// Whether it shows a mode of tmux instead of its program.
    pub in_mode: bool,
    /// Whether its window may be larger than the terminal that shows it.
    pub may_be_cut: bool,
    /// The title that a program in the pane has set.
    pub title: String,
}

/// A client of tmux on the route that has to be switched to another session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientStep {
    /// Pid of the tmux server.
    pub server: u32,
    /// The terminal of the client.
    pub client_tty: String,
    /// Name of the session that the client shows now. Clean text.
    pub shows: String,
    /// The pane that it has to show.
    pub pane: Pane,
}

/// Why a session is shown nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// No client shows its tmux session, or the one around it.
    Detached {
        /// The pane that is not shown.
        pane: Box<Pane>,
        /// Where the pane is once a client that shows another session is switched to it.
        by_client: Option<Box<Location>>,
    },
    /// Another multiplexer, named here, has no client.
    DetachedOther(String),
    /// There is no window manager to ask.
    NoWindowManager,
    /// The server of a multiplexer around it could not be asked; why, as a clause.
    Unasked(String),
    /// No window was found; why, as a clause.
    NoWindow(String),
}

impl Location {
    /// In this window.
    pub fn window(row: &WindowRow, how: impl Into<Text>, confidence: Confidence) -> Self {
        let window = Window {
            con_id: row.con_id,
            xid: row.xid,
            pid: row.pid.unwrap_or(0),
            focused: row.focused,
        };
        let place = Place {
            workspace: row.workspace.as_deref().map(workspace_name).map(Text::from),
            output: row.output.as_deref().map(workspace_name).map(Text::from),
            window: Some(window),
            candidates: 1,
            pane: None,
            how: how.into(),
            confidence,
        };
        Location { place, route: vec![Step::Window(vec![row.con_id])], obstacle: None }
    }

    /// In one of these windows. The workspace is known if they are all on the same one.
    pub fn one_of(rows: &[&WindowRow], how: impl Into<Text>) -> Self {
        let same = |of: fn(&WindowRow) -> Option<&str>| {
            let first = rows.first().and_then(|row| of(row))?;
            rows.iter().all(|row| of(row) == Some(first)).then(|| workspace_name(first).into())
        };
        let place = Place {
            workspace: same(|row| row.workspace.as_deref()),
            output: same(|row| row.output.as_deref()),
            candidates: u32::try_from(rows.len()).unwrap_or(u32::MAX),
            confidence: Confidence::Low,
            ..no_place(how)
        };
        let con_ids = rows.iter().map(|row| row.con_id).collect();
        Location { place, route: vec![Step::Window(con_ids)], obstacle: None }
    }

    /// Shown nowhere.
    pub fn nowhere(obstacle: Obstacle, how: impl Into<Text>) -> Self {
        Location { place: no_place(how), route: Vec::new(), obstacle: Some(obstacle) }
    }

    /// The same, once it is known which of several windows it is; what is inside stays.
    pub fn in_window(self, row: &WindowRow, how: impl Into<Text>, confidence: Confidence) -> Self {
        let mut known = Location::window(row, how, confidence);
        known.place.pane = self.place.pane;
        let inside = self.route.into_iter().filter(|step| !matches!(step, Step::Window(_)));
        known.route.extend(inside);
        known
    }

    /// Whether the window is known.
    pub fn is_known(&self) -> bool {
        self.place.window.is_some()
    }

    /// Container ids of the windows that it may be in: one if the window is known.
    pub fn candidates(&self) -> &[u64] {
        let windows = |step: &Step| matches!(step, Step::Window(_));
        match self.route.iter().find(|step| windows(step)) {
            Some(Step::Window(con_ids)) => con_ids,
            _ => &[],
        }
    }

    /// The panes of tmux on the route, from the outermost to the innermost.
    pub fn tmux_panes(&self) -> impl DoubleEndedIterator<Item = &TmuxStep> {
        self.route.iter().filter_map(|step| match step {
            Step::TmuxPane(pane) => Some(pane),
            _ => None,
        })
    }

    /// The pane of tmux that the session runs in.
    pub fn innermost_pane(&self) -> Option<&TmuxStep> {
        self.tmux_panes().next_back()
    }

    /// The tab of a terminal that can be told to show it.
    pub fn tab(&self) -> Option<&Tab> {
        self.route.iter().find_map(|step| match step {
            Step::Tab(tab) => Some(tab),
            _ => None,
        })
    }

    /// The location with the client of tmux switched, if that is what it takes to see it.
    pub fn by_client(&self) -> Option<Location> {
        let Some(Obstacle::Detached { by_client: Some(outside), .. }) = &self.obstacle else {
            return None;
        };
        let mut location = Location::clone(outside);
        location.route.extend(self.route.iter().cloned());
        if let Some(pane) = self.place.pane.clone() {
            location.place.pane = Some(pane);
        }
        Some(location)
    }

    /// The client of tmux on the route that has to be switched.
    pub fn client_to_switch(&self) -> Option<&ClientStep> {
        self.route.iter().find_map(|step| match step {
            Step::TmuxClient(client) => Some(client),
            _ => None,
        })
    }

    /// Whether every pane of tmux on the route is in view.
    pub fn tmux_is_in_view(&self) -> bool {
        self.tmux_panes().all(|pane| pane.in_view)
    }
}

fn no_place(how: impl Into<Text>) -> Place {
    Place {
        workspace: None,
        output: None,
        window: None,
        candidates: 0,
        pane: None,
        how: how.into(),
        confidence: Confidence::Certain,
    }
}

/// The name of a workspace or an output, without characters that could steer a terminal. White
/// space stays as it is: the name must still be the one that the window manager knows.
pub fn workspace_name(name: &str) -> String {
    if name.chars().any(char::is_control) {
        name.chars().filter(|c| !c.is_control()).collect()
    } else {
        name.to_owned()
    }
}

/// `xterm (pid 4711)`.
pub fn named(comm: &str, pid: u32) -> String {
    format!("{} (pid {pid})", clean(comm, MAX_QUOTED))
}
