//! Sessions that are named by a path or by a number.

use super::here::Here;
use crate::session::info::SessionInfo;
use crate::session::key::SessionKey;
use crate::session::query::filter::is_in;
use crate::session::query::order::{self, Order};
use crate::session::title::title;
use std::path::Path;

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
pub fn numbered(
    number: usize,
    sessions: &[SessionInfo],
    order: Order,
) -> Result<SessionKey, usize> {
    let sorted = order::sorted(sessions, order);
    let text = number.to_string();
    let is_called = |it: &&&SessionInfo| {
        let own = [it.label.as_deref(), it.details.name.as_deref()];
        own.contains(&Some(&text)) || title(it, MAX_TITLE) == text
    };
    let has_pid = |it: &&&SessionInfo| it.host.is_none() && it.pid.to_string() == text;
    let called = sorted.iter().find(is_called).or_else(|| sorted.iter().find(has_pid));
    if let Some(session) = called {
        return Ok(session.key());
    }
    let wanted: Vec<&&SessionInfo> =
        sorted.iter().filter(|it| order::wants_attention(it)).collect();
    let place = number.checked_sub(1).and_then(|index| wanted.get(index));
    place.map(|it| it.key()).ok_or(wanted.len())
}

/// The sessions that a path means, the most urgent first: those in the directory, else those below it.
/// `.` means, if there are none, those in the nearest directory above, but not in `/` or at home.
pub fn at_path<'a>(
    words: &str,
    path: &str,
    here: &Here,
    sessions: &'a [SessionInfo],
    order: Order,
) -> Vec<&'a SessionInfo> {
    let sorted = order::sorted(sessions, order);
    let local: Vec<&SessionInfo> = sorted.into_iter().filter(|it| it.host.is_none()).collect();
    let of = |is_meant: &dyn Fn(&str) -> bool| -> Vec<&SessionInfo> {
        local.iter().copied().filter(|it| is_meant(&it.cwd)).collect()
    };
    let exact = of(&|cwd| cwd == path);
    if !exact.is_empty() {
        return exact;
    }
    let below = of(&|cwd| is_in(cwd, path));
    if !below.is_empty() || words.trim() != "." {
        return below;
    }
    let above = Path::new(path).ancestors().skip(1).filter(|it| !here.is_home(it));
    let above = above.filter(|it| it.parent().is_some()).filter_map(Path::to_str);
    above.map(|parent| of(&|cwd| cwd == parent)).find(|it| !it.is_empty()).unwrap_or_default()
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
        for (session, cwd) in house.iter_mut().zip(["/home/u", "/s/web", "/s/web/a", "/s"]) {
            session.cwd = cwd.into();
        }
        house
    }

    #[track_caller]
    fn check(number: usize, house: &[SessionInfo], expected: Result<u32, usize>) {
        let found = numbered(number, house, Order::Longest);
        assert_eq!(found.map(|it| it.process.pid), expected, "{number}");
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

    #[track_caller]
    fn paths(words: &str, directory: &str, expected: &[u32]) {
        let here = Here::at(directory, "/home/u");
        let house = house();
        let path = here.path(words).unwrap();
        let found = at_path(words, &path, &here, &house, Order::Longest);
        let pids: Vec<u32> = found.iter().map(|it| it.pid).collect();
        assert_eq!(pids, expected, "{words} in {directory}");
    }

    #[test]
    fn a_path_means_what_is_there_else_below_and_a_dot_else_above() {
        paths(".", "/s", &[11]);
        paths("..", "/s/web", &[11]);
        paths(".", "/s/web", &[13]);
        paths("/s/web/a", "/", &[12]);
        paths("/", "/", &[11, 12, 13, 14]);
        paths(".", "/s/web/b/c", &[13]);
        paths("/s/web/b", "/", &[]);
        paths("~", "/", &[14]);
        // Whatever is below home is not meant by a session at home.
        paths(".", "/home/u/other", &[]);
    }
}
