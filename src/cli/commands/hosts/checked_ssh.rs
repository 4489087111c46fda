//! The ssh of `vmux hosts check`: what the other end says, each answer awaited for a while.

use crate::config::hosts::HostConfig;
use crate::protocol::frame::encode;
use crate::protocol::relay::{
    Beat, FarLine, Greeting, MAX_FAR_LINE, MAX_NOISE, SyncMark, greeting,
};
use crate::protocol::ssh::{fault, fault_of_end, relay_arguments};
use crate::session::key::HostName;
use crate::session::sanitize::clean;
use crate::session::state::host::{HostFault, HostFaultKind};
use chrono::{TimeDelta, Utc};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long a step may take; ssh itself gives up to connect after 10 s.
pub const STEP_WITHIN: Duration = Duration::from_secs(25);

/// How long ssh may take to end once its standard output has.
const END_WITHIN: Duration = Duration::from_secs(2);

/// How many lines may wait to be looked at.
const MAX_LINES: usize = 64;

/// How much of the standard error of ssh is read.
const MAX_STDERR: u64 = 64 * 1024;

/// A running ssh, and its lines.
pub struct CheckedSsh {
    child: Child,
    stdin: ChildStdin,
    lines: Receiver<Vec<u8>>,
    stderr: Option<thread::JoinHandle<String>>,
}

impl CheckedSsh {
    /// Starts ssh, which is to run the relay there.
    pub fn start(host: &HostConfig) -> std::io::Result<CheckedSsh> {
        let mut child = Command::new("ssh")
            .args(relay_arguments(&host.ssh, host.program.as_deref()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let missing = || std::io::Error::other("it has no standard streams");
        let stdin = child.stdin.take().ok_or_else(missing)?;
        let stdout = child.stdout.take().ok_or_else(missing)?;
        let mut stderr = child.stderr.take().ok_or_else(missing)?;
        let (sender, lines) = sync_channel(MAX_LINES);
        thread::Builder::new().spawn(move || {
            let mut stdout = BufReader::new(stdout);
            loop {
                let mut line = Vec::new();
                let mut bounded = stdout.by_ref().take(MAX_FAR_LINE as u64);
                match bounded.read_until(b'\n', &mut line) {
                    Ok(1..) if sender.send(line).is_ok() => {}
                    _ => return,
                }
            }
        })?;
        let stderr = thread::Builder::new().spawn(move || {
            let mut text = Vec::new();
            let _ = stderr.by_ref().take(MAX_STDERR).read_to_end(&mut text);
            String::from_utf8_lossy(&text).into_owned()
        })?;
        Ok(CheckedSsh { child, stdin, lines, stderr: Some(stderr) })
    }

    /// Waits for the greeting, behind whatever a shell prints.
    pub fn greeting(&mut self, name: HostName) -> Result<Greeting, HostFault> {
        let deadline = Instant::now() + STEP_WITHIN;
        let mut noise = 0;
        loop {
            let line = self.line(name, deadline, false)?;
            if let Some(greeting) = greeting(&line) {
                return Ok(greeting);
            }
            noise += line.len();
            if noise > MAX_NOISE {
                let says = "a shell there prints without end";
                return Err(fault(HostFaultKind::Garbage, name.as_str(), says));
            }
        }
    }

    /// How many sessions there are, how long a heartbeat takes, and how far the clock there is ahead.
    pub fn sessions(&mut self, name: HostName) -> Result<(usize, Duration, TimeDelta), HostFault> {
        let deadline = Instant::now() + STEP_WITHIN;
        let sent = Instant::now();
        // If it is gone, that is told by the lines.
        let _ = self.stdin.write_all(&encode(&Beat { beat: 1 }));
        let (mut sessions, mut is_complete, mut measured) = (0, false, None);
        loop {
            if let (true, Some((trip, ahead))) = (is_complete, measured) {
                return Ok((sessions, trip, ahead));
            }
            let line = self.line(name, deadline, true)?;
            match FarLine::parse(&line) {
                Ok(FarLine::Event(_)) => sessions += 1,
                Ok(FarLine::Sync(mark)) => is_complete = mark == SyncMark::End,
                Ok(FarLine::Beat(reply)) => {
                    let trip = sent.elapsed();
                    let half = TimeDelta::from_std(trip / 2).unwrap_or_default();
                    measured = Some((trip, reply.now - Utc::now() + half));
                }
                Ok(FarLine::Away(away)) => {
                    let says = format!("it does not answer: {}", clean(&away.away, 160));
                    return Err(fault(HostFaultKind::NoVmuxd, name.as_str(), says));
                }
                Ok(_) => {}
                Err(_) => {
                    let says = "what it sends is not from vmux";
                    return Err(fault(HostFaultKind::Garbage, name.as_str(), says));
                }
            }
        }
    }

    /// With which code it ended; one that does not end is killed.
    fn exit_code(&mut self) -> Option<i32> {
        let deadline = Instant::now() + END_WITHIN;
        while Instant::now() < deadline {
            if let Ok(Some(status)) = self.child.try_wait() {
                return status.code();
            }
            thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        None
    }

    fn line(
        &mut self,
        name: HostName,
        deadline: Instant,
        greeted: bool,
    ) -> Result<Vec<u8>, HostFault> {
        match self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(line) => Ok(line),
            Err(RecvTimeoutError::Timeout) => {
                Err(fault(HostFaultKind::Unreachable, name.as_str(), "no answer came in time"))
            }
            Err(RecvTimeoutError::Disconnected) => {
                let code = self.exit_code();
                let stderr = self.stderr.take().and_then(|it| it.join().ok()).unwrap_or_default();
                Err(fault_of_end(name.as_str(), code, &stderr, greeted))
            }
        }
    }
}

impl Drop for CheckedSsh {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
