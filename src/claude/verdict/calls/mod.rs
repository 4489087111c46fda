//! What the processes show of the open tool calls. Pure.

pub(super) mod asking;
pub(super) mod candidates;
pub(super) mod choice;
pub(super) mod judge;
pub(super) mod message;

#[cfg(test)]
mod asking_tests;

use super::{Evidence, TranscriptEvidence};
use crate::claude::transcript::tool::{self, ToolCall, ToolKind};
use crate::claude::transcript::turn::Turn;
use crate::session::Timestamp;
use crate::session::hook::HookReport;
use chrono::TimeDelta;

/// How much older than its call the shell of a call may seem: start times of processes are rounded,
/// and the clock may be adjusted.
const MAX_START_ROUNDING: TimeDelta = TimeDelta::milliseconds(1000);

/// The same for a shell that does not say what it runs: one that is older may be of an earlier call.
const MAX_UNNAMED_ROUNDING: TimeDelta = TimeDelta::milliseconds(100);

/// A shell is born so long after its tool call at most, if it needs no permission (docs/facts.md L2: the
/// child appears 0.03 to 0.13 s after a permission was given).
const SHELL_DUE: TimeDelta = TimeDelta::milliseconds(700);

/// Whether an open call runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Running {
    /// Its shell runs, or did when this was last looked at.
    Yes,
    /// A shell runs that may be its own, although it does not say so or says something else.
    Perhaps,
    /// No shell is there that could be its own.
    No,
}

/// An open call, with what the processes show of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct OpenCall<'a> {
    pub(super) call: &'a ToolCall,
    pub(super) running: Running,
    /// When its shell was born.
    pub(super) shell: Option<Timestamp>,
}

/// The turns that may have open calls: the session's own first, then those of its subagents.
pub(super) fn turns<'a>(e: &Evidence<'a>) -> impl Iterator<Item = &'a Turn> {
    let main = match e.main {
        TranscriptEvidence::Turn(turn, _) => Some(turn),
        _ => None,
    };
    main.into_iter().chain(e.agents.iter().copied())
}

/// All open calls by turn, each turn's in their order. A shell vouches for one call only: for the one
/// with its command, else, if it does not say what it runs, for the first without a shell of its own.
pub(super) fn open_calls<'a>(e: &Evidence<'a>) -> Vec<Vec<OpenCall<'a>>> {
    let ran = |call: &ToolCall| e.ran.contains(&call.id) || runs_in_agent(e, call);
    let open = |call: &'a ToolCall| {
        let running = if ran(call) { Running::Yes } else { Running::No };
        OpenCall { call, running, shell: None }
    };
    let mut turns: Vec<Vec<OpenCall>> =
        turns(e).map(|turn| turn.open.iter().map(open).collect()).collect();
    let mut unnamed = Vec::new();
    for shell in &e.shells {
        let is_own = |call: &&mut OpenCall| {
            shell.script.is_some()
                && call.call.script == shell.script
                && call.shell.is_none()
                && shell.born >= call.call.at - MAX_START_ROUNDING
        };
        match first(&mut turns, is_own) {
            Some(own) => (own.running, own.shell) = (Running::Yes, Some(shell.born)),
            None => unnamed.push(shell),
        }
    }
    for shell in unnamed {
        let may_be_own = |call: &&mut OpenCall| {
            call.call.kind() == ToolKind::Shell
                && call.shell.is_none()
                && call.running == Running::No
                && shell.born >= call.call.at - MAX_UNNAMED_ROUNDING
        };
        if let Some(call) = first(&mut turns, may_be_own) {
            (call.running, call.shell) = (Running::Perhaps, Some(shell.born));
        }
    }
    turns
}

/// Whether a skill runs in an agent of its own (`context: fork`), which has begun since it was called.
fn runs_in_agent(e: &Evidence<'_>, call: &ToolCall) -> bool {
    let begun_since = |agent: &&Turn| agent.began.is_some_and(|began| began >= call.at);
    call.name == "Skill" && e.agents.iter().any(begun_since)
}

/// The call that was made first of those that fit.
fn first<'c, 'a>(
    turns: &'c mut [Vec<OpenCall<'a>>],
    fits: impl Fn(&&mut OpenCall<'a>) -> bool,
) -> Option<&'c mut OpenCall<'a>> {
    turns.iter_mut().flatten().filter(|call| fits(call)).min_by_key(|call| call.call.at)
}

/// Ids of the open calls whose shells run, or may: one that runs something else is that of a `!` command
/// of the user's, or of a call that a hook has changed.
pub(crate) fn running<'a>(e: &Evidence<'a>) -> Vec<&'a str> {
    let calls = open_calls(e).into_iter().flatten();
    let says_nothing = |born: Option<Timestamp>| {
        e.shells.iter().any(|shell| shell.script.is_none() && Some(shell.born) == born)
    };
    let running = calls.filter(|call| match call.running {
        Running::Yes => true,
        Running::Perhaps => says_nothing(call.shell),
        Running::No => false,
    });
    running.map(|call| call.call.id.as_str()).collect()
}

/// Whether a hook reported of this call. `cwd`: the directory that its paths are shown relative to.
pub(super) fn is_about(report: &HookReport, call: &ToolCall, cwd: Option<&str>) -> bool {
    let input = report.input.as_deref();
    report.tool.as_deref() == Some(call.name.as_str())
        && input
            .is_some_and(|input| tool::describe(&call.name, Some(input), cwd) == call.description)
}

/// Whether the call of this id is still open.
pub(crate) fn is_open(e: &Evidence<'_>, id: &str) -> bool {
    all(e).any(|call| call.id == id)
}

/// All open calls, the session's own first.
pub(super) fn all<'a>(e: &Evidence<'a>) -> impl Iterator<Item = &'a ToolCall> {
    turns(e).flat_map(|turn| turn.open.iter())
}
