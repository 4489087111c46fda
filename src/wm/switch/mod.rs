//! Brings a session into view: one command to the window manager, then tmux by ids.
//!
//! The command itself, and how its effect is seen, is in `command.rs`.

pub mod attach;
pub mod command;
pub mod outcome;
pub mod urgency_hint;

use super::ipc::windows::SCRATCHPAD;
use super::locate::location::{Found, Hop, Obstacle};
use super::manager::Desk;
use super::mux::generic::Part;
use super::mux::{self, tmux};
use super::terminal;
use command::Tried;
use outcome::{SwitchError, SwitchOptions, Switched};
use std::path::Path;

/// So many windows in a row may close under a switch.
const MOST: u32 = 3;

impl Desk {
    /// Brings the session of this process into view.
    pub async fn switch(
        &mut self,
        pid: u32,
        options: &SwitchOptions,
    ) -> Result<Switched, SwitchError> {
        self.forgive_silence();
        if self.is_current() {
            self.forget_facts(true);
            let found = self.locate_tab(pid).await?;
            // Of a focus that does not move nothing is told: then the tree is asked.
            if found.place.window.as_ref().is_some_and(|window| !window.focused) {
                match self.go(pid, found).await {
                    Err(SwitchError::Failed(why)) => log::debug!("the window manager: {why}"),
                    done => return done,
                }
            }
        }
        let trouble = self.look_freshly().await.err();
        let found = self.locate_tab(pid).await?;
        if found.is_known() {
            return self.go(pid, found).await;
        }
        match (&found.obstacle, &options.attach) {
            (Some(Obstacle::Detached(pane)), Some(terminal)) => {
                let pane = pane.clone();
                self.attach(pid, &pane, terminal).await
            }
            (Some(Obstacle::Detached(pane)), None) => Err(SwitchError::Detached(pane.clone())),
            (Some(Obstacle::DetachedOther(_)), _) => {
                Err(SwitchError::NoWindow(found.place.how.clone()))
            }
            (Some(obstacle), _) if !found.hops.is_empty() => {
                show_panes(&found.hops).await.map_err(SwitchError::Hidden)?;
                let unmanaged = *obstacle == Obstacle::Unmanaged;
                let note = match trouble.filter(|_| unmanaged) {
                    Some(trouble) => format!("only the tmux pane was selected: {trouble}"),
                    None => "only the tmux pane was selected: its client has no window here".into(),
                };
                Ok(Switched { place: found.place, note: Some(note) })
            }
            (Some(Obstacle::Unmanaged), _) => Err(SwitchError::Unmanaged(
                trouble.unwrap_or_else(|| "there is no window manager".into()),
            )),
            (Some(Obstacle::NoWindow(why)), _) => Err(SwitchError::NoWindow(why.clone())),
            (None, _) => self.go_to_workspace(found).await,
        }
    }

    /// Where a process is shown, and its tab.
    async fn locate_tab(&mut self, pid: u32) -> Result<Found, SwitchError> {
        self.scene.wants_tabs = true;
        let found = self.locate(pid).await;
        self.scene.wants_tabs = false;
        found.ok_or(SwitchError::Ended)
    }

    /// Gives the focus to a window that had it before. After a restart of i3 it has another
    /// container id, and is found by its X11 id.
    pub async fn focus_window(&mut self, con_id: u64, xid: Option<u32>) -> Result<(), SwitchError> {
        self.look_freshly().await.map_err(SwitchError::Unmanaged)?;
        let rows = &self.scene.windows;
        let row = match xid {
            Some(xid) => rows.iter().find(|row| row.xid == Some(xid)),
            None => rows.iter().find(|row| row.con_id == con_id),
        };
        let Some(row) = row else {
            return Err(SwitchError::Closed("it is not in the window manager's tree".into()));
        };
        let (con_id, focused) = (row.con_id, row.focused);
        if focused {
            return Ok(());
        }
        match self.focus(con_id).await? {
            Tried::Seen => Ok(()),
            Tried::NoSuchWindow(said) => Err(SwitchError::Closed(said)),
        }
    }

    /// To a window that is known. One that closes meanwhile is looked for again.
    pub(in crate::wm) async fn go(
        &mut self,
        pid: u32,
        found: Found,
    ) -> Result<Switched, SwitchError> {
        let mut found = found;
        for tries in 1.. {
            let Some(window) = found.place.window.clone() else { break };
            let (panes, inside, focus) =
                tokio::join!(show_panes(&found.hops), show_parts(&found.parts), async {
                    if window.focused { Ok(Tried::Seen) } else { self.focus(window.con_id).await }
                });
            let Tried::NoSuchWindow(said) = focus? else {
                return self.arrive(found, panes.and(inside)).await;
            };
            // Closed, or i3 restarted and numbers its containers anew.
            self.look_freshly().await.map_err(SwitchError::Unmanaged)?;
            found = self.locate_tab(pid).await?;
            let other = found.place.window.as_ref().is_some_and(|it| it.con_id != window.con_id);
            if !other || tries == MOST {
                return Err(SwitchError::Closed(said));
            }
        }
        Err(SwitchError::Ended)
    }

    /// The window has the focus, and `inside` says whether the panes in it are in view.
    async fn arrive(
        &self,
        mut found: Found,
        inside: Result<(), String>,
    ) -> Result<Switched, SwitchError> {
        if let Some(tab) = &found.tab {
            terminal::show(tab).await.map_err(SwitchError::Pane)?;
        }
        inside.map_err(SwitchError::Pane)?;
        let window = found.place.window.as_mut();
        let row = window.and_then(|window| {
            window.focused = true;
            self.scene.window(window.con_id)
        });
        let hidden = row.and_then(|row| row.workspace.as_deref()) == Some(SCRATCHPAD);
        let note = hidden.then(|| "it was in the scratchpad".to_owned());
        Ok(Switched { place: found.place, note })
    }

    /// One of several windows: to their workspace, if they are all on the same.
    async fn go_to_workspace(&mut self, found: Found) -> Result<Switched, SwitchError> {
        let name = |con_id: &u64| self.scene.window(*con_id)?.workspace.clone();
        let mut names: Vec<String> = found.choices.iter().filter_map(name).collect();
        names.sort();
        names.dedup();
        let [name] = names.as_slice() else {
            let workspaces = names.iter().map(|n| format!("{n:?}")).collect::<Vec<_>>().join(", ");
            return Err(SwitchError::OneOf { how: found.place.how, workspaces });
        };
        if name == SCRATCHPAD {
            let workspaces = "the scratchpad".into();
            return Err(SwitchError::OneOf { how: found.place.how, workspaces });
        }
        show_panes(&found.hops).await.map_err(SwitchError::Hidden)?;
        self.show_workspace(name).await?;
        let note = format!("its workspace is in view; it is {}", found.place.how);
        Ok(Switched { place: found.place, note: Some(note) })
    }
}

/// Selects the panes that are not in view; one spawn for each server.
async fn show_panes(hops: &[Hop]) -> Result<(), String> {
    for hop in hops.iter().filter(|hop| !hop.in_view) {
        let pane = &hop.pane;
        // In its session: a window may be linked to several.
        let window = format!("{}:{}", pane.session_id, pane.window_id);
        let arguments =
            ["select-window", "-t", &window, ";", "select-pane", "-Z", "-t", &pane.pane_id];
        tmux::run(Path::new(&pane.socket), &arguments).await?;
    }
    Ok(())
}

/// Brings panes of other multiplexers into view.
async fn show_parts(parts: &[Part]) -> Result<(), String> {
    for part in parts {
        mux::show(part).await?;
    }
    Ok(())
}
