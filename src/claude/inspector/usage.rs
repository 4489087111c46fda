//! What the processor time of a process says, and who draws on its screen.

use super::{Inspector, Surroundings, details};
use crate::claude::process;
use crate::claude::transcript::Transcript;
use crate::claude::verdict::evidence::Activity;
use crate::session::Timestamp;
use crate::session::process::Candidate;
use chrono::TimeDelta;

/// node has used 0.13 s before it runs the first line of Claude Code, which draws after 1.0 s (2.1.75 and
/// 1.0.128) or 2.1 s (2.0.77) on the same machine.
const NODE_START_TIME: TimeDelta = TimeDelta::milliseconds(300);

impl Inspector {
    /// What its use of processor time says; none if that is not known, or a status tells what it does.
    /// `key_written`: whether it has written its key, if its version does.
    pub(super) fn activity(
        &mut self,
        subject: &Candidate,
        around: &Surroundings<'_>,
        key_written: Option<bool>,
        now: Timestamp,
    ) -> Option<Activity> {
        if self.status().is_some() {
            return None;
        }
        let (state, used) = (around.usage)()?;
        // The state is that of its first thread, which sleeps while others start it.
        let is_starting = self.file.last().is_none() && self.transcript.is_none();
        let wants_to_run = is_starting && state == 'S' && (around.wants_to_run)();
        let is_on_node = subject.exe.as_deref().is_some_and(process::is_runtime_path);
        let watch = &mut self.unnamed().activity;
        let mut activity = watch.look(used, state, now);
        activity.has_started &= !is_on_node || used >= NODE_START_TIME;
        watch.note_wish(&mut activity, wants_to_run, now);
        if let Some(seen) = around.screen {
            // 1.0.128 and 2.0.77 draw before they take keys: without the cursor it may be theirs.
            let is_blank = key_written == Some(false) || seen.look.has_cursor;
            watch.look_at_screen(&mut activity, seen.look.print, is_blank);
        }
        Some(activity)
    }

    /// Whether it is `claude -p`, as its transcript says where its arguments are lost.
    /// It writes no session file there.
    pub(super) fn is_print(&self, subject: &Candidate) -> bool {
        if self.file.last().is_some() {
            return false;
        }
        let begun = self.transcript.as_ref().and_then(Transcript::begun_by_print);
        details::is_print(subject, begun)
    }
}
