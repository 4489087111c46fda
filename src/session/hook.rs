//! What a hook that the user installed reported of a session.

use super::Timestamp;

/// The last hook event of a session. Hooks are optional: every rule works without them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookReport {
    /// Name of the event, as Claude Code writes it: `UserPromptSubmit`, `PreToolUse`, `Stop` …
    pub event: String,
    /// The tool it is about, for the events that name one.
    pub tool: Option<String>,
    /// The session it belongs to.
    pub session_id: String,
    /// When the hook ran.
    pub at: Timestamp,
}
