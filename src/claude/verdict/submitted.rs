//! What the user submitted and the transcript does not show yet (docs/facts.md T21). Pure.

use super::calls::judge::{MAX_HOOK_ROUNDING, SHELL_CHECK_INTERVAL};
use super::log::MAX_COMPACTION;
use super::{Evidence, Opinion, last_event};
use crate::claude::config_files::history::{Submission, Submitted};
use crate::session::Timestamp;
use crate::session::state::evidence::Source;
use crate::session::state::{Confidence, State};
use chrono::TimeDelta;

/// A prompt is in the transcript by then, unless a hook looks at it (0.1 to 1.8 s were measured).
const PROMPT_DUE: TimeDelta = TimeDelta::seconds(3);

/// A session that sleeps for this long compacts nothing: its spinner stands.
const ASLEEP_AFTER: TimeDelta = TimeDelta::seconds(1);

/// Stop hooks are born this soon after their turn, and those of the start after the process.
const STOP_HOOK_WITHIN: TimeDelta = TimeDelta::seconds(2);

/// A session that draws uses some processor time in each such interval.
const DRAWS_WITHIN: TimeDelta = TimeDelta::milliseconds(700);

/// A notification that the prompt is free comes after a minute (docs/facts.md H4).
const NOTIFIED_AFTER: TimeDelta = TimeDelta::seconds(55);

/// Whether something was submitted that the transcript does not show yet.
pub(super) fn is_new(e: &Evidence<'_>) -> bool {
    pending(e).is_some()
}

/// The opinion that follows where the turn is over, or there was none; none if nothing is pending.
pub(super) fn opinion(e: &Evidence<'_>) -> Option<Opinion> {
    let Submission { at, what } = pending(e)?;
    let sleeps = e.activity.is_some_and(|activity| activity.quiet_for >= ASLEEP_AFTER);
    match what {
        // Without a screen there is no spinner.
        Submitted::Compact if (!sleeps || !e.interactive) && e.now - at < MAX_COMPACTION => {
            Some(working(e, at, "/compact was submitted"))
        }
        Submitted::Prompt if e.hooks.iter().any(|born| *born >= at - MAX_HOOK_ROUNDING) => {
            Some(working(e, at, "a hook looks at the prompt that was submitted"))
        }
        Submitted::Prompt if e.now - at < PROMPT_DUE => {
            Some(working(e, at, "a prompt was submitted"))
        }
        _ => None,
    }
}

/// The opinion from a hook that runs at a prompt that has been free `since` then: 1.0.128 writes a prompt
/// down only when its hooks are over, and leaves the prompt free while Stop hooks run.
pub(super) fn hook(e: &Evidence<'_>, since: Timestamp) -> Option<Opinion> {
    if e.has_status() || e.shows_stop_hooks || !e.interactive {
        return None;
    }
    let born = *e.hooks.iter().filter(|born| **born > since + STOP_HOOK_WITHIN).min()?;
    let activity = e.activity.unwrap_or_default();
    // A hook of the start holds everything up: nothing is drawn.
    let draws = e.now - born >= DRAWS_WITHIN && activity.still_for < DRAWS_WITHIN;
    let may_notify = born - since >= NOTIFIED_AFTER && !activity.is_busy();
    if draws && !may_notify {
        return Some(working(e, born, "a hook looks at the prompt that was submitted"));
    }
    let says = "a hook runs, and nothing tells which".to_owned();
    let opinion =
        Opinion::new(Source::Transcript, State::Unknown, Some(born), Confidence::Low, says);
    Some(Opinion { until: Some(e.now + SHELL_CHECK_INTERVAL), ..opinion })
}

fn pending(e: &Evidence<'_>) -> Option<Submission> {
    let is_later = |at: Timestamp| at > last_event(e).unwrap_or(e.started_at) && at <= e.now;
    e.submitted.filter(|it| !e.has_status() && is_later(it.at))
}

