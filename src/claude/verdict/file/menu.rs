//! Whose an open dialog is that the session file does not name: a menu of the user's, or one that Claude
//! Code has opened by itself. Pure.

use super::MAX_HOOK_LEAD;
use crate::claude::session_file::parse::{SessionFile, SessionStatus};
use crate::claude::verdict::{Evidence, TranscriptEvidence, calls};
use crate::session::Timestamp;
use chrono::TimeDelta;

/// An offer of the start opens within this time (0.3 to 1.9 s were measured). A menu of the user may
/// open as early; then the history of prompts names its command.
const START_OFFER_WITHIN: TimeDelta = TimeDelta::seconds(10);

/// The choice after a usage limit opens within this time of the error (0.15 to 0.5 s were measured).
const LIMIT_CHOICE_WITHIN: TimeDelta = TimeDelta::seconds(5);

/// What Claude Code opens by itself at the end of a turn (what was spent so far) opens within this time
/// of the free prompt (8 ms were measured, and 0.1 s after the last word in the transcript).
const TURN_DIALOG_WITHIN: TimeDelta = TimeDelta::milliseconds(300);

/// The command of a menu is written into the history of prompts before the menu opens, or so soon after
/// that (10 ms were measured, of `/export` of 2.1.332 at a load of 4; up to 0.2 s after the session file
/// for `/exit` and `/resume` over an agent of 2.1.220, at a load of 5).
const COMMAND_WRITTEN_WITHIN: TimeDelta = TimeDelta::milliseconds(300);

/// How often that is looked up meanwhile.
const COMMAND_LOOKUP: TimeDelta = TimeDelta::milliseconds(50);

/// The session file is written this much later than its status has changed, on a busy machine.
const FILE_WRITTEN_WITHIN: TimeDelta = TimeDelta::seconds(2);

/// Whether an unnamed dialog was opened by Claude Code: in mid-turn, at its end, at the
/// start, or after a limit. If not, it is a menu that the user opened at a free prompt.
pub(super) fn is_of_the_work(e: &Evidence<'_>, file: &SessionFile) -> bool {
    if e.opened_by_user == Some(true) || (turn_runs(e) && all_calls_run(e)) {
        return false;
    }
    // No free prompt lay between: the user cannot have opened it there.
    let was_busy = e.status_before == Some(&SessionStatus::Busy);
    turn_runs(e)
        || was_busy
        || opened_at_end_of_turn(e, file)
        || opened_at_start(e, file)
        || limit(e, file).is_some()
}

/// Whether it opened as the turn ended, too soon for a key of the user's. Esc may be pressed again just
/// after it has ended a turn, and opens a menu then.
fn opened_at_end_of_turn(e: &Evidence<'_>, file: &SessionFile) -> bool {
    let TranscriptEvidence::Turn(turn, _) = e.main else { return false };
    let Some(opened) = file.status_at.filter(|_| turn.has_ended_by_itself() && !e.shared) else {
        return false;
    };
    let ended = [e.freed_at, turn.since].into_iter().flatten();
    ended.map(|at| opened - at).any(|lag| lag.abs() < TURN_DIALOG_WITHIN)
}

/// When to look again for the command of a dialog that has just opened, which may be written into the
/// history of prompts a little later; none if it is known to be a choice after a limit.
pub(super) fn command_may_follow(e: &Evidence<'_>, file: &SessionFile) -> Option<Timestamp> {
    let opened = file.status_at?;
    let written = file.written.filter(|at| (*at - opened).abs() < FILE_WRITTEN_WITHIN);
    let until = written.unwrap_or(opened).max(opened) + COMMAND_WRITTEN_WITHIN;
    let may_follow = e.opened_by_user == Some(false) && limit(e, file).is_none();
    (may_follow && e.now < until).then(|| until.min(e.now + COMMAND_LOOKUP))
}

/// Whether a turn runs, so that a dialog may stand in its way: of a tool, or of the answer to a request.
pub(super) fn turn_runs(e: &Evidence<'_>) -> bool {
    let TranscriptEvidence::Turn(turn, _) = e.main else { return false };
    // Esc before the first byte leaves the request unanswered for ever (docs/facts.md T10),
    // but then the prompt was seen free since.
    let leftover = e.idle_seen.zip(turn.last).is_some_and(|(idle, last)| idle > last);
    turn.is_running() && !leftover && !e.shared
}

/// Whether the shell of each open call runs: what opens then does not stand in its way, such as the answer
/// to `/btw`, which 2.1.119 and 2.1.220 do not write into the history of prompts at work.
fn all_calls_run(e: &Evidence<'_>) -> bool {
    let running = calls::running(e);
    let mut open = calls::all(e).peekable();
    open.peek().is_some() && open.all(|call| running.contains(&call.id.as_str()))
}

/// Whether it is an offer of the start: nothing was submitted yet, and it opened soon. A session that
/// keeps no transcript has been used once its prompt became free.
fn opened_at_start(e: &Evidence<'_>, file: &SessionFile) -> bool {
    let Some((status, start)) = file.status_at.zip(file.started_at) else { return false };
    let unused = match e.main {
        TranscriptEvidence::Turn(turn, _) => turn.last.is_none_or(|last| last < start),
        _ => e.freed_at.is_none(),
    };
    unused && (status - start).abs() < START_OFFER_WITHIN
}

/// What Claude Code wrote of a usage limit, if the dialog opened after it as a choice of what to do.
pub(super) fn limit(e: &Evidence<'_>, file: &SessionFile) -> Option<String> {
    let TranscriptEvidence::Turn(turn, _) = e.main else { return None };
    let failure = turn.failure.as_deref().filter(|failure| failure.is_limit())?;
    let (opened, failed) = file.status_at.zip(turn.since)?;
    let follows = opened >= failed - MAX_HOOK_LEAD && opened - failed < LIMIT_CHOICE_WITHIN;
    (follows && !e.shared).then(|| failure.text.clone())
}
