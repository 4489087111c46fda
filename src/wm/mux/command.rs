//! Runs the programs that speak with multiplexers, konsole, tilix and gnome-terminal. Only tmux and
//! kitty are spoken to without one.

use crate::session::sanitize::clean;
use std::io;
use std::process::{Output, Stdio};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;
use tokio::time::timeout;

/// The most that a program may print, in bytes: what has scrolled away in a pane has megabytes. It
/// prints what the server that it asks tells it, which has no end if the server wants that.
const MAX_OUTPUT: u64 = 8 * 1024 * 1024;

/// Longest part of an error message that is quoted, in characters.
const MAX_QUOTED: usize = 200;

/// Runs `command` and gives its output; it is killed after `deadline`, or if it prints more than 8 MiB.
/// It reads what the caller has set as its standard input. `name` is what error texts call the
/// program.
pub async fn output(
    name: &str,
    command: &mut Command,
    deadline: Duration,
) -> Result<Output, String> {
    match timeout(deadline, run(command)).await {
        Ok(Ok(Some(output))) => Ok(output),
        Ok(Ok(None)) => Err(format!("{name} printed more than {} MiB", MAX_OUTPUT >> 20)),
        Ok(Err(error)) => Err(format!("{name} cannot be run: {error}")),
        Err(_) => Err(format!("{name} did not answer within {} ms", deadline.as_millis())),
    }
}

/// The output of a program; none if it is too long.
async fn run(command: &mut Command) -> io::Result<Option<Output>> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn()?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (stdout, stderr) = tokio::try_join!(read(stdout), read(stderr))?;
    if stdout.len().max(stderr.len()) as u64 > MAX_OUTPUT {
        return Ok(None);
    }
    let status = child.wait().await?;
    Ok(Some(Output { status, stdout, stderr }))
}

/// All of a pipe, or one byte more than is allowed.
async fn read(pipe: Option<impl AsyncRead + Unpin>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        pipe.take(MAX_OUTPUT + 1).read_to_end(&mut bytes).await?;
    }
    Ok(bytes)
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

#[cfg(test)]
mod tests {
    use super::*;

    async fn said(program: &str, arguments: &[&str]) -> Result<String, String> {
        text("it", Command::new(program).args(arguments), Duration::from_secs(60)).await
    }

    #[tokio::test]
    async fn what_a_program_prints_is_bounded() {
        assert_eq!(said("echo", &["a", "b"]).await, Ok("a b\n".to_owned()));
        assert_eq!(said("cat", &[]).await, Ok(String::new()));
        let endless = said("yes", &[]).await;
        assert_eq!(endless, Err("it printed more than 8 MiB".to_owned()));
        let refused = said("cat", &["/nowhere"]).await.unwrap_err();
        assert!(refused.starts_with("it says: ") && refused.contains("/nowhere"), "{refused}");
        let missing = said("/nowhere", &[]).await.unwrap_err();
        assert!(missing.starts_with("it cannot be run: "), "{missing}");
    }

    #[tokio::test]
    async fn a_program_that_does_not_end_is_killed() {
        let within = Duration::from_millis(20);
        let said = text("it", Command::new("sleep").arg("1000"), within).await;
        assert_eq!(said, Err("it did not answer within 20 ms".to_owned()));
    }
}
