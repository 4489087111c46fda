//! Brings a session into view: one command to the window manager, then panes and tabs by their ids.
//!
//! | file | what it does |
//! |---|---|
//! | [`command`] | gives a window the focus, and checks that it has it |
//! | [`attach`] | opens a terminal for a detached tmux session |
//! | [`urgency_hint`] | marks a window as urgent |
//! | [`outcome`] | what a switch is told, and what becomes of it |

pub mod attach;
pub mod command;
pub mod outcome;
pub mod urgency_hint;

use super::ipc::windows::SCRATCHPAD;
use super::locate::location::{Location, Obstacle, Step};
use super::manager::WindowManager;
use super::mux::{self, tmux};
use super::terminal;
use crate::session::place::Window;
use command::FocusResult;
use outcome::{SwitchError, SwitchOptions, Switched};

/// How many windows in a row may close under a switch before it gives up.
const MAX_TRIES: u32 = 3;

impl WindowManager {
    /// Brings the session of this process into view.
    pub async fn switch(
        &mut self,
        pid: u32,
        options: &SwitchOptions,
    ) -> Result<Switched, SwitchError> {
        self.ask_hung_again();
        if self.tracker().is_current() {
            self.forget_facts(true);
            let location = locate(self, pid).await?;
            // If the focus does not have to move no event comes, and the tree has to be read.
            if location.place.window.as_ref().is_some_and(|window| !window.focused) {
                match go(self, pid, location).await {
                    Err(SwitchError::Failed(why)) => log::debug!("the window manager: {why}"),
                    done => return done,
                }
            }
        }
        let trouble = self.read_everything().await.err();
        let location = locate(self, pid).await?;
        if location.is_known() {
            return go(self, pid, location).await;
        }
        match (&location.obstacle, &options.attach) {
            (Some(Obstacle::Detached(pane)), Some(terminal)) => {
                attach::attach(self, pid, pane, terminal).await
            }
            (Some(Obstacle::Detached(pane)), None) => Err(SwitchError::Detached(pane.clone())),
            (Some(Obstacle::DetachedOther(_)), _) => Err(SwitchError::NoWindow(location.place.how)),
            (Some(obstacle), _) if location.innermost_pane().is_some() => {
                select_tmux_panes(&location).await.map_err(SwitchError::Hidden)?;
                let no_manager = *obstacle == Obstacle::NoWindowManager;
                let note = match trouble.filter(|_| no_manager) {
                    Some(trouble) => format!("only the tmux pane was selected: {trouble}"),
                    None => "only the tmux pane was selected: its client has no window here".into(),
                };
                Ok(Switched { place: location.place, note: Some(note) })
            }
            (Some(Obstacle::NoWindowManager), _) => Err(SwitchError::Unmanaged(
                trouble.unwrap_or_else(|| "there is no window manager".into()),
            )),
            (Some(Obstacle::NoWindow(why)), _) => Err(SwitchError::NoWindow(why.clone())),
            (None, _) => go_to_workspace(self, location).await,
        }
    }

    /// Gives the focus to a window that had it before. After a restart of i3 the window has
    /// another container id, and is found by its X11 id.
    pub async fn focus_window(&mut self, con_id: u64, xid: Option<u32>) -> Result<(), SwitchError> {
        self.read_everything().await.map_err(SwitchError::Unmanaged)?;
        let row = match xid {
            Some(xid) => self.windows().iter().find(|row| row.xid == Some(xid)),
            None => self.windows().iter().find(|row| row.con_id == con_id),
        };
        let Some(row) = row else {
            return Err(SwitchError::Closed("it is not in the window manager's tree".into()));
        };
        let (con_id, focused) = (row.con_id, row.focused);
        if focused {
            return Ok(());
        }
        match command::focus(self.tracker(), con_id).await? {
            FocusResult::Focused => Ok(()),
            FocusResult::NoSuchWindow(said) => Err(SwitchError::Closed(said)),
        }
    }

