//! What the session file's status says (docs/facts.md S5, S6). Pure.

mod dialog;
mod menu;

use super::calls::asking;
use super::calls::candidates::MAX_WRITE_LAG;
use super::calls::judge::SHELL_CHECK_INTERVAL;
use super::{Evidence, Opinion, SessionFileEvidence, TranscriptEvidence, background};
use crate::claude::process::screen::seen::SeenScreen;
use crate::claude::process::screen::shown::Shown;
use crate::claude::session_file::parse::{SessionFile, SessionStatus};
use crate::session::Timestamp;
use crate::session::sanitize::clean;
use crate::session::state::evidence::Source;
use crate::session::state::{Confidence, State, Verdict};
use chrono::TimeDelta;
use dialog::{dialog, writes_nothing};
use menu::{command_may_follow, is_of_the_work, turn_runs};

/// When a file is read again that was caught half-written: writes take far less.
const RETRY_TORN_AFTER: TimeDelta = TimeDelta::milliseconds(30);

/// A session removes its file first when it ends (SIGTERM, a closed terminal), and its process follows
/// (45 ms were measured at a load of 8). Meanwhile its last call has no shell any more, as one that asks.
const ENDS_WITHIN: TimeDelta = TimeDelta::seconds(1);

/// How long a hook may be ahead of the session file (docs/facts.md L1: 0.1 s, 0.5 s under load).
const MAX_HOOK_LEAD: TimeDelta = TimeDelta::seconds(1);

/// A start takes up the prompt in its arguments this long after its first status (0.2 s were measured, and
/// 1.2 s at a load of 8).
const TAKEN_UP_WITHIN: TimeDelta = TimeDelta::seconds(3);

/// The prompt of a session that another one starts may be written this long before its process begins
/// (`/background`).
const BEGUN_BEFORE: TimeDelta = TimeDelta::seconds(2);

/// The opinion of the session file; none if there is no file, or one that says nothing yet.
pub(super) fn opinion(e: &Evidence<'_>) -> Option<Opinion> {
    match e.file {
        SessionFileEvidence::Absent => None,
        SessionFileEvidence::Vanished(since) if e.now - since < ENDS_WITHIN => {
            let says = "the session file is gone, as when a session ends".to_owned();
            Some(hold(e, says, Some(since + ENDS_WITHIN)))
        }
        // All its files are elsewhere now (docs/facts.md C8): what changes is written there.
        SessionFileEvidence::Vanished(_) if writes_nothing(e) => {
            Some(hold(e, "the session file is gone, and so is the transcript".to_owned(), None))
        }
        SessionFileEvidence::Vanished(_) => {
            Some(unable("the session file is gone".to_owned(), None))
        }
        SessionFileEvidence::Foreign(why) => {
            Some(unable(format!("the session file is not its own: {}", why.says()), None))
        }
        SessionFileEvidence::Damaged => {
            Some(unable("the session file holds no JSON object".to_owned(), None))
        }
        SessionFileEvidence::Torn => {
            let says = "the session file was read while it was written".to_owned();
            Some(hold(e, says, Some(e.now + RETRY_TORN_AFTER)))
        }
        SessionFileEvidence::Says(file) => match &file.status {
            None => Some(unable("the session file has no status".to_owned(), None)),
            Some(status) => Some(by_status(e, file, status)),
        },
    }
}

fn by_status(e: &Evidence<'_>, file: &SessionFile, status: &SessionStatus) -> Opinion {
    let ahead = prompt_ahead(e, file);
    let (state, says) = match status {
        SessionStatus::Busy => return busy(e, file),
        SessionStatus::Idle | SessionStatus::Shell if e.runs_once => {
            let before = e.held.filter(|held| held.state == State::Working).map(|held| held.since);
            let says = "it answers the prompt in its arguments, and ends".to_owned();
            return certain(State::Working, before.or(file.status_at), says);
        }
        SessionStatus::Idle if ahead.is_some() => {
            let says = "status is \"idle\", but a prompt was submitted".to_owned();
            let (since, until) = ahead.unzip();
            return Opinion { until, ..certain(State::Working, since, says) };
        }
        SessionStatus::Idle => (State::Idle, "status is \"idle\"".to_owned()),
        SessionStatus::Shell => {
            (State::Idle, "status is \"shell\": a background shell runs".to_owned())
        }
        SessionStatus::Waiting => return waiting(e, file),
        SessionStatus::Other(word) => {
            let says = format!("status is \"{}\", which vmux does not know", clean(word, 40));
            return hold(e, says, None);
        }
    };
    certain(state, file.status_at, says)
}

