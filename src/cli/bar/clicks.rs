//! Clicks on the block of vmux: what each button does, and running it without waiting for it.

use serde::Deserialize;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// A click as i3bar and i3blocks 1.5 write it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Click {
    /// Name of the block.
    pub name: Option<String>,
    /// 1 left, 2 middle, 3 right, 4 and 5 the wheel.
    pub button: u8,
}

/// What a button does, as a flag of `vmux switch`.
pub fn switch_flag(button: u8) -> Option<&'static str> {
    match button {
        1 | 5 => Some("--next"),
        2 => Some("--back"),
        3 => Some("--menu"),
        4 => Some("--previous"),
        _ => None,
    }
}

/// Runs the commands of clicks, one at a time: a wheel turns faster than windows change.
#[derive(Debug)]
pub struct ClickRunner {
    /// Path of this program as it started. After an upgrade, `/proc/self/exe` is deleted.
    program: Option<PathBuf>,
    running: Option<Child>,
}

impl Default for ClickRunner {
    fn default() -> ClickRunner {
        ClickRunner { program: std::env::current_exe().ok(), running: None }
    }
}

impl ClickRunner {
    /// Runs what `button` means, unless the command of an earlier click still runs.
    pub fn click(&mut self, button: u8) {
        if self.is_busy() {
            return;
        }
        let (Some(flag), Some(program)) = (switch_flag(button), &self.program) else { return };
        let null = Stdio::null;
        // If it fails, it shows a notification, because there is no terminal.
        self.running = Command::new(program)
            .args(["switch", flag])
            .stdin(null())
            .stdout(null())
            .stderr(null())
            .spawn()
            .ok();
    }

    /// Whether a command still runs. One that has ended is reaped.
    pub fn is_busy(&mut self) -> bool {
        let busy = self.running.as_mut().is_some_and(|it| matches!(it.try_wait(), Ok(None)));
        if !busy {
            self.running = None;
        }
        busy
    }
}