    /// Sets or clears the urgency hint of a window. The error says why that could not be done.
    pub async fn set_urgent(&mut self, window: &Window, urgent: bool) -> Result<(), String> {
        let Ok(connection) = self.tracker().connected() else {
            return Err("no window manager".to_owned());
        };
        urgency_hint::set(connection, window, urgent).await
    }
}

async fn locate(wm: &mut WindowManager, pid: u32) -> Result<Location, SwitchError> {
    wm.locate_with_tab(pid).await.ok_or(SwitchError::Ended)
}

/// Goes to a window that is known. One that closes meanwhile is located again.
async fn go(
    wm: &mut WindowManager,
    pid: u32,
    mut location: Location,
) -> Result<Switched, SwitchError> {
    for tries in 1.. {
        let Some(window) = location.place.window.clone() else { break };
        let (panes, focus) = tokio::join!(select_panes(&location), async {
            if window.focused {
                return Ok(FocusResult::Focused);
            }
            command::focus(wm.tracker(), window.con_id).await
        });
        let FocusResult::NoSuchWindow(said) = focus? else {
            return arrive(wm, location, panes).await;
        };
        // It closed, or i3 restarted and has numbered its containers again.
        wm.read_everything().await.map_err(SwitchError::Unmanaged)?;
        location = locate(wm, pid).await?;
        let other = location.place.window.as_ref().is_some_and(|it| it.con_id != window.con_id);
        if !other || tries == MAX_TRIES {
            return Err(SwitchError::Closed(said));
        }
    }
    Err(SwitchError::Ended)
}

/// The window has the focus; `panes` says whether the panes in it are in view.
async fn arrive(
    wm: &mut WindowManager,
    mut location: Location,
    panes: Result<(), String>,
) -> Result<Switched, SwitchError> {
    if let Some(tab) = location.tab() {
        terminal::select(tab).await.map_err(SwitchError::Pane)?;
    }
    panes.map_err(SwitchError::Pane)?;
    let window = location.place.window.as_mut();
    let row = window.and_then(|window| {
        window.focused = true;
        wm.tracker().table().get(window.con_id)
    });
    let was_hidden = row.and_then(|row| row.workspace.as_deref()) == Some(SCRATCHPAD);
    let note = was_hidden.then(|| "it was in the scratchpad".to_owned());
    Ok(Switched { place: location.place, note })
}

/// For one of several windows: goes to their workspace, if they are all on the same one.
async fn go_to_workspace(
    wm: &mut WindowManager,
    location: Location,
) -> Result<Switched, SwitchError> {
    let table = wm.tracker().table();
    let name = |con_id: &u64| table.get(*con_id)?.workspace.clone();
    let mut names: Vec<String> = location.candidates().iter().filter_map(name).collect();
    names.sort();
    names.dedup();
    let how = location.place.how.clone();
    let [name] = names.as_slice() else {
        let workspaces = names.iter().map(|n| format!("{n:?}")).collect::<Vec<_>>().join(", ");
        return Err(SwitchError::OneOf { how, workspaces });
    };
    if name == SCRATCHPAD {
        return Err(SwitchError::OneOf { how, workspaces: "the scratchpad".into() });
    }
    select_tmux_panes(&location).await.map_err(SwitchError::Hidden)?;
    command::show_workspace(wm.tracker(), name).await?;
    let note = format!("its workspace is in view; it is {how}");
    Ok(Switched { place: location.place, note: Some(note) })
}

/// Selects the panes on the route that are not in view. All are tried; the error is the first.
async fn select_panes(location: &Location) -> Result<(), String> {
    let tmux = select_tmux_panes(location).await;
    let mut result = tmux;
    for step in &location.route {
        if let Step::MuxPane(target) = step {
            result = result.and(mux::select(target).await);
        }
    }
    result
}

/// Selects the tmux panes on the route that are not in view; one spawn for each server.
async fn select_tmux_panes(location: &Location) -> Result<(), String> {
    for step in location.tmux_panes().filter(|step| !step.in_view) {
        tmux::select(step.server, &step.pane).await?;
    }
    Ok(())
}
