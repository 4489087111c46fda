//! The box that prompts are typed into: two rules at the end of the screen, `❯` or `>` between them.
//! Pure.

use super::{Cell, Screen, is_rule, text_of};
use crate::session::sanitize::is_invisible;

/// How many rows there are below the box at most: what mode it is in, a status line of
/// the user's, a list of commands.
const MAX_BELOW: usize = 16;

/// What a paste stands for that is too long to be shown.
const PASTED: &str = "[Pasted text #";

/// A box as it is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromptBox {
    /// Its first row, with the mark of the prompt.
    pub first_row: String,
    /// The words in it; `None` if it holds none. A suggestion, which is drawn dim, is not in it.
    pub words: Option<String>,
}

/// The box of a screen; `None` if the screen ends in something else.
pub fn find(screen: &Screen) -> Option<PromptBox> {
    let texts = screen.texts();
    let lower = texts.iter().rposition(|it| is_rule(it))?;
    let upper = texts[..lower].iter().rposition(|it| is_rule(it))?;
    let below = &texts[lower + 1..];
    if below.len() > MAX_BELOW || below.iter().any(|it| is_of_dialog(it)) {
        return None;
    }
    let (first, more) = screen.rows[upper + 1..lower].split_first()?;
    let mark = first.first()?.character;
    if !matches!(mark, '❯' | '>' | '!') {
        return None;
    }
    let first_row = texts[upper + 1].clone();
    let rest = first.get(1..).unwrap_or_default();
    let is_empty = mark != '!' && holds_nothing(rest) && more.iter().all(|it| holds_nothing(it));
    let words = (!is_empty).then(|| {
        // Claude Code takes a `!` out of the text: it is the mark then.
        let shell = if mark == '!' { "!" } else { "" };
        let rows = std::iter::once(rest).chain(more.iter().map(Vec::as_slice));
        let rows: Vec<String> = rows.map(|it| text_of(it).trim().to_owned()).collect();
        format!("{shell}{}", rows.join("\n").trim())
    });
    Some(PromptBox { first_row, words })
}

impl PromptBox {
    /// Whether it holds this text: whole, the end of it, or what stands for a long paste.
    pub fn holds(&self, text: &str) -> bool {
        let Some(words) = self.words.as_deref().filter(|it| !it.is_empty()) else { return false };
        let (words, text) = (as_drawn(&squeezed(words)), as_drawn(&squeezed(text)));
        let pasted = squeezed(PASTED);
        let is_paste = words.starts_with(&pasted) && words.find(']') == Some(words.len() - 1);
        // A box that is full shows its last rows.
        let is_end = words.chars().count() >= 20 && text.ends_with(&words);
        words == text || is_paste || is_end
    }
}

/// Whether a row below the box belongs to a dialog or a menu, or to a mode in which keys are commands.
fn is_of_dialog(row: &str) -> bool {
    let row = row.trim();
    row.starts_with('❯')
        || ["Esc to cancel", "Enter to ", "-- NORMAL"].iter().any(|it| row.contains(it))
}

/// Whether cells behind the mark hold no words of the user: nothing, or a suggestion on whose first
/// letter the cursor stands.
fn holds_nothing(cells: &[Cell]) -> bool {
    let is_word = |it: &Cell| !it.dim && !it.character.is_whitespace();
    let mut words = cells.iter().enumerate().filter(|(_, it)| is_word(it));
    match (words.next(), words.next()) {
        (None, _) => true,
        (Some((at, cell)), None) => {
            let next = cells.get(at + 1);
            cell.inverse && next.is_some_and(|it| it.dim && !it.character.is_whitespace())
        }
        _ => false,
    }
}

/// A text without what Claude Code 2.1.332 or tmux draws otherwise than it was given: letters with marks are
/// composed, invisible characters are left out or replaced, long emoji are cut.
fn as_drawn(text: &str) -> String {
    let is_mark = |it: char| matches!(it, '\u{300}'..='\u{36F}');
    let is_other = |it: char| {
        matches!(it, 'À'..='ɏ' | 'Ḁ'..='ỿ' | '\u{200D}' | '\u{20E3}' | '\u{2600}'..='\u{27BF}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FFFD}' | '\u{1F000}'..='\u{1FAFF}')
    };
    let next = text.chars().skip(1).map(Some).chain([None]);
    let is_kept = |(it, next): &(char, Option<char>)| {
        !next.is_some_and(is_mark) && !is_mark(*it) && !is_other(*it) && !is_invisible(*it)
    };
    text.chars().zip(next).filter(is_kept).map(|it| it.0).collect()
}

/// A text without white space: how a text is compared with rows that it was broken into.
pub(super) fn squeezed(text: &str) -> String {
    text.chars().filter(|it| !it.is_whitespace()).collect()
}
