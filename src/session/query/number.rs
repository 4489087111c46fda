//! A session that is named by a number: its place in the list.

use super::order::{self, Order};
use crate::session::info::SessionInfo;
use crate::session::title::title;
use std::borrow::Borrow;

/// The longest title that is compared, in characters.
const MAX_TITLE: usize = 200;

/// The number that `words` are, if they are one of at most two digits: longer ones are pids.
pub fn number(words: &str) -> Option<usize> {
    let words = words.trim();
    let is_number = matches!(words.len(), 1 | 2) && words.bytes().all(|it| it.is_ascii_digit());
    words.parse().ok().filter(|_| is_number)
}

/// The session that a number means: one that is called so or has this pid, else the one at this place of
/// those that want attention, as `vmux list` shows them. `Err`: how many these are.
pub fn numbered<S: Borrow<SessionInfo>>(
    number: usize,
    sessions: &[S],
    order: Order,
) -> Result<&SessionInfo, usize> {
    let sorted = order::sorted(sessions, order);
    let text = number.to_string();
    let is_called = |it: &&&SessionInfo| {
        let own = [it.label.as_deref(), it.details.name.as_deref()];
        own.contains(&Some(&text)) || title(it, MAX_TITLE) == text
    };
    let has_pid = |it: &&&SessionInfo| it.host.is_none() && it.pid.to_string() == text;
    let called = sorted.iter().find(is_called).or_else(|| sorted.iter().find(has_pid));
    if let Some(session) = called {
        return Ok(session);
    }
    let wanted: Vec<_> = sorted.into_iter().filter(|it| order::wants_attention(it)).collect();
    let place = number.checked_sub(1).and_then(|index| wanted.get(index));
    place.copied().ok_or(wanted.len())
}

/// What to say of a number that means no session, in one line; so many sessions have a place.
pub fn no_number(number: usize, count: usize) -> String {
    match count {
        0 => "no session waits or has finished".to_owned(),
        1 => format!("there is no number {number}: one session waits or has finished"),
        _ => format!("there is no number {number}: {count} sessions wait or have finished"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::info::sample;
    use crate::session::state::StateName;

    /// 11 and 12 wait, 13 has finished, 14 works.
    fn house() -> Vec<SessionInfo> {
        let mut house = vec![
            sample(14, StateName::Working, 1),
            sample(13, StateName::Idle, 2),
            sample(12, StateName::NeedsInput, 3),
            sample(11, StateName::NeedsInput, 4),
        ];
        house[1].unseen = true;
        house
    }

    #[track_caller]
    fn check(number: usize, house: &[SessionInfo], expected: Result<u32, usize>) {
        let found = numbered(number, house, Order::Longest);
        assert_eq!(found.map(|it| it.pid), expected, "{number}");
    }

    #[test]
    fn a_number_is_a_place_among_those_that_want_attention() {
        for (words, is) in [("3", Some(3)), (" 12 ", Some(12)), ("0", Some(0))] {
            assert_eq!(number(words), is);
        }
        for words in ["", "123", "3 4", "+3", "x", "٣"] {
            assert_eq!(number(words), None, "{words}");
        }
        let house = house();
        check(1, &house, Ok(11));
        check(3, &house, Ok(13));
        check(0, &house, Err(3));
        check(4, &house, Err(3));
        check(1, &[], Err(0));
    }

    #[test]
    fn a_session_that_is_called_so_comes_first_then_a_pid_and_no_workspace() {
        let mut house = house();
        house[0].workspace = Some("1".into());
        check(1, &house, Ok(11));
        check(14, &house, Ok(14));
        house[0].details.name = Some("1".into());
        check(1, &house, Ok(14));
        house[1].label = Some("14".into());
        check(14, &house, Ok(13));
        house[2].cwd = "/s/2".into();
        check(2, &house, Ok(12));
    }
}
