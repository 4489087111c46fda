//! Reading the screens of sessions whose files do not tell what they do.

use super::Inspections;
use super::message::WorkerResult;
use super::schedule_entry::Cause;
use crate::claude::process::screen::Screen;
use crate::claude::process::screen::seen::{Look, SeenScreen};
use crate::daemon::desktop::DesktopHandle;
use crate::session::Timestamp;
use crate::session::process::ProcessId;
use crate::wm::switch::keyboard::Keyboard;
use std::time::Instant;

/// The screen of one process: how it is read, and what was seen.
#[derive(Debug, Default)]
pub struct ScreenReads {
    /// What the last look found.
    pub seen: Option<SeenScreen>,
    /// When the look began that is not over.
    begun: Option<Timestamp>,
    /// The terminal, once it is known.
    terminal: Option<Keyboard>,
}

/// What one look found.
#[derive(Debug)]
pub struct ScreenRead {
    /// The terminal that was read; `None` if it cannot be.
    terminal: Option<Keyboard>,
    /// What it shows.
    look: Look,
}

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
        tokio::spawn(async move {
            let terminal = match known {
                Some(terminal) => Some(terminal),
                None => desktop.keyboard(process).await.ok().and_then(Result::ok),
            };
            let read = read(terminal).await;
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

async fn read(terminal: Option<Keyboard>) -> ScreenRead {
    let unreadable = ScreenRead { terminal: None, look: Look::default() };
    let Some(terminal) = terminal else { return unreadable };
    match terminal.text().await {
        Ok(text) => ScreenRead { look: Look::at(&Screen::parse(&text)), terminal: Some(terminal) },
        Err(_) => unreadable,
    }
}
