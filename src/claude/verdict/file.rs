//! What the session file's status says (docs/facts.md S5, S6). Pure.

use super::{
    Evidence, Opinion, SessionFileEvidence, TranscriptEvidence, background, needs, open_tools,
};
use crate::claude::session_file::parse::{SessionFile, SessionStatus};
use crate::claude::transcript::tool::{ToolCall, ToolKind};
use crate::session::Timestamp;
use crate::session::evidence::Source;
use crate::session::sanitize::clean;
use crate::session::state::{Confidence, ReasonKind, State, Verdict};
use chrono::TimeDelta;

/// When a file is read again that was caught half-written: writes take far less.
const RETRY_TORN_AFTER: TimeDelta = TimeDelta::milliseconds(30);

/// A dialog that was open so soon after the start is an offer of the start (seen on 2.1.329).
const START_OFFER_WITHIN: TimeDelta = TimeDelta::milliseconds(800);

/// How long a hook may be ahead of the session file (docs/facts.md L1: 0.1 s, 0.5 s under load).
const MAX_HOOK_LEAD: TimeDelta = TimeDelta::seconds(1);

/// The opinion of the session file; none if there is no file.
pub(super) fn opinion(e: &Evidence<'_>) -> Option<Opinion> {
    match e.file {
        SessionFileEvidence::Absent => None,
        SessionFileEvidence::Vanished => Some(unable("the session file is gone".to_owned(), None)),
        SessionFileEvidence::Foreign(why) => {
            Some(unable(format!("the session file is not its own: {why}"), None))
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
        SessionStatus::Busy => match background::only_shells(e) {
            Some(Ok(end)) => {
                let says = "status is \"busy\", but only background shells run".to_owned();
                return certain(State::Idle, Some(end), says);
            }
            soon => {
                let says = "status is \"busy\"".to_owned();
                let until = soon.and_then(Result::err);
                return Opinion { until, ..certain(State::Working, file.status_at, says) };
            }
        },
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
        SessionStatus::Waiting => {
            let waits_for = file.waiting_for.as_deref().unwrap_or_default();
            let says = format!("status is \"waiting\" for \"{}\"", clean(waits_for, 60));
            (by_wait(e, file, waits_for), says)
        }
        SessionStatus::Other(word) => {
            let says = format!("status is \"{}\", which vmux does not know", clean(word, 40));
            return hold(e, says, None);
        }
    };
    certain(state, file.status_at, says)
}

/// What kind of dialog is open.
fn by_wait(e: &Evidence<'_>, file: &SessionFile, waits_for: &str) -> State {
    let named = waits_for.strip_prefix("approve ");
    let open: Vec<&ToolCall> = open_tools(e).collect();
    let of_kind = |kind| open.iter().copied().find(|tool| tool.kind() == kind);
    let words = |tool: Option<&ToolCall>| tool.map(|tool| tool.words.clone());
    // With two processes on one session the open question may be the other one's.
    let question = of_kind(ToolKind::Question).filter(|_| !e.shared);
    let plan = of_kind(ToolKind::Plan).filter(|_| !e.shared);
    match waits_for {
        "dialog open" => {
            if blocks_work(e) || opened_at_start(file) {
                needs(ReasonKind::Dialog, words(asking(&open, None)))
            } else {
                State::Idle
            }
        }
        "input needed" => match question {
            Some(tool) => needs(ReasonKind::Question, words(Some(tool))),
            None => needs(ReasonKind::Elicitation, words(of_kind(ToolKind::Opaque))),
        },
        "permission prompt" | "worker request" | "sandbox request" => match (question, plan) {
            (Some(tool), _) => needs(ReasonKind::Question, words(Some(tool))),
            (None, Some(tool)) => needs(ReasonKind::Plan, words(Some(tool))),
            (None, None) => needs(ReasonKind::Permission, words(asking(&open, None))),
        },
        _ => match named {
            Some("AskUserQuestion") => needs(ReasonKind::Question, words(question)),
            Some("ExitPlanMode") => needs(ReasonKind::Plan, words(plan)),
            Some(name) => {
                let tool = words(asking(&open, Some(name)));
                needs(ReasonKind::Permission, tool.or_else(|| Some(clean(name, 60))))
            }
            None => needs(ReasonKind::Other, Some(clean(waits_for, 120))),
        },
    }
}

/// The open call that a permission prompt is most likely about: of the name, if one is given; not
/// a subagent's own call, which never asks; rather one that is not over at once.
fn asking<'a>(open: &[&'a ToolCall], name: Option<&str>) -> Option<&'a ToolCall> {
    let rank = |tool: &ToolCall| match tool.kind() {
        ToolKind::Agent | ToolKind::Silent => 2,
        _ if tool.name == "Read" || tool.name == "Grep" || tool.name == "Glob" => 1,
        _ => 0,
    };
    let fits = |tool: &&&ToolCall| name.is_none_or(|name| tool.name == name);
    open.iter().filter(fits).min_by_key(|tool| (rank(tool), tool.at)).copied()
}

/// Whether a dialog stands in the way of a turn: of a tool, or of the answer to a request.
fn blocks_work(e: &Evidence<'_>) -> bool {
    let TranscriptEvidence::Turn(turn, _) = e.main else { return false };
    // Esc before the first byte leaves the request unanswered for ever (docs/facts.md T10),
    // but then the prompt was seen free since.
    let leftover = e.idle_seen.zip(turn.last).is_some_and(|(idle, last)| idle > last);
    turn.is_running() && !leftover && !e.shared
}

fn opened_at_start(file: &SessionFile) -> bool {
    let times = file.status_at.zip(file.started_at);
    times.is_some_and(|(status, start)| (status - start).abs() < START_OFFER_WITHIN)
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
        },
        None => unable(says, until),
    }
}

fn certain(state: State, since: Option<Timestamp>, says: String) -> Opinion {
    let confidence = Confidence::Certain;
    Opinion { source: Source::SessionFile, state, since, confidence, says, until: None }
}

fn unable(says: String, until: Option<Timestamp>) -> Opinion {
    Opinion {
        source: Source::SessionFile,
        state: State::Unknown,
        since: None,
        confidence: Confidence::Low,
        says,
        until,
    }
}
