//! `vmux list --watch`: the list, kept up to date. On a terminal that is the picker, a program of its
//! own, so that what reads its keys is no part of this one.

use crate::cli::args::ListArgs;
use crate::cli::commands::config::load;
use crate::cli::commands::list::List;
use crate::cli::error::{CliError, CliResult, FAILED};
use crate::cli::terminal::{Output, instant, print};
use crate::client::connect::Endpoint;
use crate::client::error::plain;
use crate::client::follow::Follower;
use crate::session::sanitize::clean;
use crate::system::programs::sibling;
use chrono::Utc;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Runs the command: on a terminal the picker; elsewhere it prints the whole list at every change.
pub fn run(args: &ListArgs, endpoint: &Endpoint, output: &Output) -> CliResult {
    if output.terminal && !args.json {
        return Err(picker());
    }
    let list = List::new(args, output, &load(endpoint));
    drop(endpoint.client()?);
    let mut follower = Follower::new(endpoint);
    let mut last = String::new();
    loop {
        let now = Utc::now();
        let sessions = follower.sessions().unwrap_or_default();
        let mut text = list.text(sessions, now)?;
        if !args.json {
            text.push('\n');
        }
        let tick = list.next_tick(sessions, now).map(|tick| instant(tick, now));
        if text != last {
            print(&text)?;
            last = text;
        }
        if follower.wait(&[], tick).map_err(CliError::watching)?.reader_gone {
            return Ok(());
        }
    }
}

/// Becomes the picker, which gets this command line; returns only if it cannot be started.
fn picker() -> CliError {
    let program = sibling("vmux-picker");
    let error = Command::new(&program).args(std::env::args_os().skip(1)).exec();
    let program = clean(&program.to_string_lossy(), 200);
    CliError::new(FAILED, format!("{program}: {}", plain(&error)))
        .hint("vmux-picker belongs beside vmux: install vmux again")
}
