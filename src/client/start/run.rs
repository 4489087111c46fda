//! Runs a program that may hang: a tmux whose server is stopped, a git on a disk that is away.

use crate::client::error::plain;
use crate::session::sanitize::clean;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

/// The longest text of a program that an error quotes, in characters.
const MAX_QUOTED: usize = 300;

/// Runs it without input, and gives what it printed. It is killed after `time`. `name` is what errors call
/// it. Errors: it cannot be run, or takes too long, as a clause.
pub fn output(name: &str, command: &mut Command, time: Duration) -> Result<Output, String> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let failed = |error: std::io::Error| format!("{name} cannot be run: {}", plain(&error));
    let child = command.spawn().map_err(failed)?;
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let pidfd = pid.and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok());
    let (sender, ended) = channel();
    let wait = move || {
        // The one who waits may have given up.
        let _ = sender.send(child.wait_with_output());
    };
    std::thread::Builder::new().spawn(wait).map_err(failed)?;
    match ended.recv_timeout(time) {
        Ok(output) => output.map_err(failed),
        Err(_) => {
            if let Some(pidfd) = pidfd {
                // It may have ended just now.
                let _ = pidfd_send_signal(pidfd, Signal::KILL);
            }
            Err(format!(
                "{name} did not answer within {} s: is it stopped, or very busy?",
                time.as_secs()
            ))
        }
    }
}

/// The same for a program that says by its exit code whether it succeeded: what it printed. The error has
/// the last line of what it said instead.
pub fn text(name: &str, command: &mut Command, time: Duration) -> Result<String, String> {
    let output = output(name, command, time)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    match last_line(&String::from_utf8_lossy(&output.stderr)) {
        Some(said) => Err(format!("{name} says: {said}")),
        None => Err(format!("{name} failed: {}", output.status)),
    }
}

/// The last line that says something, cleaned.
pub fn last_line(text: &str) -> Option<String> {
    let lines = text.lines().rev().map(|line| clean(line, MAX_QUOTED));
    lines.map(|line| line.trim().to_owned()).find(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hangs_is_killed_and_what_fails_says_why() {
        let minute = Duration::from_secs(60);
        let late = output("it", Command::new("sleep").arg("60"), Duration::from_millis(1));
        assert_eq!(late.unwrap_err(), "it did not answer within 0 s: is it stopped, or very busy?");
        assert_eq!(text("it", Command::new("echo").arg("a"), minute).unwrap(), "a\n");
        let refused = text("it", Command::new("cat").arg("/nowhere"), minute).unwrap_err();
        assert!(refused.starts_with("it says: ") && refused.contains("/nowhere"), "{refused}");
        let missing = text("it", &mut Command::new("/nowhere"), minute).unwrap_err();
        assert!(missing.starts_with("it cannot be run: "), "{missing}");
        assert_eq!(last_line("a\n\u{1b}b\n \n").as_deref(), Some("b"));
    }
}
