//! What the dialog is about that is on the screen. Pure.
//!
//! The session file says that a dialog is open, not which call it belongs to. Dialogs of one message
//! come in the order of its calls, and a call waits until those before it are over; those of
//! subagents come in the order in which they were asked for. Measured on 2.1.332: a permission on the
//! screen while a question, a plan or another agent's call is queued behind it.

use super::candidates::{DIALOG_WITHIN, Scope, candidates, may_be_unwritten, surely_waits};
use super::{OpenCall, Running, choice, open_calls};
use crate::claude::session_file::parse::SessionFile;
use crate::claude::transcript::tool::{ToolCall, ToolKind};
use crate::claude::verdict::{Evidence, needs};
use crate::session::Timestamp;
use crate::session::sanitize::clean;
use crate::session::state::{HELD_MESSAGE, NETWORK_REQUEST, ReasonKind, State};

/// What a dialog is about, as far as it can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::claude::verdict) struct Asked {
    pub(in crate::claude::verdict) kind: ReasonKind,
    pub(in crate::claude::verdict) detail: Option<String>,
    /// Ids of the calls that it may be about, where each of them surely waits.
    pub(in crate::claude::verdict) calls: Vec<String>,
    /// When the dialog can have opened at the earliest.
    pub(in crate::claude::verdict) since: Option<Timestamp>,
}

impl Asked {
    /// A dialog of which no more is known.
    pub(in crate::claude::verdict) fn of_kind(kind: ReasonKind) -> Asked {
        Asked { kind, detail: None, calls: Vec::new(), since: None }
    }

    /// A command in the sandbox wants to reach a host: of a call that runs, or of none any more. `host`:
    /// which one, where that is known.
    pub(in crate::claude::verdict) fn of_network(host: Option<&str>) -> Asked {
        let host = host.filter(|it| !it.is_empty()).map(|it| format!(": {}", clean(it, 120)));
        let detail = format!("{NETWORK_REQUEST}{}", host.unwrap_or_default());
        Asked { detail: Some(detail), ..Asked::of_kind(ReasonKind::Permission) }
    }

    /// The message of another session may come in, or not.
    pub(in crate::claude::verdict) fn of_message() -> Asked {
        let detail = Some(HELD_MESSAGE.to_owned());
        Asked { detail, ..Asked::of_kind(ReasonKind::Permission) }
    }

    pub(in crate::claude::verdict) fn state(&self) -> State {
        needs(self.kind, self.detail.clone())
    }
}

/// What the dialog on the screen is about; none if no open call can have opened it.
pub(in crate::claude::verdict) fn asked(e: &Evidence<'_>, scope: Scope<'_>) -> Option<Asked> {
    let turns = open_calls(e);
    let candidates = candidates(e, &turns, scope);
    let first = match candidates.as_slice() {
        [] => return None,
        [one] if may_be_unwritten(e, one, scope) => return None,
        [one] if choice::is_not_shown(e, one.call, scope) => Some(choice::shown(e, scope)?),
        [one] => Some(one.call),
        several => choice::chosen(e, several, scope),
    };
    Some(match first {
        Some(call) => Asked {
            kind: reason(call),
            detail: Some(call.description.clone()),
            calls: vec![call.id.clone()],
            since: scope.opened_at.map(|at| answered(e, &turns, at).max(call.at)),
        },
        None => in_common(e, &candidates),
    })
}

/// Whether there are calls beside the one that is asked about, so that processes tell them apart.
pub(in crate::claude::verdict) fn is_one_of_several(e: &Evidence<'_>) -> bool {
    let may_ask = |call: &&ToolCall| !matches!(call.kind(), ToolKind::Silent | ToolKind::Agent);
    super::all(e).filter(may_ask).nth(1).is_some()
}

/// Whether the processes tell what a dialog is about: which of several calls asks, one of an agent's that
/// is not written yet among them; or whether an unnamed one stands in the way of the only call; or whether
/// that runs, because it is much older than the dialog.
pub(in crate::claude::verdict) fn needs_processes(e: &Evidence<'_>) -> bool {
    let file = e.session_file();
    let is_unnamed = file.is_some_and(SessionFile::is_dialog_unnamed);
    let has_held = e.message_held_at.is_some();
    let opened = file.and_then(|file| file.status_at);
    let is_old = |call: &ToolCall| opened.is_some_and(|at| call.at < at - DIALOG_WITHIN);
    let is_one = || is_one_of_several(e) || !e.agents.is_empty() || is_unnamed || has_held;
    super::all(e).next().is_some_and(|first| is_old(first) || is_one())
}

/// When the dialog before the one on the screen was answered, if there was one since `opened`: its
/// call has run since, or is over.
fn answered(e: &Evidence<'_>, turns: &[Vec<OpenCall<'_>>], opened: Timestamp) -> Timestamp {
    let running = turns.iter().flatten().filter(|open| open.running == Running::Yes);
    let born = running.filter_map(|open| open.shell);
    let over = super::turns(e).filter_map(|turn| turn.resulted);
    born.chain(over).filter(|at| *at <= e.now).fold(opened, Timestamp::max)
}

/// What several calls have in common: no more is said than holds for each of them.
fn in_common(e: &Evidence<'_>, candidates: &[OpenCall<'_>]) -> Asked {
    let all_have = |of: &dyn Fn(&ToolCall) -> String| {
        let mut texts = candidates.iter().map(|open| of(open.call));
        texts.next().filter(|first| texts.all(|text| text == *first))
    };
    let detail = all_have(&|call| call.description.clone()).or_else(|| all_have(&ToolCall::title));
    // If all of them wait, the one that goes next was on the screen.
    let all_wait = candidates.iter().all(|open| surely_waits(e, open));
    let ids = candidates.iter().filter(|_| all_wait).map(|open| open.call.id.clone());
    let calls = ids.collect();
    let mut kinds = candidates.iter().map(|open| reason(open.call));
    match kinds.next().filter(|first| kinds.all(|kind| kind == *first)) {
        Some(kind) => Asked { detail, calls, ..Asked::of_kind(kind) },
        None => Asked { calls, ..Asked::of_kind(ReasonKind::Other) },
    }
}

/// The kind of dialog that a call opens.
pub(in crate::claude::verdict) fn reason(call: &ToolCall) -> ReasonKind {
    match call.kind() {
        ToolKind::Question => ReasonKind::Question,
        ToolKind::Plan => ReasonKind::Plan,
        _ => ReasonKind::Permission,
    }
}
