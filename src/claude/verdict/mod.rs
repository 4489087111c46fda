//! From what was seen to a state: opinions of each source, ranked. Pure.
//!
//! Each source gives at most one opinion; [`decide`] ranks them and keeps what became of each, for
//! `vmux why`. The ladder, best first:
//!
//! 1. the session file's status (`file`), or what the screen shows where there is none (`screen`);
//! 2. a start-up dialog, when there is no session file yet (`start`);
//! 3. the transcript and the process's children together (`turn`), with the debug log, where a
//!    version writes one (`log`), and hooks and the terminal's title ([`hints`]) where those two
//!    leave it open.

mod background;
pub(crate) mod calls;
pub(crate) mod evidence;
mod file;
mod hints;
mod log;
mod screen;
pub(crate) mod start;
mod submitted;
mod turn;

#[cfg(test)]
mod ladder_tests;

use super::session_file::parse::SessionStatus;
use crate::session::Timestamp;
use crate::session::state::evidence::{Claim, Outcome, Source};
use crate::session::state::{Confidence, Reason, ReasonKind, State, Verdict};
use chrono::TimeDelta;
use evidence::{Evidence, SessionFileEvidence, TranscriptEvidence};

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
    /// Ids of the calls that it may wait for an answer about; of the one, where that is known.
    pub(crate) calls: Vec<String>,
}

impl Opinion {
    /// One that time alone does not change, and that is about no call.
    fn new(
        source: Source,
        state: State,
        since: Option<Timestamp>,
        confidence: Confidence,
        says: String,
    ) -> Opinion {
        Opinion { source, state, since, confidence, says, until: None, calls: Vec::new() }
    }
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
    /// Ids of the calls that it may wait for an answer about: of the one that it does, where that is
    /// known.
    pub(crate) calls: Vec<String>,
    pub(crate) claims: Vec<Claim>,
    pub(crate) look_again_at: Option<Timestamp>,
    /// When to read its screen; `None` where that adds nothing.
    pub(crate) screen_due: Option<Timestamp>,
}

/// Whether the children of the process can change the verdict.
pub(crate) fn needs_children(e: &Evidence<'_>) -> bool {
    match e.session_file().and_then(|file| file.status.as_ref()) {
        // Hooks, and what the user runs, leave no trace in the transcript.
        None => {
            matches!(e.main, TranscriptEvidence::Turn(..))
                || submitted::is_new(e)
                || start::needs_children(e)
        }
        Some(SessionStatus::Waiting) => calls::asking::needs_processes(e),
        Some(_) => background::turn_ended(e).is_some(),
    }
}

/// Weighs the evidence.
pub(crate) fn decide(e: &Evidence<'_>) -> Decision {
    let from_start = start::opinion(e);
    // That nothing was submitted yet is no news of a session that has not begun.
    let starting = from_start.is_some() && matches!(e.main, TranscriptEvidence::Nothing);
    let from_turn = turn::opinion(e).filter(|_| !starting);
    // The log, a hook and the title come before the transcript only where they know better: their
    // functions give no opinion with a state otherwise.
    let from_log = log::opinion(e, from_turn.as_ref());
    let from_hook = hints::hook(e, from_turn.as_ref());
    let from_title = hints::title(e, from_turn.as_ref());
    let from_screen = screen::opinion(e, [from_start.as_ref(), from_turn.as_ref()]);
    let from_files = [file::opinion(e), from_start, from_log, from_hook, from_title, from_turn];
    let opinions = from_screen.into_iter().chain(from_files.into_iter().flatten()).collect();
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
    let screen_due = screen::reading::due(e, &verdict.state);
    let later = screen_due.filter(|at| *at > e.now);
    let look_again_at = look_again_at.into_iter().chain(later).min();
    let calls = winner.map(|winner| opinions[winner].calls.clone()).unwrap_or_default();
    let mut claims: Vec<Claim> = Vec::with_capacity(opinions.len());
    for (position, opinion) in opinions.into_iter().enumerate() {
        let claim = claim(opinion, position, winner, &verdict);
        let at = if Some(position) == winner { 0 } else { claims.len() };
        claims.insert(at, claim);
    }
    Decision { verdict, calls, claims, look_again_at, screen_due }
}

fn claim(opinion: Opinion, position: usize, winner: Option<usize>, verdict: &Verdict) -> Claim {
    let knows = opinion.state != State::Unknown;
    let (outcome, because) = match winner {
        Some(winner) if winner == position => (Outcome::Won, ""),
        _ if opinion.state.name() == verdict.state.name() => (Outcome::Agreed, ""),
        Some(_) if knows => (Outcome::SetAside, "a better source says otherwise"),
        _ => (Outcome::SetAside, "it cannot tell"),
    };
    Claim {
        source: opinion.source,
        state: knows.then(|| opinion.state.name()),
        reason: opinion.state.reason().map(|reason| reason.kind),
        at: opinion.since,
        confidence: opinion.confidence,
        says: opinion.says.into(),
        outcome,
        because: because.into(),
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
