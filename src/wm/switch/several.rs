//! For a session in one of several windows: the one that comes forward with its tab, or at least the
//! workspace.

use super::outcome::{SwitchError, Switched};
use super::{TabTold, command, select_panes};
use crate::session::state::Confidence;
use crate::wm::ipc::windows::SCRATCHPAD;
use crate::wm::locate::location::Location;
use crate::wm::locate::titles::without_glyph;
use crate::wm::manager::WindowManager;
use crate::wm::terminal::attention;
use std::collections::BTreeSet;

/// Has the terminal show the tab, and tells which window that brings forward, of those that it may be;
/// with what the terminal said.
pub(super) async fn by_tab(
    wm: &mut WindowManager,
    pid: u32,
    location: &Location,
) -> Option<(Location, TabTold)> {
    let tab = location.tab()?;
    let title = wm.snapshot(true).facts.sessions.get(&pid).cloned().flatten();
    let title = title.as_deref().map(without_glyph);
    let windows = location.candidates();
    let shown = attention::show_tab(wm.tracker(), tab, windows, title).await;
    if let Err(error) = &shown.told {
        log::debug!("bringing a tab into view: {error}");
    }
    if let Some((con_id, how)) = shown.window {
        let row = wm.windows().iter().find(|row| row.con_id == con_id)?.clone();
        let found = location.clone().in_window(&row, how, Confidence::Certain);
        return Some((found, Some(shown.told)));
    }
    shown.told.as_ref().ok()?;
    // The title of its window is that of the session now, which may be the only one that has it.
    wm.forget_facts(true);
    let again = wm.locate_with_tab(pid).await.filter(Location::is_known)?;
    Some((again, Some(shown.told)))
}

/// Remembers the number that a terminal gives a window, where it is certain that it is this one.
pub(super) fn note_number(wm: &mut WindowManager, location: &Location) {
    let (Some(window), Some(tab)) = (&location.place.window, location.tab()) else { return };
    if let (Some(number), Confidence::Certain) = (tab.window_number(), location.place.confidence) {
        wm.note_numbered(window.pid, number, window.con_id);
    }
}

/// For one of several windows: goes to their workspace, if they are all on the same one.
pub(super) async fn go_to_workspace(
    wm: &mut WindowManager,
    location: Location,
) -> Result<Switched, SwitchError> {
    let table = wm.tracker().table();
    let name = |con_id: &u64| table.get(*con_id)?.workspace.clone();
    let names: BTreeSet<String> = location.candidates().iter().filter_map(name).collect();
    let how = location.place.how.to_string();
    let (terminal, has_told) = (terminal_of(wm, &location), location.tab().is_some());
    let (Some(name), 1) = (names.first(), names.len()) else {
        let workspaces = names.iter().map(|n| format!("{n:?}")).collect::<Vec<_>>().join(", ");
        return Err(SwitchError::OneOf { how, workspaces, terminal, has_told });
    };
    if name == SCRATCHPAD {
        let workspaces = "the scratchpad".to_owned();
        return Err(SwitchError::OneOf { how, workspaces, terminal, has_told });
    }
    select_panes(&location.route).await.map_err(SwitchError::Hidden)?;
    command::show_workspace(wm.tracker(), name).await?;
    Err(SwitchError::WorkspaceOnly { how, terminal, has_told })
}

/// The name of the process whose windows these are; empty if it is not known.
fn terminal_of(wm: &WindowManager, location: &Location) -> String {
    let con_id = location.candidates().first();
    let row = con_id.and_then(|con_id| wm.windows().iter().find(|row| row.con_id == *con_id));
    let owner = row.and_then(|row| wm.proc().process(row.pid?));
    owner.map(|owner| owner.comm.to_string()).unwrap_or_default()
}
