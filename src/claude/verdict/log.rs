//! What the debug log adds to the transcript (2.0.77 to 2.1.50). Pure.

use super::calls::asking::reason;
use super::calls::judge::SHELL_CHECK_INTERVAL;
use super::calls::{self, Running};
use super::{Evidence, Opinion, TranscriptEvidence, last_event, needs};
use crate::claude::debug_log::parse::DebugTurn;
use crate::claude::transcript::tool::{ToolCall, ToolKind};
use crate::claude::transcript::turn::Phase;
use crate::session::Timestamp;
use crate::session::state::evidence::Source;
use crate::session::state::{Confidence, State};
use chrono::TimeDelta;

/// The log reaches the disk within this time (a second later, and more on a busy machine).
const MAX_LOG_LAG: TimeDelta = TimeDelta::seconds(4);

/// A session that works for this long after it has asked was answered: opening a dialog takes less.
const MIN_RUN: TimeDelta = TimeDelta::seconds(1);

/// A hook is born this long before the log names it at most.
const MAX_LOG_LEAD: TimeDelta = TimeDelta::milliseconds(300);

/// A compaction does not take longer; if its end was missed, this ends it.
pub(super) const MAX_COMPACTION: TimeDelta = TimeDelta::minutes(10);

/// The opinion of the debug log; it has a state only where the transcript leaves it open.
pub(super) fn opinion(e: &Evidence<'_>, from_turn: Option<&Opinion>) -> Option<Opinion> {
    let log = e.log?;
    if e.has_status() {
        return None;
    }
    Some(
        compacting(e, log)
            .or_else(|| asked(e, log, from_turn))
            .or_else(|| unasked(e, log, from_turn))
            .or_else(|| ended(e, log))
            .unwrap_or_else(|| {
                opine(State::Unknown, log.last, "the debug log adds nothing".to_owned())
            }),
    )
}

fn compacting(e: &Evidence<'_>, log: &DebugTurn) -> Option<Opinion> {
    let since = log.compacting.filter(|since| e.now - *since < MAX_COMPACTION)?;
    let later = last_event(e).is_some_and(|last| last > since);
    if later {
        return None;
    }
    let says = "the debug log says that /compact runs".to_owned();
    let opinion = opine(State::Working, Some(since), says);
    Some(Opinion { until: Some(since + MAX_COMPACTION), ..opinion })
}

/// The user was asked about a tool that is still open, and no shell runs it.
fn asked(e: &Evidence<'_>, log: &DebugTurn, from_turn: Option<&Opinion>) -> Option<Opinion> {
    let (name, asked_at) = log.asked.as_ref()?;
    let runs = from_turn.is_some_and(|turn| {
        turn.state == State::Working
            && turn.confidence == Confidence::Certain
            && turn.source != Source::Subagents
    });
    // It was allowed since, and runs: nothing else tells (an MCP tool, 2.0.77).
    let works = e.activity.is_some_and(|activity| activity.busy_for >= MIN_RUN);
    let mut open = calls::open_calls(e).into_iter().flatten();
    let open = open.find(|open| open.call.name == *name && open.running == Running::No)?;
    if runs || (works && open.call.kind() != ToolKind::Shell) {
        return None;
    }
    // Of calls of one message each is asked about when the one before it has answered. The lines that say
    // so may be on their way.
    let turn = calls::turns(e).find(|turn| turn.open.iter().any(|it| it.id == open.call.id));
    let from = turn.and_then(|turn| turn.resulted).map_or(open.call.at, |at| at.max(open.call.at));
    if *asked_at < from - MAX_LOG_LEAD && e.now - from < MAX_LOG_LAG {
        return None;
    }
    let (call, says) = (open.call, "the debug log says that the user was asked".to_owned());
    // As the transcript has it, so that the wait does not begin again when the log comes.
    let same = from_turn.filter(|turn| turn.calls.contains(&call.id));
    let since = same.and_then(|turn| turn.since).or(Some(from));
    let state = needs(reason(call), Some(call.description.clone()));
    let watched = call.kind() == ToolKind::Shell || e.activity.is_some();
    let until = watched.then(|| e.now + SHELL_CHECK_INTERVAL);
    Some(Opinion { until, calls: vec![call.id.clone()], ..opine(state, since, says) })
}

/// Tools are open that ask or run, and the log shows no question although it would by now.
fn unasked(e: &Evidence<'_>, log: &DebugTurn, from_turn: Option<&Opinion>) -> Option<Opinion> {
    // Where a program answers for the user, its questions are not in the log (2.0.77).
    let undecided = from_turn.is_none_or(|turn| turn.confidence < Confidence::Certain);
    let tools: Vec<&ToolCall> = calls::all(e).filter(|_| e.interactive).collect();
    let newest = tools.iter().map(|tool| tool.at).max()?.max(e.hook_ran_at.unwrap_or_default());
    let silent = log.asked.is_none() && log.last.is_some();
    // Of a call with a shell its absence says more than that of a line.
    let tells = |tool: &&ToolCall| {
        matches!(tool.kind(), ToolKind::Question | ToolKind::Plan | ToolKind::Shell)
    };
    let blocks = tools.iter().any(tells);
    if !undecided || !silent || blocks {
        return None;
    }
    if e.now - newest < MAX_LOG_LAG {
        let says = "the debug log may be late".to_owned();
        let opinion = opine(State::Unknown, log.last, says);
        return Some(Opinion { until: Some(newest + MAX_LOG_LAG), ..opinion });
    }
    let began = match e.main {
        TranscriptEvidence::Turn(turn, _) if turn.is_running() => turn.began.or(turn.since),
        _ => from_turn.and_then(|turn| turn.since),
    };
    let says = "the debug log shows no question to the user".to_owned();
    Some(opine(State::Working, began, says))
}

/// The turn's end is in the log although the transcript does not show it.
fn ended(e: &Evidence<'_>, log: &DebugTurn) -> Option<Opinion> {
    let at = log.ended?;
    let TranscriptEvidence::Turn(turn, _) = e.main else { return None };
    let open_end = matches!(turn.phase, Phase::Said | Phase::Request);
    let agents = !e.agents.is_empty();
    let hook_runs = e.hooks.iter().any(|born| *born >= at - MAX_LOG_LEAD);
    if !open_end || agents || hook_runs || turn.last.is_some_and(|last| last > at) {
        return None;
    }
    let says = "the debug log says that the turn has ended".to_owned();
    Some(opine(State::Idle, Some(at), says))
}

fn opine(state: State, since: Option<Timestamp>, says: String) -> Opinion {
    Opinion::new(Source::DebugLog, state, since, Confidence::Probable, says)
}
