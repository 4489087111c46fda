//! What was read of the screen of one session, over time. Pure.

use super::shown::Shown;
use crate::session::Timestamp;

/// What the last look at a screen found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenScreen {
    /// What it shows; `None` if nothing that is known, or it cannot be read.
    pub shown: Option<Shown>,
    /// Whether it can be read.
    pub is_readable: bool,
    /// The screen was not read before this time.
    pub at: Timestamp,
    /// Since when each look has found the same.
    pub since: Timestamp,
    /// Whether it has shown a free prompt or work: the start is over.
    pub has_begun: bool,
}

impl SeenScreen {
    /// After a look that was begun at `at`; `read` is `None` if the screen could not be read.
    pub fn after(
        before: Option<SeenScreen>,
        read: Option<Option<Shown>>,
        at: Timestamp,
    ) -> SeenScreen {
        let shown = read.flatten();
        let is_readable = read.is_some();
        let same = before.filter(|it| it.shown == shown && it.is_readable == is_readable);
        let begins = matches!(shown, Some(Shown::Prompt | Shown::Work));
        SeenScreen {
            shown,
            is_readable,
            at,
            since: same.map_or(at, |it| it.since),
            has_begun: begins || before.is_some_and(|it| it.has_begun),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::testing::time;

    #[test]
    fn the_same_keeps_its_time_and_a_start_is_over_once() {
        let look = |before, shown, at| SeenScreen::after(before, Some(shown), time(at));
        let menu = look(None, Some(Shown::Menu), 100);
        let again = look(Some(menu), Some(Shown::Menu), 300);
        assert_eq!((again.since, again.at, again.has_begun), (time(100), time(300), false));
        let prompt = look(Some(again), Some(Shown::Prompt), 500);
        assert_eq!((prompt.since, prompt.has_begun), (time(500), true));
        let unread = SeenScreen::after(Some(prompt), None, time(700));
        assert_eq!((unread.is_readable, unread.shown, unread.has_begun), (false, None, true));
        assert_eq!(look(Some(unread), None, 900).since, time(900), "it can be read again");
    }
}
