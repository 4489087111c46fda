//! What the dialog is about that is on the screen. Pure.
//!
//! The session file says that a dialog is open, not which call it belongs to. Dialogs of one message
//! come in the order of its calls, and a call waits until those before it are over; those of
//! subagents come in the order in which they were asked for. Measured on 2.1.332: a permission on the
//! screen while a question, a plan or another agent's call is queued behind it.

use super::{OpenCall, Running, SHELL_DUE, is_about, open_calls};
use crate::claude::process::screen::seen::SeenScreen;
use crate::claude::session_file::parse::SessionFile;
use crate::claude::transcript::tool::{ToolCall, ToolKind};
use crate::claude::verdict::{Evidence, TranscriptEvidence, needs};
use crate::session::Timestamp;
use crate::session::sanitize::clean;
use crate::session::state::{HELD_MESSAGE, NETWORK_REQUEST, ReasonKind, State};
use chrono::TimeDelta;

/// A dialog comes within this time of its call (0.08 to 0.54 s were measured), unless something
/// stands before the call.
const DIALOG_WITHIN: TimeDelta = TimeDelta::seconds(1);

/// The dialog about a message of another session opens within this time of its notice (0.08 and 0.75 s were
/// measured).
const MESSAGE_WITHIN: TimeDelta = TimeDelta::seconds(2);

/// A call is written this long after its dialog opened at the latest.
pub(in crate::claude::verdict) const MAX_WRITE_LAG: TimeDelta = TimeDelta::seconds(2);

/// How much later than the dialog the time of its call may seem.
const MAX_CALL_LAG: TimeDelta = TimeDelta::milliseconds(100);

/// A tool that needs no permission and is quick has answered by then.
const QUICK_TOOL_DUE: TimeDelta = TimeDelta::milliseconds(1500);

/// What a dialog is about, as far as it can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::claude::verdict) struct Asked {
    pub(in crate::claude::verdict) kind: ReasonKind,
    pub(in crate::claude::verdict) detail: Option<String>,
    /// Ids of the calls that it may be about, where each of them surely waits.
    pub(in crate::claude::verdict) calls: Vec<String>,
    /// When the dialog can have opened at the earliest.
    pub(in crate::claude::verdict) since: Option<Timestamp>,
}

impl Asked {
    /// A dialog of which no more is known.
    pub(in crate::claude::verdict) fn of_kind(kind: ReasonKind) -> Asked {
        Asked { kind, detail: None, calls: Vec::new(), since: None }
    }

    /// A command in the sandbox wants to reach a host: of a call that runs, or of none any more. `host`:
    /// which one, where that is known.
    pub(in crate::claude::verdict) fn of_network(host: Option<&str>) -> Asked {
        let host = host.filter(|it| !it.is_empty()).map(|it| format!(": {}", clean(it, 120)));
        let detail = format!("{NETWORK_REQUEST}{}", host.unwrap_or_default());
        Asked { detail: Some(detail), ..Asked::of_kind(ReasonKind::Permission) }
    }

    /// The message of another session may come in, or not.
    pub(in crate::claude::verdict) fn of_message() -> Asked {
        let detail = Some(HELD_MESSAGE.to_owned());
        Asked { detail, ..Asked::of_kind(ReasonKind::Permission) }
    }

    pub(in crate::claude::verdict) fn state(&self) -> State {
        needs(self.kind, self.detail.clone())
    }
}

/// Which calls a dialog may be about.
#[derive(Debug, Clone, Copy)]
pub(in crate::claude::verdict) struct Scope<'a> {
    /// When the dialog opened, as the session file says.
    pub(in crate::claude::verdict) opened_at: Option<Timestamp>,
    /// The tool that it names.
    pub(in crate::claude::verdict) tool: Option<&'a str>,
    /// Whether a question may be meant.
    pub(in crate::claude::verdict) questions: bool,
}

/// What the dialog on the screen is about; none if no open call can have opened it.
pub(in crate::claude::verdict) fn asked(e: &Evidence<'_>, scope: Scope<'_>) -> Option<Asked> {
    let turns = open_calls(e);
    let heads = heads(e, &turns, scope);
    let first = match heads.as_slice() {
        [] => return None,
        [one] if may_be_unwritten(e, one, scope) => return None,
        [one] => Some(one.call),
        several => by_hook(e, several, scope)
            .or_else(|| surely_first(e, several, scope))
            .or_else(|| by_screen(e, several)),
    };
    Some(match first {
        Some(call) => Asked {
            kind: reason(call),
            detail: Some(call.description.clone()),
            calls: vec![call.id.clone()],
            since: scope.opened_at.map(|at| answered(e, &turns, at).max(call.at)),
        },
        None => in_common(e, &heads),
    })
}

