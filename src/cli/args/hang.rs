//! What stands below the options of a help, wrapped for the terminal: explanations of lists stay in
//! their column, and the lines of a paragraph are one. clap wraps each line by itself, from the left.

use crate::show::width::columns;
use clap::Command;
use std::os::fd::AsFd;

/// As wide as a help ever is, and as wide as it is where there is no terminal.
const MAX_WIDTH: usize = 100;

/// An explanation that would be narrower than this is left to clap.
const MIN_ROOM: usize = 24;

/// The commands with their help wrapped for the terminal; of standard error or standard input, if the
/// help goes into a pager.
pub fn for_terminal(command: Command) -> Command {
    let width = columns_of(std::io::stdout())
        .or_else(|| columns_of(std::io::stderr()))
        .or_else(|| columns_of(std::io::stdin()));
    let width = width.unwrap_or(MAX_WIDTH).min(MAX_WIDTH);
    wrapped(command, width).term_width(width)
}

/// How many columns the terminal has; `None` if it is none, or does not know.
fn columns_of(file: impl AsFd) -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(file).ok()?;
    (size.ws_col > 0).then(|| size.ws_col.into())
}

fn wrapped(command: Command, width: usize) -> Command {
    let text = command.get_after_long_help().map(|it| wrap(&it.to_string(), width));
    let command = match text {
        Some(text) => command.after_long_help(text),
        None => command,
    };
    command.mut_subcommands(|it| wrapped(it, width))
}

/// `text` with each `  term   explanation` in lines of at most `width` columns, and each paragraph in one
/// line, which clap wraps.
pub fn wrap(text: &str, width: usize) -> String {
    joined(text).iter().map(|line| wrap_line(line, width)).collect::<Vec<_>>().join("\n")
}

/// The lines of `text`, with those in one that the source has broken: of a paragraph, and of an
/// explanation.
fn joined(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let is_prose = |it: &str| !it.is_empty() && !it.starts_with(' ');
        let continues = |last: &String| match line.starts_with("    ") {
            true => explanation(last).is_some(),
            false => is_prose(line) && is_prose(last),
        };
        match lines.last_mut().filter(|last| continues(last)) {
            Some(last) => {
                last.push(' ');
                last.push_str(line.trim_start());
            }
            None => lines.push(line.to_owned()),
        }
    }
    lines
}

fn wrap_line(line: &str, width: usize) -> String {
    let Some(start) = explanation(line).filter(|_| columns(line) > width) else {
        return line.to_owned();
    };
    let (mut out, rest) = (line[..start].to_owned(), &line[start..]);
    let indent = columns(&out);
    if width < indent + MIN_ROOM {
        return line.to_owned();
    }
    let mut used = indent;
    for word in rest.split_whitespace() {
        if used > indent && used + 1 + columns(word) > width {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            used = indent;
        }
        if used > indent {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += columns(word);
    }
    out
}

/// Where the explanation of a term begins: behind the first two spaces in a row.
fn explanation(line: &str) -> Option<usize> {
    let term = line.strip_prefix("  ").filter(|it| !it.starts_with(' '))?;
    let gap = term.find("  ")?;
    let spaces = term[gap..].len() - term[gap..].trim_start().len();
    Some(2 + gap + spaces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn explanations_stay_in_their_column() {
        let text = "Examples:\n  a b   one two three four five six seven eight nine\n  0  done";
        let expected =
            "Examples:\n  a b   one two three four five\n        six seven eight nine\n  0  done";
        assert_eq!(wrap(text, 34), expected);
        assert_eq!(wrap(text, 80), text);
        let text = "Words:\n  a  one two\n     three\n\nA line,\nand another.\nCodes:\n  0  done";
        let expected = "Words:\n  a  one two three\n\nA line, and another. Codes:\n  0  done";
        assert_eq!(wrap(text, 80), expected);
        for text in ["a line of prose that is longer", "  vmux web --listen 1.2.3.4:8689 --qr", ""]
        {
            assert_eq!(wrap(text, 10), text);
        }
    }

    #[test]
    fn every_help_fits_eighty_columns_but_for_long_commands() {
        let command = wrapped(super::super::groups::command(), 80);
        for command in command.get_subcommands() {
            let text = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
            let long = |line: &&str| columns(line) > 80 && explanation(line).is_some();
            assert_eq!(text.lines().find(long), None, "{}", command.get_name());
            // A code with its explanation behind one space would be wrapped as prose.
            let bare = |line: &&str| {
                let code = line.trim_start().split(' ').next().unwrap_or_default();
                code.parse::<u8>().is_ok() && explanation(line).is_none() && line.starts_with("  ")
            };
            let codes = text.split("Exit codes").nth(1).unwrap_or_default();
            let codes = codes.lines().filter(|it| !it.starts_with("   "));
            assert_eq!(codes.into_iter().find(bare), None, "{}", command.get_name());
        }
    }
}
