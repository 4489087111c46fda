//! Brings a session into view: one command to the window manager, then panes and tabs by their ids.
//!
//! | file | what it does |
//! |---|---|
//! | [`focus_target`] | what has the focus, and can be given it again |
//! | [`command`] | gives a window the focus, and checks that it has it |
//! | [`carried`] | the same for a user at another host, as far as panes go |
//! | [`holders`] | from the connection to a session on another host to the windows here |
//! | [`marked`] | the window that took a title which the other host wrote |
//! | [`several`] | one of several windows: the one that comes forward with the tab, or the workspace |
//! | [`attach`] | opens a terminal for a detached tmux session |
//! | [`without_focus`] | marks a window as urgent, moves it to another workspace |
//! | [`outcome`] | what a switch is told, and what becomes of it |
//! | [`peek`] | reads what a session shows now, without going there |
//! | [`keyboard`] | types into its terminal, if that shows what is expected |

pub mod attach;
pub mod carried;
pub mod command;
pub mod focus_target;
pub mod holders;
pub mod keyboard;
pub mod marked;
pub mod outcome;
pub mod peek;
pub mod several;
pub mod without_focus;

use super::ipc::events::WmEvent;
use super::ipc::windows::SCRATCHPAD;
use super::locate::location::Obstacle::{NoWindow, Unasked};
use super::locate::location::{Location, Obstacle, Step};
use super::locate::visibility::InView;
use super::manager::WindowManager;
use super::mux::{self, program, tmux};
use super::switch::focus_target::FocusTarget;
use super::terminal;
use crate::session::sanitize::clean;
use command::FocusResult;
use outcome::{SwitchError, SwitchOptions, Switched};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How many windows in a row may close under a switch before it gives up.
const MAX_TRIES: u32 = 3;

/// i3 restarts in place within 200 ms, and is not there meanwhile. A window manager that hangs takes longer
/// to be given up.
const RESTARTS_WITHIN: Duration = Duration::from_millis(450);
const RECONNECT_AFTER: Duration = Duration::from_millis(40);

/// Terminals and tmux change the title of a window within some milliseconds after a tab or a pane
/// was brought into view.
const TITLE_FOLLOWS_WITHIN: Duration = Duration::from_millis(150);

/// Longest name of a terminal that a note quotes, in characters.
const MAX_TTY_NAME: usize = 40;

impl WindowManager {
    /// Brings the session of this process into view.
    pub async fn switch(
        &mut self,
        pid: u32,
        options: &SwitchOptions,
    ) -> Result<Switched, SwitchError> {
        let (begun, had_windows) = (Instant::now(), !self.windows().is_empty());
        let mut result = self.try_switch(pid, options).await;
        while had_windows
            && result.as_ref().is_err_and(SwitchError::may_be_a_restart)
            && begun.elapsed() < RESTARTS_WITHIN
        {
            sleep(RECONNECT_AFTER).await;
            result = self.try_switch(pid, options).await;
        }
        // What panes and clients show is different now, and no event reports it.
        self.forget_facts(true);
        result
    }

