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
    fn a_conversation_that_was_opened_again_and_left_at_once_has_one_too() {
        check(&[head("b", 21_000, 30_000, true)], true, Some("b"));
        check(&[head("b", -60_000, 30_000, true)], true, None);
    }
}
