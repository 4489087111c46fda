//! Asking the user for a yes.

use crate::cli::error::{CliError, CliResult};
use std::io::{self, BufRead, IsTerminal, Write};

/// Asks `question` at the terminal; anything but a yes is a no. Without a terminal the error is
/// `unasked`.
pub fn confirmed(question: &str, unasked: CliError) -> CliResult<bool> {
    let mut stderr = io::stderr();
    if !io::stdin().is_terminal() || !stderr.is_terminal() {
        return Err(unasked);
    }
    let _ = write!(stderr, "{question} [y/N] ").and_then(|()| stderr.flush());
    let mut answer = String::new();
    let length = io::stdin().lock().read_line(&mut answer);
    if matches!(length, Ok(0)) {
        // Ctrl-D ends no line, and something is said after it.
        let _ = writeln!(stderr);
    }
    length.map_err(|error| CliError::output(&error))?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
