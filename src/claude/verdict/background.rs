//! `busy` of versions that have no word for a free prompt beside a background shell. Pure.

use super::{Evidence, SessionFileEvidence, TranscriptEvidence};
use crate::claude::process::version;
use crate::claude::session_file::parse::{SessionFile, SessionStatus};
use crate::claude::transcript::turn::Phase;
use crate::session::Timestamp;
use chrono::TimeDelta;

/// How far the session file may lag behind the transcript (docs/facts.md L1: 0.1 s, 0.5 s under
/// load).
const MAX_FILE_LAG: TimeDelta = TimeDelta::seconds(1);

/// When the turn ended, if its session file says `busy` and that may be for background shells alone
/// (2.1.119; from 2.1.150 on the status is `shell`).
pub(super) fn turn_ended(e: &Evidence<'_>) -> Option<Timestamp> {
    let SessionFileEvidence::Says(file) = e.file else { return None };
    let silent = file.version.as_deref().is_some_and(|it| !version::says_shell(it));
    match e.main {
        TranscriptEvidence::Turn(turn, _) if silent && file.status == Some(SessionStatus::Busy) => {
            let over =
                matches!(turn.phase, Phase::TurnOutcome(_)) && e.agents.is_empty() && !e.shared;
            turn.since.filter(|end| over && e.background > 0 && began_before(file, *end))
        }
        _ => None,
    }
}

/// What `busy` means then: the moment the prompt became free, or when that can be said.
pub(super) fn only_shells(e: &Evidence<'_>) -> Option<Result<Timestamp, Timestamp>> {
    let end = turn_ended(e)?;
    // A hook of the turn's end is a shell as well.
    let only = e.shells.len() <= e.background;
    match e.now - end < MAX_FILE_LAG {
        _ if !only => None,
        true => Some(Err(end + MAX_FILE_LAG)),
        false => Some(Ok(end)),
    }
}

fn began_before(file: &SessionFile, end: Timestamp) -> bool {
    file.status_at.is_some_and(|at| at <= end)
}
