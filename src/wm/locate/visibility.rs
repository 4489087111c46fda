//! Whether a session is in view in the window that shows it. Pure.
//!
//! A terminal with tabs may show another one, and tells nobody. What is known: how many terminals
//! and windows it has, which window each child was started in, and the title, which is that of the
//! tab in front.

use super::location::{Location, Step};
use super::snapshot::{MissingFact, Snapshot, TerminalChild};
use super::titles::{self, Shown};
use crate::proc::pts::{pts_number, pts_of_device};
use crate::wm::ipc::windows::WindowRow;
use crate::wm::mux::MuxView;
use std::collections::HashSet;
use std::path::Path;

/// Terminals whose window keeps the title of the tab that was in front before, if the new one sets
/// none (sakura 3.8.6).
const KEEP_TITLES: &[&str] = &["sakura"];

/// How much of a window has to be covered, in percent, for it to be in doubt that the session can be
/// seen; and for it to be clear that it cannot.
const PARTLY_COVERED: i64 = 33;
const COVERED: i64 = 90;

/// What a window or a pane shows instead of a session in it, as a clause about it.
pub const IN_MODE: &str = "shows copy mode or another mode of tmux, which q leaves";

/// The same of a session that was suspended.
pub const IN_BACKGROUND: &str =
    "shows the shell or job in front of it: it was suspended (`fg` brings it back)";

/// The same of what it may show.
pub const BEHIND_POPUP: &str = "may show a popup of tmux in front";

