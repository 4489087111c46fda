//! Sessions that are named by a path.

use super::here::Here;
use crate::session::info::SessionInfo;
use crate::session::query::filter::is_in;
use crate::session::query::order::{self, Order};
use std::path::Path;

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
