//! `vmux list --watch`: the list, kept up to date. On a terminal that is the picker, a program of its
//! own, so that what reads its keys is no part of this one.

use crate::cli::args::ListArgs;
use crate::cli::commands::become_sibling;
use crate::cli::commands::config::load;
use crate::cli::commands::list::List;
use crate::cli::error::{CliError, CliResult};
use crate::cli::terminal::{Output, instant, print, say};
use crate::client::connect::Endpoint;
use crate::client::follow::Follower;
use chrono::Utc;

/// Runs the command: on a terminal the picker; elsewhere it prints the whole list at every change.
/// While vmuxd is away nothing is known, so nothing is printed, and standard error says so.
pub fn run(args: &ListArgs, endpoint: &Endpoint, output: &Output) -> CliResult {
    if output.terminal && !args.json {
        return Err(become_sibling("vmux-picker"));
    }
    let list = List::new(args, output, &load(endpoint));
    drop(endpoint.client()?);
    let mut follower = Follower::new(endpoint);
    let (mut last, mut is_away) = (String::new(), false);
    loop {
        let now = Utc::now();
        let mut tick = None;
        if let Some(sessions) = follower.sessions() {
            let mut text = list.text(sessions, now)?;
            if !args.json {
                text.push('\n');
            }
            tick = list.next_tick(sessions, now).map(|tick| instant(tick, now));
            if text != last {
                print(&text)?;
                last = text;
            }
        } else if !is_away {
            say("note: vmuxd does not answer; the list goes on when it does");
        }
        is_away = follower.sessions().is_none();
        if follower.wait(&[], tick).map_err(CliError::watching)?.reader_gone {
            return Ok(());
        }
    }
}
