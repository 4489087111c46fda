//! Locates all sessions, one at a time, so that a request does not wait for all of them.

use super::message::DesktopReport;
use super::task::{DesktopTask, HubGone, LocatingPass};
use std::collections::HashSet;
use std::sync::Arc;

impl DesktopTask {
    /// Begins to locate all sessions.
    pub(super) fn locate_sessions(&mut self) {
        self.located_at = Some(self.now.monotonic);
        match &mut self.pass {
            // It ends first: what happens all the time must not keep it from its end.
            Some(pass) => pass.again = true,
            None => {
                let sessions = Arc::clone(&self.sessions);
                self.pass =
                    Some(LocatingPass { sessions, done: 0, moved: Vec::new(), again: false });
            }
        }
    }

    /// Goes on with that. At its end all that changed is reported.
    pub(super) async fn locate_next(&mut self) -> Result<(), HubGone> {
        let Some(mut pass) = self.pass.take() else { return Ok(()) };
        if let Some(session) = pass.sessions.get(pass.done) {
            let found = self.wm.locate(session.process.pid).await.map(Box::new);
            let place = found.as_ref().map(|found| &found.place);
            let before = self.found.get(&session.process);
            if before.is_none_or(|before| before.as_ref().map(|found| &found.place) != place) {
                pass.moved.push((session.process, place.cloned()));
            }
            self.found.insert(session.process, found);
        }
        pass.done += 1;
        if pass.done < pass.sessions.len() {
            self.pass = Some(pass);
            return Ok(());
        }
        let processes: HashSet<_> = pass.sessions.iter().map(|session| session.process).collect();
        self.found.retain(|process, _| processes.contains(process));
        self.titles.retain(|process, _| processes.contains(process));
        if !pass.moved.is_empty() {
            self.send(DesktopReport::Places(pass.moved)).await?;
        }
        self.report_titles(None).await?;
        self.report_focus().await?;
        if pass.again {
            self.locate_sessions();
        }
        Ok(())
    }
}
