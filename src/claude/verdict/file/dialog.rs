//! What the dialog is about that the session file says is open. Pure.

use super::menu::{limit, turn_runs};
use crate::claude::process::version;
use crate::claude::session_file::parse::{SessionFile, SessionStatus, UNNAMED_DIALOG};
use crate::claude::transcript::tool::{ToolCall, ToolKind, short_name};
use crate::claude::verdict::calls::asking::{self, Asked};
use crate::claude::verdict::calls::candidates::Scope;
use crate::claude::verdict::calls::{self, message};
use crate::claude::verdict::screen::reading::SANDBOX_REQUEST;
use crate::claude::verdict::{Evidence, TranscriptEvidence, screen};
use crate::session::sanitize::clean;
use crate::session::state::ReasonKind;

/// What the open dialog is about; `waits_for`: the word of the file for it.
pub(super) fn dialog(e: &Evidence<'_>, file: &SessionFile, waits_for: &str) -> Asked {
    // With two processes on one session the open call may be the other one's.
    let scope = Scope { opened_at: file.status_at, tool: None, questions: true };
    let asked = |scope| asking::asked(e, scope).filter(|_| !e.shared);
    let of_kind = |kind: ReasonKind, asked: Option<Asked>| {
        asked.filter(|asked| asked.kind == kind).unwrap_or(Asked::of_kind(kind))
    };
    match waits_for {
        UNNAMED_DIALOG => match limit(e, file) {
            Some(what) => Asked { detail: Some(what), ..Asked::of_kind(ReasonKind::Dialog) },
            // Which call it stands before does not say what it asks.
            None => Asked::of_kind(ReasonKind::Dialog),
        },
        "input needed" => input(e),
        SANDBOX_REQUEST => Asked::of_network(screen::network_request(e)),
        "permission prompt" | "worker request" => {
            // From 2.1.220 on, the word for a question on the screen is another one.
            let version = file.version.as_deref();
            let questions = version.is_none_or(|version| !version::says_input_needed(version));
            let asked = asked(Scope { questions, ..scope });
            if let Some(message) = held_message(e, file, asked.as_ref()) {
                return message;
            }
            // A call that is not written may be a plan; one of another process, anything.
            let one_of = [ReasonKind::Permission, ReasonKind::Plan, ReasonKind::Question];
            let shown = || shown_as(e, &one_of).unwrap_or(ReasonKind::Permission);
            asked.or_else(|| told_before(e, &one_of)).unwrap_or_else(|| Asked::of_kind(shown()))
        }
        _ => match waits_for.strip_prefix("approve ") {
            Some("AskUserQuestion") => of_kind(ReasonKind::Question, asked(scope)),
            Some("ExitPlanMode") => of_kind(ReasonKind::Plan, asked(scope)),
            Some(name) => {
                let asked = of_kind(
                    ReasonKind::Permission,
                    asked(Scope { tool: Some(name), questions: false, ..scope }),
                );
                let detail = asked.detail.clone().or_else(|| Some(clean(&short_name(name), 60)));
                Asked { detail, ..asked }
            }
            None => {
                let detail = Some(clean(waits_for, 120));
                Asked { detail, ..Asked::of_kind(ReasonKind::Other) }
            }
        },
    }
}

/// The dialog about a message of another session, if one was held and may be what asks instead of the call
/// that is open; nothing is named where either may.
fn held_message(e: &Evidence<'_>, file: &SessionFile, asked: Option<&Asked>) -> Option<Asked> {
    let opened = file.status_at.filter(|at| !e.shared && message::may_ask(e, *at))?;
    let call = asked.and_then(|asked| calls::all(e).find(|call| asked.calls.contains(&call.id)));
    // Of several calls that may ask, too, none is surely the one.
    let is_unclear = asked.is_some() && call.is_none();
    match message::asks(e, opened, call).filter(|it| !(*it && is_unclear)) {
        Some(true) => Some(Asked::of_message()),
        Some(false) => None,
        None => Some(Asked::of_kind(ReasonKind::Permission)),
    }
}

/// A question of the model, or the form of an MCP server: what only one open call can have opened.
fn input(e: &Evidence<'_>) -> Asked {
    let open = |kind| calls::all(e).filter(move |call| call.kind() == kind);
    let is_answered = |call: &&ToolCall| e.answered.contains(&call.id);
    let questions: Vec<&ToolCall> =
        open(ToolKind::Question).filter(|it| !is_answered(it)).collect();
    let forms: Vec<&ToolCall> = open(ToolKind::Opaque).collect();
    let one_of = [ReasonKind::Question, ReasonKind::Elicitation];
    let shown = shown_as(e, &one_of);
    let written = match (questions.as_slice(), forms.as_slice()) {
        ([], []) => {
            if let Some(told) = told_before(e, &one_of) {
                return told;
            }
            // Neither is written yet: the screen tells, where it was read since. If an answer of the model
            // is due, or nothing is ever written, that asks more often than a server does.
            shown.unwrap_or(match is_answer_due(e) || writes_nothing(e) {
                true => ReasonKind::Question,
                false => ReasonKind::Elicitation,
            })
        }
        ([], _) => ReasonKind::Elicitation,
        (_, []) => ReasonKind::Question,
        // One of them is queued behind the other: the screen tells, where it was read since.
        ([question, ..], [form, ..]) => shown.unwrap_or(match question.at < form.at {
            true => ReasonKind::Question,
            false => ReasonKind::Other,
        }),
    };
    // Another process may have written what is open.
    let kind = shown.filter(|_| e.shared).unwrap_or(written);
    let only = |calls: &[&ToolCall]| match calls {
        [one] if !e.shared => (Some(one.description.clone()), vec![one.id.clone()]),
        _ => (None, Vec::new()),
    };
    let (detail, calls) = match kind {
        ReasonKind::Question => only(&questions),
        ReasonKind::Elicitation => only(&forms),
        _ => (None, Vec::new()),
    };
    Asked { detail, calls, ..Asked::of_kind(kind) }
}

/// Whether the next that is written is an answer of the model, of the only turn that runs: one of which the
/// status tells may not be written yet.
fn is_answer_due(e: &Evidence<'_>) -> bool {
    let runs = turn_runs(e) || e.status_before == Some(&SessionStatus::Busy);
    runs && e.agents.is_empty() && calls::all(e).all(|call| e.answered.contains(&call.id))
}

/// Whether there is no transcript, although a dialog of the work is open: the conversation is not kept.
pub(super) fn writes_nothing(e: &Evidence<'_>) -> bool {
    matches!(e.main, TranscriptEvidence::Nothing)
}

/// The kind of the dialog on the screen, if that was read since it opened. One of another kind than the
/// session file may speak of is the one before.
fn shown_as(e: &Evidence<'_>, one_of: &[ReasonKind]) -> Option<ReasonKind> {
    screen::dialog(e).filter(|kind| one_of.contains(kind))
}

/// What this wait was told to be last, unless the screen shows another kind: that its call is over may be
/// written before the status. Beside agents the next dialog may have taken its place.
fn told_before(e: &Evidence<'_>, one_of: &[ReasonKind]) -> Option<Asked> {
    let opened = e.session_file()?.status_at?;
    let told = e.held.filter(|held| e.agents.is_empty() && held.since >= opened)?.state.reason()?;
    let is_over = calls::all(e).next().is_none();
    let is_shown = shown_as(e, one_of).is_none_or(|kind| kind == told.kind);
    let detail = told.detail.clone().filter(|_| is_over);
    let asked = Asked { detail, ..Asked::of_kind(told.kind) };
    Some(asked).filter(|asked| is_shown && one_of.contains(&asked.kind))
}
