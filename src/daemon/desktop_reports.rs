//! What the task behind [`super::desktop`] reports: only what is new.

use super::desktop::{Focused, Report};
use super::desktop_task::{Gone, Task};
use crate::session::process::ProcessId;
use crate::wm::found::Found;

impl Task {
    pub(super) async fn report_focus(&mut self) -> Result<(), Gone> {
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
        let here = |found: &Found| found.choices.contains(&con_id) && found.in_view();
        let mut all = self.all_found().filter(|(_, found)| here(found));
        let (process, found) = all.next()?;
        let in_front = self.desk.is_in_front(process.pid, found);
        (in_front && all.next().is_none()).then_some(process)
    }

    /// What was last found of the sessions that are shown somewhere.
    pub(super) fn all_found(&self) -> impl Iterator<Item = (ProcessId, &Found)> {
        self.found.iter().filter_map(|(process, found)| Some((*process, found.as_deref()?)))
    }

    /// Reports titles that changed: of the innermost tmux pane, else of the window.
    pub(super) async fn report_titles(&mut self) -> Result<(), Gone> {
        let mut changed = Vec::new();
        for (process, found) in self.all_found() {
            let title = match (found.hops.first(), &found.place.window) {
                (Some(hop), _) => {
                    let same_pane = |other: &Found| {
                        other.hops.first().is_some_and(|h| {
                            h.pane.pane_id == hop.pane.pane_id && h.pane.socket == hop.pane.socket
                        })
                    };
                    let here = self.all_found().filter(|(_, it)| same_pane(it)).count();
                    (here == 1).then(|| hop.title.clone())
                }
                (None, Some(window)) => {
                    let here = |other: &Found| other.choices.contains(&window.con_id);
                    let alone = self.all_found().filter(|(_, it)| here(it)).count() == 1
                        && self.desk.is_in_front(process.pid, found);
                    let rows = self.desk.windows();
                    let row = rows.iter().find(|row| alone && row.con_id == window.con_id);
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
    pub(super) async fn report_status(&mut self, trouble: Option<String>) -> Result<(), Gone> {
        let status = match (self.desk.manager(), trouble) {
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

    pub(super) async fn send(&self, report: Report) -> Result<(), Gone> {
        self.reports.send(report).await.map_err(|_| Gone)
    }
}
