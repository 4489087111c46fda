//! Clicks: which button does what, and doing it without waiting for it.

use serde::Deserialize;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// A click as i3bar and i3blocks 1.5 tell it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Click {
    /// The block's name.
    pub name: Option<String>,
    /// 1 left, 2 middle, 3 right, 4 and 5 the wheel.
    pub button: u8,
}

/// What a button does, as a flag of `vmux switch`.
pub fn action(button: u8) -> Option<&'static str> {
    match button {
        1 | 5 => Some("--next"),
        2 => Some("--back"),
        3 => Some("--pick"),
        4 => Some("--previous"),
        _ => None,
    }
}

/// Runs clicks, one at a time: a wheel turns faster than windows change.
#[derive(Debug)]
pub struct Hand {
    /// Where this program was when it started: an upgrade puts another one there.
    program: Option<PathBuf>,
    running: Option<Child>,
}

impl Default for Hand {
    fn default() -> Hand {
        Hand { program: std::env::current_exe().ok(), running: None }
    }
}

impl Hand {
    /// Do what `button` means, unless the click before is still being done.
    pub fn click(&mut self, button: u8) {
        if self.is_busy() {
            return;
        }
        let (Some(flag), Some(program)) = (action(button), &self.program) else { return };
        let null = Stdio::null;
        // It tells the user by a notification if it fails; there is no terminal here.
        self.running = Command::new(program)
            .args(["switch", flag])
            .stdin(null())
            .stdout(null())
            .stderr(null())
            .spawn()
            .ok();
    }

    /// Whether a click is being done; one that is done is cleaned up.
    pub fn is_busy(&mut self) -> bool {
        let busy = self.running.as_mut().is_some_and(|it| matches!(it.try_wait(), Ok(None)));
        if !busy {
            self.running = None;
        }
        busy
    }
}
