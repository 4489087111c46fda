//! `busy` where the prompt is free. Pure.
//!
//! 2.1.119 has no word for a free prompt beside a background shell (from 2.1.150 on the status is
//! `shell`). The lead of an agent team keeps `busy` when its last turn and its teammates are over
//! (2.1.332).

use super::{Evidence, TranscriptEvidence};
use crate::claude::process::version;
use crate::claude::session_file::parse::{SessionFile, SessionStatus};
use crate::session::Timestamp;
use chrono::TimeDelta;

/// How far the session file may lag behind the transcript (docs/facts.md L1: 0.1 s, 0.5 s under
/// load).
const MAX_FILE_LAG: TimeDelta = TimeDelta::seconds(1);

/// When the turn ended, if `busy` may be left over from it; and what else is known to go on then.
pub(super) fn turn_ended(e: &Evidence<'_>) -> Option<(Timestamp, &'static str)> {
    let file = e.session_file()?;
    let TranscriptEvidence::Turn(turn, _) = e.main else { return None };
    let over = turn.is_over() && e.agents.is_empty() && !e.shared;
    let end = turn.since.filter(|end| over && began_before(file, *end))?;
    let silent = file.version.as_deref().is_some_and(|it| !version::says_shell(it));
    match file.status == Some(SessionStatus::Busy) {
        true if silent && e.background > 0 => Some((end, "only background shells run")),
        true if e.team_is_active == Some(false) => Some((end, "its team has nothing to do")),
        _ => None,
    }
}

/// Since when the prompt is free although the status is `busy`, and why; or when that can be said.
pub(super) fn prompt_is_free(
    e: &Evidence<'_>,
) -> Option<Result<(Timestamp, &'static str), Timestamp>> {
    let (end, why) = turn_ended(e)?;
    // A hook of the turn's end is a shell as well.
    let only = e.shells.len() <= e.background && e.hooks.is_empty();
    match e.now - end < MAX_FILE_LAG {
        _ if !only => None,
        true => Some(Err(end + MAX_FILE_LAG)),
        false => Some(Ok((end, why))),
    }
}

fn began_before(file: &SessionFile, end: Timestamp) -> bool {
    file.status_at.is_some_and(|at| at <= end)
}
