//! Work that may hang, with a deadline: a disk, another program, vmuxd itself.

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Work on another thread, which is waited for no longer than until its deadline.
pub struct Work<T> {
    result: Receiver<T>,
    deadline: Instant,
}

/// Begins `work`. Where no thread can be started it is done here, for the user wants to know why that is
/// so.
pub fn begin<T: Send + 'static>(
    time: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Work<T> {
    let (sender, result) = channel();
    let work = Arc::new(Mutex::new(Some(work)));
    let job = move |work: &Mutex<Option<_>>| {
        let work = work.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(work) = work {
            // The one who waits may have given up.
            let _ = sender.send(run(work));
        }
    };
    let (theirs, job) = (Arc::clone(&work), Arc::new(job));
    let their_job = Arc::clone(&job);
    if std::thread::Builder::new().spawn(move || their_job(&theirs)).is_err() {
        job(&work);
    }
    Work { result, deadline: Instant::now() + time }
}

fn run<T>(work: impl FnOnce() -> T) -> T {
    work()
}

impl<T> Work<T> {
    /// The result; `None` if it did not come in time.
    pub fn end(self) -> Option<T> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        self.result.recv_timeout(left).ok()
    }
}

/// Runs a program without input, and gives what it printed. It is killed after `time`. Errors: it
/// cannot be run, or takes too long, as a clause.
pub fn output(program: &str, arguments: &[&str], time: Duration) -> Result<Output, String> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().map_err(|error| crate::client::error::plain(&error))?;
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let pidfd = pid.and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok());
    let work = begin(time, move || child.wait_with_output());
    let left = work.deadline.saturating_duration_since(Instant::now());
    match work.result.recv_timeout(left) {
        Ok(Ok(output)) => Ok(output),
        Ok(Err(error)) => Err(crate::client::error::plain(&error)),
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
            if let Some(pidfd) = pidfd {
                // It may have ended just now.
                let _ = pidfd_send_signal(pidfd, Signal::KILL);
            }
            Err(format!("{program} does not answer"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hangs_is_given_up() {
        let work = begin(Duration::from_millis(1), || std::thread::sleep(Duration::from_secs(60)));
        assert_eq!(work.end(), None);
        let work = begin(Duration::from_secs(60), || 7);
        assert_eq!(work.end(), Some(7));
    }

    #[test]
    fn a_program_is_killed_or_tells() {
        let late = output("sleep", &["60"], Duration::from_millis(1));
        assert_eq!(late.unwrap_err(), "sleep does not answer");
        let said = output("echo", &["a"], Duration::from_secs(60)).unwrap();
        assert_eq!(said.stdout, b"a\n");
        assert!(output("/nowhere/x", &[], Duration::from_secs(60)).is_err());
    }
}
