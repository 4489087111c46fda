//! Another status_command inside ours: its blocks after our block, clicks on them passed on.

use super::stream::Cutter;
use crate::cli::error::{Complaint, FAILED, Result};
use crate::cli::show::status::format::i3bar_text;
use crate::client::error::plain;
use crate::session::sanitize::clean;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::ffi::OsString;
use std::io::{Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The status_command that is wrapped.
pub struct Wrapped {
    child: Child,
    output: Option<ChildStdout>,
    input: Option<ChildStdin>,
    cutter: Cutter,
    kind: Kind,
    /// Its blocks as it wrote them last.
    pub blocks: Vec<String>,
}

/// What it writes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// Not known yet.
    New,
    /// The i3bar protocol; whether it wants clicks.
    Protocol { clicks: bool, clicked: bool },
    /// Lines of text, with what has come of the next one.
    Lines(Vec<u8>),
}

#[derive(Deserialize)]
struct Header {
    #[serde(default)]
    click_events: bool,
}

impl Wrapped {
    /// Start it.
    pub fn start(command: &[OsString]) -> Result<Wrapped> {
        let [program, args @ ..] = command else {
            return Err(Complaint::usage("--wrap needs a command"));
        };
        let mut child = Command::new(program)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| {
                let program = clean(&program.to_string_lossy(), 200);
                Complaint::new(FAILED, format!("starting {program}: {}", plain(&error)))
                    .hint("--wrap takes the command you had as status_command, such as i3status")
            })?;
        Ok(Wrapped {
            output: child.stdout.take(),
            input: child.stdin.take(),
            child,
            cutter: Cutter::default(),
            kind: Kind::New,
            blocks: Vec::new(),
        })
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
                Some(b'{') => Kind::Protocol { clicks: false, clicked: false },
                Some(_) => Kind::Lines(Vec::new()),
                None => return,
            };
        }
        match &mut self.kind {
            Kind::New => {}
            Kind::Protocol { clicks, .. } => {
                for value in self.cutter.feed(bytes) {
                    if let Ok(blocks) = serde_json::from_str::<Vec<Box<RawValue>>>(&value) {
                        self.blocks = blocks.iter().map(|it| it.get().replace('\n', " ")).collect();
                    } else if let Ok(header) = serde_json::from_str::<Header>(&value) {
                        *clicks = header.click_events;
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

    /// Pass a click on, if it wants clicks.
    pub fn click(&mut self, click: &str) {
        let (Kind::Protocol { clicks: true, clicked }, Some(input)) =
            (&mut self.kind, &mut self.input)
        else {
            return;
        };
        let begin = if *clicked { "," } else { "[\n" };
        *clicked = true;
        let line = format!("{begin}{}\n", click.replace('\n', " "));
        if input.write_all(line.as_bytes()).is_err() {
            self.input = None;
        }
    }
}

impl Drop for Wrapped {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
