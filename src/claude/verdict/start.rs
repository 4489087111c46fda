//! Dialogs of the start, before a session has begun (docs/facts.md C3, S8). Pure.
//!
//! A session that asks whether the directory is trusted has written nothing yet, and a session that is
//! still starting has not either. What tells the two apart is what the process does: one that waits in
//! a dialog has used its processor time and sleeps; one that is stopped, starved or has not come far
//! yet shows nothing (2.1.332: 0.5 s of processor time up to the dialog, 0.03 s after 15 s of
//! starving). Versions from 2.1.329 on also write a key beside the session file before any dialog.

use super::evidence::{Evidence, SessionFileEvidence, TranscriptEvidence, Trust};
use super::{Opinion, needs};
use crate::claude::session_file::parse::{Mismatch, SessionFile};
use crate::session::Timestamp;
use crate::session::state::evidence::Source;
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

/// A process without a child that uses next to no processor time for this long stands in a dialog. One
/// that starts works, or waits for a child.
const STILL_AFTER: TimeDelta = TimeDelta::milliseconds(800);

/// The same where the settings give no reason for a dialog.
const STILL_UNASKED_AFTER: TimeDelta = TimeDelta::seconds(2);

/// The free prompt of a version that polls there never stands still for so long.
const STILL_UNPOLLED_AFTER: TimeDelta = TimeDelta::seconds(2);

/// A screen that was read so long ago tells what is on it.
const READ_WITHIN: TimeDelta = TimeDelta::seconds(2);

/// What follows the set-up screens is in the debug log by then.
const LOG_GOES_ON_WITHIN: TimeDelta = TimeDelta::seconds(3);

/// The last lines of the set-up screens are written together.
const MAX_LINE_DISTANCE: TimeDelta = TimeDelta::milliseconds(50);

/// How often a start is looked at: no file tells that a dialog is shown.
const START_CHECK_INTERVAL: TimeDelta = TimeDelta::milliseconds(150);

/// A start is looked at so often for this long; after that, by each scan.
const START_CHECKED_FOR: TimeDelta = TimeDelta::minutes(2);

/// The opinion from what is missing.
pub(super) fn opinion(e: &Evidence<'_>) -> Option<Opinion> {
    let is_unwritten = matches!(e.main, TranscriptEvidence::Nothing);
    if !is_unwritten || !e.interactive {
        return None;
    }
    if e.team_lead.is_some() {
        return teammate(e);
    }
    match e.file {
        // There was one, or there may have been.
        SessionFileEvidence::Foreign(Mismatch::Later) => {
            let says = "whether it has begun cannot be seen".to_owned();
            Some(Opinion { says, ..starting(e) })
        }
        SessionFileEvidence::Absent | SessionFileEvidence::Foreign(_) => without_file(e),
        SessionFileEvidence::Says(file) => before_status(e, file),
        // It is being made: nothing was read from it before.
        SessionFileEvidence::Torn if e.held.is_none() => Some(starting(e)),
        _ => None,
    }
}

/// A teammate shows no dialog of the start: its lead asks for it. It is started with a prompt, and its
/// file follows some seconds later.
fn teammate(e: &Evidence<'_>) -> Option<Opinion> {
    let has_no_file = matches!(e.file, SessionFileEvidence::Absent) && e.writes_file == Some(true);
    let opinion = match e.mate_is_active {
        Some(true) => Opinion {
            source: Source::Team,
            state: State::Working,
            confidence: Confidence::Probable,
            says: "its lead wrote that it is at work".to_owned(),
            ..starting(e)
        },
        _ => starting(e),
    };
    has_no_file.then_some(opinion)
}

/// The file is there, but its status comes later (0.15 s after it, on a quiet machine). Versions that
/// write no status write no version either.
fn before_status(e: &Evidence<'_>, file: &SessionFile) -> Option<Opinion> {
    let is_due = file.status.is_none() && file.version.is_some();
    let is_young = e.now - e.started_at < SESSION_FILE_OVERDUE;
    let may_be_early = e.activity.map_or(is_young, |activity| !activity.may_wait(e.key_written));
    (is_due && may_be_early).then(|| starting(e))
}

/// Whether the children of a process matter for what its start says.
pub(super) fn needs_children(e: &Evidence<'_>) -> bool {
    let is_still = e.activity.is_some_and(|activity| activity.stands_for(STILL_AFTER));
    let may_ask = matches!(e.main, TranscriptEvidence::Nothing) && e.interactive;
    may_ask && (is_still || e.polls_at_prompt)
}

/// Whether the process has come as far as a dialog and stands still there, for so long.
fn stands(e: &Evidence<'_>, time: TimeDelta) -> bool {
    !e.has_children && e.activity.is_some_and(|activity| activity.stands_for(time))
}

