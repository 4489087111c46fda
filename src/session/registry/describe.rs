//! From what was seen of a session to what is shown of it.

use super::change::Change;
use super::observation::Observation;
use crate::session::info::SessionInfo;
use crate::session::place::Place;
use crate::session::sanitize::harmless;
use crate::session::shared::Text;
use crate::session::state::{ReasonKind, StateName, Verdict};

/// A session that stopped working while nobody looked is unseen until somebody does.
/// A dialog of the start is no work: nothing is finished after it (`had_turn`: a turn was run).
pub(super) fn is_unseen(
    before: &SessionInfo,
    state: StateName,
    focused: bool,
    had_turn: bool,
) -> bool {
    let finished = match before.state {
        StateName::Working => true,
        // Only a dialog can come before the first turn.
        StateName::NeedsInput => had_turn || before.reason == Some(ReasonKind::Permission),
        StateName::Idle | StateName::Unknown => false,
    };
    let is_unseen = before.unseen || finished;
    state == StateName::Idle && !focused && is_unseen && can_be_looked_at(before)
}

/// Whether there is a terminal in which the user could see what a session did: one that a program runs
/// has none, and would be unseen for ever.
pub(super) fn can_be_looked_at(info: &SessionInfo) -> bool {
    !matches!(info.details.kind.as_deref(), Some("headless" | "sdk"))
}

pub(super) fn describe(
    observation: &Observation,
    verdict: &Verdict,
    label: Option<Text>,
) -> SessionInfo {
    let mut info = SessionInfo {
        host: None,
        pid: observation.process.pid,
        start: observation.process.start,
        session_id: observation.session_id.clone(),
        cwd: harmless(&observation.cwd.to_string_lossy()).into(),
        git_branch: observation.git_branch.clone(),
        state: StateName::Unknown,
        reason: None,
        detail: None,
        since: verdict.since,
        waiting_since: None,
        confidence: verdict.confidence,
        suspended: observation.suspended,
        unseen: false,
        snoozed: None,
        stalled_since: None,
        prompt: None,
        stale_since: None,
        preview: observation.preview.clone(),
        workspace: None,
        label,
        place: None,
        servers: Box::default(),
        details: observation.details.clone(),
    };
    set_verdict(&mut info, verdict);
    info
}

pub(super) fn set_verdict(info: &mut SessionInfo, verdict: &Verdict) {
    let reason = verdict.state.reason();
    info.state = verdict.state.name();
    info.reason = reason.map(|it| it.kind);
    info.detail = reason.and_then(|it| it.detail.as_deref().map(Text::from));
    info.since = verdict.since;
    info.waiting_since = reason.map(|_| verdict.since);
    info.confidence = verdict.confidence;
    info.stalled_since = None;
}

pub(super) fn set_place(info: &mut SessionInfo, place: Option<Box<Place>>) {
    info.workspace = place.as_ref().and_then(|it| it.workspace.clone());
    info.place = place;
}

pub(super) fn change_between(before: Option<&SessionInfo>, now: &SessionInfo) -> Option<Change> {
    (before != Some(now)).then(|| Change::Session { session: Box::new(now.clone()) })
}
