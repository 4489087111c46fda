//! `vmux in-terminal`: what the terminal of a new window runs. It becomes the program that it was given.

use crate::cli::error::{CliError, CliResult, FAILED};
use crate::client::error::plain;
use crate::client::start::terminal::of_word;
use crate::session::sanitize::clean;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Runs the command; returns only if the program cannot be run.
pub fn run(word: &str) -> CliResult {
    let words = of_word(word).unwrap_or_default();
    let Some((program, arguments)) = words.split_first().filter(|it| !it.0.is_empty()) else {
        return Err(CliError::usage("this is for the terminal that `vmux new` opens"));
    };
    let error = Command::new(program).args(arguments).exec();
    Err(CliError::new(FAILED, format!("{}: {}", clean(program, 200), plain(&error))))
}