/// Whether the process does what one does in a dialog. One whose screen shows what was there before has
/// drawn none.
fn waits(e: &Evidence<'_>) -> bool {
    let Some(activity) = e.activity else { return e.key_written != Some(false) };
    let is_read = e.screen.is_some_and(|it| it.is_readable && e.now - it.at < READ_WITHIN);
    if is_read && activity.shows_before && !activity.may_have_drawn() {
        return false;
    }
    match (e.key_written, e.trust) {
        (Some(key_written), _) => key_written && activity.may_wait(e.key_written),
        (None, Trust::Missing | Trust::NotKept) => {
            activity.may_wait(None) || stands(e, STILL_AFTER)
        }
        // A starved start is nearly asleep for a second now and then (2.1.75 at a load of 20, for files
        // that came 9 and 11 s after the process).
        (None, Trust::Given | Trust::Unknown) => stands(e, STILL_UNASKED_AFTER),
    }
}

fn without_file(e: &Evidence<'_>) -> Option<Opinion> {
    if let Some(over) = e.log.and_then(|log| log.setup_over) {
        return after_setup(e, over);
    }
    let waits = waits(e);
    // The screens are passed within 0.1 s if they have nothing to ask.
    let is_past = |at: Timestamp| e.now - at >= SESSION_FILE_DUE;
    let open = e.log.is_some_and(|log| log.setup_open && log.last.is_none_or(is_past));
    if waits && open {
        return Some(ask(e, reason(e), "the debug log stands in the set-up screens"));
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
            let follows = e.key_written == Some(true)
                && e.activity.is_some_and(|activity| activity.quiet_for >= ASLEEP_AFTER);
            let stands = follows || stands(e, STILL_UNASKED_AFTER);
            let due = if stands { SESSION_FILE_DUE } else { SESSION_FILE_OVERDUE };
            (ReasonKind::Dialog, due, says)
        }
        Trust::Given | Trust::NotKept if e.polls_at_prompt => return without_polls(e),
        Trust::NotKept => return Some(may_have_asked(e)),
        Trust::Given | Trust::Unknown => return None,
    };
    let is_late = e.now - e.started_at >= due;
    Some(if waits && is_late { ask(e, kind, says) } else { starting(e) })
}

/// What is asked most likely.
fn reason(e: &Evidence<'_>) -> ReasonKind {
    match e.trust {
        Trust::Given => ReasonKind::Dialog,
        _ => ReasonKind::Trust,
    }
}

/// The set-up screens were left `over`. A version shows settings that cannot be read after that
/// (2.0.77), and goes on only once that is answered.
fn after_setup(e: &Evidence<'_>, over: Timestamp) -> Option<Opinion> {
    let is_last = e.log?.last.is_some_and(|last| last - over <= MAX_LINE_DISTANCE);
    let asks = is_last && e.now - over >= LOG_GOES_ON_WITHIN && stands(e, STILL_UNASKED_AFTER);
    let says = "the debug log ends with the set-up screens";
    asks.then(|| ask(e, ReasonKind::Dialog, says))
}

