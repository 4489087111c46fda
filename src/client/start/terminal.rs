//! A window of its own: the user's terminal, with a program in it.

use super::{OF_A_SESSION, StartFault};
use crate::client::error::plain;
use crate::session::sanitize::clean;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Whether there is a display for windows.
pub fn has_display() -> bool {
    is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

/// Whether the environment variable is there, and not empty.
pub fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|it| !it.is_empty())
}

/// Starts `terminal`, the command up to what it is to run, with `shown` in it, in `dir`. It outlives this
/// process.
pub fn open(terminal: &[String], shown: &[String], dir: &Path) -> Result<Child, StartFault> {
    let Some((program, arguments)) = terminal.split_first() else {
        return Err(StartFault::new("no terminal is known")
            .hint("name yours in the configuration: `attach` in [switch]"));
    };
    if !has_display() {
        return Err(StartFault::new("there is no display for a window")
            .hint("DISPLAY or WAYLAND_DISPLAY names it; `--in tmux` needs none"));
    }
    let mut command = Command::new(program);
    command.args(arguments).args(shown).current_dir(dir).process_group(0);
    command.env_remove("TMUX").env_remove("TMUX_PANE");
    for name in OF_A_SESSION {
        command.env_remove(name);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().map_err(|error| {
        let program = clean(program, 80);
        StartFault::new(format!("the terminal {program} cannot be run: {}", plain(&error)))
    })
}
