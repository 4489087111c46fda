//! What the session file's status says (docs/facts.md S5, S6). Pure.

mod menu;

use super::calls;
use super::calls::asking::{self, Asked};
use super::calls::candidates::{MAX_WRITE_LAG, Scope};
use super::calls::judge::SHELL_CHECK_INTERVAL;
use super::calls::message;
use super::screen::reading::SANDBOX_REQUEST;
use super::{Evidence, Opinion, SessionFileEvidence, TranscriptEvidence, background, screen};
use crate::claude::process::version;
use crate::claude::session_file::parse::{SessionFile, SessionStatus, UNNAMED_DIALOG};
use crate::claude::transcript::tool::{ToolCall, ToolKind, short_name};
use crate::session::Timestamp;
use crate::session::sanitize::clean;
use crate::session::state::evidence::Source;
use crate::session::state::{Confidence, ReasonKind, State, Verdict};
use chrono::TimeDelta;
use menu::{command_may_follow, is_of_the_work, limit, turn_runs};

/// When a file is read again that was caught half-written: writes take far less.
const RETRY_TORN_AFTER: TimeDelta = TimeDelta::milliseconds(30);

/// A session removes its file first when it ends (SIGTERM, a closed terminal), and its process follows
/// (45 ms were measured at a load of 8). Meanwhile its last call has no shell any more, as one that asks.
const ENDS_WITHIN: TimeDelta = TimeDelta::seconds(1);

/// How long a hook may be ahead of the session file (docs/facts.md L1: 0.1 s, 0.5 s under load).
const MAX_HOOK_LEAD: TimeDelta = TimeDelta::seconds(1);

/// The opinion of the session file; none if there is no file, or one that says nothing yet.
pub(super) fn opinion(e: &Evidence<'_>) -> Option<Opinion> {
    match e.file {
        SessionFileEvidence::Absent => None,
        SessionFileEvidence::Vanished(since) if e.now - since < ENDS_WITHIN => {
            let says = "the session file is gone, as when a session ends".to_owned();
            Some(hold(e, says, Some(since + ENDS_WITHIN)))
        }
        // All its files are elsewhere now (docs/facts.md C8): what changes is written there.
        SessionFileEvidence::Vanished(_) if writes_nothing(e) => {
            Some(hold(e, "the session file is gone, and so is the transcript".to_owned(), None))
        }
        SessionFileEvidence::Vanished(_) => {
            Some(unable("the session file is gone".to_owned(), None))
        }
        SessionFileEvidence::Foreign(why) => {
            Some(unable(format!("the session file is not its own: {}", why.says()), None))
        }
        SessionFileEvidence::Damaged => {
            Some(unable("the session file holds no JSON object".to_owned(), None))
        }
        SessionFileEvidence::Torn => {
            let says = "the session file was read while it was written".to_owned();
            Some(hold(e, says, Some(e.now + RETRY_TORN_AFTER)))
        }
        SessionFileEvidence::Says(file) => match &file.status {
            None => Some(unable("the session file has no status".to_owned(), None)),
            Some(status) => Some(by_status(e, file, status)),
        },
    }
}

fn by_status(e: &Evidence<'_>, file: &SessionFile, status: &SessionStatus) -> Opinion {
    let (state, says) = match status {
        SessionStatus::Busy => return busy(e, file),
        SessionStatus::Idle if prompt_ahead(e, file) => {
            let mut opinion = certain(State::Working, e.hook.map(|hook| hook.at), String::new());
            opinion.says = "status is \"idle\", but a prompt was submitted since".to_owned();
            opinion.until = e.hook.map(|hook| hook.at + MAX_HOOK_LEAD);
            return opinion;
        }
        SessionStatus::Idle => (State::Idle, "status is \"idle\"".to_owned()),
        SessionStatus::Shell => {
            (State::Idle, "status is \"shell\": a background shell runs".to_owned())
        }
        SessionStatus::Waiting => return waiting(e, file),
        SessionStatus::Other(word) => {
            let says = format!("status is \"{}\", which vmux does not know", clean(word, 40));
            return hold(e, says, None);
        }
    };
    certain(state, file.status_at, says)
}

fn busy(e: &Evidence<'_>, file: &SessionFile) -> Opinion {
    match background::prompt_is_free(e) {
        Some(Ok((end, what))) => {
            certain(State::Idle, Some(end), format!("status is \"busy\", but {what}"))
        }
        soon => {
            let until = soon.and_then(Result::err);
            let says = "status is \"busy\"".to_owned();
            Opinion { until, ..certain(State::Working, file.status_at, says) }
        }
    }
}