/// Whether a session is in view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InView {
    /// It is, as far as can be known.
    Yes,
    /// Something else is; what, as a clause about the window.
    No(&'static str),
    /// Something else may be; what, as a clause about the window.
    Unknown(&'static str),
}

/// How many terminals these children of a terminal emulator have.
pub fn terminals_in(children: &[TerminalChild]) -> usize {
    let ttys: HashSet<u64> = children.iter().map(|child| child.tty).collect();
    ttys.iter().filter(|tty| **tty != 0).count()
}

/// The process whose children are the terminals in the windows of `owner`: mostly `owner` itself,
/// but editors have a process of its own for their terminals. `pid` runs in one of them.
pub fn terminal_host(snapshot: Snapshot, pid: u32, owner: u32) -> Result<u32, MissingFact> {
    let (mut below, mut host) = (pid, owner);
    for _ in 0..super::MAX_GENERATIONS {
        let Some(process) = snapshot.process(below)? else { break };
        let Some(parent) = snapshot.process(process.ppid)? else { break };
        if process.tty != 0 && process.tty != parent.tty {
            host = process.ppid;
        }
        if process.ppid == owner {
            return Ok(host);
        }
        below = process.ppid;
    }
    Ok(owner)
}

/// Whether the session `pid` is in view in its window. `children` are those of its
/// [`terminal_host`]. `is_selected`: the tabs and panes on the route were brought into view, where
/// that can be done.
pub fn in_window(
    snapshot: Snapshot,
    pid: u32,
    location: &Location,
    children: &[TerminalChild],
    is_selected: bool,
) -> Result<InView, MissingFact> {
    let window = location.place.window.as_ref();
    let Some(row) = window.and_then(|window| snapshot.windows.get(window.con_id)) else {
        return Ok(InView::No("is gone"));
    };
    let owner = row.pid.unwrap_or_default();
    match percent_covered(snapshot, row) {
        0..PARTLY_COVERED => {}
        PARTLY_COVERED..COVERED => {
            return Ok(InView::Unknown("is partly covered by a floating window"));
        }
        _ => return Ok(InView::No("is covered by a floating window")),
    }
    match row.off_screen {
        ..PARTLY_COVERED => {}
        PARTLY_COVERED..COVERED => return Ok(InView::Unknown("is partly off the screen")),
        _ => return Ok(InView::No("is off the screen")),
    }
    if is_in_background(snapshot, pid, owner)? {
        return Ok(InView::No(IN_BACKGROUND));
    }
    if is_selected && may_be_behind_popup(snapshot, &location.route)? {
        return Ok(InView::Unknown(BEHIND_POPUP));
    }
    if is_selected && location.tmux_panes().any(|step| step.in_mode) {
        return Ok(InView::No(IN_MODE));
    }
    let hidden_by_step = location.route.iter().find_map(|step| match step {
        Step::Embedded { is_alone: false } => Some("may show another window inside"),
        Step::MuxPane(_) if !is_selected => Some("may show another pane"),
        _ => None,
    });
    let embedded = location.route.iter().any(|step| matches!(step, Step::Embedded { .. }));
    let is_told = is_selected && location.tab().is_some();
    let doubt = if let Some(doubt) = hidden_by_step {
        doubt
    } else if is_one_of_several(snapshot, pid, owner)? {
        "may show another terminal inside"
    } else if !(embedded || is_told || has_one_tab(snapshot, owner, row.xid, children)) {
        "may show another tab"
    } else {
        return Ok(InView::Yes);
    };
    let comm = snapshot.process(owner)?.map(|process| process.comm.as_str());
    if comm.is_some_and(|comm| KEEP_TITLES.contains(&comm)) {
        return Ok(InView::Unknown(doubt));
    }
    Ok(match titles::shown(snapshot, &row.title, owner, pid)? {
        Shown::Yes => InView::Yes,
        Shown::Another => InView::No("shows another session"),
        Shown::Unknown => InView::Unknown(doubt),
    })
}

/// How much of a window others cover that float, in percent. One that floats itself is in front of them
/// when it has the focus, and one that covers its output is in front of all.
fn percent_covered(snapshot: Snapshot, row: &WindowRow) -> i64 {
    if row.floating {
        return 0;
    }
    let is_in_front =
        |other: &&WindowRow| other.floating && other.visible && other.workspace == row.workspace;
    let others = snapshot.windows.rows().iter().filter(is_in_front);
    let areas: Vec<_> = others.map(|other| other.area).collect();
    row.area.percent_covered(&areas)
}

/// Whether a program in the terminal of `owner` has several terminals of its own, and the session is in
/// one of them: buffers of vim and neovim (`:terminal`), panes of dvtm. None tells which is in view.
fn is_one_of_several(snapshot: Snapshot, pid: u32, owner: u32) -> Result<bool, MissingFact> {
    let mut below = pid;
    for _ in 0..super::MAX_GENERATIONS {
        let Some(process) = snapshot.process(below)? else { break };
        let Some(parent) = snapshot.process(process.ppid)? else { break };
        let is_multiplexer = snapshot.facts.servers.contains_key(&process.ppid);
        if process.ppid == owner || is_multiplexer {
            break;
        }
        let begins_terminal = process.tty != 0 && process.tty != parent.tty;
        if begins_terminal && parent.tty != 0 && terminals_in(snapshot.children(process.ppid)?) > 1
        {
            return Ok(true);
        }
        below = process.ppid;
    }
    Ok(false)
}

/// Whether a session was suspended (C-z) and its shell, or another job, has its terminal; or a program
/// between it and `owner` that passes a terminal on to it (su --pty).
pub(in crate::wm) fn is_in_background(
    snapshot: Snapshot,
    pid: u32,
    owner: u32,
) -> Result<bool, MissingFact> {
    let mut below = pid;
    for _ in 0..super::MAX_GENERATIONS {
        let Some(process) = snapshot.process(below)? else { break };
        if process.tty != 0 && snapshot.is_in_background(below)? {
            return Ok(true);
        }
        if process.ppid == owner || snapshot.facts.servers.contains_key(&process.ppid) {
            break;
        }
        below = process.ppid;
    }
    Ok(false)
}

/// Whether a popup of tmux may be in front of a pane on a route. tmux tells nothing of popups, but
/// what runs in one is a child of the server on a terminal that is no pane's.
pub(in crate::wm) fn may_be_behind_popup(
    snapshot: Snapshot,
    route: &[Step],
) -> Result<bool, MissingFact> {
    if route.contains(&Step::TmuxPopup) {
        return Ok(false);
    }
    for step in route {
        let Step::TmuxPane(step) = step else { continue };
        let Some(MuxView::Tmux(view)) = snapshot.facts.servers.get(&step.server) else { continue };
        let is_pane =
            |number| view.panes.iter().any(|pane| pts_number(Path::new(&pane.tty)) == Some(number));
        let children = snapshot.children(step.server)?;
        if children.iter().filter_map(|child| pts_of_device(child.tty)).any(|pts| !is_pane(pts)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a window of `owner` has only one tab, as far as can be known.
fn has_one_tab(
    snapshot: Snapshot,
    owner: u32,
    xid: Option<u32>,
    children: &[TerminalChild],
) -> bool {
    let rows = snapshot.windows.of_process(owner);
    if terminals_in(children) <= rows.len() {
        return true;
    }
    let xid = xid.map(u64::from);
    let tabs = || children.iter().filter(|child| child.tty != 0);
    let hidden = snapshot.facts.hidden.get(&owner).into_iter().flatten();
    let hidden: Vec<u64> = hidden.map(|window| u64::from(window.xid)).collect();
    let is_of_window = |id: Option<u64>| {
        let is_hidden = id.is_some_and(|id| hidden.contains(&id));
        is_hidden || rows.iter().any(|row| row.xid.map(u64::from) == id)
    };
    xid.is_some()
        && !snapshot.facts.moved_tabs.contains(&owner)
        && tabs().all(|child| is_of_window(child.window_id))
        && tabs().filter(|child| child.window_id == xid).count() == 1
}
