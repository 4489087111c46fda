//! Dialogs of the start, before a session has begun (docs/facts.md C3, S8). Pure.
//!
//! A session that asks whether the directory is trusted has written nothing yet, and a session that is
//! still starting has not either. What tells the two apart is what the process does: one that waits in
//! a dialog has used its processor time and sleeps; one that is stopped, starved or has not come far
//! yet shows nothing (2.1.332: 0.5 s of processor time up to the dialog, 0.03 s after 15 s of
//! starving). Versions from 2.1.329 on also write a key beside the session file before any dialog.

use super::{Evidence, Opinion, SessionFileEvidence, TranscriptEvidence, Trust, needs};
use crate::claude::session_file::parse::SessionFile;
use crate::claude::verdict::evidence::Activity;
use crate::session::Timestamp;
use crate::session::evidence::Source;
use crate::session::state::{Confidence, ReasonKind, State};
use chrono::TimeDelta;

/// A session file appears so long after the start at most (docs/facts.md L1: 0.5 s; twice that for
/// a slow machine).
pub(crate) const SESSION_FILE_DUE: TimeDelta = TimeDelta::seconds(1);

/// The same where the directory is trusted, so that only a slow start or another dialog explains
/// the absence of the file.
const SESSION_FILE_OVERDUE: TimeDelta = TimeDelta::seconds(5);

/// A process that has written its key and sleeps for this long stands in a dialog (2.1.332: the file
/// follows 0.1 s after the key).
const ASLEEP_AFTER: TimeDelta = TimeDelta::seconds(1);

/// How often a start is looked at: no file tells that a dialog is shown.
const START_CHECK_INTERVAL: TimeDelta = TimeDelta::milliseconds(150);

/// A start is looked at so often for this long; after that, by each scan.
const START_CHECKED_FOR: TimeDelta = TimeDelta::minutes(2);

/// The opinion from what is missing.
pub(super) fn opinion(e: &Evidence<'_>) -> Option<Opinion> {
    let is_unwritten = matches!(e.main, TranscriptEvidence::Nothing);
    if !is_unwritten || !e.interactive || e.team_lead.is_some() {
        return None;
    }
    match e.file {
        SessionFileEvidence::Absent | SessionFileEvidence::Foreign(_) => without_file(e),
        SessionFileEvidence::Says(file) => before_status(e, file),
        // It is being made: nothing was read from it before.
        SessionFileEvidence::Torn if e.held.is_none() => Some(starting(e)),
        _ => None,
    }
}

/// The file is there, but its status comes later (0.15 s after it, on a quiet machine). Versions that
/// write no status write no version either.
fn before_status(e: &Evidence<'_>, file: &SessionFile) -> Option<Opinion> {
    let is_due = file.status.is_none() && file.version.is_some();
    let is_young = e.now - e.started_at < SESSION_FILE_OVERDUE;
    let may_be_early = e.activity.map_or(is_young, |activity| !activity.may_wait(e.key_written));
    (is_due && may_be_early).then(|| starting(e))
}

fn without_file(e: &Evidence<'_>) -> Option<Opinion> {
    if e.log.is_some_and(|log| log.setup_over) {
        return None;
    }
    let may_wait = |activity: Activity| activity.may_wait(e.key_written);
    let waits = e.activity.is_none_or(may_wait) && e.key_written != Some(false);
    // The screens are passed within 0.1 s if they have nothing to ask.
    let is_past = |at: Timestamp| e.now - at >= SESSION_FILE_DUE;
    let stands = e.log.is_some_and(|log| log.setup_open && log.last.is_none_or(is_past));
    if waits && stands {
        let kind = match e.trust {
            Trust::Given => ReasonKind::Dialog,
            _ => ReasonKind::Trust,
        };
        return Some(ask(e, kind, "the debug log stands in the set-up screens"));
    }
    let file_is_due = e.writes_file == Some(true);
    let (kind, due, says) = match e.trust {
        Trust::Missing => {
            let says = "the settings do not name the directory as trusted";
            (ReasonKind::Trust, SESSION_FILE_DUE, says)
        }
        Trust::Unknown | Trust::NotKept if file_is_due => {
            let says = "it has written no session file since its start";
            (ReasonKind::Trust, SESSION_FILE_DUE, says)
        }
        Trust::Given if file_is_due => {
            let says = "it has written no session file since its start, in a trusted directory";
            // The file follows the key at once, if nothing is asked between.
            let stands = e.key_written == Some(true)
                && e.activity.is_some_and(|activity| activity.quiet_for >= ASLEEP_AFTER);
            let due = if stands { SESSION_FILE_DUE } else { SESSION_FILE_OVERDUE };
            (ReasonKind::Dialog, due, says)
        }
        Trust::NotKept => return Some(may_have_asked(e)),
        Trust::Given | Trust::Unknown => return None,
    };
    let is_late = e.now - e.started_at >= due;
    Some(if waits && is_late { ask(e, kind, says) } else { starting(e) })
}

fn ask(e: &Evidence<'_>, kind: ReasonKind, says: &str) -> Opinion {
    Opinion {
        source: if e.trust == Trust::Missing { Source::Settings } else { Source::Process },
        state: needs(kind, None),
        since: Some(e.started_at),
        confidence: Confidence::Probable,
        says: says.to_owned(),
        // Where a file will tell of the answer there is no need to look for it.
        until: (e.writes_file != Some(true)).then(|| check_again(e)).flatten(),
        calls: Vec::new(),
    }
}

fn starting(e: &Evidence<'_>) -> Opinion {
    Opinion {
        source: Source::Process,
        state: State::Unknown,
        since: Some(e.started_at),
        confidence: Confidence::Low,
        says: "it is still starting".to_owned(),
        until: check_again(e),
        calls: Vec::new(),
    }
}

/// A version that writes no file at its start may ask in the home directory or a worktree, and nothing
/// tells whether that was answered.
fn may_have_asked(e: &Evidence<'_>) -> Opinion {
    let says = "it may ask whether to trust the directory, and nothing tells";
    Opinion { says: says.to_owned(), ..starting(e) }
}

/// When to look again: soon, at no time that was looked at before, and not for ever.
fn check_again(e: &Evidence<'_>) -> Option<Timestamp> {
    let is_young = e.now - e.started_at < START_CHECKED_FOR;
    is_young.then(|| e.now + START_CHECK_INTERVAL)
}
