//! What the transcript and the children of the process say together (docs/facts.md T9, R1). Pure.
//!
//! The transcript alone cannot tell a tool that runs from one that waits for permission; the
//! children of the process can, for shells. What neither tells is Unknown.

use super::{Evidence, Opinion, SessionFileEvidence, TranscriptEvidence, needs};
use crate::claude::transcript::tool::{ToolCall, ToolKind};
use crate::claude::transcript::turn::{OPEN_END_AFTER, Phase, Turn, TurnOutcome};
use crate::session::Timestamp;
use crate::session::evidence::Source;
use crate::session::state::{Confidence, ReasonKind, State};
use chrono::TimeDelta;

/// A shell is born so long after its tool call at most, if it needs no permission (docs/facts.md
/// L2: the child appears 0.03 to 0.13 s after a permission was given).
const SHELL_DUE: TimeDelta = TimeDelta::milliseconds(700);

/// How often the shell of a call that asks is looked for: nothing tells that it was allowed.
pub(super) const SHELL_CHECK_INTERVAL: TimeDelta = TimeDelta::milliseconds(400);

/// Tools that need no permission and are quick have answered by then.
const QUICK_TOOL_DUE: TimeDelta = TimeDelta::milliseconds(1500);

/// How much older than its call a shell may seem: process start times are rounded.
const MAX_START_ROUNDING: TimeDelta = TimeDelta::milliseconds(1000);

/// A request that was not answered for so long: no answer streams that long without a line, and
/// Claude Code gives a request up after ten minutes.
const MAX_REQUEST_SILENCE: TimeDelta = TimeDelta::minutes(15);

/// A subagent whose transcript cannot be seen (1.0.128) is trusted to work for so long after the
/// last sign of it.
const UNSEEN_AGENT_GRACE: TimeDelta = TimeDelta::seconds(3);

/// The opinion of the transcript.
pub(super) fn opinion(e: &Evidence<'_>) -> Option<Opinion> {
    let turn = match e.main {
        TranscriptEvidence::Turn(turn, written) => return Some(by_turn(e, turn, written)),
        TranscriptEvidence::Nothing => nothing(e),
        TranscriptEvidence::Ambiguous => {
            let says = "several transcripts may be its own".to_owned();
            opine(State::Unknown, None, Confidence::Low, says)
        }
        TranscriptEvidence::Nowhere if e.runs_once => nothing(e),
        TranscriptEvidence::Nowhere => {
            let says = "its environment does not say where its files are".to_owned();
            opine(State::Unknown, None, Confidence::Low, says)
        }
        TranscriptEvidence::Shared => {
            let says = "another process has the same session open".to_owned();
            opine(State::Unknown, None, Confidence::Low, says)
        }
        TranscriptEvidence::Unreadable => {
            let says = "the transcript holds no message within reach".to_owned();
            opine(State::Unknown, None, Confidence::Low, says)
        }
    };
    Some(turn)
}

fn by_turn(e: &Evidence<'_>, turn: &Turn, written: Timestamp) -> Opinion {
    let began = turn.began.or(turn.since);
    match turn.phase {
        Phase::Nothing => nothing(e),
        Phase::TurnOutcome(how) => over(e, turn, how),
        Phase::Tools => ask(e, turn, began),
        Phase::Said => {
            let end = written.max(turn.since.unwrap_or(written)).min(e.now);
            if e.now - end < OPEN_END_AFTER {
                let says = "the last word is text without a stop reason".to_owned();
                let opinion = opine(State::Working, began, Confidence::Probable, says);
                return Opinion { until: Some(end + OPEN_END_AFTER), ..opinion };
            }
            let says = "the last word is text, and nothing followed".to_owned();
            opine(State::Idle, turn.since, Confidence::Probable, says)
        }
        Phase::Request => request(e, turn, written, began),
    }
}

