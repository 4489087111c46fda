//! What the task behind [`crate::daemon::desktop`] reports: only what is new.

use super::task::{Gone, Task};
use super::{Focused, Report};
use crate::session::process::ProcessId;
use crate::wm::locate::location::{Location, TmuxStep};
use std::collections::HashMap;

impl Task {
    pub(in crate::daemon) async fn report_focus(&mut self) -> Result<(), Gone> {
        let window = self.desk.focused();
        let process = window.as_ref().and_then(|window| self.shown_in(window.con_id));
        let focused = Focused { window, process };
        if self.focused.as_ref() == Some(&focused) {
            return Ok(());
        }
        self.focused = Some(focused.clone());
        self.send(Report::Focused(focused)).await
    }

    /// The one session that is in view in a window; none when it may be another as well.
    fn shown_in(&self, con_id: u64) -> Option<ProcessId> {
        let here =
            |found: &Location| found.candidates().contains(&con_id) && found.tmux_is_in_view();
        let mut all = self.all_found().filter(|(_, found)| here(found));
        let (process, found) = all.next()?;
        let in_front = self.desk.is_in_front(process.pid, found);
        (in_front && all.next().is_none()).then_some(process)
    }

    /// What was last found of the sessions that are shown somewhere.
    pub(in crate::daemon) fn all_found(&self) -> impl Iterator<Item = (ProcessId, &Location)> {
        self.found.iter().filter_map(|(process, found)| Some((*process, found.as_deref()?)))
    }

    /// Reports titles that changed: of the innermost tmux pane, else of the window. `of` is the one
    /// window whose title did; none means that all are looked at.
    pub(in crate::daemon) async fn report_titles(&mut self, of: Option<u64>) -> Result<(), Gone> {
        let mut windows: HashMap<u64, usize> = HashMap::new();
        let mut panes: HashMap<(&str, &str), usize> = HashMap::new();
        for (_, found) in self.all_found() {
            for con_id in found.candidates() {
                *windows.entry(*con_id).or_default() += 1;
            }
            if let Some(hop) = found.innermost_pane() {
                *panes.entry(name_of(hop)).or_default() += 1;
            }
        }
        let window_of = |found: &Location| found.place.window.as_ref().map(|window| window.con_id);
        let mut changed = Vec::new();
        for (process, found) in self.all_found() {
            // A window's title says nothing of the panes in it.
            if of.is_some_and(|of| found.innermost_pane().is_some() || window_of(found) != Some(of))
            {
                continue;
            }
            let title = match (found.innermost_pane(), window_of(found)) {
                (Some(hop), _) => (panes.get(&name_of(hop)) == Some(&1)).then(|| hop.title.clone()),
                (None, Some(con_id)) => {
                    let alone = windows.get(&con_id) == Some(&1)
                        && self.desk.is_in_front(process.pid, found);
                    let rows = self.desk.windows();
                    let row = rows.iter().find(|row| alone && row.con_id == con_id);
                    row.map(|row| row.title.clone())
                }
                _ => None,
            };
            let Some(title) = title else { continue };
            if self.titles.get(&process) != Some(&title) {
                changed.push((process, title));
            }
        }
        let at = chrono::Utc::now();
        for (process, title) in changed {
            self.titles.insert(process, title.clone());
            self.send(Report::Title { process, title, at }).await?;
        }
        Ok(())
    }

    /// Says how it stands with the window manager, if that is new.
    pub(in crate::daemon) async fn report_status(
        &mut self,
        trouble: Option<String>,
    ) -> Result<(), Gone> {
        let status = match (self.desk.name(), trouble) {
            (Some(name), None) => format!("{name} connected"),
            (Some(name), Some(trouble)) => format!("{name} connected, but {trouble}"),
            (None, trouble) => trouble.unwrap_or_else(|| "no window manager".into()),
        };
        if self.status == status {
            return Ok(());
        }
        self.status.clone_from(&status);
        self.send(Report::Status(status)).await
    }

    pub(in crate::daemon) async fn send(&self, report: Report) -> Result<(), Gone> {
        self.reports.send(report).await.map_err(|_| Gone)
    }
}

/// A pane: its server and its id.
fn name_of(hop: &TmuxStep) -> (&str, &str) {
    (&hop.pane.socket, &hop.pane.pane_id)
}
