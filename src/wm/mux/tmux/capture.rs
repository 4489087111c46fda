//! What a pane shows, as text: `capture-pane -e` without its escape sequences. Pure.
//!
//! Without `-e`, lines that a program drew with the line drawing set of the VT100 come as the letters
//! that stand for them there (`lqqk`), and nothing tells them from letters. With it they are between
//! Shift Out and Shift In, which also hold from one line to the next.

use crate::session::sanitize::skip_command;

const SHIFT_OUT: char = '\u{e}';
const SHIFT_IN: char = '\u{f}';
const ESCAPE: char = '\u{1b}';

/// The text of a capture with escape sequences.
pub fn plain(captured: &str) -> String {
    let mut text = String::with_capacity(captured.len());
    let mut draws_lines = false;
    let mut characters = captured.chars();
    while let Some(c) = characters.next() {
        match c {
            SHIFT_OUT => draws_lines = true,
            SHIFT_IN => draws_lines = false,
            ESCAPE => skip_sequence(&mut characters),
            c if draws_lines => text.push(line_drawing(c)),
            c => text.push(c),
        }
    }
    text
}

/// Skips what follows ESC: a control sequence (colours), an operating system command (a link), or one
/// character.
fn skip_sequence(characters: &mut std::str::Chars) {
    match characters.next() {
        Some('[') => {
            let _ = characters.find(|c| ('\u{40}'..='\u{7e}').contains(c));
        }
        Some(']') => skip_command(characters),
        _ => {}
    }
}

/// What a letter stands for in the line drawing set, as terminfo(5) has it (`acsc`).
fn line_drawing(c: char) -> char {
    match c {
        '+' => '→',
        ',' => '←',
        '-' => '↑',
        '.' => '↓',
        '0' => '▮',
        '`' => '◆',
        'a' => '▒',
        'f' => '°',
        'g' => '±',
        'h' => '▒',
        'i' => '␋',
        'j' => '┘',
        'k' => '┐',
        'l' => '┌',
        'm' => '└',
        'n' => '┼',
        'o' => '⎺',
        'p' => '⎻',
        'q' => '─',
        'r' => '⎼',
        's' => '⎽',
        't' => '├',
        'u' => '┤',
        'v' => '┴',
        'w' => '┬',
        'x' => '│',
        'y' => '≤',
        'z' => '≥',
        '{' => 'π',
        '|' => '≠',
        '}' => '£',
        '~' => '·',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn frames_are_lines_again() {
        let captured =
            "\u{e}lqqk\nx\u{f} quick \u{1b}[1;38;5;2mbox\u{1b}[39m \u{e}x\nmqqj\u{f}\nlqqk\n";
        assert_eq!(plain(captured), "┌──┐\n│ quick box │\n└──┘\nlqqk\n");
    }

    #[test]
    fn sequences_leave_nothing_behind() {
        let link = "a \u{1b}]8;id=1;http://x/[m\u{1b}\\link\u{1b}]8;;\u{7} b\u{1b}(B c";
        assert_eq!(plain(link), "a link bB c");
        for cut in ["a\u{1b}", "a\u{1b}[", "a\u{1b}[3", "a\u{1b}]8;;x", "a\u{1b}]x\u{1b}"] {
            assert_eq!(plain(cut), "a", "{cut:?}");
        }
    }
}