/// Nothing is written yet: the prompt is free, unless it was given in the arguments.
fn nothing(e: &Evidence<'_>) -> Opinion {
    let (state, says) = match e.runs_once {
        true => (State::Working, "it was started to answer one prompt"),
        false => (State::Idle, "nothing was submitted yet"),
    };
    opine(state, Some(e.started_at), Confidence::Probable, says.to_owned())
}

/// The main turn is over; subagents may go on, and ask.
fn over(e: &Evidence<'_>, turn: &Turn, how: TurnOutcome) -> Opinion {
    if let Some(opinion) = agents(e, turn.since) {
        return opinion;
    }
    let says = match how {
        TurnOutcome::Answered => "the turn has ended",
        TurnOutcome::Interrupted => "the user interrupted the turn",
        TurnOutcome::Failed => "the turn ended in an API error",
        TurnOutcome::Local => "only commands of Claude Code itself were run",
        TurnOutcome::Compacted => "the conversation was compacted",
    };
    opine(State::Idle, turn.since, Confidence::Certain, says.to_owned())
}

fn request(e: &Evidence<'_>, turn: &Turn, written: Timestamp, began: Option<Timestamp>) -> Opinion {
    let last = turn.since.unwrap_or(written).max(written).min(e.now);
    if e.now - last < MAX_REQUEST_SILENCE || !e.shells.is_empty() {
        let says = "the answer of the model is due".to_owned();
        let opinion = opine(State::Working, began, Confidence::Probable, says);
        return Opinion {
            until: Some(last + MAX_REQUEST_SILENCE).filter(|at| *at > e.now),
            ..opinion
        };
    }
    let says = "an answer of the model has been due for more than a quarter of an hour".to_owned();
    opine(State::Unknown, began, Confidence::Low, says)
}

/// Tools are open: they run, or one of them asks.
fn ask(e: &Evidence<'_>, turn: &Turn, began: Option<Timestamp>) -> Opinion {
    let own: Vec<CallOpinion> = turn.open.iter().map(|tool| judge(e, tool)).collect();
    let runs_agent = turn.open.iter().any(|tool| tool.kind() == ToolKind::Agent);
    let of_agents = if runs_agent { agents(e, began) } else { None };
    combine(own, of_agents, began)
}

/// The opinion of the running subagents; none if there are none.
fn agents(e: &Evidence<'_>, began: Option<Timestamp>) -> Option<Opinion> {
    if e.agents.is_empty() {
        return None;
    }
    let open = e.agents.iter().flat_map(|turn| turn.open.iter());
    let answers: Vec<CallOpinion> = open.map(|tool| judge(e, tool)).collect();
    let says = "a subagent is at work".to_owned();
    let mut opinion = opine(State::Working, began, Confidence::Certain, says);
    opinion.until = e.agents_quiet_at;
    opinion.source = Source::Subagents;
    if answers.is_empty() {
        return Some(opinion);
    }
    let mut combined = combine(answers, Some(opinion), began);
    combined.source = Source::Subagents;
    Some(combined)
}

/// What can be told of one open call.
struct CallOpinion {
    state: State,
    since: Timestamp,
    confidence: Confidence,
    says: String,
    until: Option<Timestamp>,
}

