//! Dialogs of the start, before a session has begun (docs/facts.md C3, S8). Pure.
//!
//! A session that asks whether the directory is trusted has written nothing yet. What tells is
//! that the user's settings do not name the directory as trusted, and, for versions that write
//! session files, that there is none.

use super::{Evidence, Opinion, SessionFileEvidence, TranscriptEvidence, Trust, needs};
use crate::session::evidence::Source;
use crate::session::state::{Confidence, ReasonKind, State};
use chrono::TimeDelta;

/// A session file appears so long after the start at most (docs/facts.md L1: 0.5 s; twice that for
/// a slow machine).
pub(crate) const SESSION_FILE_DUE: TimeDelta = TimeDelta::seconds(1);

/// The same where the directory is trusted, so that only a slow start or another dialog explains
/// the absence of the file.
const SESSION_FILE_OVERDUE: TimeDelta = TimeDelta::seconds(5);

/// The opinion from what is missing.
pub(super) fn opinion(e: &Evidence<'_>) -> Option<Opinion> {
    if !matches!(e.file, SessionFileEvidence::Absent | SessionFileEvidence::Foreign(_))
        || !matches!(e.main, TranscriptEvidence::Nothing)
    {
        return None;
    }
    if !e.interactive {
        return None;
    }
    if e.log.is_some_and(|log| log.setup_over) {
        return None;
    }
    let in_setup = e.log.is_some_and(|log| log.setup_open);
    let age = e.now - e.started_at;
    let file_is_due = e.writes_file == Some(true);
    match e.trust {
        _ if in_setup => {
            Some(ask(e, ReasonKind::Trust, "the debug log stands in the set-up screens"))
        }
        Trust::Missing if age < SESSION_FILE_DUE => Some(starting(e, SESSION_FILE_DUE)),
        Trust::Missing => {
            Some(ask(e, ReasonKind::Trust, "the settings do not name the directory as trusted"))
        }
        Trust::Unknown if file_is_due && age < SESSION_FILE_DUE => {
            Some(starting(e, SESSION_FILE_DUE))
        }
        Trust::Unknown if file_is_due => {
            Some(ask(e, ReasonKind::Trust, "it has written no session file since its start"))
        }
        Trust::Given if file_is_due && age < SESSION_FILE_OVERDUE => {
            Some(starting(e, SESSION_FILE_OVERDUE))
        }
        Trust::Given if file_is_due => {
            let says = "it has written no session file since its start, in a trusted directory";
            Some(ask(e, ReasonKind::Dialog, says))
        }
        Trust::Given | Trust::Unknown => None,
    }
}

fn ask(e: &Evidence<'_>, kind: ReasonKind, says: &str) -> Opinion {
    Opinion {
        source: if e.trust == Trust::Missing { Source::Settings } else { Source::Process },
        state: needs(kind, None),
        since: Some(e.started_at),
        confidence: Confidence::Probable,
        says: says.to_owned(),
        until: None,
    }
}

fn starting(e: &Evidence<'_>, by: TimeDelta) -> Opinion {
    Opinion {
        source: Source::Process,
        state: State::Unknown,
        since: Some(e.started_at),
        confidence: Confidence::Low,
        says: "it is still starting".to_owned(),
        until: Some(e.started_at + by),
    }
}