fn busy(e: &Evidence<'_>, file: &SessionFile) -> Opinion {
    match background::prompt_is_free(e) {
        Some(Ok((end, what))) => {
            certain(State::Idle, Some(end), format!("status is \"busy\", but {what}"))
        }
        soon => {
            let until = soon.and_then(Result::err);
            let says = "status is \"busy\"".to_owned();
            Opinion { until, ..certain(State::Working, file.status_at, says) }
        }
    }
}

/// A dialog is open. It is a wait of the user's unless the user opened it as a menu.
fn waiting(e: &Evidence<'_>, file: &SessionFile) -> Opinion {
    let waits_for = file.waiting_for.as_deref().unwrap_or_default();
    let says = format!("status is \"waiting\" for \"{}\"", clean(waits_for, 60));
    if file.is_dialog_unnamed() && !is_of_the_work(e, file) {
        // A menu that lies over a turn does not hold it up.
        let state = if turn_runs(e) { State::Working } else { State::Idle };
        return certain(state, file.status_at, format!("{says}: a menu of the user"));
    }
    if let Some(until) = command_may_follow(e, file).filter(|_| file.is_dialog_unnamed()) {
        let kept = hold(e, format!("{says}: its command may not be written yet"), Some(until));
        let confidence = e.held.map_or(kept.confidence, |held| held.confidence);
        return Opinion { confidence, ..kept };
    }
    if e.team_lead.is_some() && !file.is_dialog_unnamed() {
        // It shows no dialog: its lead does, and is who can be answered.
        let says = format!("{says}: its team's lead is asked");
        return certain(State::Working, file.status_at, says);
    }
    let asked = dialog(e, file, waits_for);
    let opinion = certain(asked.state(), asked.since.or(file.status_at), says);
    let is_one_of_several = asking::is_one_of_several(e);
    // The call that asks may not be written yet, or another one may turn out to run.
    let unsettled = is_one_of_several || asked.detail.is_none() || !e.agents.is_empty();
    let is_new = file.status_at.is_some_and(|at| e.now - at < MAX_WRITE_LAG);
    let until = (unsettled && (is_new || is_one_of_several)).then(|| e.now + SHELL_CHECK_INTERVAL);
    Opinion { until, calls: asked.calls, ..opinion }
}

/// When a prompt was submitted that the status does not tell of yet, as a hook or the transcript says, or
/// at the start the screen; and until when that is believed.
fn prompt_ahead(e: &Evidence<'_>, file: &SessionFile) -> Option<(Timestamp, Timestamp)> {
    let free = file.status_at?;
    let submitted = e.hook.filter(|hook| hook.event == "UserPromptSubmit").map(|hook| hook.at);
    let began = match e.main {
        TranscriptEvidence::Turn(turn, _) if turn.is_running() && !e.shared => turn.began,
        _ => None,
    };
    // The first status of a start is "idle", also where its arguments hold a prompt. What is written later
    // may be about what an earlier process has left: then nothing follows.
    let is_first = e.status_before.is_none();
    let is_taken_up =
        |at: &Timestamp| is_first && *at >= e.started_at - BEGUN_BEFORE && *at <= free;
    let works = |it: &&SeenScreen| is_first && it.look.shown == Some(Shown::Work) && it.at > free;
    let newer = [submitted, began].into_iter().flatten().filter(|at| *at > free);
    let taken_up = [began.filter(is_taken_up), e.screen.filter(works).map(|it| it.at)];
    let until = |lead: TimeDelta| move |at: Timestamp| (at, at.max(free) + lead);
    let taken_up = taken_up.into_iter().flatten().map(until(TAKEN_UP_WITHIN));
    newer.map(until(MAX_HOOK_LEAD)).chain(taken_up).filter(|(_, until)| e.now < *until).max()
}

