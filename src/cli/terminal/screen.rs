//! Takes the terminal over for a while (alternate screen, raw keys) and restores it, also after a signal
//! or a panic.

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGWINCH};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

/// Alternate screen, no cursor, no line wrapping, clicks and the wheel of the mouse (1000) in the form
/// that any column fits into (1006).
const ENTER: &str = "\u{1b}[?1049h\u{1b}[?25l\u{1b}[?7l\u{1b}[?1000h\u{1b}[?1006h\u{1b}[2J";
const LEAVE: &str = "\u{1b}[?1006l\u{1b}[?1000l\u{1b}[?7h\u{1b}[?25h\u{1b}[?1049l";

/// The terminal while it is taken over.
pub struct Screen {
    before: Option<Termios>,
    /// What each row shows.
    shown: Vec<String>,
    ended: UnixStream,
    resized: UnixStream,
}

impl Screen {
    /// Takes the terminal over until this is dropped.
    pub fn enter() -> io::Result<Screen> {
        let (ended, end) = UnixStream::pair()?;
        for signal in [SIGTERM, SIGINT, SIGHUP] {
            signal_hook::low_level::pipe::register(signal, end.try_clone()?)?;
        }
        let (resized, resize) = UnixStream::pair()?;
        resized.set_nonblocking(true)?;
        signal_hook::low_level::pipe::register(SIGWINCH, resize)?;
        let stdin = io::stdin();
        let before = tcgetattr(&stdin).ok();
        let screen = Screen { before: before.clone(), shown: Vec::new(), ended, resized };
        if let Some(mut raw) = before {
            let output = raw.output_modes;
            raw.make_raw();
            raw.output_modes = output;
            tcsetattr(&stdin, OptionalActions::Now, &raw)?;
        }
        write(ENTER)?;
        Ok(screen)
    }

    /// Two descriptors: readable when a signal asks to end, and when the size of the terminal has changed.
    pub fn signals(&self) -> [BorrowedFd<'_>; 2] {
        [self.ended.as_fd(), self.resized.as_fd()]
    }

    /// Takes note of a new size: everything is drawn again.
    pub fn resize(&mut self) {
        let mut buffer = [0; 64];
        while self.resized.read(&mut buffer).is_ok_and(|length| length > 0) {}
        self.shown.clear();
    }

    /// Draws `lines`. Only those that have changed are written.
    pub fn draw(&mut self, lines: Vec<String>) -> io::Result<()> {
        let text = changes(&self.shown, &lines);
        self.shown = lines;
        if text.is_empty() { Ok(()) } else { write(&text) }
    }
}

/// The output that turns a screen that shows `old` into one that shows `new`.
fn changes(old: &[String], new: &[String]) -> String {
    let mut text = String::new();
    if old.is_empty() {
        text.push_str("\u{1b}[2J");
    }
    for (row, line) in new.iter().enumerate() {
        if old.get(row) != Some(line) {
            // Erased before: behind a line that fills the width the cursor stands on its last character.
            text.push_str(&format!("\u{1b}[{};1H\u{1b}[K{line}", row + 1));
        }
    }
    if new.len() < old.len() {
        text.push_str(&format!("\u{1b}[{};1H\u{1b}[J", new.len() + 1));
    }
    text
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = write(LEAVE);
        if let Some(before) = &self.before {
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, before);
        }
    }
}

fn write(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::changes;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn only_lines_that_changed_are_drawn() {
        let old = lines("head\none\ntwo");
        assert_eq!(changes(&old, &old), "");
        assert_eq!(changes(&old, &lines("head\nONE\ntwo")), "\u{1b}[2;1H\u{1b}[KONE");
        assert_eq!(changes(&old, &lines("head")), "\u{1b}[2;1H\u{1b}[J");
        assert_eq!(changes(&[], &lines("a")), "\u{1b}[2J\u{1b}[1;1H\u{1b}[Ka");
    }
}
