//! Reading the screens of sessions whose files do not tell what they do.

use super::Inspections;
use super::message::WorkerResult;
use super::schedule_entry::Cause;
use super::screen_read::{ScreenRead, read};
use crate::claude::process::screen::seen::SeenScreen;
use crate::daemon::clock::Now;
use crate::daemon::desktop::DesktopHandle;
use crate::proc::ProcFiles;
use crate::session::Timestamp;
use crate::session::process::{Candidate, ProcessId};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How many screens are read because of one request. The others are read at their own pace.
const MAX_REFRESHED: usize = 8;

/// A screen is looked for by what was found out about processes within this time: at the start all are
/// looked for at once. A pane that is younger is found the next time.
const FACTS_KEPT: Duration = Duration::from_millis(250);

impl Inspections {
    /// Looks at what no event reports, because a client asks now: the screens of sessions whose files do
    /// not tell what they do, and whether those that were suspended go on. True if an inspection
    /// follows.
    pub fn refresh(&mut self, desktop: &DesktopHandle, now: Now) -> bool {
        let (mut continued, mut on_screen) = (Vec::new(), Vec::new());
        for candidate in self.candidates.iter() {
            let process = candidate.process.id;
            let Some(entry) = self.schedule.peek(process) else { continue };
            let is_now = || self.root.process(process.pid).filter(|it| it.id == process);
            if entry.is_suspended && is_now().is_some_and(|it| it.state != 'T') {
                continued.push(process);
            }
            if entry.screen.may_tell && entry.screen.is_readable() {
                on_screen.push(process);
            }
        }
        on_screen.truncate(MAX_REFRESHED);
        for process in &continued {
            self.mark_dirty(*process, Cause::State, now.monotonic);
        }
        for process in &on_screen {
            self.read_screen(*process, desktop, now.wall);
        }
        !continued.is_empty() || !on_screen.is_empty()
    }

    /// Something was written on the terminals of these processes: they may have been stopped, or go on, and
    /// a screen at rest may show something else.
    pub fn note_output(
        &mut self,
        written: &BTreeSet<ProcessId>,
        desktop: &DesktopHandle,
        now: Now,
    ) {
        for process in written {
            let Some(entry) = self.schedule.peek(*process) else { continue };
            let found = self.root.process(process.pid).filter(|it| it.id == *process);
            if let Some(found) = found.filter(|it| (it.state == 'T') != entry.is_suspended) {
                let candidate = Candidate { process: found, ..(*entry.candidate).clone() };
                if let Some(entry) = self.schedule.get(*process) {
                    entry.candidate = Arc::new(candidate);
                }
                self.mark_dirty(*process, Cause::State, now.monotonic);
            } else if entry.screen.may_tell && entry.screen.is_at_rest() {
                self.read_screen(*process, desktop, now.wall);
            }
        }
    }

    /// Begins to read the screen of `process`, unless that is being done. Then a
    /// [`WorkerResult::Screen`] follows.
    pub fn read_screen(&mut self, process: ProcessId, desktop: &DesktopHandle, now: Timestamp) {
        let Some(entry) = self.schedule.get(process) else { return };
        if entry.screen.begun.is_some() {
            return;
        }
        entry.screen.begun = Some(now);
        let known = entry.screen.terminal.as_deref().cloned();
        let (desktop, results) = (desktop.clone(), self.results.soon.clone());
        let files = ProcFiles::new(self.root.clone());
        tokio::spawn(async move {
            let terminal = match known {
                Some(terminal) => Some(terminal),
                None => desktop.keyboard(process, FACTS_KEPT).await.ok().and_then(Result::ok),
            };
            let is_there = || files.is_in_foreground(process.pid) && files.takes_keys(process.pid);
            let read = read(terminal, is_there).await;
            let _ = results.send(WorkerResult::Screen(process, read));
        });
    }

    /// The screen of `process` was read.
    pub fn end_screen_read(&mut self, process: ProcessId, read: ScreenRead, now: Instant) {
        let Some(entry) = self.schedule.get(process) else { return };
        let Some(begun) = entry.screen.begun.take() else { return };
        let look = read.terminal.is_some().then_some(read.look);
        let seen = SeenScreen::after(entry.screen.seen.as_deref(), look, begun);
        entry.screen.seen = Some(Box::new(seen));
        entry.screen.terminal = read.terminal.map(Box::new);
        self.mark_dirty(process, Cause::State, now);
    }
}
