//! Another status_command inside ours: its blocks after our block, clicks on them passed on.

use super::stream::Cutter;
use crate::cli::error::{Complaint, FAILED, Result};
use crate::cli::show::status::format::i3bar_text;
use crate::client::error::plain;
use crate::session::sanitize::clean;
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

/// How long its first output is waited for before the bar is told our header. What a later header says
/// of signals comes too late for the bar.
const HEADER_TIMEOUT: Duration = Duration::from_secs(1);

/// The longest click that is passed on, in bytes. Up to this length a pipe takes a write whole or not at
/// all (pipe(7)).
const MAX_CLICK: usize = 4096;

/// The status_command that is wrapped.
pub struct Wrapped {
    child: Child,
    output: Option<ChildStdout>,
    input: Option<ChildStdin>,
    cutter: Cutter,
    kind: Kind,
    signals: Signals,
    /// Its blocks as it wrote them last.
    pub blocks: Vec<String>,
}

/// What it writes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// Not known yet.
    New,
    /// The i3bar protocol; whether its header has come, whether it wants clicks and got one already.
    Protocol { header: bool, clicks: bool, clicked: bool },
    /// Lines of text, with what has come of the next one.
    Lines(Vec<u8>),
}

#[derive(Deserialize)]
struct Header {
    #[serde(default)]
    click_events: bool,
    #[serde(flatten)]
    signals: Signals,
}

/// With which signals the bar stops the status_command while it is hidden, and lets it go on; none:
/// SIGSTOP and SIGCONT.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub struct Signals {
    /// 0 if it is not to be stopped.
    pub stop_signal: Option<u8>,
    pub cont_signal: Option<u8>,
}

impl Wrapped {
    /// Starts it, and waits a moment for its header.
    pub fn start(command: &[OsString]) -> Result<Wrapped> {
        let [program, args @ ..] = command else {
            return Err(Complaint::usage("--wrap needs a command"));
        };
        // i3status writes for a bar, with colours, only if its parent is called like one
        // (i3status(1), output_format). It looks once, as it starts.
        let own_name = name().ok();
        let _ = set_name(c"i3bar");
        let wrapped = Wrapped::spawn(program, args).map(|mut it| {
            it.wait_for_header();
            it
        });
        let _ = own_name.map(|name| set_name(&name));
        wrapped.map_err(|error| {
            let program = clean(&program.to_string_lossy(), 200);
            Complaint::new(FAILED, format!("starting {program}: {}", plain(&error)))
                .hint("--wrap takes the command you had as status_command, such as i3status")
        })
    }

    fn spawn(program: &OsString, args: &[OsString]) -> io::Result<Wrapped> {
        let mut child = Command::new(program)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        if let Some(input) = &input {
            // Many programs ask for clicks and never read them. The bar must not freeze for that.
            fcntl_setfl(input, fcntl_getfl(input)? | OFlags::NONBLOCK)?;
        }
        Ok(Wrapped {
            output,
            input,
            child,
            cutter: Cutter::default(),
            kind: Kind::New,
            signals: Signals::default(),
            blocks: Vec::new(),
        })
    }

    /// Reads until it is known what it writes, but for no longer than [`HEADER_TIMEOUT`].
    fn wait_for_header(&mut self) {
        let deadline = Instant::now() + HEADER_TIMEOUT;
        while matches!(self.kind, Kind::New | Kind::Protocol { header: false, .. }) {
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

    /// What its header said of signals.
    pub fn signals(&self) -> Signals {
        self.signals
    }

    /// What to poll, until it has ended.
    pub fn output(&self) -> Option<BorrowedFd<'_>> {
        self.output.as_ref().map(AsFd::as_fd)
    }

    /// Read what it wrote.
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
        if self.kind == Kind::New {
            self.kind = match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
                Some(b'{') => Kind::Protocol { header: false, clicks: false, clicked: false },
                Some(_) => Kind::Lines(Vec::new()),
                None => return,
            };
        }
        match &mut self.kind {
            Kind::New => {}
            Kind::Protocol { header, clicks, .. } => {
                for value in self.cutter.feed(bytes) {
                    if let Ok(blocks) = serde_json::from_str::<Vec<Box<RawValue>>>(&value) {
                        self.blocks = blocks.iter().map(|it| it.get().replace('\n', " ")).collect();
                    } else if let Ok(told) = serde_json::from_str::<Header>(&value) {
                        (*header, *clicks, self.signals) = (true, told.click_events, told.signals);
                    } else {
                        let text = "the wrapped status command writes what no bar understands";
                        self.blocks = vec![i3bar_text(text)];
                    }
                }
            }
            Kind::Lines(rest) => {
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

    /// Passes a click on, if it wants clicks; one that does not read them loses them.
    pub fn click(&mut self, click: &str) {
        let (Kind::Protocol { clicks: true, clicked, .. }, Some(input)) =
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

impl Drop for Wrapped {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