/// Whether the dialog may be about a call of another agent that is not written yet: this one was made
/// long before the dialog opened, or so lately that it may be about to run. In one turn nothing new is
/// written while a call is open.
fn may_be_unwritten(e: &Evidence<'_>, open: &OpenCall<'_>, scope: Scope<'_>) -> bool {
    let Some(opened) = scope.opened_at.filter(|at| e.now - *at < MAX_WRITE_LAG) else {
        return false;
    };
    let is_old = open.call.at < opened - DIALOG_WITHIN;
    !e.agents.is_empty() && (is_old || (others_may_ask(e, open) && may_yet_run(e, open)))
}

/// Whether there is another turn than that of this call which does not wait for the turn of this call.
fn others_may_ask(e: &Evidence<'_>, open: &OpenCall<'_>) -> bool {
    let is_of_agent = e.agents.iter().any(|turn| turn.open.iter().any(|it| it.id == open.call.id));
    e.agents.len() > usize::from(is_of_agent)
}

/// Whether a call may be about to run, where it asks nobody.
fn may_yet_run(e: &Evidence<'_>, open: &OpenCall<'_>) -> bool {
    let age = e.now - open.call.at;
    match open.call.kind() {
        ToolKind::Shell => age < SHELL_DUE,
        ToolKind::Quick => age < QUICK_TOOL_DUE,
        _ => false,
    }
}

/// Whether there are calls beside the one that is asked about, so that processes tell them apart.
pub(in crate::claude::verdict) fn is_one_of_several(e: &Evidence<'_>) -> bool {
    let may_ask = |call: &&ToolCall| !matches!(call.kind(), ToolKind::Silent | ToolKind::Agent);
    super::all(e).filter(may_ask).nth(1).is_some()
}

/// Whether the dialog may ask whether the message of another session may come in, which one that runs by
/// then has held: it opened at `opened`.
pub(in crate::claude::verdict) fn message_may_ask(e: &Evidence<'_>, opened: Timestamp) -> bool {
    e.message_held_at.is_some_and(|held| held >= opened - MESSAGE_WITHIN)
}

/// Whether the message is what the dialog is about, if it may be: which opened at `opened`, and belongs to
/// `call` or to it. None if that cannot be told.
pub(in crate::claude::verdict) fn message_asks(
    e: &Evidence<'_>,
    opened: Timestamp,
    call: Option<&ToolCall>,
) -> Option<bool> {
    let seen = e.screen.filter(|screen| screen.at >= opened);
    if let Some(is_shown) = seen.and_then(SeenScreen::holds_message) {
        return Some(is_shown);
    }
    let held = e.message_held_at?;
    match call {
        None => Some(true),
        // The dialog of the call was there first.
        Some(_) if held > opened + MAX_CALL_LAG => Some(false),
        Some(call) if call.at < opened - DIALOG_WITHIN => Some(true),
        Some(_) => None,
    }
}

/// Whether the processes tell what a dialog is about: which of several calls asks, one of an agent's that
/// is not written yet among them; or whether an unnamed one stands in the way of the only call.
pub(in crate::claude::verdict) fn needs_processes(e: &Evidence<'_>) -> bool {
    let is_unnamed = e.session_file().is_some_and(SessionFile::is_dialog_unnamed);
    let has_held = e.message_held_at.is_some();
    super::all(e).next().is_some()
        && (is_one_of_several(e) || !e.agents.is_empty() || is_unnamed || has_held)
}

/// The calls that may be asked about now: of each turn those up to the first that surely waits.
fn heads<'a>(e: &Evidence<'_>, turns: &[Vec<OpenCall<'a>>], scope: Scope<'_>) -> Vec<OpenCall<'a>> {
    let mut heads = Vec::new();
    for calls in turns {
        for open in calls {
            match open.call.kind() {
                ToolKind::Silent | ToolKind::Agent => continue,
                _ if is_long_over(e, open.call) => continue,
                ToolKind::Question if !scope.questions => break,
                _ if open.running == Running::Yes => break,
                _ => {}
            }
            // One that the dialog does not name must be running.
            if scope.tool.is_some_and(|tool| open.call.name != tool) {
                continue;
            }
            heads.push(*open);
            if surely_waits(e, open) {
                break;
            }
        }
    }
    heads
}

/// Whether the prompt was free since a call of the session's own: its result was not written (as when the
/// disk is full).
fn is_long_over(e: &Evidence<'_>, call: &ToolCall) -> bool {
    let TranscriptEvidence::Turn(turn, _) = e.main else { return false };
    let was_free = e.idle_seen.is_some_and(|idle| call.at + DIALOG_WITHIN < idle);
    was_free && turn.open.iter().any(|own| own.id == call.id)
}

/// Whether a call that is open cannot be running, so that those behind it have not been asked about.
fn surely_waits(e: &Evidence<'_>, open: &OpenCall<'_>) -> bool {
    match open.call.kind() {
        ToolKind::Question | ToolKind::Plan => true,
        ToolKind::Shell => open.running == Running::No,
        ToolKind::Quick => e.now - open.call.at >= QUICK_TOOL_DUE,
        ToolKind::Agent | ToolKind::Silent | ToolKind::Opaque => false,
    }
}