fn judge(e: &Evidence<'_>, tool: &ToolCall) -> CallOpinion {
    let age = e.now - tool.at;
    let answer = |state, confidence, says: &str| CallOpinion {
        state,
        since: tool.at,
        confidence,
        says: format!("{} {says}", crate::session::sanitize::clean(&tool.name, 40)),
        until: None,
    };
    let working = |confidence, says| answer(State::Working, confidence, says);
    let asks =
        |kind, confidence, says| answer(needs(kind, Some(tool.words.clone())), confidence, says);
    let later = |answer, by| CallOpinion { until: Some(tool.at + by), ..answer };
    match tool.kind() {
        ToolKind::Question => return asks(ReasonKind::Question, Confidence::Certain, "asks"),
        ToolKind::Plan => return asks(ReasonKind::Plan, Confidence::Certain, "waits for approval"),
        ToolKind::Silent => return working(Confidence::Probable, "was called"),
        _ => {}
    }
    let runs = e.ran.contains(&tool.id) || has_shell(e, tool);
    if runs && tool.kind() != ToolKind::Agent {
        return working(Confidence::Certain, "runs: a shell was born after its call");
    }
    if never_asks(e.mode, tool) {
        return working(Confidence::Probable, "runs: the permission mode allows it");
    }
    match tool.kind() {
        ToolKind::Shell if age < SHELL_DUE => {
            later(working(Confidence::Low, "was just called"), SHELL_DUE)
        }
        ToolKind::Shell => {
            let says = "was called and no shell runs";
            let asks = asks(ReasonKind::Permission, Confidence::Probable, says);
            CallOpinion { until: Some(e.now + SHELL_CHECK_INTERVAL), ..asks }
        }
        ToolKind::Quick if age < QUICK_TOOL_DUE => {
            later(working(Confidence::Low, "was just called"), QUICK_TOOL_DUE)
        }
        ToolKind::Quick => {
            asks(ReasonKind::Permission, Confidence::Probable, "would have answered long ago")
        }
        ToolKind::Agent if e.agents_seen || !e.agents.is_empty() => {
            working(Confidence::Probable, "runs a subagent")
        }
        ToolKind::Agent if runs || age < UNSEEN_AGENT_GRACE => {
            later(working(Confidence::Low, "runs a subagent"), UNSEEN_AGENT_GRACE)
        }
        ToolKind::Opaque if age < QUICK_TOOL_DUE => {
            later(working(Confidence::Low, "was just called"), QUICK_TOOL_DUE)
        }
        _ => answer(State::Unknown, Confidence::Low, "runs or asks: nothing tells which"),
    }
}

/// Whether a shell runs that was born after the call.
pub(super) fn has_shell(e: &Evidence<'_>, tool: &ToolCall) -> bool {
    e.shells.iter().any(|born| *born >= tool.at - MAX_START_ROUNDING)
}

/// Whether the permission mode lets a tool run without a question.
fn never_asks(mode: Option<&str>, tool: &ToolCall) -> bool {
    match mode {
        Some("bypassPermissions") => true,
        Some("acceptEdits") => tool.is_edit(),
        _ => false,
    }
}

/// One state of several: a call that is seen to run keeps those behind it waiting; one that asks
/// comes next; one that nothing is known of makes the whole unknown.
fn combine(
    answers: Vec<CallOpinion>,
    agents: Option<Opinion>,
    began: Option<Timestamp>,
) -> Opinion {
    let rank = |answer: &CallOpinion| match &answer.state {
        State::NeedsInput(_) if answer.confidence == Confidence::Certain => 0,
        State::Working if answer.confidence == Confidence::Certain => 1,
        State::NeedsInput(_) => 2,
        State::Unknown => 3,
        _ => 4,
    };
    let until = answers.iter().filter_map(|answer| answer.until).min();
    let best = answers.into_iter().min_by_key(rank);
    match (best, agents) {
        (best, Some(agents)) if best.as_ref().is_none_or(|best| rank(best) >= 3) => agents,
        (Some(_), Some(agents)) if matches!(agents.state, State::NeedsInput(_)) => agents,
        (None, _) => opine(State::Unknown, began, Confidence::Low, "no tool is open".to_owned()),
        (Some(best), _) => {
            let since = match best.state {
                State::Working => began.or(Some(best.since)),
                _ => Some(best.since),
            };
            Opinion { until, ..opine(best.state, since, best.confidence, best.says) }
        }
    }
}

fn opine(state: State, since: Option<Timestamp>, confidence: Confidence, says: String) -> Opinion {
    Opinion { source: Source::Transcript, state, since, confidence, says, until: None }
}

/// Whether the session file has decided already, so that the transcript only agrees or not.
pub(super) fn is_second(e: &Evidence<'_>) -> bool {
    matches!(e.file, SessionFileEvidence::Says(file) if file.status.is_some())
}
