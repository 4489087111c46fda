//! One look at the screen of a session, and what is kept of the looks before.

use crate::claude::process::screen::Screen;
use crate::claude::process::screen::seen::{Look, SeenScreen};
use crate::claude::process::screen::shown::Shown;
use crate::session::Timestamp;
use crate::wm::switch::keyboard::Keyboard;

/// The screen of one process: how it is read, and what was seen.
#[derive(Debug, Default)]
pub struct ScreenReads {
    /// What the last look found.
    pub seen: Option<Box<SeenScreen>>,
    /// When the look began that is not over.
    pub begun: Option<Timestamp>,
    /// Whether it would say more than the files, as far as the last inspection tells.
    pub may_tell: bool,
    /// The terminal, once it is known.
    pub terminal: Option<Box<Keyboard>>,
}

impl ScreenReads {
    /// Whether it could be read when it was last tried, or was not tried yet.
    pub fn is_readable(&self) -> bool {
        self.seen.as_ref().is_none_or(|it| it.is_readable)
    }

    /// Whether it showed no work when it was last read: a spinner writes all the time.
    pub fn is_at_rest(&self) -> bool {
        let seen = self.seen.as_ref().filter(|it| it.is_readable);
        seen.is_some_and(|it| it.look.shown != Some(Shown::Work))
    }

    /// Whether requests wait for a look that is not over: one that could not be read before is not
    /// worth a wait.
    pub fn is_awaited(&self) -> bool {
        self.begun.is_some() && self.is_readable()
    }
}

/// What one look found.
#[derive(Debug)]
pub struct ScreenRead {
    /// The terminal that was read; `None` if it cannot be.
    pub terminal: Option<Keyboard>,
    /// What it shows.
    pub look: Look,
}

/// Reads a terminal, if there is one. While `is_there` is false, or its cursor is shown, it shows nothing of
/// the session but what another program draws (after Ctrl-Z, a shell and what it runs; an editor that the
/// session has opened), or has left there.
pub async fn read(terminal: Option<Keyboard>, is_there: impl Fn() -> bool) -> ScreenRead {
    let unreadable = ScreenRead { terminal: None, look: Look::default() };
    let Some(terminal) = terminal else { return unreadable };
    let was_there = is_there();
    match terminal.text().await {
        Ok((text, has_cursor)) => {
            let screen = Screen::parse(&text);
            let look = match was_there && !has_cursor && is_there() {
                true => Look::at(&screen),
                false => Look::at_another(&screen, has_cursor),
            };
            ScreenRead { terminal: Some(terminal), look }
        }
        Err(_) => unreadable,
    }
}
