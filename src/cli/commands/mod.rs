//! One file per command.

pub mod ack;
pub mod answer;
pub mod complete;
pub mod config;
pub mod doctor;
pub mod end;
pub mod events;
pub mod extras;
pub mod generate;
pub mod hook;
pub mod hooks;
pub mod hosts;
pub mod in_terminal;
pub mod label;
pub mod list;
pub mod mcp;
pub mod new;
pub mod peek;
pub mod pending;
pub mod relay;
pub mod restore;
pub mod rofi;
pub mod send;
pub mod servers;
pub mod show;
pub mod snooze;
pub mod status;
pub mod stop;
pub mod switch;
pub mod version;
pub mod wait;
pub mod watch;
pub mod web;
pub mod why;

use crate::cli::error::{CliError, FAILED};
use crate::client::error::plain;
use crate::session::sanitize::clean;
use crate::system::programs::sibling;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Becomes another program of vmux, which gets this command line: one with libraries that `vmux`
/// would otherwise carry along. Returns only if it cannot be started.
fn become_sibling(name: &str) -> CliError {
    let program = sibling(name);
    let error = Command::new(&program).args(std::env::args_os().skip(1)).exec();
    let program = clean(&program.to_string_lossy(), 200);
    CliError::new(FAILED, format!("{program}: {}", plain(&error)))
        .hint(format!("{name} belongs beside vmux: install vmux again"))
}