/// A dialog is open. It is a wait of the user's unless the user opened it as a menu.
fn waiting(e: &Evidence<'_>, file: &SessionFile) -> Opinion {
    let waits_for = file.waiting_for.as_deref().unwrap_or_default();
    let says = format!("status is \"waiting\" for \"{}\"", clean(waits_for, 60));
    if file.is_dialog_unnamed() && !is_of_the_work(e, file) {
        // A menu that lies over a turn does not hold it up.
        let state = if turn_runs(e) { State::Working } else { State::Idle };
        return certain(state, file.status_at, format!("{says}: a menu of the user"));
    }
    if let Some(until) = command_may_follow(e, file).filter(|_| file.is_dialog_unnamed()) {
        let kept = hold(e, format!("{says}: its command may not be written yet"), Some(until));
        let confidence = e.held.map_or(kept.confidence, |held| held.confidence);
        return Opinion { confidence, ..kept };
    }
    if e.team_lead.is_some() && !file.is_dialog_unnamed() {
        // It shows no dialog: its lead does, and is who can be answered.
        let says = format!("{says}: its team's lead is asked");
        return certain(State::Working, file.status_at, says);
    }
    let asked = dialog(e, file, waits_for);
    let opinion = certain(asked.state(), asked.since.or(file.status_at), says);
    let is_one_of_several = asking::is_one_of_several(e);
    // The call that asks may not be written yet, or another one may turn out to run.
    let unsettled = is_one_of_several || asked.detail.is_none() || !e.agents.is_empty();
    let is_new = file.status_at.is_some_and(|at| e.now - at < MAX_WRITE_LAG);
    let until = (unsettled && (is_new || is_one_of_several)).then(|| e.now + SHELL_CHECK_INTERVAL);
    Opinion { until, calls: asked.calls, ..opinion }
}

/// What the open dialog is about.
fn dialog(e: &Evidence<'_>, file: &SessionFile, waits_for: &str) -> Asked {
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
            let shown = || shown_as(e, &one_of).or(told_before(e, &one_of));
            asked.unwrap_or_else(|| Asked::of_kind(shown().unwrap_or(ReasonKind::Permission)))
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
        // Neither is written yet, or any more: the screen tells, where it was read since. If an answer of
        // the model is due, or nothing is ever written, that asks more often than a server does.
        ([], []) => shown.or(told_before(e, &one_of)).unwrap_or(
            match is_answer_due(e) || writes_nothing(e) {
                true => ReasonKind::Question,
                false => ReasonKind::Elicitation,
            },
        ),
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
fn writes_nothing(e: &Evidence<'_>) -> bool {
    matches!(e.main, TranscriptEvidence::Nothing)
}

/// The kind of the dialog on the screen, if that was read since it opened. One of another kind than the
/// session file may speak of is the one before.
fn shown_as(e: &Evidence<'_>, one_of: &[ReasonKind]) -> Option<ReasonKind> {
    screen::dialog(e).filter(|kind| one_of.contains(kind))
}

/// The kind of this wait as it was told last: that its call is over may be written before the status.
/// Beside agents the next dialog may have taken its place.
fn told_before(e: &Evidence<'_>, one_of: &[ReasonKind]) -> Option<ReasonKind> {
    let opened = e.session_file()?.status_at?;
    let told = e.held.filter(|held| e.agents.is_empty() && held.since >= opened)?;
    Some(told.state.reason()?.kind).filter(|kind| one_of.contains(kind))
}

/// Whether a hook says that a prompt was submitted which the file does not show yet.
fn prompt_ahead(e: &Evidence<'_>, file: &SessionFile) -> bool {
    e.hook.is_some_and(|hook| {
        hook.event == "UserPromptSubmit"
            && file.status_at.is_some_and(|at| hook.at > at)
            && e.now - hook.at < MAX_HOOK_LEAD
    })
}

/// Keeps the last state: nothing says that it changed.
fn hold(e: &Evidence<'_>, says: String, until: Option<Timestamp>) -> Opinion {
    match e.held {
        Some(Verdict { state, since, confidence }) => Opinion {
            source: Source::SessionFile,
            state: state.clone(),
            since: Some(*since),
            confidence: (*confidence).min(Confidence::Probable),
            says: format!("{says}; the last known state is kept"),
            until,
            calls: Vec::new(),
        },
        None => unable(says, until),
    }
}

fn certain(state: State, since: Option<Timestamp>, says: String) -> Opinion {
    Opinion::new(Source::SessionFile, state, since, Confidence::Certain, says)
}

fn unable(says: String, until: Option<Timestamp>) -> Opinion {
    Opinion { confidence: Confidence::Low, until, ..certain(State::Unknown, None, says) }
}
