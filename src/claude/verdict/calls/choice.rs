//! Of several open calls, the one that the dialog on the screen is about. Pure.

use super::candidates::{DIALOG_WITHIN, MAX_CALL_LAG, Scope, surely_waits};
use super::{OpenCall, is_about};
use crate::claude::process::screen::seen::SeenScreen;
use crate::claude::transcript::tool::{ToolCall, ToolKind};
use crate::claude::verdict::Evidence;

/// The call that is known to be the one, if any is.
pub(super) fn chosen<'a>(
    e: &Evidence<'_>,
    candidates: &[OpenCall<'a>],
    scope: Scope<'_>,
) -> Option<&'a ToolCall> {
    by_screen(e, candidates, scope).or_else(|| {
        let by_evidence =
            by_hook(e, candidates, scope).or_else(|| surely_first(e, candidates, scope));
        by_evidence.filter(|call| !is_not_shown(e, call, scope))
    })
}

/// Whether the dialog on the screen cannot be about this call: a command stands in its dialog as it is.
pub(super) fn is_not_shown(e: &Evidence<'_>, call: &ToolCall, scope: Scope<'_>) -> bool {
    let is_shown = || shows(screen_since(e, scope)?, &call.description);
    call.kind() == ToolKind::Shell && is_shown() == Some(false)
}

/// The only open call whose words the dialog on the screen shows.
pub(super) fn shown<'a>(e: &Evidence<'a>, scope: Scope<'_>) -> Option<&'a ToolCall> {
    only_shown(e, screen_since(e, scope)?, |_| true)
}

/// The only open call of those that fit whose words the dialog on a screen shows.
pub(in crate::claude::verdict) fn only_shown<'a>(
    e: &Evidence<'a>,
    screen: &SeenScreen,
    fits: impl Fn(&ToolCall) -> bool,
) -> Option<&'a ToolCall> {
    only_one_shown(screen, super::all(e).filter(|call| fits(call)))
}

/// Whether the dialog on a screen shows the words of a call, `Tool: words`; none if that cannot be told.
pub(in crate::claude::verdict) fn shows(screen: &SeenScreen, description: &str) -> Option<bool> {
    screen.shows(description.split_once(": ")?.1)
}

fn only_one_shown<'a>(
    screen: &SeenScreen,
    calls: impl Iterator<Item = &'a ToolCall>,
) -> Option<&'a ToolCall> {
    let mut shown = calls.filter(|call| shows(screen, &call.description) == Some(true));
    shown.next().filter(|_| shown.next().is_none())
}

/// The screen, if it was read since the dialog opened and nothing was written since.
fn screen_since<'a>(e: &Evidence<'a>, scope: Scope<'_>) -> Option<&'a SeenScreen> {
    let is_written_since = |at| super::turns(e).any(|turn| turn.last.is_some_and(|last| last > at));
    let is_before = |at| scope.opened_at.is_some_and(|opened| at < opened);
    e.screen.filter(|screen| !is_before(screen.at) && !is_written_since(screen.at))
}

/// The call that hooks say was asked about first since the dialog opened, of those still open.
fn by_hook<'a>(
    e: &Evidence<'_>,
    candidates: &[OpenCall<'a>],
    scope: Scope<'_>,
) -> Option<&'a ToolCall> {
    let opened = scope.opened_at?;
    // The dialog of an agent's call opens once its hooks have ended: one that begins later is about
    // another call, and of several that began before, any may have ended first.
    let has_agents = !e.agents.is_empty();
    let requests = e.requests.iter().filter(|request| {
        request.at >= opened - DIALOG_WITHIN && (!has_agents || request.at <= opened)
    });
    let mut asked = requests
        .filter_map(|request| candidates.iter().find(|open| is_about(request, open.call, e.cwd)));
    let first = asked.next()?;
    // It may have been allowed since, and run, while the next one asks.
    let is_sure = asked.next().is_none() || (surely_waits(e, first) && !has_agents);
    is_sure.then_some(first.call)
}

/// Of several calls the one that opened the dialog, where their times leave no other: the only one
/// that was made shortly before, if all older ones run; or the only one that was made before at all.
fn surely_first<'a>(
    e: &Evidence<'_>,
    candidates: &[OpenCall<'a>],
    scope: Scope<'_>,
) -> Option<&'a ToolCall> {
    let opened = scope.opened_at?;
    let before = candidates.iter().filter(|open| open.call.at <= opened + MAX_CALL_LAG);
    let (recent, older): (Vec<&OpenCall>, Vec<&OpenCall>) =
        before.partition(|open| opened - open.call.at <= DIALOG_WITHIN);
    let candidates = if recent.is_empty() { &older } else { &recent };
    let [one] = candidates.as_slice() else { return None };
    let others_run = recent.is_empty() || older.iter().all(|open| !surely_waits(e, open));
    (others_run && surely_waits(e, one)).then_some(one.call)
}

/// Of several calls the only one whose words the dialog on the screen shows, if all could be told by
/// theirs.
fn by_screen<'a>(
    e: &Evidence<'_>,
    candidates: &[OpenCall<'a>],
    scope: Scope<'_>,
) -> Option<&'a ToolCall> {
    let screen = screen_since(e, scope)?;
    let can_be_told = |open: &OpenCall<'_>| shows(screen, &open.call.description).is_some();
    let shown = only_one_shown(screen, candidates.iter().map(|open| open.call));
    shown.filter(|_| candidates.iter().all(can_be_told))
}