/// Of a version that writes no file at its start, and polls at its prompt: one that does not poll has
/// not come there.
fn without_polls(e: &Evidence<'_>) -> Option<Opinion> {
    let is_past = e.activity.is_some_and(|activity| activity.has_paced);
    let is_still = e.activity.is_some_and(|activity| activity.still_for >= STILL_UNPOLLED_AFTER);
    if !is_past && is_still && stands(e, STILL_UNPOLLED_AFTER) {
        return Some(ask(e, reason(e), "it stands still, as it does not at its prompt"));
    }
    (e.trust == Trust::NotKept && !is_past).then(|| may_have_asked(e))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::debug_log::parse::DebugTurn;
    use crate::claude::process::screen::seen::{Look, SeenScreen};
    use crate::claude::testing::time;
    use crate::claude::verdict::evidence::Activity;
    use crate::claude::verdict::ladder_tests::{evidence, says};

    /// A process that has stood still for so long.
    fn still(millis: i64) -> Option<Activity> {
        let still_for = TimeDelta::milliseconds(millis);
        let rests_for = still_for;
        Some(Activity { still_for, rests_for, has_started: true, ..Activity::default() })
    }

    #[test]
    fn one_that_polls_at_its_prompt_asks_where_it_stands_still() {
        let e = |trust, activity| Evidence { trust, activity, polls_at_prompt: true, ..evidence() };
        assert_eq!(says(&e(Trust::Given, still(2000))), "needs_input:dialog");
        assert_eq!(says(&e(Trust::NotKept, still(2000))), "needs_input:trust");
        assert_eq!(says(&e(Trust::Given, still(500))), "idle");
        assert_eq!(says(&e(Trust::NotKept, still(500))), "unknown");
        let polls = still(5000).map(|it| Activity { still_for: TimeDelta::seconds(1), ..it });
        assert_eq!(says(&e(Trust::Given, polls)), "idle");
        // A hook or another child of the start runs.
        let waits = Evidence { has_children: true, ..e(Trust::Given, still(5000)) };
        assert_eq!(says(&waits), "idle");
        let early = still(5000).map(|it| Activity { has_started: false, ..it });
        assert_eq!(says(&e(Trust::Given, early)), "idle");
        // A menu at the prompt stands still too.
        let past = still(5000).map(|it| Activity { has_paced: true, ..it });
        assert_eq!(says(&e(Trust::Given, past)), "idle");
        assert_eq!(says(&e(Trust::NotKept, past)), "idle");
        let other = Evidence { polls_at_prompt: false, ..e(Trust::Given, still(5000)) };
        assert_eq!(says(&other), "idle");
        assert!(
            needs_children(&other) && !needs_children(&Evidence { interactive: false, ..other })
        );
    }

    #[test]
    fn one_that_stands_still_asks_sooner() {
        let e = |trust, millis, now| Evidence {
            trust,
            now: time(now),
            activity: still(millis),
            writes_file: Some(true),
            ..evidence()
        };
        assert_eq!(says(&e(Trust::Missing, 800, 2000)), "needs_input:trust");
        assert_eq!(says(&e(Trust::Missing, 700, 2000)), "unknown");
        assert_eq!(says(&e(Trust::Given, 2000, 3500)), "needs_input:dialog");
        assert_eq!(says(&e(Trust::Given, 1400, 3500)), "unknown");
        assert_eq!(says(&e(Trust::Given, 1000, 10_200)), "unknown", "it is starved");
        let waits = Evidence { has_children: true, ..e(Trust::Missing, 1400, 2500) };
        assert_eq!(says(&waits), "unknown", "for a child");
        let quiet_for = TimeDelta::seconds(6);
        let starved = still(300).map(|it| Activity { quiet_for, ..it });
        let starved = Evidence { activity: starved, ..e(Trust::Given, 0, 8500) };
        assert_eq!(says(&starved), "unknown", "it gets a tenth of the time");
        let keyless = Evidence { key_written: Some(false), ..e(Trust::Missing, 1400, 2500) };
        assert_eq!(says(&keyless), "unknown");
    }

    #[test]
    fn one_whose_screen_shows_what_was_there_before_has_no_dialog() {
        let look = || Some(Look { print: 7, ..Look::default() });
        let screen = |at| SeenScreen::after(None, look(), time(at));
        let check = |screen: Option<&SeenScreen>, shows_before| {
            let activity = still(4000).map(|it| Activity { shows_before, ..it });
            says(&Evidence {
                trust: Trust::Missing,
                now: time(9000),
                activity,
                screen,
                writes_file: Some(true),
                ..evidence()
            })
        };
        assert_eq!(check(Some(&screen(8500)), true), "unknown");
        assert_eq!(check(Some(&screen(8500)), false), "needs_input:trust");
        assert_eq!(check(Some(&screen(5000)), true), "needs_input:trust", "that was long ago");
        assert_eq!(check(None, true), "needs_input:trust");
        let activity = still(10_000).map(|it| Activity { shows_before: true, ..it });
        let long = Evidence {
            trust: Trust::Missing,
            now: time(19_000),
            activity,
            screen: Some(&screen(18_500)),
            writes_file: Some(true),
            ..evidence()
        };
        assert_eq!(says(&long), "needs_input:trust", "it has drawn that early");
        let unread = SeenScreen::after(Some(&screen(8500)), None, time(8700));
        assert_eq!(check(Some(&unread), true), "needs_input:trust");
    }

    #[test]
    fn a_log_that_ends_with_the_set_up_screens_tells_of_a_dialog_behind_them() {
        let log = |last| DebugTurn {
            setup_over: Some(time(50_000)),
            last: Some(time(last)),
            ..DebugTurn::default()
        };
        let (ends, goes_on) = (log(50_000), log(50_400));
        let e = |log, activity, now| {
            says(&Evidence {
                log: Some(log),
                trust: Trust::Given,
                activity,
                now: time(now),
                ..evidence()
            })
        };
        assert_eq!(e(&ends, still(2000), 60_000), "needs_input:dialog");
        assert_eq!(e(&goes_on, still(2000), 60_000), "idle");
        assert_eq!(e(&ends, still(2000), 52_000), "idle", "more may come");
        assert_eq!(e(&ends, still(900), 60_000), "idle");
    }
}
