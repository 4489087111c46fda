//! What the desktop task reports: only what is new.

use super::message::{DesktopReport, FocusReport};
use super::task::{DesktopTask, HubGone};
use crate::session::process::ProcessId;
use crate::wm::connection::WmDescription;
use crate::wm::locate::location::{Location, Obstacle, Step, TmuxStep};
use crate::wm::switch::focus_target::FocusedWindow;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Without a window manager, and while nothing else tells of a change, sessions are located again
/// after this long: clients of a multiplexer come and go.
const RELOCATE_INTERVAL: Duration = Duration::from_secs(30);

/// The same where no session is in a multiplexer: all that could change is what an ancestor runs.
const RELOCATE_INTERVAL_OUTSIDE: Duration = Duration::from_secs(300);

impl DesktopTask {
    /// Whether the same sessions are where they were: there is no window manager, and no multiplexer
    /// whose clients come and go.
    pub(super) fn is_location_lasting(&self) -> bool {
        let is_inside = |found: &Location| {
            found.place.pane.is_some() || found.route.iter().any(Step::is_in_multiplexer)
        };
        let interval = match self.all_found().any(|(_, found)| is_inside(found)) {
            true => RELOCATE_INTERVAL,
            false => RELOCATE_INTERVAL_OUTSIDE,
        };
        let is_fresh = |then: Instant| self.now.monotonic - then < interval;
        let is_unmanaged = |(_, found): (ProcessId, &Location)| {
            matches!(found.obstacle, Some(Obstacle::NoWindowManager))
        };
        let is_known_to_be_away = self.wm.windows().is_empty() && self.reconnects.due().is_none();
        self.wm.name().is_none()
            && is_known_to_be_away
            && self.all_found().all(is_unmanaged)
            && self.located_at.is_some_and(is_fresh)
    }

    /// Whether another window has the focus than `before`, and shows a tmux client: it may show another
    /// pane than then, which no event reports.
    pub(super) fn focus_hosts_tmux(&self, before: Option<&FocusedWindow>) -> bool {
        let Some(focus) = self.wm.focused() else { return false };
        before != Some(&focus)
            && self.all_found().any(|(_, found)| {
                found.innermost_pane().is_some() && found.candidates().contains(&focus.con_id)
            })
    }

    /// Reports the focus, if it has changed.
    pub(super) async fn report_focus(&mut self) -> Result<(), HubGone> {
        let window = self.wm.focused();
        let mut process = window.as_ref().and_then(|window| self.shown_in(window.con_id));
        if process.is_some() && self.wm.locked_by().await.is_some() {
            // Nobody looks at it, and an alert has to go to the phone.
            process = None;
        }
        let focused = FocusReport { window, process };
        if self.focused.as_ref() == Some(&focused) {
            return Ok(());
        }
        self.focused = Some(focused.clone());
        self.send(DesktopReport::Focused(focused)).await
    }

    /// The one session in view in a window; `None` when it may be another as well.
    fn shown_in(&self, con_id: u64) -> Option<ProcessId> {
        let is_here =
            |found: &Location| found.candidates().contains(&con_id) && found.tmux_is_in_view();
        let mut all = self.all_found().filter(|(_, found)| is_here(found));
        let (process, found) = all.next()?;
        let is_in_front = self.wm.is_in_front(process.pid, found);
        (is_in_front && all.next().is_none()).then_some(process)
    }

    /// The sessions that are shown somewhere, each with its location as last found.
    pub(super) fn all_found(&self) -> impl Iterator<Item = (ProcessId, &Location)> {
        self.found.iter().filter_map(|(process, found)| Some((*process, found.as_deref()?)))
    }

    /// Reports titles that changed: of the innermost tmux pane, else of the window. `of` is the one
    /// window whose title may have changed; `None`: all may have.
    pub(super) async fn report_titles(&mut self, of: Option<u64>) -> Result<(), HubGone> {
        let mut windows: HashMap<u64, usize> = HashMap::new();
        let mut panes: HashMap<(&str, &str), usize> = HashMap::new();
        for (_, found) in self.all_found() {
            for con_id in found.candidates() {
                *windows.entry(*con_id).or_default() += 1;
            }
            if let Some(pane_step) = found.innermost_pane() {
                *panes.entry(name_of(pane_step)).or_default() += 1;
            }
        }
        let window_of = |found: &Location| found.place.window.as_ref().map(|window| window.con_id);
        let mut changed = Vec::new();
        for (process, found) in self.all_found() {
            // A window's title says nothing about the panes in it.
            if of.is_some_and(|of| found.innermost_pane().is_some() || window_of(found) != Some(of))
            {
                continue;
            }
            let title = match (found.innermost_pane(), window_of(found)) {
                (Some(pane_step), _) => {
                    (panes.get(&name_of(pane_step)) == Some(&1)).then(|| pane_step.title.clone())
                }
                (None, Some(con_id)) => {
                    let is_alone =
                        windows.get(&con_id) == Some(&1) && self.wm.is_in_front(process.pid, found);
                    let rows = self.wm.windows();
                    let row = rows.iter().find(|row| is_alone && row.con_id == con_id);
                    row.map(|row| row.title.clone())
                }
                _ => None,
            };
            let Some(title) = title else { continue };
            if self.titles.get(&process) != Some(&title) {
                changed.push((process, title));
            }
        }
        for (process, title) in changed {
            self.titles.insert(process, title.clone());
            let at = self.now.wall;
            self.send(DesktopReport::Title { process, title, at }).await?;
        }
        Ok(())
    }

    /// Reports the state of the connection to the window manager, if it has changed.
    pub(super) async fn report_status(&mut self, trouble: Option<String>) -> Result<(), HubGone> {
        let status = match (self.wm.name(), trouble) {
            (Some(name), None) => format!("{name} connected"),
            (Some(name), Some(trouble)) => format!("{name} connected, but {trouble}"),
            (None, trouble) => trouble.unwrap_or_else(|| "no window manager".into()),
        };
        if self.status == status {
            return Ok(());
        }
        self.status.clone_from(&status);
        self.send(DesktopReport::Status(status)).await
    }

    /// The window manager that is connected, and whether it answers now.
    pub(super) async fn describe(&mut self) -> Option<WmDescription> {
        let mut wm = self.wm.describe()?;
        if let Err(error) = self.wm.answers().await {
            wm.trouble = Some(error.to_string());
            self.disconnect();
        }
        Some(wm)
    }

    /// Sends a report to the hub.
    pub(super) async fn send(&self, report: DesktopReport) -> Result<(), HubGone> {
        self.reports.send(report).await.map_err(|_| HubGone)
    }
}

/// A pane: its server and its id.
fn name_of(pane_step: &TmuxStep) -> (&str, &str) {
    (&pane_step.pane.socket, &pane_step.pane.pane_id)
}
