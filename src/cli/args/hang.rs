//! The lists below the options of a help, wrapped so that explanations stay in their column. clap wraps
//! such lines too, but continues them at the left.

use crate::show::width::columns;
use clap::Command;

/// As wide as a help ever is, and as wide as it is where there is no terminal.
const MAX_WIDTH: usize = 100;

/// An explanation that would be narrower than this is left to clap.
const MIN_ROOM: usize = 24;

/// The commands with their lists wrapped for the terminal of standard output.
pub fn for_terminal(command: Command) -> Command {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok();
    let width = size.map(|it| usize::from(it.ws_col)).filter(|width| *width > 0);
    wrapped(command, width.unwrap_or(MAX_WIDTH).min(MAX_WIDTH))
}

fn wrapped(command: Command, width: usize) -> Command {
    let text = command.get_after_long_help().map(|it| wrap(&it.to_string(), width));
    let command = match text {
        Some(text) => command.after_long_help(text),
        None => command,
    };
    command.mut_subcommands(|it| wrapped(it, width))
}

/// `text` with each `  term   explanation` in lines of at most `width` columns; other lines as they are.
pub fn wrap(text: &str, width: usize) -> String {
    text.lines().map(|line| wrap_line(line, width)).collect::<Vec<_>>().join("\n")
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
        }
    }
}
