//! Commands to the window manager, and whether their effect is seen.
//!
//! One `[con_id=N] focus` does it all: workspace, output, tabs, floating, scratchpad. If the focus
//! follows the mouse, two commands in a row bounce (measured, `docs/windows.md`), and across
//! outputs one may, because i3 moves the pointer and may put it over another window. The "success"
//! of i3 is not enough: the focus must be seen to move.

use super::outcome::SwitchError;
use crate::wm::ipc::IpcError;
use crate::wm::ipc::events::WmEvent;
use crate::wm::ipc::windows::WindowRow;
use crate::wm::locate::location::{named, workspace_name};
use crate::wm::windows::WindowTracker;
use std::time::Duration;
use tokio::time::Instant;

/// The event follows the command within milliseconds.
const EVENT_WITHIN: Duration = Duration::from_millis(500);

/// A focus that the pointer takes away is gone within 5 ms.
const BOUNCES_WITHIN: Duration = Duration::from_millis(12);

/// What became of a command to focus.
pub(in crate::wm) enum FocusResult {
    /// The window has the focus.
    Focused,
    /// The window manager knows no such window; what it said.
    NoSuchWindow(String),
}

/// Gives a window the focus, and checks that it keeps it.
pub(in crate::wm) async fn focus(
    tracker: &mut WindowTracker,
    con_id: u64,
) -> Result<FocusResult, SwitchError> {
    let crosses = crosses_outputs(tracker, con_id);
    for _ in 0..2 {
        if let FocusResult::NoSuchWindow(said) = focus_once(tracker, con_id).await? {
            return Ok(FocusResult::NoSuchWindow(said));
        }
        // The pointer is there now: a second command does not move it again.
        if !crosses || keeps_focus(tracker, con_id).await? {
            return Ok(FocusResult::Focused);
        }
    }
    confirm(tracker, con_id).await
}

/// Whether a window is on another output than the focus, as last read.
fn crosses_outputs(tracker: &WindowTracker, con_id: u64) -> bool {
    let output = |row: Option<&WindowRow>| row.and_then(|row| row.output.clone());
    let table = tracker.table();
    let focused = table.focused();
    focused.is_none() || output(focused) != output(table.get(con_id))
}

async fn focus_once(tracker: &mut WindowTracker, con_id: u64) -> Result<FocusResult, SwitchError> {
    let closed_just_now = || FocusResult::NoSuchWindow("it closed just now".into());
    // Events from before the command must not be mistaken for its effect.
    if tracker.receive_all().map_err(failed)?.contains(&con_id) {
        return Ok(closed_just_now());
    }
    let container = tracker.table().get(con_id).and_then(|row| row.scratchpad_container);
    let ids = container.into_iter().chain([con_id]);
    let commands: Vec<String> = ids.map(|id| format!("[con_id={id}] focus")).collect();
    let connection = tracker.connected().map_err(failed)?;
    let outcomes = connection.client.run(&commands.join("; ")).await.map_err(failed)?;
    match outcomes.iter().find(|outcome| !outcome.success.0).or(outcomes.last()) {
        Some(outcome) if outcome.success.0 => {}
        Some(outcome) => {
            let said = outcome.error.0.clone().unwrap_or_else(|| "it says no more".into());
            return Ok(FocusResult::NoSuchWindow(said));
        }
        None => return Err(SwitchError::Failed("it gave no outcome".into())),
    }
    let deadline = Instant::now() + EVENT_WITHIN;
    while let Some(event) = tracker.peek_event(deadline).await.map_err(failed)? {
        if event == (WmEvent::Closed { con_id }) {
            // It had closed, and another window with the same number got the focus.
            return Ok(closed_just_now());
        }
        if event == (WmEvent::Focus { con_id }) {
            return Ok(FocusResult::Focused);
        }
    }
    confirm(tracker, con_id).await
}

/// Whether no other window takes the focus right afterwards.
///
/// The X server has moved the pointer when it has answered one more question, and i3 has received
/// that when it has answered two: how long this takes depends on how busy the machine is.
async fn keeps_focus(tracker: &mut WindowTracker, con_id: u64) -> Result<bool, SwitchError> {
    let connection = tracker.connected().map_err(failed)?;
    if let Some(x) = &mut connection.x {
        // Only the time that the answer takes matters.
        let _ = x.i3_socket().await;
        for _ in 0..2 {
            connection.client.version().await.map_err(failed)?;
        }
    }
    let deadline = Instant::now() + BOUNCES_WITHIN;
    while let Some(event) = tracker.peek_event(deadline).await.map_err(failed)? {
        if matches!(event, WmEvent::Focus { con_id: other } if other != con_id) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether the tree says that the window has the focus.
async fn confirm(tracker: &mut WindowTracker, con_id: u64) -> Result<FocusResult, SwitchError> {
    tracker.read().await.map_err(failed)?;
    match tracker.table().get(con_id) {
        Some(row) if row.focused => Ok(FocusResult::Focused),
        Some(row) => Err(SwitchError::NotSeen(named(&row.class, row.pid.unwrap_or_default()))),
        None => Ok(FocusResult::NoSuchWindow("it is no longer in the tree".into())),
    }
}

/// Goes to a workspace.
pub(in crate::wm) async fn show_workspace(
    tracker: &mut WindowTracker,
    name: &str,
) -> Result<(), SwitchError> {
    let connection = tracker.connected().map_err(failed)?;
    let Some(command) = connection.kind.workspace_command(name) else {
        let wm = connection.kind.name();
        return Err(SwitchError::Failed(format!("{wm} cannot be told the workspace's name")));
    };
    connection.client.run(&command).await.map_err(failed)?;
    let rows = connection.client.workspaces().await.map_err(failed)?;
    if rows.iter().any(|row| row.focused.0 && row.name.0.as_deref() == Some(name)) {
        return Ok(());
    }
    Err(SwitchError::NotSeen(format!("the workspace {}", workspace_name(name))))
}

fn failed(error: IpcError) -> SwitchError {
    SwitchError::Failed(error.to_string())
}
