//! A window of its own: the user's terminal, with a program in it.
//!
//! Terminals do not agree on how to take a program with arguments: some join them and split them again, some
//! put variables into them (docs/start.md). So they are given `vmux in-terminal WORDS`, whose words no
//! terminal changes: it becomes the program.

use super::{OF_A_SESSION, StartFault};
use crate::client::error::plain;
use crate::session::sanitize::clean;
use crate::system::programs::sibling;
use std::fmt::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Whether there is a display for windows.
pub fn has_display() -> bool {
    is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

/// Whether the environment variable is there, and not empty.
pub fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|it| !it.is_empty())
}

/// The longest argument that Linux takes, with the NUL behind it (`MAX_ARG_STRLEN`).
const MAX_ARGUMENT: usize = 128 * 1024;

/// A command as one word of digits and letters.
pub fn as_word(command: &[String]) -> String {
    command.join("\0").bytes().fold(String::new(), |mut word, byte| {
        let _ = write!(word, "{byte:02x}");
        word
    })
}

/// The command that such a word stands for.
pub fn of_word(word: &str) -> Option<Vec<String>> {
    let digits = |at| word.get(at..at + 2).and_then(|it| u8::from_str_radix(it, 16).ok());
    let bytes: Option<Vec<u8>> = (0..word.len()).step_by(2).map(digits).collect();
    let text = String::from_utf8(bytes?).ok()?;
    Some(text.split('\0').map(str::to_owned).collect())
}

/// Starts `terminal`, the command up to what it is to run, with `shown` in it, in `dir`. It outlives this
/// process.
pub fn open(terminal: &[String], shown: &[String], dir: &Path) -> Result<Child, StartFault> {
    if !has_display() {
        return Err(StartFault::new("there is no display for a window")
            .hint("DISPLAY or WAYLAND_DISPLAY names it; `--in tmux` needs none"));
    }
    let Some((program, arguments)) = terminal.split_first() else {
        return Err(StartFault::new("no terminal is known")
            .hint("name yours in the configuration: `attach` in [switch]"));
    };
    let word = as_word(shown);
    if word.len() >= MAX_ARGUMENT {
        return Err(StartFault::new(format!(
            "the prompt and the arguments are too long for a window: at most {} bytes",
            MAX_ARGUMENT / 2
        ))
        .hint("begin without a prompt; `vmux send` can give it then"));
    }
    let mut command = Command::new(program);
    command.args(arguments).arg(sibling("vmux")).args(["in-terminal", &word]);
    command.current_dir(dir).process_group(0);
    command.env_remove("TMUX").env_remove("TMUX_PANE");
    for name in OF_A_SESSION {
        command.env_remove(name);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().map_err(|error| {
        let program = clean(program, 80);
        StartFault::new(format!("the terminal {program} cannot be run: {}", plain(&error)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_a_word_that_no_terminal_changes() {
        let command = ["claude", "--", "it's \"$HOME\"\n-e ✳", ""].map(str::to_owned);
        let word = as_word(&command);
        assert!(word.bytes().all(|it| it.is_ascii_hexdigit()), "{word}");
        assert_eq!(of_word(&word).unwrap(), command);
        for word in ["", "6", "6g", "ff", "é6"] {
            assert!(of_word(word).is_none_or(|it| it == [""]), "{word}");
        }
    }
}
