//! Looks for the window, or the pane of tmux, whose title has a mark that was written at another host.

use super::command::{self, FocusResult};
use super::outcome::{SwitchError, Switched};
use crate::session::state::Confidence;
use crate::wm::locate::location::Location;
use crate::wm::manager::WindowManager;
use crate::wm::mux::{self, MuxKind, MuxView};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The title comes over another connection than the word that it was written.
const COMES_WITHIN: Duration = Duration::from_millis(900);

/// How often the panes of tmux are looked at, which report nothing.
const LOOK_EVERY: Duration = Duration::from_millis(60);

/// How many servers of tmux are asked.
const MAX_SERVERS: usize = 8;

/// What has the title.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marked {
    /// The window with this container id.
    Window(u64),
    /// The pane of a tmux of this host, whose first process has this pid.
    Pane(u32),
}

impl WindowManager {
    /// What has the mark in its title, as soon as it has; `None` if nothing gets it in time.
    pub async fn find_marked(&mut self, mark: &str) -> Option<Marked> {
        let deadline = Instant::now() + COMES_WITHIN;
        if let Err(error) = self.read_everything().await {
            log::debug!("looking for a title: {error}");
        }
        loop {
            let row = self.windows().iter().find(|row| row.title.contains(mark));
            if let Some(row) = row {
                return Some(Marked::Window(row.con_id));
            }
            if let Some(pid) = self.marked_pane(mark).await {
                return Some(Marked::Pane(pid));
            }
            let look_at = Instant::now() + LOOK_EVERY;
            if look_at > deadline {
                return None;
            }
            // Titles of windows are events, which come one by one.
            loop {
                match self.tracker().peek_event(look_at).await {
                    Ok(Some(_)) if self.windows().iter().any(|row| row.title.contains(mark)) => {
                        break;
                    }
                    Ok(Some(_)) => {}
                    Ok(None) => break,
                    Err(_) => {
                        sleep(LOOK_EVERY).await;
                        break;
                    }
                }
            }
        }
    }

    async fn marked_pane(&self, mark: &str) -> Option<u32> {
        let proc = self.proc();
        let names = proc.names();
        let servers = names.called("tmux: server").iter().filter(|pid| proc.is_own(**pid));
        for &server in servers.take(MAX_SERVERS) {
            if let MuxView::Tmux(view) = mux::ask(proc, &names, server, MuxKind::Tmux, server).await
                && let Some(pane) = view.panes.iter().find(|pane| pane.title.contains(mark))
            {
                return Some(pane.pid);
            }
        }
        None
    }

    /// Gives the focus to a window that [`WindowManager::find_marked`] found.
    pub async fn switch_to_marked(&mut self, con_id: u64) -> Result<Switched, SwitchError> {
        let how = "its terminal took a title that was written to the session's".to_owned();
        let row = self.windows().iter().find(|row| row.con_id == con_id);
        let closed = || SwitchError::Closed("it is not in the window manager's tree".to_owned());
        let mut place = Location::window(row.ok_or_else(closed)?, how, Confidence::Certain).place;
        match command::focus(self.tracker(), con_id).await? {
            FocusResult::NoSuchWindow(said) => Err(SwitchError::Closed(said)),
            FocusResult::Focused => {
                if let Some(window) = &mut place.window {
                    window.focused = true;
                }
                Ok(Switched { place, note: None })
            }
        }
    }
}
