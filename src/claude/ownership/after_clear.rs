//! Which conversation a process went on to without its session file telling. Pure.
//!
//! Versions whose session file has no status (2.1.75, 2.1.100) leave the old session id in it when
//! the user types `/clear`, or approves a plan with a clear context.

use super::owner::Owner;
use super::transcript_head::TranscriptHead;
use crate::session::Timestamp;
use chrono::TimeDelta;

/// The old conversation may be closed so long after the new one was begun.
const MAX_OVERLAP: TimeDelta = TimeDelta::seconds(1);

/// A process writes nothing so soon after its start: that was the one before it.
const MIN_START: TimeDelta = TimeDelta::milliseconds(300);

/// The conversation that followed `held`; none if there is none. `heads` are the conversations of
/// the directory that no other process is known to hold, `alone` whether no other may have begun one.
pub(crate) fn successor(
    held: &str,
    started_at: Timestamp,
    heads: &[TranscriptHead],
    alone: bool,
) -> Option<Owner> {
    let own = heads.iter().find(|head| head.session_id == held);
    let silent_since = own.map_or(started_at, |own| own.written_at.max(started_at));
    let next = heads
        .iter()
        .filter(|head| head.is_conversation && head.begins_with_clear && head.session_id != held)
        .filter(|head| head.first_at.is_some_and(|first| first > silent_since - MAX_OVERLAP))
        .max_by_key(|head| head.first_at)?;
    Some(match alone {
        true => Owner::Session(next.session_id.clone(), "begun with /clear after that of its file"),
        false => Owner::Ambiguous,
    })
}

/// The conversation that a process resumed whose file names one that was never written (`--resume` and
/// `--continue` on 2.1.75): the only one of the directory that is older than the process and was
/// written since. `seen_held`: those that another process was seen to hold.
pub(crate) fn resumed(
    named: &str,
    started_at: Timestamp,
    heads: &[TranscriptHead],
    seen_held: &[String],
    alone: bool,
) -> Option<Owner> {
    let is_candidate = |head: &&TranscriptHead| {
        head.is_conversation
            && head.written_at > started_at + MIN_START
            && head.first_at.is_some_and(|first| first < started_at)
            && !seen_held.contains(&head.session_id)
    };
    let mut candidates = heads.iter().filter(is_candidate);
    let one = candidates.next().filter(|_| candidates.next().is_none())?;
    let is_unwritten = heads.iter().all(|head| head.session_id != named);
    let says = "the only older one written in its directory since its start";
    (alone && is_unwritten).then(|| Owner::Session(one.session_id.clone(), says))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::testing::time;

    fn head(id: &str, first: i64, written: i64, clear: bool) -> TranscriptHead {
        TranscriptHead {
            path: id.into(),
            session_id: id.to_owned(),
            made_at: None,
            written_at: time(written),
            first_at: Some(time(first)),
            is_conversation: true,
            begins_with_clear: clear,
            is_empty: false,
            cwd: None,
        }
    }

    fn check(heads: &[TranscriptHead], alone: bool, want: Option<&str>) {
        let owner = successor("a", time(0), heads, alone);
        let says = owner.map(|it| match it {
            Owner::Session(id, _) => id,
            _ => "?".to_owned(),
        });
        assert_eq!(says.as_deref(), want);
    }

    #[test]
    fn the_last_conversation_that_began_with_clear_after_its_own() {
        let own = head("a", 1000, 20_000, false);
        check(std::slice::from_ref(&own), true, None);
        check(&[own.clone(), head("b", 21_000, 30_000, false)], true, None);
        check(&[own.clone(), head("b", 10_000, 30_000, true)], true, None);
        check(&[own.clone(), head("b", 21_000, 30_000, true)], true, Some("b"));
        let two = [own.clone(), head("b", 21_000, 30_000, true), head("c", 40_000, 50_000, true)];
        check(&two, true, Some("c"));
        check(&two, false, Some("?"));
    }

    #[test]
    fn a_resumed_conversation_is_the_only_older_one_that_goes_on() {
        let check = |heads: &[TranscriptHead], held: &[&str], alone: bool, want: Option<&str>| {
            let held: Vec<String> = held.iter().map(|id| (*id).to_owned()).collect();
            let owner = resumed("new", time(10_000), heads, &held, alone);
            let id = owner.map(|it| match it {
                Owner::Session(id, _) => id,
                _ => "?".to_owned(),
            });
            assert_eq!(id.as_deref(), want);
        };
        let old = head("old", 1000, 20_000, false);
        check(std::slice::from_ref(&old), &[], true, Some("old"));
        check(std::slice::from_ref(&old), &[], false, None);
        check(std::slice::from_ref(&old), &["old"], true, None);
        check(&[head("old", 1000, 9900, false)], &[], true, None);
        check(&[head("young", 11_000, 20_000, false)], &[], true, None);
        check(&[old.clone(), head("new", 12_000, 13_000, false)], &[], true, None);
        check(&[old, head("other", 2000, 21_000, false)], &[], true, None);
    }

    #[test]
    fn a_conversation_that_was_opened_again_and_left_at_once_has_one_too() {
        check(&[head("b", 21_000, 30_000, true)], true, Some("b"));
        check(&[head("b", -60_000, 30_000, true)], true, None);
    }
}
