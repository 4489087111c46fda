//! Runs the programs of multiplexers. Only tmux is spoken to without one (`tmux::client`).

use crate::session::sanitize::clean;
use std::process::{Output, Stdio};
use std::time::Duration;
use tokio::process::Command;
use tokio::time::timeout;

/// Longest part of an error message that is quoted, in characters.
const MAX_QUOTED: usize = 200;

/// Runs `command` and gives its output; it is killed after `deadline`. Its standard input is empty
/// unless the caller has set another. `name` is what error texts call the program.
pub async fn output(
    name: &str,
    command: &mut Command,
    deadline: Duration,
) -> Result<Output, String> {
    match timeout(deadline, command.kill_on_drop(true).output()).await {
        Ok(Ok(output)) => Ok(output),
        Ok(Err(error)) => Err(format!("{name} cannot be run: {error}")),
        Err(_) => Err(format!("{name} did not answer within {} ms", deadline.as_millis())),
    }
}

/// The same for a program that reads nothing and says by its exit code whether it succeeded: what
/// it printed, with bytes that are not UTF-8 replaced.
pub async fn text(name: &str, command: &mut Command, deadline: Duration) -> Result<String, String> {
    let output = output(name, command.stdin(Stdio::null()), deadline).await?;
    if !output.status.success() {
        let error = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{name} says: {}", clean(&error, MAX_QUOTED)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
