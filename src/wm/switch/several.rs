//! For a session in one of several windows: the one that comes forward, or at least the workspace.

use super::outcome::{SwitchError, Switched};
use super::{command, select_panes};
use crate::session::state::Confidence;
use crate::wm::ipc::windows::SCRATCHPAD;
use crate::wm::locate::location::Location;
use crate::wm::manager::WindowManager;
use crate::wm::terminal;
use std::collections::BTreeSet;

/// The window that comes forward when the tab is brought into view, of those that it may be.
pub(super) async fn by_attention(wm: &mut WindowManager, location: &Location) -> Option<Location> {
    let tab = location.tab()?;
    let con_id = terminal::attention::window_of(wm.tracker(), tab, location.candidates()).await?;
    let row = wm.windows().iter().find(|row| row.con_id == con_id)?;
    let how = "it came forward when its terminal was told to show the session";
    Some(location.clone().in_window(row, how, Confidence::Certain))
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
    let (Some(name), 1) = (names.first(), names.len()) else {
        let workspaces = names.iter().map(|n| format!("{n:?}")).collect::<Vec<_>>().join(", ");
        return Err(SwitchError::OneOf { how, workspaces });
    };
    if name == SCRATCHPAD {
        return Err(SwitchError::OneOf { how, workspaces: "the scratchpad".into() });
    }
    select_panes(&location.route).await.map_err(SwitchError::Hidden)?;
    command::show_workspace(wm.tracker(), name).await?;
    Err(SwitchError::WorkspaceOnly(how))
}
