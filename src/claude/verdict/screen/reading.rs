//! When a screen is read, and whether it could tell more than the files. Pure.

use crate::claude::process::screen::seen::SeenScreen;
use crate::claude::process::screen::shown::Shown;
use crate::claude::process::version;
use crate::claude::session_file::parse::{SessionFile, SessionStatus};
use crate::claude::transcript::tool::{ToolCall, ToolKind};
use crate::claude::verdict::calls::{self, asking, message};
use crate::claude::verdict::{Evidence, TranscriptEvidence, last_event};
use crate::session::Timestamp;
use crate::session::state::{ReasonKind, State};
use chrono::TimeDelta;

/// An older look says nothing.
pub(super) const MAX_AGE: TimeDelta = TimeDelta::seconds(8);

/// The least time between two looks, when something was written since, or nothing is drawn yet.
const AT_ONCE: TimeDelta = TimeDelta::milliseconds(60);

/// How often a screen is read while its session starts, or has just changed.
const OFTEN: TimeDelta = TimeDelta::milliseconds(200);
const OFTEN_FOR: TimeDelta = TimeDelta::seconds(10);

/// The same while nothing has changed for a while, and at a prompt that has been free for longer.
const SOMETIMES: TimeDelta = TimeDelta::seconds(1);
const RARELY: TimeDelta = TimeDelta::seconds(5);
const RARELY_AFTER: TimeDelta = TimeDelta::minutes(1);

/// A screen that cannot be read is tried again after this time, if it was not read just before, and sooner
/// the younger its session is: on a busy machine tmux takes too long now and then.
const UNREADABLE: TimeDelta = TimeDelta::seconds(30);
const UNREADABLE_PART: i32 = 4;

/// A start may take so long.
const STARTS_WITHIN: TimeDelta = TimeDelta::minutes(2);

/// What a session waits for while a command in its sandbox asks for the network (from 2.1.220 on, which
/// does not say for which host).
pub(in crate::claude::verdict) const SANDBOX_REQUEST: &str = "sandbox request";

/// A call that is not written for so long after its dialog opened is written with its result (6 s were
/// measured; others take 0.1 s).
const UNWRITTEN_FOR: TimeDelta = TimeDelta::seconds(1);

/// What the screen shows of a dialog that Claude Code opens by itself, and how long after a turn it may open.
pub(super) const OWN_DIALOG: Option<Shown> = Some(Shown::Asks(ReasonKind::Dialog));
const OPENS_WITHIN: TimeDelta = TimeDelta::seconds(3);

/// When the screen is to be read; `None` where it adds nothing. `state` is what is known without it.
pub(in crate::claude::verdict) fn due(e: &Evidence<'_>, state: &State) -> Option<Timestamp> {
    if !may_tell(e) {
        return None;
    }
    let Some(seen) = e.screen else { return Some(e.now) };
    let age = e.now - e.started_at;
    let is_young = age < OFTEN_FOR;
    let may_start = *state == State::Unknown && age < STARTS_WITHIN;
    let was_read = seen.look.shown.is_some() && e.now - seen.at < MAX_AGE;
    let lasts = e.now - seen.since;
    let interval = match state {
        _ if !seen.is_readable && (is_young || was_read || may_start) => SOMETIMES,
        _ if !seen.is_readable => UNREADABLE.min(age / UNREADABLE_PART),
        _ if is_older(e, seen) || (is_young && seen.look.shown.is_none()) => AT_ONCE,
        State::NeedsInput(_) if e.has_status() && seen.look.dialog.is_some() => {
            // Nothing tells when the next dialog takes the place of this one.
            if asking::is_one_of_several(e) { SOMETIMES } else { RARELY }
        }
        _ if is_young || lasts < OFTEN_FOR => OFTEN,
        State::Idle if lasts >= RARELY_AFTER => RARELY,
        _ => SOMETIMES,
    };
    Some(seen.tried + interval)
}

/// Whether a screen could say more than the files.
pub(super) fn may_tell(e: &Evidence<'_>) -> bool {
    let is_alone = e.interactive && !e.runs_once && e.team_lead.is_none();
    is_alone && (!e.has_status() || may_be_untold(e) || may_name_call(e))
}

/// Whether the dialog could tell which of several calls it is about, or what it is if none is written,
/// or if another process may have opened the call that is; or which host it is about.
fn may_name_call(e: &Evidence<'_>) -> bool {
    let Some(file) = e.session_file() else { return false };
    let may_be_message = || file.status_at.is_some_and(|at| message::may_ask(e, at));
    let is_of_network = file.waiting_for.as_deref() == Some(SANDBOX_REQUEST);
    file.status == Some(SessionStatus::Waiting)
        && (e.shared
            || is_of_network
            || asking::is_one_of_several(e)
            || is_unwritten(e, file)
            || may_be_message())
}

/// Whether the call that the dialog of the session file is about is not written. Most are within a moment;
/// of a plan the file says no more than of a permission.
fn is_unwritten(e: &Evidence<'_>, file: &SessionFile) -> bool {
    let may_ask = |call: &ToolCall| match file.waiting_for.as_deref() {
        Some("input needed") => matches!(call.kind(), ToolKind::Question | ToolKind::Opaque),
        _ => !matches!(call.kind(), ToolKind::Silent | ToolKind::Agent),
    };
    let is_late = || {
        let lasts = file.status_at.map(|at| e.now - at);
        matches!(e.main, TranscriptEvidence::Nothing) || lasts.is_some_and(|it| it > UNWRITTEN_FOR)
    };
    match file.waiting_for.as_deref() {
        Some("input needed") => !calls::all(e).any(may_ask),
        Some("permission prompt") => is_late() && !calls::all(e).any(may_ask),
        _ => false,
    }
}

