//! The box that prompts are typed into: two rules at the end of the screen, `❯` or `>` between them.
//! Pure.

use super::{Cell, Screen, is_option, is_rule, text_of};
use crate::session::sanitize::is_invisible;
use unicode_width::UnicodeWidthChar;

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
    // A status line of the user's may have rules, too: it is indented.
    let is_edge = |row: &String| row.starts_with('─') && is_rule(row);
    let lower = texts.iter().rposition(is_edge)?;
    let upper = texts[..lower].iter().rposition(is_edge)?;
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
        let in_parts = text.chars().any(is_mark);
        let (words, text) = (squeezed(words), squeezed(text));
        let (words, text) = (as_drawn(&words, in_parts), as_drawn(&text, in_parts));
        let pasted = squeezed(PASTED);
        let is_paste = words.starts_with(&pasted) && words.find(']') == Some(words.len() - 1);
        // A box that is full shows its last rows.
        let is_end = words.chars().count() >= 20 && text.ends_with(&words);
        words == text || is_paste || is_end
    }
}

/// Whether a row below the box belongs to a dialog or a menu, or to a mode in which keys are commands.
/// A status line may begin with the mark of a prompt, as shells do.
fn is_of_dialog(row: &str) -> bool {
    let row = row.trim();
    row.strip_prefix('❯').is_some_and(|it| is_option(it.trim_start()))
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
/// composed, invisible characters are left out or replaced, long emoji are cut. `in_parts`: the text that was
/// given has letters of several characters, which are composed whatever the script.
fn as_drawn(text: &str, in_parts: bool) -> String {
    let is_other = |it: char| {
        matches!(it, 'À'..='ɏ' | 'Ḁ'..='ỿ' | '\u{2600}'..='\u{27BF}' | '\u{FFFD}'
            | '\u{1F000}'..='\u{1FAFF}')
    };
    let next = text.chars().skip(1).map(Some).chain([None]);
    let is_kept = |(it, next): &(char, Option<char>)| {
        let is_plain = if in_parts { it.is_ascii() } else { is_letter_of_its_own(*it) };
        let is_composed = it.is_alphabetic() && next.is_some_and(is_mark);
        is_plain && !is_composed && !is_other(*it) && !is_invisible(*it)
    };
    text.chars().zip(next).filter(is_kept).map(|it| it.0).collect()
}

/// Whether a character belongs to the one before it: it takes no column. So do the vowels of Hangul that is
/// written in parts.
fn is_mark(it: char) -> bool {
    !it.is_ascii() && !is_invisible(it) && it.width() == Some(0)
}

/// Whether every terminal shows this character as it is, in a place of its own. Of others nothing is
/// compared.
fn is_letter_of_its_own(it: char) -> bool {
    it.is_ascii()
        || matches!(it, '\u{A1}'..='\u{AC}' | '\u{AE}'..='\u{24F}' | 'Α'..='ώ' | '\u{400}'..='\u{482}'
            | '\u{48A}'..='\u{52F}' | 'א'..='ת' | 'ء'..='ي' | '\u{2010}'..='\u{2027}'
            | '\u{2030}'..='\u{205E}' | '\u{2190}'..='\u{21FF}' | '\u{2500}'..='\u{259F}'
            | '\u{3001}'..='\u{3029}' | '\u{3041}'..='\u{3096}' | '\u{309B}'..='\u{30FF}'
            | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '가'..='힣' | '！'..='ﾟ')
}

/// A text without white space: how a text is compared with rows that it was broken into.
pub(super) fn squeezed(text: &str) -> String {
    text.chars().filter(|it| !it.is_whitespace()).collect()
}
