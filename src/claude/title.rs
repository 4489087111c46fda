//! The title of a session's terminal, as far as its first character says something (facts E1). Pure.

use crate::session::Timestamp;

/// A title as it was seen, and the one before it.
///
/// It is seen when a window manager reports it, but in tmux only once in a while: what it was
/// before, and when, tells a title that has changed from one that was merely seen late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title {
    /// Not clean.
    text: String,
    seen: Timestamp,
    before: Option<(Glyph, Timestamp)>,
}

/// What a title's first character says (2.0.77 shows a static one, so does tmux's own).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Glyph {
    /// A turn runs.
    Spinner,
    /// `✳`: no turn runs, or it is static.
    Star,
}

impl Title {
    /// A title that was first seen at `seen`, after `before`.
    pub fn new(text: String, seen: Timestamp, before: Option<&Title>) -> Title {
        let before = before.and_then(|it| Some((it.glyph()?, it.seen)));
        Title { text, seen, before }
    }

    pub(super) fn glyph(&self) -> Option<Glyph> {
        match self.text.chars().next()? {
            '\u{25D0}'..='\u{25D3}' | '\u{2800}'..='\u{28FF}' => Some(Glyph::Spinner),
            '\u{2733}' => Some(Glyph::Star),
            _ => None,
        }
    }

    /// When the spinner was found to have stopped, if it was seen to turn after `start`.
    pub(super) fn stopped(&self, start: Timestamp) -> Option<Timestamp> {
        let (before, at) = self.before?;
        let stopped = self.glyph() == Some(Glyph::Star) && before == Glyph::Spinner && at > start;
        stopped.then_some(self.seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::testing::time;

    #[test]
    fn a_star_says_that_a_turn_is_over_only_after_its_spinner() {
        let first = Title::new("✳ Claude Code".to_owned(), time(1000), None);
        assert_eq!(first.stopped(time(500)), None, "it may have been there before");
        let spins = Title::new("⠐ Claude Code".to_owned(), time(2000), Some(&first));
        assert_eq!(spins.glyph(), Some(Glyph::Spinner));
        let star = Title::new("✳ Claude Code".to_owned(), time(3000), Some(&spins));
        assert_eq!(star.stopped(time(1500)), Some(time(3000)));
        assert_eq!(star.stopped(time(2500)), None, "the spinner of the turn before");
        assert_eq!(Title::new("vim".to_owned(), time(4000), Some(&star)).glyph(), None);
    }
}
