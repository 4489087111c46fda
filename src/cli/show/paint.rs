//! Colours for the terminal.

use crate::session::info::SessionInfo;
use crate::session::query::order::{Priority, priority};

/// Whether to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paint {
    /// Whether the output has colours.
    pub colour: bool,
}

/// What a text is, which decides its colour. Only the sixteen colours of the terminal are used, so that
/// they fit the user's theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// In the default colour.
    Plain,
    /// Of less interest.
    Dim,
    /// A name.
    Bold,
    /// It waits for the user.
    Waits,
    /// Something went wrong.
    Wrong,
    /// It finished, or all is well.
    Good,
    /// It works.
    Busy,
}

impl Paint {
    /// Without colours.
    pub const NONE: Paint = Paint { colour: false };

    /// `text` in the colour of `tone`.
    pub fn paint(self, tone: Tone, text: &str) -> String {
        let code = match tone {
            Tone::Plain => return text.to_owned(),
            Tone::Dim => "2",
            Tone::Bold => "1",
            Tone::Waits => "1;33",
            Tone::Wrong => "1;31",
            Tone::Good => "32",
            Tone::Busy => "36",
        };
        if !self.colour || text.is_empty() {
            return text.to_owned();
        }
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// The mark in front of a session's state, and its colour.
pub fn mark(session: &SessionInfo) -> (&'static str, Tone) {
    match priority(session) {
        Priority::Permission | Priority::Asks => ("●", Tone::Waits),
        Priority::Failed => ("✗", Tone::Wrong),
        Priority::Unseen => ("✓", Tone::Good),
        Priority::Working => ("◐", Tone::Busy),
        Priority::Idle if session.failure().is_some() => ("✗", Tone::Plain),
        Priority::Idle => ("○", Tone::Plain),
        Priority::Unknown => ("?", Tone::Dim),
    }
}
