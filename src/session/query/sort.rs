//! The orders in which a list can be shown.

use super::order::{self, Order};
use crate::session::info::SessionInfo;
use crate::session::title::title;
use std::cmp::{Ordering, Reverse};

/// The longest title that is compared, in characters.
const MAX_TITLE: usize = 200;

/// What a list is sorted by. Sessions that are equal in it come in the order of [`order::compare`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum SortKey {
    /// Those that wait first: the order of `switch --next`.
    #[default]
    Urgency,
    /// The one that has been in its state longest first.
    For,
    /// The one that began last first. Times of different hosts are not compared: this machine comes first.
    Started,
    /// By title, from A to Z.
    Session,
    /// By directory, from A to Z.
    Directory,
    /// By workspace: by its number, then by its name; those without one last.
    Workspace,
    /// The fullest context first.
    Context,
    /// By process id, the smallest first.
    Pid,
}

impl SortKey {
    /// All of them, by name. Where two names mean one key, the first is the one that is offered.
    pub const NAMES: &[(&str, SortKey)] = &[
        ("urgency", SortKey::Urgency),
        ("for", SortKey::For),
        ("started", SortKey::Started),
        ("session", SortKey::Session),
        ("directory", SortKey::Directory),
        ("dir", SortKey::Directory),
        ("workspace", SortKey::Workspace),
        ("ws", SortKey::Workspace),
        ("context", SortKey::Context),
        ("pid", SortKey::Pid),
    ];

    fn compare(self, a: &SessionInfo, b: &SessionInfo) -> Ordering {
        let since = |it: &SessionInfo| it.waiting_since.unwrap_or(it.since);
        match self {
            SortKey::Urgency => Ordering::Equal,
            SortKey::For => since(a).cmp(&since(b)),
            SortKey::Started => {
                let started = |it: &SessionInfo| (it.host, Reverse(it.start));
                started(a).cmp(&started(b))
            }
            SortKey::Session => {
                let name = |it: &SessionInfo| title(it, MAX_TITLE).to_lowercase();
                name(a).cmp(&name(b))
            }
            SortKey::Directory => a.cwd.to_lowercase().cmp(&b.cwd.to_lowercase()),
            SortKey::Workspace => workspace(a).cmp(&workspace(b)),
            SortKey::Context => b.details.context_tokens.cmp(&a.details.context_tokens),
            SortKey::Pid => a.pid.cmp(&b.pid),
        }
    }
}

/// Without one last; i3 takes the digits at the beginning of a name for its number.
fn workspace(session: &SessionInfo) -> (bool, u64, String) {
    let Some(name) = &session.workspace else { return (true, 0, String::new()) };
    let digits = name.find(|c: char| !c.is_ascii_digit()).unwrap_or(name.len());
    (false, name[..digits].parse().unwrap_or(u64::MAX), name.to_lowercase())
}

/// Sorts by `key`, or the other way round.
pub fn sort(sessions: &mut [&SessionInfo], key: SortKey, order: Order, reverse: bool) {
    sessions.sort_by(|a, b| {
        let ordering = key.compare(a, b).then_with(|| order::compare(a, b, order));
        if reverse { ordering.reverse() } else { ordering }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::info::sample;
    use crate::session::state::StateName;

    #[track_caller]
    fn check(key: &str, reverse: bool, expected: [u32; 4]) {
        let mut house = [
            sample(1, StateName::Working, 9),
            sample(2, StateName::NeedsInput, 4),
            sample(3, StateName::Idle, 50),
            sample(4, StateName::Idle, 2),
        ];
        for (at, session) in house.iter_mut().enumerate() {
            session.label = Some(["b", "C", "a", "d"][at].into());
            session.cwd = ["/z", "/y", "/y/a", "/x"][at].into();
            session.start = [30, 40, 10, 20][at];
            session.details.context_tokens = [Some(5), None, Some(9000), Some(70)][at];
            session.workspace = [Some("10"), Some("web"), Some("2: x"), None][at].map(Into::into);
        }
        let key = SortKey::NAMES.iter().find(|(name, _)| *name == key).unwrap().1;
        let mut sessions: Vec<&SessionInfo> = house.iter().collect();
        sort(&mut sessions, key, Order::Longest, reverse);
        let pids: Vec<u32> = sessions.iter().map(|it| it.pid).collect();
        assert_eq!(pids, expected, "{key:?}");
    }

    #[test]
    fn each_key_has_its_order() {
        check("urgency", false, [2, 1, 3, 4]);
        check("urgency", true, [4, 3, 1, 2]);
        check("for", false, [3, 1, 2, 4]);
        check("started", false, [2, 1, 4, 3]);
        check("session", false, [3, 1, 2, 4]);
        check("directory", false, [4, 2, 3, 1]);
        check("workspace", false, [3, 1, 2, 4]);
        check("context", false, [3, 4, 1, 2]);
        check("pid", true, [4, 3, 2, 1]);
    }
}
