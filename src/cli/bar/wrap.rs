//! Another status_command inside vmux: its blocks follow the block of vmux, and it gets the clicks on
//! them.

use super::json_splitter::JsonSplitter;
use crate::cli::error::{CliError, CliResult, FAILED};
use crate::client::error::plain;
use crate::session::sanitize::clean;
use crate::show::status::format::i3bar_text;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::thread::{name, set_name};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// How long to wait for its header before the bar gets vmux's own. The signals in a header that comes
/// later do not reach the bar.
const HEADER_TIMEOUT: Duration = Duration::from_secs(1);

/// The longest click that is passed on, in bytes. A pipe takes a write of up to this length whole or
/// not at all (pipe(7)).
const MAX_CLICK: usize = 4096;

/// The status_command that is wrapped.
pub struct WrappedCommand {
    child: Child,
    output: Option<ChildStdout>,
    input: Option<ChildStdin>,
    cutter: JsonSplitter,
    kind: WrappedFormat,
    signals: Signals,
    /// Its latest blocks, as JSON.
    pub blocks: Vec<String>,
}

/// What it writes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum WrappedFormat {
    /// Not known yet.
    New,
    /// The i3bar protocol: whether its header has come, it wants clicks, and it has got one.
    Protocol { header: bool, clicks: bool, clicked: bool },
    /// Lines of text, and the beginning of the next one.
    Lines(Vec<u8>),
}

#[derive(Deserialize)]
struct I3barHeader {
    #[serde(default)]
    click_events: bool,
    #[serde(flatten)]
    signals: Signals,
}

/// The signals with which the bar stops the status_command while it is hidden, and continues it; by
/// default SIGSTOP and SIGCONT.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub struct Signals {
    /// 0 if it must not be stopped.
    pub stop_signal: Option<u8>,
    pub cont_signal: Option<u8>,
}

impl WrappedCommand {
    /// Starts it, and waits a moment for its header.
    pub fn start(command: &[OsString]) -> CliResult<WrappedCommand> {
        let [program, args @ ..] = command else {
            return Err(CliError::usage("--wrap needs a command"));
        };
        // i3status writes the protocol of a bar, with colours, only if its parent has the name of a
        // bar (i3status(1), output_format). It checks that once, as it starts.
        let own_name = name().ok();
        let _ = set_name(c"i3bar");
        let wrapped = WrappedCommand::spawn(program, args).map(|mut it| {
            it.wait_for_header();
            it
        });
        let _ = own_name.map(|name| set_name(&name));
        wrapped.map_err(|error| {
            let program = clean(&program.to_string_lossy(), 200);
            CliError::new(FAILED, format!("starting {program}: {}", plain(&error)))
                .hint("--wrap takes the command you had as status_command, such as i3status")
        })
    }

    fn spawn(program: &OsString, args: &[OsString]) -> io::Result<WrappedCommand> {
        let mut child = Command::new(program)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        if let Some(input) = &input {
            // Many programs ask for clicks and never read them. That must not freeze the bar.
            fcntl_setfl(input, fcntl_getfl(input)? | OFlags::NONBLOCK)?;
        }
        Ok(WrappedCommand {
            output,
            input,
            child,
            cutter: JsonSplitter::default(),
            kind: WrappedFormat::New,
            signals: Signals::default(),
            blocks: Vec::new(),
        })
    }

    /// Reads until its header has come or it is known to have none, for up to [`HEADER_TIMEOUT`].
    fn wait_for_header(&mut self) {
        let deadline = Instant::now() + HEADER_TIMEOUT;
        while matches!(
            self.kind,
            WrappedFormat::New | WrappedFormat::Protocol { header: false, .. }
        ) {
            let Some(output) = &self.output else { return };
            let mut fds = [PollFd::new(output, PollFlags::IN)];
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(timeout) = Timespec::try_from(left) else { return };
            match poll(&mut fds, Some(&timeout)) {
                Err(rustix::io::Errno::INTR) => {}
                Err(_) | Ok(0) => return,
                Ok(_) => self.read(),
            }
        }
    }

    /// The signals of its header.
    pub fn signals(&self) -> Signals {
        self.signals
    }

    /// The output to poll; `None` once it has ended.
    pub fn output(&self) -> Option<BorrowedFd<'_>> {
        self.output.as_ref().map(AsFd::as_fd)
    }

    /// Reads once what it has written.
    pub fn read(&mut self) {
        let mut buffer = [0; 16 * 1024];
        let length = match &mut self.output {
            Some(output) => output.read(&mut buffer).unwrap_or(0),
            None => return,
        };
        if length == 0 {
            self.output = None;
            self.input = None;
            let _ = self.child.wait();
            self.blocks = vec![i3bar_text("the wrapped status command has ended")];
            return;
        }
        self.take(&buffer[..length]);
    }

    fn take(&mut self, bytes: &[u8]) {
        if self.kind == WrappedFormat::New {
            self.kind = match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
                Some(b'{') => {
                    WrappedFormat::Protocol { header: false, clicks: false, clicked: false }
                }
                Some(_) => WrappedFormat::Lines(Vec::new()),
                None => return,
            };
        }
        match &mut self.kind {
            WrappedFormat::New => {}
            WrappedFormat::Protocol { header, clicks, .. } => {
                for value in self.cutter.feed(bytes) {
                    if let Ok(blocks) = serde_json::from_str::<Vec<Box<RawValue>>>(&value) {
                        self.blocks = blocks.iter().map(|it| it.get().replace('\n', " ")).collect();
                    } else if let Ok(told) = serde_json::from_str::<I3barHeader>(&value) {
                        (*header, *clicks, self.signals) = (true, told.click_events, told.signals);
                    } else {
                        let text = "the wrapped status command writes what no bar understands";
                        self.blocks = vec![i3bar_text(text)];
                    }
                }
            }
            WrappedFormat::Lines(rest) => {
                rest.extend_from_slice(bytes);
                if let Some(end) = rest.iter().rposition(|&byte| byte == b'\n') {
                    let lines = String::from_utf8_lossy(&rest[..end]).into_owned();
                    let line = lines.rsplit('\n').next().unwrap_or_default();
                    self.blocks = vec![i3bar_text(&clean(line, 2000))];
                    rest.drain(..=end);
                }
                if rest.len() > 64 * 1024 {
                    rest.clear();
                }
            }
        }
    }

    /// Passes a click on, if it wants clicks. If it does not read them, they are lost.
    pub fn click(&mut self, click: &str) {
        let (WrappedFormat::Protocol { clicks: true, clicked, .. }, Some(input)) =
            (&mut self.kind, &mut self.input)
        else {
            return;
        };
        let begin = if *clicked { "," } else { "[\n" };
        let line = format!("{begin}{}\n", click.replace('\n', " "));
        if line.len() > MAX_CLICK {
            return;
        }
        match input.write(line.as_bytes()) {
            Ok(_) => *clicked = true,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => self.input = None,
        }
    }
}

impl Drop for WrappedCommand {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