/// Whether a dialog may be open of which the session file says nothing (2.1.119): a form of an MCP server,
/// a request for the network of a command in the sandbox, which may run behind a free prompt, or one that
/// Claude Code opens when a turn has ended.
pub(super) fn may_be_untold(e: &Evidence<'_>) -> bool {
    let Some(file) = e.session_file() else { return false };
    let may_open =
        |call: &ToolCall| call.name.starts_with("mcp__") || call.kind() == ToolKind::Shell;
    let runs = match file.status {
        Some(SessionStatus::Busy) => e.background > 0 || calls::all(e).any(may_open),
        Some(SessionStatus::Idle) => e.background > 0,
        _ => false,
    };
    let says = |what: fn(&str) -> bool| file.version.as_deref().is_some_and(what);
    let is_over = matches!(file.status, Some(SessionStatus::Idle | SessionStatus::Shell));
    (runs && !says(version::says_input_needed))
        || (is_over && may_be_own(e, file) && !says(version::says_own_dialogs))
}

/// Whether a dialog that Claude Code opens when a turn has ended is on the screen, or may have just opened.
fn may_be_own(e: &Evidence<'_>, file: &SessionFile) -> bool {
    // A turn of 0.1 s leaves the status as it was.
    let ended = match e.main {
        TranscriptEvidence::Turn(turn, _) if turn.is_over() => turn.since,
        _ => None,
    };
    file.status_at.max(ended).is_some_and(|at| e.now - at < OPENS_WITHIN)
        || e.screen.is_some_and(|screen| screen.look.shown == OWN_DIALOG)
}

/// Whether something was written since the screen was read.
pub(super) fn is_older(e: &Evidence<'_>, seen: &SeenScreen) -> bool {
    let changed = e.session_file().and_then(|file| file.status_at);
    last_event(e).into_iter().chain(changed).any(|at| at > seen.at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::process::screen::seen::Look;
    use crate::claude::session_file::parse;
    use crate::claude::testing::time;
    use crate::claude::verdict::SessionFileEvidence;
    use crate::claude::verdict::ladder_tests::{ended, evidence, open};
    use crate::claude::verdict::needs;
    use crate::claude::verdict::screen::tests::screen;

    #[test]
    fn a_screen_is_read_often_only_while_something_happens() {
        let turn = ended();
        let main = TranscriptEvidence::Turn(&turn, time(50_000));
        let after = |screen: Option<&SeenScreen>, now, state: &State| {
            let e = Evidence { screen, main, now: time(now), ..evidence() };
            due(&e, state).unwrap() - time(now)
        };
        let idle = State::Idle;
        assert_eq!(after(None, 60_000, &idle), TimeDelta::zero());
        let prompt = |at| screen(Shown::Prompt, 52_000, at);
        assert_eq!(after(Some(&prompt(60_000)), 60_000, &idle), OFTEN);
        assert_eq!(after(Some(&prompt(90_000)), 90_000, &idle), SOMETIMES);
        assert_eq!(after(Some(&prompt(190_000)), 190_000, &idle), RARELY);
        let works = screen(Shown::Work, 52_000, 190_000);
        assert_eq!(after(Some(&works), 190_000, &State::Working), SOMETIMES);
        let unread = SeenScreen::after(None, None, time(60_000));
        assert_eq!(after(Some(&unread), 60_000, &idle), TimeDelta::seconds(15));
        assert_eq!(after(Some(&unread), 60_000, &State::Unknown), SOMETIMES);
        let unread = SeenScreen::after(None, None, time(190_000));
        assert_eq!(after(Some(&unread), 190_000, &State::Unknown), UNREADABLE);
        assert_eq!(after(Some(&unread), 190_000, &idle), UNREADABLE);
        let slow_once = SeenScreen::after(Some(&prompt(59_000)), None, time(60_000));
        assert_eq!(after(Some(&slow_once), 60_000, &idle), SOMETIMES);
        let gone = SeenScreen::after(Some(&slow_once), None, time(69_000));
        assert_eq!(after(Some(&gone), 69_000, &idle), TimeDelta::milliseconds(17_250));
    }

    #[test]
    fn a_dialog_that_another_one_may_replace_is_read_again_soon() {
        let json = r#"{"status":"waiting","waitingFor":"permission prompt","statusUpdatedAt":1795190450000,"version":"2.1.332"}"#;
        let file = parse::parse(json.as_bytes()).unwrap();
        let look = Look { dialog: Some("Bash command".into()), ..Look::default() };
        let seen = SeenScreen::after(None, Some(look), time(60_000));
        let after = |calls: &[(&str, i64)]| {
            let turn = open(calls);
            let e = Evidence {
                file: SessionFileEvidence::Says(&file),
                main: TranscriptEvidence::Turn(&turn, time(50_000)),
                screen: Some(&seen),
                now: time(60_100),
                shared: true,
                ..evidence()
            };
            due(&e, &needs(ReasonKind::Permission, None)).unwrap() - time(60_000)
        };
        assert_eq!(after(&[("Bash", 50_000)]), RARELY);
        assert_eq!(after(&[("Bash", 50_000), ("Write", 50_000)]), SOMETIMES);
    }
}
