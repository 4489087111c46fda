//! Runs lines of sh(1) on another host, over ssh.

use crate::cli::error::{CliError, CliResult, FAILED};
use crate::client::error::plain;
use crate::protocol::ssh::{arguments, fault_of_end};
use crate::session::sanitize::clean;
use std::io::{ErrorKind, Write};
use std::process::{Command, Stdio};

/// The longest error that is quoted, in characters.
const MAX_QUOTED: usize = 300;

/// Another host.
pub struct Remote<'a> {
    /// Its name, for people.
    pub name: &'a str,
    /// What ssh is given: no option, as the configuration has checked.
    pub destination: &'a str,
}

impl Remote<'_> {
    /// Runs `line` there with `input` on its standard input: what it printed. The error quotes what was
    /// said last.
    pub fn run(&self, line: &str, input: &[u8]) -> CliResult<String> {
        let failed = |error: String| CliError::new(FAILED, format!("{}: {error}", self.name));
        // All shells take a word in single quotes as it is.
        let command = format!("exec sh -c '{line}'");
        let mut child = Command::new("ssh")
            .args(arguments(self.destination, &command))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| match error.kind() {
                ErrorKind::NotFound => failed("ssh is not installed here".to_owned()),
                _ => failed(format!("ssh: {}", plain(&error))),
            })?;
        // The lines print little: neither side waits for the other.
        let written = child.stdin.take().map_or(Ok(()), |mut stdin| stdin.write_all(input));
        let output = child.wait_with_output();
        let output = output.map_err(|error| failed(format!("ssh: {}", plain(&error))))?;
        if output.status.success() {
            written.map_err(|error| failed(format!("ssh: {}", plain(&error))))?;
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        // Where the other side ended early, what it said matters more than the broken pipe.
        let said = String::from_utf8_lossy(&output.stderr);
        if output.status.code() == Some(255) {
            let fault = fault_of_end(self.name, Some(255), &said, false);
            let error = failed(clean(&fault.says, MAX_QUOTED));
            return Err(CliError { hint: fault.hint, ..error });
        }
        let last = said.lines().map(|it| clean(it, MAX_QUOTED)).rfind(|it| !it.is_empty());
        Err(failed(last.unwrap_or_else(|| "a command failed there".to_owned())))
    }
}
