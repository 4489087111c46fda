//! Colours and characters for the terminal.

use crate::config::Glyphs;
use crate::session::info::SessionInfo;
use crate::session::query::order::{Priority, priority};
use unicode_width::UnicodeWidthChar;

/// Whether to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paint {
    /// Whether the output has colours.
    pub colour: bool,
    /// Which characters it has.
    pub glyphs: Glyphs,
}

/// What a text is, which decides its colour. The colours are of the 256 that terminals share, in the middle
/// between black and white: each has a contrast of at least 3.9 to both. Of the sixteen colours of a
/// theme, xterm's yellow, green and cyan have 1.3 to 2.1 to white.
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
    pub const NONE: Paint = Paint { colour: false, glyphs: Glyphs::Unicode };

    /// `text` in the colour of `tone`.
    pub fn paint(self, tone: Tone, text: &str) -> String {
        let code = match tone {
            Tone::Plain => return text.to_owned(),
            Tone::Dim => "2",
            Tone::Bold => "1",
            Tone::Waits => "1;38;5;130",
            Tone::Wrong => "1;38;5;160",
            Tone::Good => "38;5;28",
            Tone::Busy => "38;5;30",
        };
        if !self.colour || text.is_empty() {
            return text.to_owned();
        }
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    /// `lines` in the characters that the terminal has, with the same widths.
    pub fn in_glyphs(self, lines: Vec<String>) -> Vec<String> {
        match self.glyphs {
            Glyphs::Unicode => lines,
            Glyphs::Ascii => lines.into_iter().map(in_ascii).collect(),
        }
    }
}

/// Where a text was cut, `>` and `<` tell which part is missing. A `~` would make of `…/src` the
/// path `~/src`.
fn in_ascii(line: String) -> String {
    if line.is_ascii() {
        return line;
    }
    let mut out = String::with_capacity(line.len());
    let (mut is_begun, mut is_code) = (false, false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '…' => out.push_str(match chars.peek() {
                Some(' ') if !is_begun => "+",
                None | Some(' ' | '\u{1b}') => ">",
                Some(_) => "<",
            }),
            _ if c.is_ascii() => out.push(c),
            _ => out.push_str(ascii(c)),
        }
        is_begun |= !is_code && c != '\u{1b}';
        is_code = c == '\u{1b}' || (is_code && c != 'm');
    }
    out
}

/// What stands for a character in ASCII, as wide as it.
fn ascii(c: char) -> &'static str {
    match c {
        '●' => "*",
        '◐' => "+",
        '○' => "-",
        '✓' => "v",
        '✗' => "x",
        '→' => ">",
        '↑' => "^",
        '↓' => "v",
        '█' => "_",
        '└' => "`",
        '·' | '–' => "-",
        _ => match c.width() {
            Some(0) | None => "",
            Some(1) => "?",
            Some(_) => "??",
        },
    }
}

/// Whether these values of LC_ALL, LC_CTYPE and LANG choose a character set other than UTF-8, of which
/// the first that is not empty decides (setlocale(3)). Without any the locale is C, which is ASCII.
pub fn guess_glyphs(locale: [Option<&str>; 3]) -> Glyphs {
    let chosen = locale.into_iter().flatten().find(|it| !it.is_empty()).unwrap_or("C");
    let chosen = chosen.to_ascii_lowercase();
    match chosen.contains("utf-8") || chosen.contains("utf8") {
        true => Glyphs::Unicode,
        false => Glyphs::Ascii,
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
        Priority::Snoozed => ("–", Tone::Dim),
        Priority::Unknown => ("?", Tone::Dim),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_have_another_form_in_ascii_and_the_same_width() {
        let paint = Paint { glyphs: Glyphs::Ascii, ..Paint::NONE };
        let line = "\u{1b}[1m● ◐ ○ ✓ ✗ …\u{1b}[0m  日本 café · x";
        let expected = "\u{1b}[1m* + - v x >\u{1b}[0m  ???? caf? - x";
        assert_eq!(paint.in_glyphs(vec![line.to_owned()]), [expected]);
        let cut = ["git p…  1m", "…/api  …ontend", "\u{1b}[2m… 9 more, 2 wo…\u{1b}[0m", "a…"];
        let expected = ["git p>  1m", "</api  <ontend", "\u{1b}[2m+ 9 more, 2 wo>\u{1b}[0m", "a>"];
        assert_eq!(paint.in_glyphs(cut.map(str::to_owned).into()), expected);
        assert_eq!(Paint::NONE.in_glyphs(vec![line.to_owned()]), [line]);
    }

    #[test]
    fn the_locale_is_that_of_setlocale() {
        use Glyphs::{Ascii, Unicode};
        let cases: [([Option<&str>; 3], Glyphs); 6] = [
            ([None, None, None], Ascii),
            ([None, None, Some("de_DE.UTF-8")], Unicode),
            ([None, None, Some("C.utf8")], Unicode),
            ([Some("C"), None, Some("de_DE.UTF-8")], Ascii),
            ([Some(""), Some("en_US.UTF-8"), Some("C")], Unicode),
            ([None, None, Some("de_DE@euro")], Ascii),
        ];
        for (locale, expected) in cases {
            assert_eq!(guess_glyphs(locale), expected, "{locale:?}");
        }
    }
}
