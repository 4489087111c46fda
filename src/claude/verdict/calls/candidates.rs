//! Which open calls the dialog on the screen may be about. Pure.

use super::{OpenCall, Running, SHELL_DUE};
use crate::claude::transcript::tool::{ToolCall, ToolKind};
use crate::claude::verdict::{Evidence, TranscriptEvidence};
use crate::session::Timestamp;
use chrono::TimeDelta;

/// A dialog comes within this time of its call (0.08 to 0.54 s were measured), unless something
/// stands before the call.
pub(super) const DIALOG_WITHIN: TimeDelta = TimeDelta::seconds(1);

/// A call is written this long after its dialog opened at the latest.
pub(in crate::claude::verdict) const MAX_WRITE_LAG: TimeDelta = TimeDelta::seconds(2);

/// How much later than the dialog the time of its call may seem.
pub(super) const MAX_CALL_LAG: TimeDelta = TimeDelta::milliseconds(100);

/// A tool that needs no permission and is quick has answered by then.
const QUICK_TOOL_DUE: TimeDelta = TimeDelta::milliseconds(1500);

/// Which calls a dialog may be about.
#[derive(Debug, Clone, Copy)]
pub(in crate::claude::verdict) struct Scope<'a> {
    /// When the dialog opened, as the session file says.
    pub(in crate::claude::verdict) opened_at: Option<Timestamp>,
    /// The tool that it names.
    pub(in crate::claude::verdict) tool: Option<&'a str>,
    /// Whether a question may be meant.
    pub(in crate::claude::verdict) questions: bool,
}

/// The calls that may be asked about now: of each turn those up to the first that surely waits.
pub(super) fn candidates<'a>(
    e: &Evidence<'_>,
    turns: &[Vec<OpenCall<'a>>],
    scope: Scope<'_>,
) -> Vec<OpenCall<'a>> {
    let mut candidates = Vec::new();
    for calls in turns {
        for open in calls {
            match open.call.kind() {
                ToolKind::Silent | ToolKind::Agent => continue,
                _ if is_long_over(e, open.call) || e.answered.contains(&open.call.id) => continue,
                ToolKind::Question if !scope.questions => break,
                _ if open.running == Running::Yes => break,
                _ => {}
            }
            // One that the dialog does not name must be running.
            if scope.tool.is_some_and(|tool| open.call.name != tool) {
                continue;
            }
            candidates.push(*open);
            if surely_waits(e, open) {
                break;
            }
        }
    }
    candidates
}

/// Whether the prompt was free since a call of the session's own: its result was not written (as when the
/// disk is full).
fn is_long_over(e: &Evidence<'_>, call: &ToolCall) -> bool {
    let TranscriptEvidence::Turn(turn, _) = e.main else { return false };
    let was_free = e.idle_seen.is_some_and(|idle| call.at + DIALOG_WITHIN < idle);
    was_free && turn.open.iter().any(|own| own.id == call.id)
}

/// Whether a call that is open cannot be running, so that those behind it have not been asked about.
pub(super) fn surely_waits(e: &Evidence<'_>, open: &OpenCall<'_>) -> bool {
    match open.call.kind() {
        ToolKind::Question | ToolKind::Plan => true,
        ToolKind::Shell => open.running == Running::No,
        ToolKind::Quick => e.now - open.call.at >= QUICK_TOOL_DUE,
        ToolKind::Agent | ToolKind::Silent | ToolKind::Opaque => false,
    }
}

/// Whether the dialog may be about a call of another agent that is not written yet: this one was made
/// long before the dialog opened, or so lately that it may be about to run. In one turn nothing new is
/// written while a call is open.
pub(super) fn may_be_unwritten(e: &Evidence<'_>, open: &OpenCall<'_>, scope: Scope<'_>) -> bool {
    let Some(opened) = scope.opened_at.filter(|at| e.now - *at < MAX_WRITE_LAG) else {
        return false;
    };
    let is_old = open.call.at < opened - DIALOG_WITHIN;
    !e.agents.is_empty() && (is_old || (others_may_ask(e, open) && may_yet_run(e, open)))
}

/// Whether there is another turn than that of this call which does not wait for the turn of this call.
fn others_may_ask(e: &Evidence<'_>, open: &OpenCall<'_>) -> bool {
    let is_of_agent = e.agents.iter().any(|turn| turn.open.iter().any(|it| it.id == open.call.id));
    e.agents.len() > usize::from(is_of_agent)
}

/// Whether a call may be about to run, where it asks nobody.
fn may_yet_run(e: &Evidence<'_>, open: &OpenCall<'_>) -> bool {
    let age = e.now - open.call.at;
    match open.call.kind() {
        ToolKind::Shell => age < SHELL_DUE,
        ToolKind::Quick => age < QUICK_TOOL_DUE,
        _ => false,
    }
}
