//! From what was seen to a state: opinions of each source, ranked. Pure.
//!
//! Each source gives at most one opinion; [`decide`] ranks them and keeps what became of each, for
//! `vmux why`. The ladder, best first:
//!
//! 1. the session file's status (`file`);
//! 2. a start-up dialog, when there is no session file yet (`start`);
//! 3. the transcript and the process's children together (`turn`), with the debug log, where a
//!    version writes one (`log`), and hooks and the terminal's title ([`hints`]) where those two
//!    leave it open.

mod background;
pub(crate) mod evidence;
mod file;
mod hints;
mod log;
pub(crate) mod start;
mod turn;

#[cfg(test)]
mod ladder_tests;

use super::debug_log::parse::DebugTurn;
use super::terminal_title::Title;
use super::transcript::tool::{ToolCall, ToolKind};
use super::transcript::turn::Turn;
use crate::session::Timestamp;
use crate::session::evidence::{Claim, Outcome, Source};
use crate::session::hook::HookReport;
use crate::session::state::{Confidence, Reason, ReasonKind, State, Verdict};
use chrono::TimeDelta;
use evidence::{SessionFileEvidence, TranscriptEvidence, Trust};

/// All that is known of one session at one instant.
pub(crate) struct Evidence<'a> {
    /// The instant.
    pub(crate) now: Timestamp,
    /// When the process started.
    pub(crate) started_at: Timestamp,
    /// Whether a person sits before it: a terminal, and no `-p`.
    pub(crate) interactive: bool,
    /// Whether it was started to answer the prompt in its arguments and to end (`-p`).
    pub(crate) runs_once: bool,
    /// The session file.
    pub(crate) file: SessionFileEvidence<'a>,
    /// Whether this version writes session files; none if the version is not known.
    pub(crate) writes_file: Option<bool>,
    /// The transcript.
    pub(crate) main: TranscriptEvidence<'a>,
    /// Where the subagents' turns stand that are not over.
    pub(crate) agents: Vec<&'a Turn>,
    /// Whether transcripts of subagents exist at all.
    pub(crate) agents_seen: bool,
    /// When an open last word of a subagent counts as the end of it.
    pub(crate) agents_quiet_at: Option<Timestamp>,
    /// When the tool shells and hooks that run now were born.
    pub(crate) shells: Vec<Timestamp>,
    /// Background shells that have begun and not been reported as over.
    pub(crate) background: usize,
    /// Ids of open tool calls that were seen running before.
    pub(crate) ran: &'a [String],
    /// Permission mode.
    pub(crate) mode: Option<&'a str>,
    /// Whether the user trusts the directory.
    pub(crate) trust: Trust,
    /// The debug log, where a version writes one.
    pub(crate) log: Option<&'a DebugTurn>,
    /// Title of the terminal, and when it changed.
    pub(crate) title: Option<&'a Title>,
    /// The last hook event.
    pub(crate) hook: Option<&'a HookReport>,
    /// The last verdict from the session file.
    pub(crate) held: Option<&'a Verdict>,
    /// When the session file last said that the prompt is free.
    pub(crate) idle_seen: Option<Timestamp>,
    /// Another process holds the same session: the transcript speaks of both.
    pub(crate) shared: bool,
}

/// What one source thinks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Opinion {
    pub(crate) source: Source,
    pub(crate) state: State,
    pub(crate) since: Option<Timestamp>,
    pub(crate) confidence: Confidence,
    /// What was seen, as a clause.
    pub(crate) says: String,
    /// When time alone may change it.
    pub(crate) until: Option<Timestamp>,
}

/// A look reads what was written up to this long after it began, for its time is taken before it.
const MAX_READ_TIME: TimeDelta = TimeDelta::seconds(1);

/// When a state began, by the evidence and as it is shown: nothing begins in the future, but the
/// evidence may say so after the clock was set back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Since {
    by_evidence: Timestamp,
    pub(crate) shown: Timestamp,
}

impl Since {
    /// Of a state that began at `by_evidence`, after `before` was shown: while the evidence says the
    /// same, the same is shown.
    pub(crate) fn of(by_evidence: Timestamp, before: Option<Since>, now: Timestamp) -> Since {
        let same = before.filter(|before| before.by_evidence == by_evidence);
        let said = same.map_or(by_evidence, |same| same.shown);
        let shown = if said <= now + MAX_READ_TIME { said } else { now };
        Since { by_evidence, shown }
    }
}

/// A verdict with all that led to it; its `since` may be in the future (see [`Since`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decision {
    pub(crate) verdict: Verdict,
    pub(crate) claims: Vec<Claim>,
    pub(crate) look_again_at: Option<Timestamp>,
}

