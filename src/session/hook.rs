//! What a hook that the user installed reported of a session.

use super::Timestamp;

/// The last hook event of a session. Hooks are optional: every rule works without them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookReport {
    /// Name of the event, as Claude Code writes it: `UserPromptSubmit`, `PreToolUse`, `Stop` …
    pub event: String,
    /// The tool it is about, for the events that name one.
    pub tool: Option<String>,
    /// What the tool was called with, as JSON, for the events that say it.
    pub input: Option<String>,
    /// The session it belongs to.
    pub session_id: String,
    /// When the hook ran.
    pub at: Timestamp,
}

impl HookReport {
    /// Whether the event says something of what the session does, so that it takes the place of the
    /// one before. Others are about what was told before (a notification comes 6 s after its
    /// dialog), or about something beside the turn. Events of a newer Claude Code count: what they
    /// mean is not known, and then what was known may be over.
    pub fn is_of_the_turn(&self) -> bool {
        !matches!(
            self.event.as_str(),
            "Notification"
                | "SubagentStart"
                | "SubagentStop"
                | "TeammateIdle"
                | "TaskCreated"
                | "TaskCompleted"
                | "InstructionsLoaded"
                | "ConfigChange"
                | "CwdChanged"
                | "FileChanged"
                | "DirectoryAdded"
                | "WorktreeCreate"
                | "WorktreeRemove"
                | "MessageDisplay"
        )
    }
}

/// Most requests that are remembered.
const MAX_REQUESTS: usize = 16;

/// What the hooks of one session reported.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HookReports {
    /// The last event of the turn.
    pub last: Option<Box<HookReport>>,
    /// The requests for a permission since the last prompt, in their order. No event tells that one was
    /// granted.
    pub requests: Vec<HookReport>,
}

impl HookReports {
    /// Adds a report.
    pub fn add(&mut self, report: HookReport) {
        match report.event.as_str() {
            "PermissionRequest" => {
                if self.requests.len() >= MAX_REQUESTS {
                    self.requests.remove(0);
                }
                self.requests.push(report.clone());
            }
            // Not at the end of a turn: its agents may ask still.
            "UserPromptSubmit" | "SessionStart" => self.requests.clear(),
            _ => {}
        }
        if report.is_of_the_turn() {
            self.last = Some(Box::new(report));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_remembered_for_a_turn() {
        let report = |event: &str| HookReport {
            event: event.to_owned(),
            tool: None,
            input: None,
            session_id: String::new(),
            at: Timestamp::default(),
        };
        let mut reports = HookReports::default();
        for _ in 0..2 * MAX_REQUESTS {
            reports.add(report("PermissionRequest"));
        }
        reports.add(report("Notification"));
        assert_eq!(reports.requests.len(), MAX_REQUESTS);
        assert_eq!(reports.last.as_ref().unwrap().event, "PermissionRequest");
        reports.add(report("Stop"));
        assert_eq!(reports.requests.len(), MAX_REQUESTS, "agents may ask still");
        reports.add(report("UserPromptSubmit"));
        assert_eq!(reports.requests, []);
    }

    #[test]
    fn what_is_beside_the_turn_says_nothing_of_it() {
        for (event, want) in [
            ("PermissionRequest", true),
            ("PostToolUse", true),
            ("SessionEnd", true),
            ("SomethingNew", true),
            ("Notification", false),
            ("SubagentStop", false),
        ] {
            let report = HookReport {
                event: event.to_owned(),
                tool: None,
                input: None,
                session_id: String::new(),
                at: Timestamp::default(),
            };
            assert_eq!(report.is_of_the_turn(), want, "{event}");
        }
    }
}