/// The call that hooks say was asked about first since the dialog opened, of those still open.
fn by_hook<'a>(e: &Evidence<'_>, heads: &[OpenCall<'a>], scope: Scope<'_>) -> Option<&'a ToolCall> {
    let opened = scope.opened_at?;
    // The dialog of an agent's call opens once its hooks have ended: one that begins later is about
    // another call, and of several that began before, any may have ended first.
    let has_agents = !e.agents.is_empty();
    let requests = e.requests.iter().filter(|request| {
        request.at >= opened - DIALOG_WITHIN && (!has_agents || request.at <= opened)
    });
    let mut asked = requests
        .filter_map(|request| heads.iter().find(|open| is_about(request, open.call, e.cwd)));
    let first = asked.next()?;
    // It may have been allowed since, and run, while the next one asks.
    let is_sure = asked.next().is_none() || (surely_waits(e, first) && !has_agents);
    is_sure.then_some(first.call)
}

/// Of several calls the one that opened the dialog, where their times leave no other: the only one
/// that was made shortly before, if all older ones run; or the only one that was made before at all.
fn surely_first<'a>(
    e: &Evidence<'_>,
    heads: &[OpenCall<'a>],
    scope: Scope<'_>,
) -> Option<&'a ToolCall> {
    let opened = scope.opened_at?;
    let before = heads.iter().filter(|open| open.call.at <= opened + MAX_CALL_LAG);
    let (recent, older): (Vec<&OpenCall>, Vec<&OpenCall>) =
        before.partition(|open| opened - open.call.at <= DIALOG_WITHIN);
    let candidates = if recent.is_empty() { &older } else { &recent };
    let [one] = candidates.as_slice() else { return None };
    let others_run = recent.is_empty() || older.iter().all(|open| !surely_waits(e, open));
    (others_run && surely_waits(e, one)).then_some(one.call)
}

/// Of several calls the only one whose words the dialog on the screen shows, if all could be told by
/// theirs.
fn by_screen<'a>(e: &Evidence<'_>, heads: &[OpenCall<'a>]) -> Option<&'a ToolCall> {
    let is_written_since = |at| super::turns(e).any(|turn| turn.last.is_some_and(|last| last > at));
    let screen = e.screen.filter(|screen| !is_written_since(screen.at))?;
    let words = |call: &'a ToolCall| Some(call.description.split_once(": ")?.1);
    let shows = |open: &OpenCall<'a>| Some((open.call, screen.shows(words(open.call)?)?));
    let all: Vec<(&ToolCall, bool)> = heads.iter().map(shows).collect::<Option<_>>()?;
    let mut shown = all.into_iter().filter(|(_, is_shown)| *is_shown);
    shown.next().filter(|_| shown.next().is_none()).map(|(call, _)| call)
}

/// When the dialog before the one on the screen was answered, if there was one since `opened`: its
/// call has run since, or is over.
fn answered(e: &Evidence<'_>, turns: &[Vec<OpenCall<'_>>], opened: Timestamp) -> Timestamp {
    let running = turns.iter().flatten().filter(|open| open.running == Running::Yes);
    let born = running.filter_map(|open| open.shell);
    let over = super::turns(e).filter_map(|turn| turn.resulted);
    born.chain(over).filter(|at| *at <= e.now).fold(opened, Timestamp::max)
}

/// What several calls have in common: no more is said than holds for each of them.
fn in_common(e: &Evidence<'_>, heads: &[OpenCall<'_>]) -> Asked {
    let all_have = |of: &dyn Fn(&ToolCall) -> String| {
        let mut texts = heads.iter().map(|open| of(open.call));
        texts.next().filter(|first| texts.all(|text| text == *first))
    };
    let detail = all_have(&|call| call.description.clone()).or_else(|| all_have(&ToolCall::title));
    // If all of them wait, the one that goes next was on the screen.
    let all_wait = heads.iter().all(|open| surely_waits(e, open));
    let ids = heads.iter().filter(|_| all_wait).map(|open| open.call.id.clone());
    let calls = ids.collect();
    let mut kinds = heads.iter().map(|open| reason(open.call));
    match kinds.next().filter(|first| kinds.all(|kind| kind == *first)) {
        Some(kind) => Asked { detail, calls, ..Asked::of_kind(kind) },
        None => Asked { calls, ..Asked::of_kind(ReasonKind::Other) },
    }
}

/// The kind of dialog that a call opens.
pub(in crate::claude::verdict) fn reason(call: &ToolCall) -> ReasonKind {
    match call.kind() {
        ToolKind::Question => ReasonKind::Question,
        ToolKind::Plan => ReasonKind::Plan,
        _ => ReasonKind::Permission,
    }
}
