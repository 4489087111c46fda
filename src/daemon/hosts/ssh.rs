//! A running ssh: its standard streams, without ever waiting for it.
//!
//! It ends with vmuxd, however that ends: its standard input is then at its end, which ends `vmux relay`
//! there, and without a network ssh gives up by itself.

use super::lines::{LineBuffer, ReadBudget};
use crate::config::hosts::HostConfig;
use crate::protocol::ssh::relay_arguments;
use std::io;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// How many lines may wait for ssh to take them.
const MAX_WAITING: usize = 64;

/// How much of its standard error is kept: the end, which says why it ended.
const MAX_STDERR: usize = 4096;

/// How many bytes are read at once.
const CHUNK: usize = 16 * 1024;

/// How long ssh may take to end once its standard output has.
const END_WITHIN: Duration = Duration::from_secs(2);

/// What ssh did.
pub enum SshEvent {
    /// Bytes came: the whole lines of them, or that a line is too long.
    Lines(Option<Vec<Vec<u8>>>),
    /// Its standard output is at its end.
    Ended,
}

/// A running ssh.
pub struct Ssh {
    child: Child,
    stdout: ChildStdout,
    stderr: Option<ChildStderr>,
    input: mpsc::Sender<Vec<u8>>,
    buffer: LineBuffer,
    chunk: Vec<u8>,
    budget: ReadBudget,
    stderr_end: Vec<u8>,
}

impl Ssh {
    /// Starts it.
    pub fn start(host: &HostConfig, now: Instant) -> io::Result<Ssh> {
        let mut child = Command::new("ssh")
            .args(relay_arguments(&host.ssh, host.program.as_deref()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .current_dir("/")
            // A Ctrl-C in the terminal of vmuxd is not for it.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let missing = || io::Error::other("it has no standard streams");
        let stdin = child.stdin.take().ok_or_else(missing)?;
        let stdout = child.stdout.take().ok_or_else(missing)?;
        let stderr = child.stderr.take();
        let (input, lines) = mpsc::channel(MAX_WAITING);
        tokio::spawn(write_lines(stdin, lines));
        Ok(Ssh {
            child,
            stdout,
            stderr,
            input,
            buffer: LineBuffer::default(),
            chunk: vec![0; CHUNK],
            budget: ReadBudget::new(now),
            stderr_end: Vec::new(),
        })
    }

    /// Writes a line when ssh takes it. False: it takes none any more.
    pub fn send(&self, line: Vec<u8>) -> bool {
        self.input.try_send(line).is_ok()
    }

    /// When reading may go on; `None`: now.
    pub fn resumes_at(&self) -> Option<Instant> {
        self.budget.resumes_at()
    }

    /// Takes note that so many bytes were read.
    pub fn spend(&mut self, bytes: usize, now: Instant) {
        self.budget.spend(bytes, now);
    }

    /// How many bytes wait for the end of their line.
    pub fn unfinished(&self) -> usize {
        self.buffer.len()
    }

    /// Waits for what it writes. Returns with it how many bytes that were. Cancel safe.
    pub async fn next(&mut self) -> (SshEvent, usize) {
        if self.budget.resumes_at().is_some() {
            return std::future::pending().await;
        }
        let mut noise = [0; 1024];
        tokio::select! {
            read = self.stdout.read(&mut self.chunk) => match read {
                Ok(length @ 1..) => {
                    let lines = self.buffer.push(&self.chunk[..length]).ok();
                    (SshEvent::Lines(lines), length)
                }
                _ => (SshEvent::Ended, 0),
            },
            length = read_stderr(&mut self.stderr, &mut noise) => {
                self.keep(&noise[..length]);
                (SshEvent::Lines(Some(Vec::new())), length)
            }
        }
    }

    /// Its exit code and the end of its standard error. It is killed if it does not end.
    pub async fn finish(mut self) -> (Option<i32>, String) {
        let _ = timeout(END_WITHIN, async {
            let mut noise = [0; 1024];
            while self.stderr.is_some() {
                let length = read_stderr(&mut self.stderr, &mut noise).await;
                self.keep(&noise[..length]);
            }
        })
        .await;
        let status = match timeout(END_WITHIN, self.child.wait()).await {
            Ok(status) => status.ok(),
            Err(_) => {
                let _ = self.child.kill().await;
                None
            }
        };
        let stderr = String::from_utf8_lossy(&self.stderr_end).into_owned();
        (status.and_then(|it| it.code()), stderr)
    }

    /// Ends it.
    pub fn kill(mut self) {
        tokio::spawn(async move {
            let _ = self.child.kill().await;
        });
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.stderr_end.extend_from_slice(bytes);
        let excess = self.stderr_end.len().saturating_sub(MAX_STDERR);
        self.stderr_end.drain(..excess);
    }
}

/// Reads from its standard error, if that is open. Cancel safe.
async fn read_stderr(stderr: &mut Option<ChildStderr>, buffer: &mut [u8]) -> usize {
    let Some(open) = stderr else { return std::future::pending().await };
    let length = open.read(buffer).await.unwrap_or(0);
    if length == 0 {
        *stderr = None;
    }
    length
}

async fn write_lines(mut stdin: ChildStdin, mut lines: mpsc::Receiver<Vec<u8>>) {
    while let Some(line) = lines.recv().await {
        if stdin.write_all(&line).await.is_err() {
            return;
        }
    }
}
