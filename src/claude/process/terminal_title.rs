//! What the first character of a session's terminal title says (docs/facts.md E1). Pure.

use crate::session::Timestamp;
use chrono::TimeDelta;

/// A title as it was seen, and the one before it.
///
/// A window manager reports each change, but tmux is asked only now and then: the title before it,
/// and when that was seen, tell a title that has changed from one that was merely seen late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Title {
    glyph: Option<Glyph>,
    seen: Timestamp,
    /// Since when the glyph says the same.
    since: Timestamp,
    /// The glyph before that, and when it was last seen.
    before: Option<(Glyph, Timestamp)>,
}

/// How much later than the transcript a title may be seen.
const MAX_TITLE_LAG: TimeDelta = TimeDelta::milliseconds(500);

/// What a title's first character says (2.0.77 shows a static one, so does tmux's own).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Glyph {
    /// A turn runs.
    Spinner,
    /// `✳`: no turn runs, or it is static.
    Star,
}

impl Glyph {
    fn of(text: &str) -> Option<Glyph> {
        match text.chars().next()? {
            '\u{25D0}'..='\u{25D3}' | '\u{2800}'..='\u{28FF}' => Some(Glyph::Spinner),
            '\u{2733}' => Some(Glyph::Star),
            _ => None,
        }
    }
}

impl Title {
    /// A title that was first seen at `seen`, after `before`.
    pub fn new(text: &str, seen: Timestamp, before: Option<&Title>) -> Title {
        let glyph = Glyph::of(text);
        let same = before.filter(|before| before.glyph == glyph);
        Title {
            glyph,
            seen,
            since: same.map_or(seen, |before| before.since),
            // Words may change while the glyph does not: what it changed from is still the same.
            before: match same {
                Some(before) => before.before,
                None => before.and_then(|before| Some((before.glyph?, before.seen))),
            },
        }
    }

    /// When it was seen.
    pub(crate) fn seen(&self) -> Timestamp {
        self.seen
    }

    pub(crate) fn glyph(&self) -> Option<Glyph> {
        self.glyph
    }

    /// Since when it spins, if it was seen to turn after the turn had ended at `end`: something else
    /// goes on, such as `/compact` or a hook.
    pub(crate) fn spins_on(&self, end: Timestamp) -> Option<Timestamp> {
        let spins = self.glyph == Some(Glyph::Spinner) && self.seen > end + MAX_TITLE_LAG;
        spins.then_some(self.since.max(end))
    }

    /// When the spinner was found to have stopped, if it was seen to turn after `start`.
    pub(crate) fn stopped(&self, start: Timestamp) -> Option<Timestamp> {
        let (before, at) = self.before?;
        let stopped = self.glyph == Some(Glyph::Star) && before == Glyph::Spinner && at > start;
        stopped.then_some(self.since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::testing::time;

    #[test]
    fn a_star_says_that_a_turn_is_over_only_after_its_spinner() {
        let first = Title::new("✳ Claude Code", time(1000), None);
        assert_eq!(first.stopped(time(500)), None, "it may have been there before");
        let spins = Title::new("⠐ Claude Code", time(2000), Some(&first));
        assert_eq!(spins.glyph(), Some(Glyph::Spinner));
        let star = Title::new("✳ Claude Code", time(3000), Some(&spins));
        assert_eq!(star.stopped(time(1500)), Some(time(3000)));
        assert_eq!(star.stopped(time(2500)), None, "the spinner of the turn before");
        let renamed = Title::new("✳ Fix the build", time(3500), Some(&star));
        assert_eq!(renamed.stopped(time(1500)), Some(time(3000)), "only its words changed");
        assert_eq!(renamed.stopped(time(2500)), None);
        assert_eq!(Title::new("vim", time(4000), Some(&star)).glyph(), None);
    }

    #[test]
    fn a_spinner_that_turns_after_the_end_says_that_something_goes_on() {
        let first = Title::new("⠐ x", time(2000), None);
        let next = Title::new("⠂ x", time(3000), Some(&first));
        assert_eq!(first.spins_on(time(1800)), None, "it may have been seen late");
        assert_eq!(next.spins_on(time(1800)), Some(time(2000)));
        assert_eq!(next.spins_on(time(2200)), Some(time(2200)));
        assert_eq!(Title::new("✳ x", time(9000), None).spins_on(time(0)), None);
    }
}
