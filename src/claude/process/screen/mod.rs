//! What Claude Code draws on a terminal, read from the text of the screen. Pure.
//!
//! | file | what it finds |
//! |---|---|
//! | [`prompt_box`] | the box that prompts are typed into, and what stands in it |
//! | [`dialog`] | the dialog that asks for a permission, and whether it is about a given call |
//! | [`shown`] | whether it shows work, a free prompt, a dialog or a menu |
//! | [`seen`] | what was read of one screen over time |
//!
//! Written from screens of 2.0.77, 2.1.119 and 2.1.332 (`testdata/claude/screens`). A screen that
//! looks different is not understood, and nothing is typed then.

pub mod dialog;
pub mod prompt_box;
pub mod seen;
pub mod shown;

#[cfg(test)]
mod screen_tests;

use crate::session::sanitize::skip_command;

/// How many rows and columns of a screen are read.
const MAX_ROWS: usize = 500;
const MAX_COLUMNS: usize = 1000;

/// How long a rule is at least, in columns. In a narrower terminal nothing is recognised.
const MIN_RULE: usize = 20;

/// A character and how it is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// The character.
    pub character: char,
    /// Drawn dim (SGR 2): not the user's words.
    pub dim: bool,
    /// Drawn inverse (SGR 7): the cursor.
    pub inverse: bool,
}

/// The rows of a screen, from the top, without the empty ones at the end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Screen {
    rows: Vec<Vec<Cell>>,
}

impl Screen {
    /// Reads text with escape sequences, as `tmux capture-pane -e` prints it.
    pub fn parse(text: &str) -> Screen {
        let mut attributes = Attributes::default();
        let mut rows: Vec<Vec<Cell>> =
            text.lines().take(MAX_ROWS).map(|line| row(line, &mut attributes)).collect();
        while rows.last().is_some_and(|it| text_of(it).trim().is_empty()) {
            rows.pop();
        }
        Screen { rows }
    }

    /// The text of each row, without blanks at its end.
    pub fn texts(&self) -> Vec<String> {
        self.rows.iter().map(|row| text_of(row).trim_end().to_owned()).collect()
    }
}

#[derive(Default)]
struct Attributes {
    dim: bool,
    inverse: bool,
}

impl Attributes {
    /// Applies the parameters of an SGR sequence.
    fn set(&mut self, parameters: &str) {
        let mut numbers = parameters.split(';').map(|it| it.parse::<u32>().unwrap_or(0));
        while let Some(number) = numbers.next() {
            match number {
                0 => *self = Attributes::default(),
                2 => self.dim = true,
                22 => self.dim = false,
                7 => self.inverse = true,
                27 => self.inverse = false,
                // A colour: its parameters are no attributes.
                38 | 48 | 58 => {
                    let skipped = if numbers.next() == Some(2) { 3 } else { 1 };
                    for _ in 0..skipped {
                        numbers.next();
                    }
                }
                _ => {}
            }
        }
    }
}

fn row(line: &str, attributes: &mut Attributes) -> Vec<Cell> {
    let mut cells = Vec::new();
    let mut rest = line.chars();
    while let Some(character) = rest.next() {
        if character != '\u{1b}' {
            if !character.is_control() && cells.len() < MAX_COLUMNS {
                let Attributes { dim, inverse } = *attributes;
                cells.push(Cell { character, dim, inverse });
            }
            continue;
        }
        match rest.next() {
            Some('[') => {
                let mut parameters = String::new();
                let last = rest.by_ref().find(|it| {
                    parameters.push(*it);
                    ('@'..='~').contains(it)
                });
                if last == Some('m') {
                    attributes.set(parameters.trim_end_matches('m'));
                }
            }
            Some(']') => skip_command(&mut rest),
            // A character set: one more character.
            Some('(' | ')') => {
                rest.next();
            }
            _ => {}
        }
    }
    cells
}

fn text_of(row: &[Cell]) -> String {
    row.iter().map(|it| it.character).collect()
}

/// Whether a row is a rule across the screen, perhaps with a name in it.
fn is_rule(row: &str) -> bool {
    let row = row.trim();
    let dashes = row.chars().filter(|it| *it == '─').count();
    dashes >= MIN_RULE && row.starts_with("──") && row.ends_with('─')
}

/// Whether what stands behind the mark `❯` is an option of a dialog or a menu.
fn is_option(words: &str) -> bool {
    is_numbered(words) || words.starts_with("Yes") || words.starts_with("No")
}

/// Whether a row begins with the number of an option: `1. `.
fn is_numbered(row: &str) -> bool {
    let digits = row.trim_start_matches(|it: char| it.is_ascii_digit());
    digits.len() < row.len() && digits.starts_with(". ")
}
