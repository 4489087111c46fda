//! Hooks and terminal titles: they fill in what transcript and processes leave open. Pure.

use super::{Evidence, Opinion, TranscriptEvidence, last_event, needs};
use crate::claude::process::terminal_title::Glyph;
use crate::claude::transcript::turn::Phase;
use crate::session::sanitize::clean;
use crate::session::state::evidence::Source;
use crate::session::state::{Confidence, ReasonKind, State};
use chrono::TimeDelta;

/// How long a spinner counts after it was seen: it turns every 0.96 s.
const MAX_SPINNER_AGE: TimeDelta = TimeDelta::milliseconds(1500);

/// How often a process is looked at whose title was seen to spin a while ago.
const STALE_CHECK_INTERVAL: TimeDelta = TimeDelta::milliseconds(300);

/// The opinion of the last hook event. It has a state only if it is newer than the transcript's
/// last event; a hook that asks for permission may also fire for tools that are allowed
/// (docs/facts.md H5), so it counts while the transcript says nothing better.
pub(super) fn hook(e: &Evidence<'_>, from_turn: Option<&Opinion>) -> Option<Opinion> {
    let hook = e.hook?;
    let newer = last_event(e).is_none_or(|last| hook.at >= last);
    let open = from_turn.is_none_or(|turn| turn.confidence < Confidence::Certain);
    let mut call = None;
    let state = match hook.event.as_str() {
        _ if e.has_status() || !newer || !open => State::Unknown,
        "UserPromptSubmit" | "PreToolUse" | "PostToolUse" => State::Working,
        "PermissionRequest" => {
            let tool = hook.tool.as_deref().unwrap_or_default();
            let kind = match tool {
                "AskUserQuestion" => ReasonKind::Question,
                "ExitPlanMode" => ReasonKind::Plan,
                _ => ReasonKind::Permission,
            };
            let mut open = super::calls::all(e).filter(|open| open.name == tool);
            let only = open.next().filter(|_| open.next().is_none());
            let named = super::calls::all(e)
                .find(|call| super::calls::is_about(hook, call, e.cwd))
                .or(only);
            call = named.map(|call| call.id.clone());
            let title = || clean(tool, 60);
            needs(kind, Some(named.map_or_else(title, |call| call.description.clone())))
        }
        "Stop" | "StopFailure" | "SessionStart" => State::Idle,
        _ => State::Unknown,
    };
    // PreToolUse comes before the question whether the tool may run: it does not decide.
    let state = if hook.event == "PreToolUse" { State::Unknown } else { state };
    Some(Opinion {
        source: Source::Hook,
        state,
        since: Some(hook.at),
        confidence: Confidence::Probable,
        says: format!("the last hook was {}", clean(&hook.event, 40)),
        until: None,
        calls: call.into_iter().collect(),
    })
}

/// The opinion of the terminal's title. It has a state only where the transcript is not certain,
/// or where it goes on to spin after the turn.
pub(super) fn title(e: &Evidence<'_>, from_turn: Option<&Opinion>) -> Option<Opinion> {
    let title = e.title?;
    let glyph = title.glyph()?;
    let sure = from_turn.is_some_and(|turn| turn.confidence == Confidence::Certain);
    let asked = match e.main {
        TranscriptEvidence::Turn(turn, _) if turn.phase == Phase::Request => turn.since,
        _ => None,
    };
    let ended = from_turn.filter(|turn| sure && turn.state == State::Idle).and_then(|it| it.since);
    let goes_on = ended.and_then(|end| title.spins_on(end));
    let asks = from_turn.is_some_and(|turn| matches!(turn.state, State::NeedsInput(_)));
    let is_old = e.now - title.seen() >= MAX_SPINNER_AGE;
    let is_stale = is_old && e.activity.is_some_and(|activity| !activity.is_busy());
    let (state, since) = match glyph {
        _ if e.has_status() => (State::Unknown, None),
        _ if goes_on.is_some() && !is_stale => (State::Working, goes_on),
        _ if sure => (State::Unknown, None),
        // It turns once a second. One that was seen a while ago says nothing against a question.
        Glyph::Spinner if is_old && (asks || is_stale) => (State::Unknown, None),
        Glyph::Spinner => (State::Working, from_turn.and_then(|turn| turn.since)),
        // The turn is over, although the transcript does not say so.
        Glyph::Star => match asked.and_then(|at| title.stopped(at)) {
            Some(at) => (State::Idle, Some(at)),
            None => (State::Unknown, None),
        },
    };
    let watched = asks || e.activity.is_some();
    let until = Some(title.seen() + MAX_SPINNER_AGE).filter(|at| watched && *at > e.now);
    // An old spinner counts until the process is seen to sleep.
    let next =
        if is_old && glyph == Glyph::Spinner { STALE_CHECK_INTERVAL } else { MAX_SPINNER_AGE };
    let until = until.or((e.activity.is_some() && !sure).then(|| e.now + next));
    let says = match glyph {
        Glyph::Spinner => "the title shows a spinner",
        Glyph::Star => "the title shows no spinner",
    };
    Some(Opinion {
        source: Source::Title,
        since,
        state,
        confidence: Confidence::Probable,
        says: says.to_owned(),
        until: until.into_iter().chain(from_turn.and_then(|turn| turn.until)).min(),
        calls: Vec::new(),
    })
}