/// Keeps the last state: nothing says that it changed.
fn hold(e: &Evidence<'_>, says: String, until: Option<Timestamp>) -> Opinion {
    match e.held {
        Some(Verdict { state, since, confidence }) => Opinion {
            source: Source::SessionFile,
            state: state.clone(),
            since: Some(*since),
            confidence: (*confidence).min(Confidence::Probable),
            says: format!("{says}; the last known state is kept"),
            until,
            calls: Vec::new(),
        },
        None => unable(says, until),
    }
}

fn certain(state: State, since: Option<Timestamp>, says: String) -> Opinion {
    Opinion::new(Source::SessionFile, state, since, Confidence::Certain, says)
}

fn unable(says: String, until: Option<Timestamp>) -> Opinion {
    Opinion { confidence: Confidence::Low, until, ..certain(State::Unknown, None, says) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::process::screen::seen::Look;
    use crate::claude::testing::time;
    use crate::claude::transcript::record::TurnEvent;
    use crate::claude::transcript::turn::Turn;
    use crate::claude::verdict::ladder_tests::{ended, evidence, file, says};

    /// A turn that began at `at`, and runs.
    fn begun(at: i64) -> Turn {
        let mut turn = ended();
        turn.step(&TurnEvent::Prompt, time(at));
        turn
    }

    #[test]
    fn a_prompt_may_be_written_before_the_status() {
        let idle = file("idle", "");
        let check = |turn: &Turn, now: i64| {
            let e = Evidence {
                file: SessionFileEvidence::Says(&idle),
                main: TranscriptEvidence::Turn(turn, time(now)),
                status_before: Some(&SessionStatus::Busy),
                now: time(now),
                ..evidence()
            };
            (says(&e), opinion(&e).unwrap().until)
        };
        let (working, idle) = ("working".to_owned(), ("idle".to_owned(), None));
        assert_eq!(check(&begun(50_100), 50_200), (working, Some(time(51_100))));
        assert_eq!(check(&begun(50_100), 51_100), idle, "Esc has taken it back");
        assert_eq!(check(&begun(49_900), 50_200), idle, "it was taken back before");
        assert_eq!(check(&ended(), 50_200), idle);
    }

    /// As `new-tmux`: 0.22 s of "idle" before the prompt in the arguments is taken up.
    #[test]
    fn a_start_with_a_prompt_is_not_free_first() {
        let idle = file("idle", "");
        let check = |began: i64, before: Option<&SessionStatus>, now: i64| {
            let turn = begun(began);
            says(&Evidence {
                file: SessionFileEvidence::Says(&idle),
                main: TranscriptEvidence::Turn(&turn, time(now)),
                status_before: before,
                started_at: time(49_000),
                now: time(now),
                ..evidence()
            })
        };
        assert_eq!(check(49_700, None, 50_100), "working");
        assert_eq!(check(47_700, None, 51_200), "working", "it was written by who started it");
        assert_eq!(check(49_700, None, 53_000), "idle");
        assert_eq!(check(40_000, None, 50_100), "idle", "it was left by an earlier process");
        assert_eq!(check(49_700, Some(&SessionStatus::Busy), 50_100), "idle");
        let drawn = |shown, at: i64| {
            let look = Look { shown: Some(shown), ..Look::default() };
            let screen = SeenScreen::after(None, Some(look), time(at));
            says(&Evidence {
                file: SessionFileEvidence::Says(&idle),
                screen: Some(&screen),
                now: time(50_300),
                ..evidence()
            })
        };
        assert_eq!(drawn(Shown::Work, 50_200), "working");
        assert_eq!(drawn(Shown::Work, 49_900), "idle", "it was read before");
        assert_eq!(drawn(Shown::Prompt, 50_200), "idle");
    }

    #[test]
    fn what_prints_is_never_free() {
        let (idle, turn) = (file("idle", ""), ended());
        let held =
            Verdict { state: State::Working, since: time(30_000), confidence: Confidence::Certain };
        let e = |runs_once| Evidence {
            file: SessionFileEvidence::Says(&idle),
            main: TranscriptEvidence::Turn(&turn, time(5000)),
            held: Some(&held),
            runs_once,
            ..evidence()
        };
        assert_eq!((says(&e(true)), says(&e(false))), ("working".to_owned(), "idle".to_owned()));
        assert_eq!(opinion(&e(true)).unwrap().since, Some(time(30_000)));
    }
}