    async fn try_switch(
        &mut self,
        pid: u32,
        options: &SwitchOptions,
    ) -> Result<Switched, SwitchError> {
        self.prepare_switch();
        if self.tracker().is_current() {
            self.forget_facts(true);
            let location = locate(self, pid).await?;
            // If the focus does not have to move no event comes, and the tree has to be read.
            if location.place.window.as_ref().is_some_and(|window| !window.focused) {
                match go(self, pid, location, None).await {
                    Err(SwitchError::Failed(why)) => log::debug!("the window manager: {why}"),
                    done => return done,
                }
            }
        }
        let trouble = self.read_everything().await.err();
        let location = locate(self, pid).await?;
        if location.is_known() {
            return go(self, pid, location, None).await;
        }
        let how = location.place.how.to_string();
        match (&location.obstacle, &options.attach) {
            (Some(Obstacle::Detached { pane, .. }), Some(terminal)) => {
                let server = location.tmux_panes().next().map_or(0, |step| step.server);
                let tmux = program::of_server(self.proc(), server, "tmux");
                attach::attach(self, pid, pane, &tmux, terminal).await
            }
            (Some(Obstacle::Detached { pane, .. }), None) => match location.by_client() {
                Some(switched) => go(self, pid, switched, None).await,
                None => Err(SwitchError::Detached(pane.clone())),
            },
            (Some(Obstacle::DetachedOther(_)), _) => Err(SwitchError::NoWindow(how)),
            (Some(obstacle), _) if location.innermost_pane().is_some() => {
                let selected = !options.needs_window;
                if selected {
                    select_panes(&location.route).await.map_err(SwitchError::Hidden)?;
                }
                let is_unmanaged = *obstacle == Obstacle::NoWindowManager;
                let why = trouble.filter(|_| is_unmanaged);
                let why = why.unwrap_or_else(|| "its client has no window here".into());
                Err(SwitchError::PaneOnly { selected, is_unmanaged, why })
            }
            (Some(Obstacle::NoWindowManager), _) => Err(SwitchError::Unmanaged(
                trouble.unwrap_or_else(|| "there is no window manager".into()),
            )),
            (Some(NoWindow(why) | Unasked(why)), _) => Err(SwitchError::NoWindow(why.clone())),
            (None, _) => match several::by_tab(self, pid, &location).await {
                Some((found, told)) => go(self, pid, found, told).await,
                None => several::go_to_workspace(self, location).await,
            },
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

    /// Gives the focus to what had it before.
    pub async fn focus(&mut self, target: &FocusTarget) -> Result<(), SwitchError> {
        match target {
            FocusTarget::Window(window) => self.focus_window(window.con_id, window.xid).await,
            FocusTarget::Workspace(name) => {
                self.read_everything().await.map_err(SwitchError::Unmanaged)?;
                command::show_workspace(self.tracker(), name).await
            }
        }
    }
}

async fn locate(wm: &mut WindowManager, pid: u32) -> Result<Location, SwitchError> {
    wm.locate_with_tab(pid).await.ok_or(SwitchError::Ended)
}

/// What a terminal said when it was told to show the tab, if it was told already.
type TabTold = Option<Result<(), String>>;

/// Goes to a window that is known. One that closes meanwhile is located again.
async fn go(
    wm: &mut WindowManager,
    pid: u32,
    mut location: Location,
    mut told: TabTold,
) -> Result<Switched, SwitchError> {
    for tries in 1.. {
        let Some(window) = location.place.window.clone() else { break };
        let (panes, focus) = tokio::join!(select_panes(&location.route), async {
            if window.focused {
                return Ok(FocusResult::Focused);
            }
            command::focus(wm.tracker(), window.con_id).await
        });
        let FocusResult::NoSuchWindow(said) = focus? else {
            return arrive(wm, pid, location, (told, panes)).await;
        };
        // It closed, or i3 restarted and has numbered its containers again.
        wm.read_everything().await.map_err(SwitchError::Unmanaged)?;
        told = None;
        location = locate(wm, pid).await?;
        location = location.by_client().unwrap_or(location);
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
    pid: u32,
    mut location: Location,
    (told, panes): (TabTold, Result<(), String>),
) -> Result<Switched, SwitchError> {
    several::note_number(wm, &location);
    match (told, location.tab()) {
        (Some(told), _) => told.map_err(SwitchError::Pane)?,
        (None, Some(tab)) => terminal::select(tab).await.map_err(SwitchError::Pane)?,
        (None, None) => {}
    }
    panes.and(peek::panes_are_whole(&location).await).map_err(SwitchError::Pane)?;
    let client_note = location.client_to_switch().map(|client| {
        let tty = clean(&client.client_tty, MAX_TTY_NAME);
        let (from, to) = (&client.shows, &client.pane.session);
        format!("the tmux client on {tty} was switched from the session {from} to {to}")
    });
    let table = wm.tracker().table();
    let row = location.place.window.as_ref().and_then(|window| table.get(window.con_id));
    let was_hidden = row.and_then(|row| row.workspace.as_deref()) == Some(SCRATCHPAD);
    if let Some(what) = not_in_view(wm, pid, &location).await {
        let note = client_note.map(|note| format!("; {note}")).unwrap_or_default();
        return Err(SwitchError::Pane(format!("it {what}{note}")));
    }
    if let Some(name) = wm.locked_by().await {
        return Err(SwitchError::Pane(format!("{name} locks the screen")));
    }
    if let Some(window) = &mut location.place.window {
        window.focused = true;
    }
    let mut notes = Vec::from_iter(client_note);
    notes.extend(was_hidden.then(|| "it was in the scratchpad".to_owned()));
    let note = (!notes.is_empty()).then(|| notes.join("; "));
    Ok(Switched { place: location.place, note })
}

/// What the window shows, or may show, instead of the session; `None` if the session is in view as
/// far as can be known. A title takes a moment to follow a tab or a pane.
async fn not_in_view(
    wm: &mut WindowManager,
    pid: u32,
    location: &Location,
) -> Option<&'static str> {
    let con_id = location.place.window.as_ref()?.con_id;
    // Nothing tells where a floating window is moved to, or that a sticky one came along.
    if wm.windows().iter().any(|row| row.floating) && wm.read_windows().await.is_err() {
        return Some("may be covered by a floating window");
    }
    let deadline = Instant::now() + TITLE_FOLLOWS_WITHIN;
    wm.fetch_for_view(pid, location, true).await;
    let mut in_view = wm.is_in_view(pid, location, true);
    while in_view != InView::Yes {
        let is_title =
            |event: &WmEvent| matches!(event, WmEvent::Title { con_id: id, .. } if *id == con_id);
        match wm.tracker().peek_event(deadline).await {
            Ok(Some(event)) if is_title(&event) => {
                wm.fetch_for_view(pid, location, true).await;
                in_view = wm.is_in_view(pid, location, true);
            }
            Ok(Some(_)) => {}
            Ok(None) | Err(_) => break,
        }
    }
    let (InView::No(what) | InView::Unknown(what)) = in_view else { return None };
    let is_certain = matches!(in_view, InView::No(_));
    // Inside a multiplexer the probe would only change a title there.
    let has_panes = location.route.iter().any(Step::is_in_multiplexer);
    if is_certain || has_panes || wm.probe_view(pid, con_id).await != Some(true) {
        return Some(what);
    }
    None
}

/// Brings the panes on the route into view that are not, from the outside to the inside. All are
/// tried; the error is the first.
pub(in crate::wm) async fn select_panes(route: &[Step]) -> Result<(), String> {
    let mut result = Ok(());
    for step in route {
        let selected = match step {
            Step::TmuxClient(client) => {
                tmux::switch_client(client.server, &client.client_tty, &client.pane).await
            }
            Step::TmuxPane(pane) if !pane.in_view => tmux::select(pane.server, &pane.pane).await,
            Step::MuxPane(target) => mux::select(target).await,
            _ => continue,
        };
        result = result.and(selected);
    }
    result
}