/// Whether the children of the process can change the verdict.
pub(crate) fn needs_children(e: &Evidence<'_>) -> bool {
    let has_status = matches!(e.file, SessionFileEvidence::Says(file) if file.status.is_some());
    let open = |turn: &Turn| turn.open.iter().any(|tool| tool.kind() != ToolKind::Silent);
    let main_open = matches!(e.main, TranscriptEvidence::Turn(turn, _) if open(turn));
    let open = main_open || e.agents.iter().any(|turn| open(turn));
    (!has_status && open) || background::turn_ended(e).is_some()
}

/// Weighs the evidence.
pub(crate) fn decide(e: &Evidence<'_>) -> Decision {
    let mut opinions = Vec::new();
    opinions.extend(file::opinion(e));
    let from_start = start::opinion(e);
    // That nothing was submitted yet is no news of a session that has not begun.
    let starting = from_start.is_some() && matches!(e.main, TranscriptEvidence::Nothing);
    opinions.extend(from_start);
    let from_turn = turn::opinion(e).filter(|_| !starting);
    let from_log = log::opinion(e, from_turn.as_ref());
    let from_hook = hints::hook(e, from_turn.as_ref());
    let from_title = hints::title(e, from_turn.as_ref());
    // The log, a hook and the title come before the transcript only where they know better: their
    // functions give no opinion with a state otherwise.
    opinions.extend(from_log);
    opinions.extend(from_hook);
    opinions.extend(from_title);
    opinions.extend(from_turn);
    rank(e, opinions)
}

/// The first opinion that has a state wins; the verdict is Unknown without one.
fn rank(e: &Evidence<'_>, opinions: Vec<Opinion>) -> Decision {
    let winner = opinions.iter().position(|opinion| opinion.state != State::Unknown);
    let verdict = match winner.map(|winner| &opinions[winner]) {
        Some(opinion) => Verdict {
            state: opinion.state.clone(),
            since: opinion.since.unwrap_or(e.started_at),
            confidence: opinion.confidence,
        },
        None => {
            let since = opinions.iter().find_map(|opinion| opinion.since).unwrap_or(e.started_at);
            Verdict { state: State::Unknown, since, confidence: Confidence::Low }
        }
    };
    // What comes after the winner cannot change the verdict by waiting.
    let up_to = winner.map_or(opinions.len(), |winner| winner + 1);
    let look_again_at = opinions[..up_to].iter().filter_map(|opinion| opinion.until).min();
    let mut claims: Vec<Claim> = Vec::with_capacity(opinions.len());
    for (position, opinion) in opinions.into_iter().enumerate() {
        let claim = claim(opinion, position, winner, &verdict);
        let at = if Some(position) == winner { 0 } else { claims.len() };
        claims.insert(at, claim);
    }
    Decision { verdict, claims, look_again_at }
}

fn claim(opinion: Opinion, position: usize, winner: Option<usize>, verdict: &Verdict) -> Claim {
    let knows = opinion.state != State::Unknown;
    let (outcome, because) = match winner {
        Some(winner) if winner == position => (Outcome::Won, String::new()),
        _ if opinion.state.name() == verdict.state.name() => (Outcome::Agreed, String::new()),
        Some(_) if knows => (Outcome::SetAside, "a better source says otherwise".to_owned()),
        _ => (Outcome::SetAside, "it cannot tell".to_owned()),
    };
    Claim {
        source: opinion.source,
        state: knows.then(|| opinion.state.name()),
        reason: opinion.state.reason().map(|reason| reason.kind),
        at: opinion.since,
        confidence: opinion.confidence,
        says: opinion.says,
        outcome,
        because,
    }
}

/// A wait, and what it is about.
fn needs(kind: ReasonKind, detail: Option<String>) -> State {
    State::NeedsInput(Reason { kind, detail: detail.filter(|detail| !detail.is_empty()) })
}

/// Time of the last event of the transcript.
fn last_event(e: &Evidence<'_>) -> Option<Timestamp> {
    match e.main {
        TranscriptEvidence::Turn(turn, _) => turn.last,
        _ => None,
    }
}

/// Ids of the open calls that the children of the process show running.
pub(crate) fn running<'a>(e: &Evidence<'a>) -> impl Iterator<Item = &'a str> {
    open_tools(e).filter(|tool| turn::has_shell(e, tool)).map(|tool| tool.id.as_str())
}

/// Whether the call of this id is still open.
pub(crate) fn is_open(e: &Evidence<'_>, id: &str) -> bool {
    open_tools(e).any(|tool| tool.id == id)
}

/// All open tool calls, the session's own first.
fn open_tools<'a>(e: &Evidence<'a>) -> impl Iterator<Item = &'a ToolCall> {
    let main = match e.main {
        TranscriptEvidence::Turn(turn, _) => Some(turn),
        _ => None,
    };
    main.into_iter().chain(e.agents.iter().copied()).flat_map(|turn| turn.open.iter())
}
