//! Reading the screens of sessions whose files do not tell what they do.

use super::Inspections;
use super::message::WorkerResult;
use super::schedule_entry::Cause;
use super::screen_read::{ScreenRead, read};
use crate::claude::process::screen::seen::SeenScreen;
use crate::daemon::desktop::DesktopHandle;
use crate::proc::ProcFiles;
use crate::session::Timestamp;
use crate::session::process::ProcessId;
use std::time::Instant;

impl Inspections {
    /// Begins to read the screen of `process`, unless that is being done. Then a
    /// [`WorkerResult::Screen`] follows.
    pub fn read_screen(&mut self, process: ProcessId, desktop: &DesktopHandle, now: Timestamp) {
        let Some(entry) = self.schedule.get(process) else { return };
        if entry.screen.begun.is_some() {
            return;
        }
        entry.screen.begun = Some(now);
        let known = entry.screen.terminal.clone();
        let (desktop, results) = (desktop.clone(), self.results.clone());
        let files = ProcFiles::new(self.root.clone());
        tokio::spawn(async move {
            let terminal = match known {
                Some(terminal) => Some(terminal),
                None => desktop.keyboard(process).await.ok().and_then(Result::ok),
            };
            let read = read(terminal, || files.is_in_foreground(process.pid)).await;
            let _ = results.send(WorkerResult::Screen(process, read));
        });
    }

    /// The screen of `process` was read.
    pub fn end_screen_read(&mut self, process: ProcessId, read: ScreenRead, now: Instant) {
        let Some(entry) = self.schedule.get(process) else { return };
        let Some(begun) = entry.screen.begun.take() else { return };
        let look = read.terminal.is_some().then_some(read.look);
        entry.screen.seen = Some(SeenScreen::after(entry.screen.seen.as_ref(), look, begun));
        entry.screen.terminal = read.terminal;
        self.mark_dirty(process, Cause::State, now);
    }
}
