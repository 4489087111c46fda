//! `debug/<session id>.txt`: versions 2.0.77 to 2.1.50 write it without being asked. Parsing only.
//!
//! It says what their transcripts do not: the pid of the process, whether the set-up screens (the
//! trust dialog) are open, that a tool waits for permission, that `/compact` runs. Lines reach the
//! disk about a second late.

use crate::session::Timestamp;

/// What the log says of the session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct DebugTurn {
    /// The set-up screens are open.
    pub(crate) setup_open: bool,
    /// When the set-up screens were left.
    pub(crate) setup_over: Option<Timestamp>,
    /// The tool that the user was asked about last, while nothing followed.
    pub(crate) asked: Option<(String, Timestamp)>,
    /// Since when `/compact` runs.
    pub(crate) compacting: Option<Timestamp>,
    /// When the last turn ended, while nothing followed.
    pub(crate) ended: Option<Timestamp>,
    /// Time of the last line.
    pub(crate) last: Option<Timestamp>,
    /// The last pid that it names, as the process sees it: who writes it.
    pub(crate) pid: Option<u32>,
}

impl DebugTurn {
    /// Takes one line: `2026-11-20T17:54:08.941Z [DEBUG] …`. Other lines are continuations.
    pub(crate) fn take(&mut self, line: &str) {
        let Some((time, text)) = line.split_once(' ') else { return };
        let Ok(at) = chrono::DateTime::parse_from_rfc3339(time) else { return };
        let at = at.to_utc();
        let Some((_, text)) = text.split_once("] ") else { return };
        self.last = self.last.max(Some(at));
        if let Some(path) = text.strip_prefix("Writing to temp file: ") {
            self.pid = pid_of(path).or(self.pid);
        } else if text.starts_with("[STARTUP] Running showSetupScreens()") {
            self.setup_open = true;
        } else if text.starts_with("[STARTUP] showSetupScreens() completed") {
            self.setup_open = false;
            self.setup_over = Some(at);
        } else if let Some(tool) =
            text.strip_prefix("executePermissionRequestHooks called for tool: ")
        {
            self.asked = Some((tool.trim().to_owned(), at));
        } else if text.starts_with("Stream started") || text.starts_with("Tool search ") {
            // A request: the session goes on, with a prompt that was queued (2.0.77).
            self.ended = None;
        } else if let Some(hook) = text.strip_prefix("Getting matching hook commands for ") {
            self.hook(hook, at);
        }
    }

    /// The log names each hook event, whether or not the user has hooks for it.
    fn hook(&mut self, hook: &str, at: Timestamp) {
        let event = hook.split(' ').next().unwrap_or_default();
        match event {
            "PreToolUse" | "PostToolUse" | "PostToolUseFailure" => self.asked = None,
            "UserPromptSubmit" => {
                self.asked = None;
                self.ended = None;
                self.compacting = None;
            }
            "Stop" => {
                self.asked = None;
                self.ended = Some(at);
            }
            "PreCompact" if hook.ends_with("manual") => self.compacting = Some(at),
            "SessionStart" => {
                self.compacting = None;
                self.asked = None;
            }
            _ => {}
        }
    }
}

/// The pid in `/home/dev/.claude.json.tmp.46.1795197241362`.
fn pid_of(path: &str) -> Option<u32> {
    let (_, rest) = path.rsplit_once(".tmp.")?;
    rest.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &str) -> DebugTurn {
        let mut turn = DebugTurn::default();
        for line in lines.lines() {
            turn.take(line.trim());
        }
        turn
    }

    #[test]
    fn names_its_process_and_the_set_up() {
        let turn = read(
            "2026-11-20T17:54:01.362Z [DEBUG] Writing to temp file: /home/dev/.claude.json.tmp.46.1795197241362
             2026-11-20T17:54:01.634Z [DEBUG] [STARTUP] Running showSetupScreens()...",
        );
        assert_eq!(turn.pid, Some(46));
        assert!(turn.setup_open && turn.setup_over.is_none());
        let mut turn = turn;
        turn.take(
            "2026-11-20T17:54:02.634Z [DEBUG] [STARTUP] showSetupScreens() completed in 81ms",
        );
        assert!(!turn.setup_open && turn.setup_over == turn.last);
    }

    #[test]
    fn says_that_a_tool_asks() {
        let mut turn = read(
            "2026-11-20T17:53:34.398Z [DEBUG] Getting matching hook commands for PreToolUse with query: Bash
             2026-11-20T17:53:34.521Z [DEBUG] Permission suggestions for Bash: [
               { \"type\": \"addRules\" }
             2026-11-20T17:53:34.556Z [DEBUG] executePermissionRequestHooks called for tool: Bash
             2026-11-20T17:53:34.563Z [DEBUG] Getting matching hook commands for PermissionRequest with query: Bash",
        );
        assert_eq!(turn.asked.as_ref().map(|(tool, _)| tool.as_str()), Some("Bash"));
        turn.take("2026-11-20T17:53:39.563Z [DEBUG] Getting matching hook commands for PostToolUse with query: Bash");
        assert_eq!(turn.asked, None);
    }

    #[test]
    fn says_that_compaction_runs() {
        let mut turn = read(
            "2026-11-20T17:54:08.941Z [DEBUG] Getting matching hook commands for PreCompact with query: manual",
        );
        assert!(turn.compacting.is_some());
        turn.take("2026-11-20T17:54:11.975Z [DEBUG] Getting matching hook commands for SessionStart with query: compact");
        assert!(turn.compacting.is_none());
    }

    #[test]
    fn garbage_means_nothing() {
        assert_eq!(
            read("x\n\n2026 y\n[DEBUG] z\n2026-11-20T17:54:08.941Z\n"),
            DebugTurn::default()
        );
    }
}