fn working(e: &Evidence<'_>, since: Timestamp, says: &str) -> Opinion {
    let (source, confidence) = (Source::Transcript, Confidence::Probable);
    let opinion = Opinion::new(source, State::Working, Some(since), confidence, says.to_owned());
    Opinion { until: Some(e.now + SHELL_CHECK_INTERVAL), ..opinion }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::testing::time;
    use crate::claude::verdict::evidence::Activity;
    use crate::claude::verdict::ladder_tests::{ended, evidence, quiet_for};
    use crate::claude::verdict::{TranscriptEvidence, decide};
    use crate::session::state::StateName;

    /// The state at `now`, if this was submitted at 60 000, after a turn that has ended before.
    fn state(what: Submitted, now: i64, more: Evidence<'_>) -> StateName {
        let turn = ended();
        let main = TranscriptEvidence::Turn(&turn, time(50_000));
        let submitted = Some(Submission { at: time(60_000), what });
        decide(&Evidence { now: time(now), main, submitted, ..more }).verdict.state.name()
    }

    #[test]
    fn what_was_submitted_is_worked_on_before_the_transcript_says_so() {
        use StateName::{Idle, Working};
        use Submitted::{Command, Compact, Prompt};
        assert_eq!(state(Prompt, 60_500, evidence()), Working);
        assert_eq!(state(Prompt, 64_000, evidence()), Idle, "it was refused");
        let hooked = || Evidence { hooks: vec![time(60_100)], ..evidence() };
        assert_eq!(state(Prompt, 90_000, hooked()), Working);
        assert_eq!(state(Command, 60_500, evidence()), Idle);
        assert_eq!(state(Compact, 90_000, evidence()), Working);
        assert_eq!(state(Compact, 900_000, evidence()), Idle);
        let asleep = || Evidence { activity: Some(quiet_for(2)), ..evidence() };
        assert_eq!(state(Compact, 90_000, asleep()), Idle, "it was left");
        let piped = || Evidence { interactive: false, ..asleep() };
        assert_eq!(state(Compact, 90_000, piped()), Working, "nothing spins");
        let early = || Evidence { main: TranscriptEvidence::Nothing, ..evidence() };
        let submitted = Some(Submission { at: time(60_000), what: Prompt });
        let first = Evidence { now: time(60_500), submitted, ..early() };
        assert_eq!(decide(&first).verdict.state.name(), Working);
    }

    #[test]
    fn a_hook_at_a_free_prompt_of_1_0_looks_at_a_prompt() {
        let turn = ended();
        let says = |born: i64, still: i64, now: i64| {
            let still_for = TimeDelta::milliseconds(still);
            let activity = Some(Activity { still_for, has_started: true, ..Activity::default() });
            let main = TranscriptEvidence::Turn(&turn, time(5000));
            let e = Evidence { hooks: vec![time(born)], activity, ..evidence() };
            let e = Evidence { now: time(now), main, shows_stop_hooks: false, ..e };
            decide(&e).verdict.state.name()
        };
        use StateName::{Idle, Unknown, Working};
        assert_eq!(says(20_000, 0, 21_000), Working);
        assert_eq!(says(20_000, 0, 20_300), Unknown, "it may be one that holds all up");
        assert_eq!(says(20_000, 900, 21_000), Unknown, "nothing is drawn");
        assert_eq!(says(5500, 0, 21_000), Idle, "a Stop hook");
        assert_eq!(says(66_000, 0, 68_000), Unknown, "it may notify the user");
        let first = |version_shows| {
            let e = Evidence { hooks: vec![time(20_000)], now: time(22_000), ..evidence() };
            decide(&Evidence { shows_stop_hooks: version_shows, ..e }).verdict.state.name()
        };
        assert_eq!([first(false), first(true)], [Working, Idle], "no prompt was there before");
    }

    #[test]
    fn what_the_transcript_shows_is_not_pending() {
        let mut turn = ended();
        turn.last = Some(time(60_100));
        let main = TranscriptEvidence::Turn(&turn, time(60_100));
        let submitted = Some(Submission { at: time(60_000), what: Submitted::Compact });
        let e = Evidence { now: time(61_000), main, submitted, ..evidence() };
        assert!(!is_new(&e));
    }
}
